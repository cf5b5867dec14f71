// Package conformance validates responses against an API contract. The server uses it for
// its own responses, and the tests for the responses they receive.
package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/gradus-dev/gradus/api"
)

// ProblemType is the media type of error responses.
const ProblemType = "application/problem+json"

// Contract is an OpenAPI document prepared for validating responses. It is safe for
// concurrent use.
type Contract struct {
	base        string             // the path of the API
	routes      map[shape][]pathOf // literal paths first
	noOperation *routers.Route     // for paths without an operation: problems only
	statuses    map[string]any     // the HTTP status of each problem code
	commonCodes []any              // the problem codes that every operation can return
	options     *openapi3filter.Options
}

// shape is the lookup key of routes.
type shape struct {
	method   string
	segments int
}

type pathOf struct {
	segments []string
	route    *routers.Route
}

// Response is an HTTP response before any content coding.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Ours returns the contract of the Gradus API.
var Ours = sync.OnceValues(func() (*Contract, error) { return New(api.Spec) })

// New parses an OpenAPI document in YAML or JSON.
func New(text []byte) (*Contract, error) {
	spec, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("parse the API specification: %w", err)
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
	c.commonCodes, _ = spec.Extensions["x-problem-codes"].([]any)
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
		// The outermost middleware can reject a request before it is routed.
		Extensions: map[string]any{"x-problem-codes": []any{"malformed_request", "cross_origin"}},
	}}
	return c, nil
}

// closeObjects makes every schema reject unknown properties: a response with undocumented
// properties may leak data. Parts of an allOf stay open, because each would reject the
// properties of the others.
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

// Find returns the operation of a request, or nil if there is none.
func (c *Contract) Find(r *http.Request) *routers.Route {
	base, segments := strings.Split(c.base, "/"), strings.Split(r.URL.EscapedPath(), "/")
	if len(segments) < len(base) || !slices.EqualFunc(base, segments[:len(base)], matches) {
		return nil
	}
	segments = segments[len(base)-1:]
	segments[0] = ""
	for _, p := range c.routes[shape{r.Method, len(segments)}] {
		if slices.EqualFunc(p.segments, segments, matches) {
			return p.route
		}
	}
	return nil
}

// matches reports whether an escaped segment of a path is the one of an operation.
func matches(want, got string) bool {
	if strings.HasPrefix(want, "{") {
		return got != ""
	}
	plain, err := url.PathUnescape(got)
	return err == nil && want == plain
}

// Check returns the ways in which a response violates the contract. For paths outside of
// the API it checks problems only. It skips responses without a body (HEAD, OPTIONS).
//
// Violations name locations and rules. They contain no values of the response, except
// strings that do not match their format.
func (c *Contract) Check(r *http.Request, resp Response) []string {
	route := c.Find(r)
	switch {
	case r.Method == http.MethodHead || r.Method == http.MethodOptions:
		return nil
	case route != nil:
	case strings.HasPrefix(r.URL.Path, c.base+"/") || strings.HasPrefix(resp.Header.Get("Content-Type"), ProblemType):
		route = c.noOperation
	default:
		return nil
	}
	err := openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route},
		Status:                 resp.Status,
		Header:                 resp.Header,
		Body:                   io.NopCloser(bytes.NewReader(resp.Body)),
		Options:                c.options,
	})
	violations := append(flatten(err), c.checkCode(route.Operation, resp)...)
	if documented := route.Operation.Responses.Status(resp.Status); documented != nil && len(documented.Value.Content) == 0 && len(resp.Body) > 0 {
		violations = append(violations, "the response has a body, but the specification has none")
	}
	return violations
}

// checkCode checks that the operation lists the code of a problem, and that the status is
// the one of the code.
func (c *Contract) checkCode(op *openapi3.Operation, resp Response) []string {
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), ProblemType) {
		return nil
	}
	var p struct {
		Code   string `json:"code"`
		Status int    `json:"status"`
	}
	if err := json.Unmarshal(resp.Body, &p); err != nil {
		return []string{"the problem is not JSON: " + err.Error()}
	}
	var violations []string
	own, _ := op.Extensions["x-problem-codes"].([]any)
	if !slices.Contains(own, any(p.Code)) && !slices.Contains(c.commonCodes, any(p.Code)) {
		violations = append(violations, fmt.Sprintf("the x-problem-codes of the operation do not list %q", p.Code))
	}
	if want := fmt.Sprint(c.statuses[p.Code]); want != fmt.Sprint(resp.Status) || p.Status != resp.Status {
		violations = append(violations, fmt.Sprintf("the status of %s is %s, but the response has %d and its body %d", p.Code, want, resp.Status, p.Status))
	}
	return violations
}

// flatten returns one message per violation, with its location but without the schema.
func flatten(err error) []string {
	switch e := err.(type) { //nolint:errorlint // unwrapped level by level, to keep the location of each error
	case nil:
		return nil
	case openapi3.MultiError:
		var list []string
		for _, inner := range e {
			list = append(list, flatten(inner)...)
		}
		return list
	case *openapi3filter.ResponseError:
		return append([]string{e.Reason}, flatten(e.Err)...)
	case *openapi3.SchemaError:
		return []string{"/" + strings.Join(e.JSONPointer(), "/") + ": " + e.Reason}
	}
	return []string{err.Error()}
}
