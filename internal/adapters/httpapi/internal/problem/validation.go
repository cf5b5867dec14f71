package problem

import (
	"strings"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
)

// maxFields is how many wrong fields one answer names.
const maxFields = 100

// ValidationError lists everything that the contract has against a request.
type ValidationError struct{ Fields []api.FieldProblem }

func (e *ValidationError) Error() string {
	if len(e.Fields) == 1 {
		return e.Fields[0].Detail
	}
	return domain.ErrInvalid.Detail
}

func (e *ValidationError) add(f api.FieldProblem) {
	if len(e.Fields) < maxFields {
		e.Fields = append(e.Fields, f)
	}
}

// Parameter adds what is wrong with a path or query parameter.
func (e *ValidationError) Parameter(name, code, detail string) {
	e.add(api.FieldProblem{Parameter: &name, Code: code, Detail: detail})
}

// Pointer adds what is wrong with a part of the body.
func (e *ValidationError) Pointer(at, code, detail string) {
	e.add(api.FieldProblem{Pointer: new(Clip(at, 256)), Code: code, Detail: detail})
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// EscapePointer writes a key as a part of a JSON pointer (RFC 6901).
func EscapePointer(key string) string { return pointerEscapes.Replace(key) }

// Clip keeps what a client sent short: at most n characters.
func Clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
