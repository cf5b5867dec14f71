package contract_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
)

// operation is one operation of the contract.
type operation struct {
	*openapi3.Operation

	method, path string
	params       openapi3.Parameters
	roles, codes []string
}

// book is the contract, ready for walking it.
type book struct {
	operations []operation // by id
	byID       map[string]operation
	statuses   map[string]string // of the problem codes
	everywhere []string          // the codes that every path may answer
}

var theBook = sync.OnceValues(func() (*book, error) {
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	b := &book{byID: map[string]operation{}, statuses: map[string]string{}, everywhere: words(spec.Extensions["x-problem-codes"])}
	statuses, _ := spec.Components.Schemas["ProblemCode"].Value.Extensions["x-statuses"].(map[string]any)
	for code, status := range statuses {
		b.statuses[code] = fmt.Sprint(status)
	}
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			b.byID[op.OperationID] = operation{
				op, method, path, slices.Concat(item.Parameters, op.Parameters),
				words(op.Extensions["x-roles"]), words(op.Extensions["x-problem-codes"]),
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.byID)) {
		b.operations = append(b.operations, b.byID[id])
	}
	return b, nil
})

func contract(t *testing.T) *book {
	t.Helper()
	b, err := theBook()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func words(extension any) (out []string) {
	list, _ := extension.([]any)
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// safe reports whether it changes nothing.
func (o operation) safe() bool { return o.method == http.MethodGet }

// public reports whether it is for people who are not signed in.
func (o operation) public() bool { return slices.Contains(o.roles, "anyone") }

func (o operation) allows(role string) bool { return o.public() || slices.Contains(o.roles, role) }

func (o operation) lists(code string) bool { return slices.Contains(o.codes, code) }

func (o operation) takes(in, name string) bool { return o.params.GetByInAndName(in, name) != nil }

// pathParams are the names of the parameters in the path.
func (o operation) pathParams() (out []string) {
	for _, p := range o.params {
		if p.Value.In == openapi3.ParameterInPath {
			out = append(out, p.Value.Name)
		}
	}
	return out
}

// media is the type of the request's body, empty without one.
func (o operation) media() string {
	if o.RequestBody == nil {
		return ""
	}
	return slices.Sorted(maps.Keys(o.RequestBody.Value.Content))[0]
}

// examples are the bodies that the contract shows, by name.
func (o operation) examples() map[string]any {
	out := map[string]any{}
	if media := o.media(); media != "" {
		for name, e := range o.RequestBody.Value.Content[media].Examples {
			out[name] = e.Value.Value
		}
	}
	return out
}

// example is one of them, nil without a body.
func (o operation) example() any {
	all := o.examples()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		return all[name]
	}
	return nil
}

// declared is under which status an answer is described: its own or "default".
func (o operation) declared(status int) string {
	if s := fmt.Sprint(status); o.Responses.Value(s) != nil {
		return s
	}
	return "default"
}

// documented are the statuses that are described, sorted.
func (o operation) documented() []string { return slices.Sorted(maps.Keys(o.Responses.Map())) }

// fill writes values into the path.
func (o operation) fill(values map[string]string) string {
	path := o.path
	for name, value := range values {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return path
}
