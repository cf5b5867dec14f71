// Package conformance holds answers to a contract: the server's own, while it answers,
// and those that tests get.
package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/gradus-dev/gradus/api"
)

// ProblemType is the media type of every failure.
const ProblemType = "application/problem+json"

// Contract is a specification, prepared for holding answers to it. It can be used by
// many at once.
type Contract struct {
	base        string             // the path of the API
	routes      map[shape][]pathOf // those of literal segments first
	noOperation *routers.Route     // what paths outside of all operations answer: problems only
	statuses    map[string]any     // of the problem codes
	everywhere  []any              // the codes that every path may answer
	options     *openapi3filter.Options
}

// shape is what can be told of a route at once.
type shape struct {
	method   string
	segments int
}

type pathOf struct {
	segments []string
	route    *routers.Route
}

// Answer is what a server answered, before any content coding.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Ours returns the contract of this program.
var Ours = sync.OnceValues(func() (*Contract, error) { return New(api.Spec) })

// New prepares a specification, given as YAML or JSON.
func New(text []byte) (*Contract, error) {
	spec, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("read the API specification: %w", err)
	}
	closeObjects(spec)
	c := &Contract{
		base:   spec.Servers[0].URL,
		routes: map[shape][]pathOf{},
		options: &openapi3filter.Options{
			IncludeResponseStatus:   true,
			MultiError:              true,
			SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.WithStringFormatValidators(formats)},
		},
	}
	c.statuses, _ = spec.Components.Schemas["ProblemCode"].Value.Extensions["x-statuses"].(map[string]any)
	c.everywhere, _ = spec.Extensions["x-problem-codes"].([]any)
	for _, path := range spec.Paths.InMatchingOrder() {
		item := spec.Paths.Value(path)
		for method, op := range item.Operations() {
			segments := strings.Split(path, "/")
			s := shape{method, len(segments)}
			c.routes[s] = append(c.routes[s], pathOf{segments, &routers.Route{Spec: spec, Path: path, PathItem: item, Method: method, Operation: op}})
		}
	}
	onlyProblems := openapi3.NewResponses()
	onlyProblems.Set("default", spec.Components.Responses["ProblemDefault"])
	c.noOperation = &routers.Route{Spec: spec, Operation: &openapi3.Operation{
		Responses: onlyProblems,
		// Before the path is looked at, the edge may refuse a request.
		Extensions: map[string]any{"x-problem-codes": []any{"malformed_request", "cross_origin"}},
	}}
	return c, nil
}

// closeObjects makes every schema refuse properties that it does not describe: an
// answer that says more than the specification may say what it should not. Parts of
// an allOf stay open, because each would refuse the properties of the other.
func closeObjects(spec *openapi3.T) {
	var parts []*openapi3.Schema
	for _, s := range spec.Components.Schemas {
		if len(s.Value.AllOf) > 1 {
			for _, part := range s.Value.AllOf {
				parts = append(parts, part.Value)
			}
		}
	}
	for _, s := range spec.Components.Schemas {
		extra := s.Value.AdditionalProperties
		if len(s.Value.Properties) > 0 && extra.Has == nil && extra.Schema == nil && !slices.Contains(parts, s.Value) {
			s.Value.AdditionalProperties.Has = new(false)
		}
	}
}

// Find returns the operation that a request is for, or nil.
func (c *Contract) Find(r *http.Request) *routers.Route {
	inside, ok := strings.CutPrefix(r.URL.EscapedPath(), c.base)
	if !ok {
		return nil
	}
	segments := strings.Split(inside, "/")
	for _, p := range c.routes[shape{r.Method, len(segments)}] {
		if slices.EqualFunc(p.segments, segments, matches) {
			return p.route
		}
	}
	return nil
}

func matches(want, got string) bool {
	return want == got || strings.HasPrefix(want, "{") && got != ""
}

// Check says what is wrong with the answer to a request. Outside of the API only
// problems are looked at, and what has no body (HEAD, OPTIONS) is not.
//
// The words name places and rules; they hold no value of the answer but those that a
// format refuses.
func (c *Contract) Check(r *http.Request, a Answer) []string {
	route := c.Find(r)
	switch {
	case r.Method == http.MethodHead || r.Method == http.MethodOptions:
		return nil
	case route != nil:
	case strings.HasPrefix(r.URL.Path, c.base+"/") || strings.HasPrefix(a.Header.Get("Content-Type"), ProblemType):
		route = c.noOperation
	default:
		return nil
	}
	err := openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route},
		Status:                 a.Status,
		Header:                 a.Header,
		Body:                   io.NopCloser(bytes.NewReader(a.Body)),
		Options:                c.options,
	})
	faults := append(words(err), c.checkCode(route.Operation, a)...)
	if described := route.Operation.Responses.Status(a.Status); described != nil && len(described.Value.Content) == 0 && len(a.Body) > 0 {
		faults = append(faults, "the answer has a body where none is described")
	}
	return faults
}

// checkCode says what is wrong with the code of a problem: the operation does not
// list it, or it comes with another status.
func (c *Contract) checkCode(op *openapi3.Operation, a Answer) []string {
	if !strings.HasPrefix(a.Header.Get("Content-Type"), ProblemType) {
		return nil
	}
	var p struct {
		Code   string `json:"code"`
		Status int    `json:"status"`
	}
	if err := json.Unmarshal(a.Body, &p); err != nil {
		return []string{"the problem is not JSON: " + err.Error()}
	}
	var faults []string
	own, _ := op.Extensions["x-problem-codes"].([]any)
	if !slices.Contains(own, any(p.Code)) && !slices.Contains(c.everywhere, any(p.Code)) {
		faults = append(faults, fmt.Sprintf("its x-problem-codes do not list %q", p.Code))
	}
	if want := fmt.Sprint(c.statuses[p.Code]); want != fmt.Sprint(a.Status) || p.Status != a.Status {
		faults = append(faults, fmt.Sprintf("%s comes with %s, the body says %d", p.Code, want, p.Status))
	}
	return faults
}

// words names each fault by its place, without the schema.
func words(err error) []string {
	switch e := err.(type) { //nolint:errorlint // unwrapped level by level, to keep each error's place
	case nil:
		return nil
	case openapi3.MultiError:
		var list []string
		for _, one := range e {
			list = append(list, words(one)...)
		}
		return list
	case *openapi3filter.ResponseError:
		return append([]string{e.Reason}, words(e.Err)...)
	case *openapi3.SchemaError:
		return []string{"/" + strings.Join(e.JSONPointer(), "/") + ": " + e.Reason}
	}
	return []string{err.Error()}
}
