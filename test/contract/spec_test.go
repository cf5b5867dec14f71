package contract_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/conformance"
)

// operation is an operation of the contract.
type operation struct {
	*openapi3.Operation

	method, path string
	params       openapi3.Parameters
	roles, codes []string
}

// spec is the contract.
type spec struct {
	operations []operation // sorted by ID
	byID       map[string]operation
	statuses   map[string]string // of the problem codes
	everywhere []string          // codes that every path can return
	routes     *conformance.Contract
}

var theSpec = sync.OnceValues(func() (*spec, error) {
	doc, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	s := &spec{byID: map[string]operation{}, statuses: map[string]string{}, everywhere: texts(doc.Extensions["x-problem-codes"])}
	statuses, _ := doc.Components.Schemas["ProblemCode"].Value.Extensions["x-statuses"].(map[string]any)
	for code, status := range statuses {
		s.statuses[code] = fmt.Sprint(status)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			s.byID[op.OperationID] = operation{
				op, method, path, slices.Concat(item.Parameters, op.Parameters),
				texts(op.Extensions["x-roles"]), texts(op.Extensions["x-problem-codes"]),
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.byID)) {
		s.operations = append(s.operations, s.byID[id])
	}
	s.routes, err = conformance.Ours()
	return s, err
})

func loadSpec(t *testing.T) *spec {
	t.Helper()
	s, err := theSpec()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// texts returns the elements of an extension that is a list.
func texts(extension any) (out []string) {
	list, _ := extension.([]any)
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

func (s *spec) ids() (out []string) {
	for _, op := range s.operations {
		out = append(out, op.OperationID)
	}
	return out
}

// find returns the operation that a request was for; it has none if there is no such
// operation. An absolute URL is outside the API.
func (s *spec) find(method, path string) (op operation, inAPI bool) {
	u, err := url.Parse("/api/v1" + path)
	if err != nil || !strings.HasPrefix(path, "/") {
		return operation{}, false
	}
	if route := s.routes.Find(&http.Request{Method: method, URL: u}); route != nil {
		return s.byID[route.Operation.OperationID], true
	}
	return operation{}, true
}

// safe reports whether the operation changes nothing.
func (o operation) safe() bool { return o.method == http.MethodGet }

// public reports whether the operation needs no session.
func (o operation) public() bool { return slices.Contains(o.roles, "anyone") }

func (o operation) allows(role string) bool { return o.public() || slices.Contains(o.roles, role) }

func (o operation) lists(code string) bool { return slices.Contains(o.codes, code) }

func (o operation) takes(in, name string) bool { return o.params.GetByInAndName(in, name) != nil }

// pathParams returns the names of the parameters in the path.
func (o operation) pathParams() (out []string) {
	for _, p := range o.params {
		if p.Value.In == openapi3.ParameterInPath {
			out = append(out, p.Value.Name)
		}
	}
	return out
}

// media returns the media type of the request body, or an empty string without one.
func (o operation) media() string {
	if o.RequestBody == nil {
		return ""
	}
	return slices.Sorted(maps.Keys(o.RequestBody.Value.Content))[0]
}

// examples returns the examples of the request body by name.
func (o operation) examples() map[string]any {
	out := map[string]any{}
	if media := o.media(); media != "" {
		for name, e := range o.RequestBody.Value.Content[media].Examples {
			out[name] = e.Value.Value
		}
	}
	return out
}

// example returns one of the examples of the request body, or nil without a body.
func (o operation) example() any {
	examples := o.examples()
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		return examples[name]
	}
	return nil
}

// declared returns the key under which a response is documented: its status, or "default".
func (o operation) declared(status int) string {
	if s := fmt.Sprint(status); o.Responses.Value(s) != nil {
		return s
	}
	return "default"
}

// documented returns the statuses of all documented responses, sorted.
func (o operation) documented() []string { return slices.Sorted(maps.Keys(o.Responses.Map())) }
