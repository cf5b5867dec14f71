package problem

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
)

// maxFields limits the invalid fields in one response.
const maxFields = 100

// ValidationError lists everything about a request that violates the contract.
type ValidationError struct{ Fields []api.FieldProblem }

func (e *ValidationError) Error() string {
	if len(e.Fields) == 1 {
		return e.Fields[0].Detail
	}
	return domain.ErrInvalid.Detail
}

// add adds an error, unless its field has one already.
func (e *ValidationError) add(f api.FieldProblem) {
	known := slices.ContainsFunc(e.Fields, func(o api.FieldProblem) bool { return place(o) == place(f) })
	if len(e.Fields) < maxFields && !known {
		e.Fields = append(e.Fields, f)
	}
}

// Sort sorts the errors by their place: those of the body first.
func (e *ValidationError) Sort() {
	slices.SortStableFunc(e.Fields, func(a, b api.FieldProblem) int { return cmp.Compare(place(a), place(b)) })
}

// place identifies the field of an error.
func place(f api.FieldProblem) string {
	if f.Pointer != nil {
		return *f.Pointer
	}
	return "\uffff" + *f.Parameter // after all pointers
}

// Parameter adds an invalid parameter.
func (e *ValidationError) Parameter(name, code, detail string) {
	e.add(api.FieldProblem{Parameter: &name, Code: code, Detail: detail})
}

// Pointer adds an invalid part of the body, at a JSON pointer.
func (e *ValidationError) Pointer(at, code, detail string) {
	e.add(api.FieldProblem{Pointer: new(Clip(at, 256)), Code: code, Detail: detail})
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// EscapePointer escapes a key for use in a JSON pointer (RFC 6901).
func EscapePointer(key string) string { return pointerEscapes.Replace(key) }

// Clip shortens text from a client to at most n characters.
func Clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
