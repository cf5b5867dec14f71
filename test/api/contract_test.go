package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/gradus-dev/gradus/api"
)

const base = "/api/v1"

// loadSpec reads the contract, once.
var loadSpec = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(api.Spec)
})

// contract holds every answer of the API to the spec.
type contract struct {
	tb   testing.TB
	spec *openapi3.T
	next http.RoundTripper
}

func newContract(tb testing.TB) contract {
	tb.Helper()
	spec, err := loadSpec()
	if err != nil {
		tb.Fatal(err)
	}
	return contract{tb, spec, http.DefaultTransport}
}

// RoundTrip sends a request and fails the test when the answer is not one that the spec
// describes.
func (c contract) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return res, err
	}
	if err := c.check(r, res, body); err != nil {
		c.tb.Errorf("%s %s answered %d against the contract: %v\n%s", r.Method, r.URL, res.StatusCode, err, body)
	}
	return res, nil
}

func (c contract) check(r *http.Request, res *http.Response, body []byte) error {
	path, ok := strings.CutPrefix(r.URL.Path, base)
	item, template := c.find(path)
	if !ok || item == nil {
		return nil // nothing that the spec describes
	}
	op := item.GetOperation(r.Method)
	if op == nil {
		return nil
	}
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: r, Route: &routers.Route{Spec: c.spec, Path: template, PathItem: item, Method: r.Method, Operation: op},
		},
		Status: res.StatusCode, Header: res.Header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil || res.StatusCode < http.StatusBadRequest {
		return err
	}
	var p problem
	if err := json.Unmarshal(body, &p); err != nil {
		return err
	}
	if !slices.Contains(slices.Concat(texts(op.Extensions["x-problem-codes"]), texts(c.spec.Extensions["x-problem-codes"])), p.Code) {
		return fmt.Errorf("the code %q is not among the x-problem-codes of %s", p.Code, op.OperationID)
	}
	return nil
}

// find returns the path item of a path below the base, and how the spec writes it.
func (c contract) find(path string) (*openapi3.PathItem, string) {
	parts := strings.Split(path, "/")
	for template, item := range c.spec.Paths.Map() {
		if slices.EqualFunc(strings.Split(template, "/"), parts, func(t, p string) bool { return t == p || strings.HasPrefix(t, "{") }) {
			return item, template
		}
	}
	return nil, ""
}

// texts reads a list of an extension of the spec.
func texts(extension any) []string {
	list, _ := extension.([]any)
	out := make([]string, len(list))
	for i, v := range list {
		out[i], _ = v.(string)
	}
	return out
}
