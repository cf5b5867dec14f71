package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/domain"
)

const problemType = "application/problem+json"

// book is the specification, prepared for looking things up.
type book struct {
	base        string // the path of the API
	routes      []*routers.Route
	noOperation *routers.Route // what paths outside of all operations answer: problems only
	statuses    map[string]any // of the problem codes
	everywhere  []any          // the codes that every path may answer
}

var theBook = sync.OnceValues(func() (*book, error) {
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		return nil, fmt.Errorf("read the API specification: %w", err)
	}
	closeObjects(spec)
	b := &book{base: spec.Servers[0].URL}
	b.statuses, _ = spec.Components.Schemas["ProblemCode"].Value.Extensions["x-statuses"].(map[string]any)
	b.everywhere, _ = spec.Extensions["x-problem-codes"].([]any)
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			b.routes = append(b.routes, &routers.Route{Spec: spec, Path: path, PathItem: item, Method: method, Operation: op})
		}
	}
	onlyProblems := openapi3.NewResponses()
	onlyProblems.Set("default", spec.Components.Responses["ProblemDefault"])
	b.noOperation = &routers.Route{Spec: spec, Operation: &openapi3.Operation{
		Responses: onlyProblems,
		// Before the path is looked at, the edge may refuse a request.
		Extensions: map[string]any{"x-problem-codes": []any{"malformed_request", "cross_origin"}},
	}}
	return b, nil
})

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

// find returns the operation that a request is for, or nil.
func (b *book) find(r *http.Request) *routers.Route {
	inside, ok := strings.CutPrefix(r.URL.EscapedPath(), b.base)
	if !ok {
		return nil
	}
	for _, route := range b.routes {
		if route.Method == r.Method && matches(route.Path, inside) {
			return route
		}
	}
	return nil
}

func matches(pattern, path string) bool {
	return slices.EqualFunc(strings.Split(pattern, "/"), strings.Split(path, "/"), func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

// checkCode says what is wrong with the code of a problem: the operation does not
// list it, or it comes with another status.
func (b *book) checkCode(op *openapi3.Operation, resp *http.Response, body []byte) []string {
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), problemType) {
		return nil
	}
	var p struct {
		Code   string `json:"code"`
		Status int    `json:"status"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return []string{"the problem is not JSON: " + err.Error()}
	}
	var faults []string
	own, _ := op.Extensions["x-problem-codes"].([]any)
	if !slices.Contains(slices.Concat(own, b.everywhere), any(p.Code)) {
		faults = append(faults, fmt.Sprintf("its x-problem-codes do not list %q", p.Code))
	}
	if want := fmt.Sprint(b.statuses[p.Code]); want != fmt.Sprint(resp.StatusCode) || p.Status != resp.StatusCode {
		faults = append(faults, fmt.Sprintf("%s comes with %s, the body says %d", p.Code, want, p.Status))
	}
	return faults
}

// formats are what the specification means by its formats in answers.
var formats = map[string]openapi3.StringFormatValidator{
	"uuid": openapi3.NewCallbackValidator(func(s string) error {
		_, err := domain.ParseID[struct{}](s)
		return err
	}),
	"email": openapi3.NewCallbackValidator(func(s string) error {
		_, err := domain.ParseEmail("", s)
		return err
	}),
	"date": openapi3.NewCallbackValidator(func(s string) error {
		_, err := domain.ParseDay("", s)
		return err
	}),
	"date-time": openapi3.NewCallbackValidator(func(s string) error {
		if err := new(time.Time).UnmarshalText([]byte(s)); err != nil || !strings.HasSuffix(s, "Z") {
			return fmt.Errorf("%q is no instant in UTC", s)
		}
		return nil
	}),
	"uri": openapi3.NewCallbackValidator(func(s string) error {
		u, err := url.Parse(s)
		if err == nil && !u.IsAbs() {
			return fmt.Errorf("%q has no scheme", s)
		}
		return err
	}),
	"uri-reference": openapi3.NewCallbackValidator(func(s string) error {
		_, err := url.Parse(s)
		return err
	}),
}
