package servertest

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// Call is one request. It carries Token, and a body has the Content-Type that its method
// needs, unless Header says otherwise.
type Call struct {
	Method, Path, Body string
	Header             map[string]string // an empty value leaves a header out
	Stream             io.Reader         // a body of unknown length instead of Body
}

// Get returns a GET request to a path of the API.
func Get(path string) Call { return Call{Method: http.MethodGet, Path: "/api/v1" + path} }

// Post returns a POST request to a path of the API.
func Post(path, body string) Call {
	return Call{Method: http.MethodPost, Path: "/api/v1" + path, Body: body}
}

// Put returns a PUT request to a path of the API.
func Put(path, body string) Call {
	return Call{Method: http.MethodPut, Path: "/api/v1" + path, Body: body}
}

// Patch returns a PATCH request to a path of the API.
func Patch(path, body string) Call {
	return Call{Method: http.MethodPatch, Path: "/api/v1" + path, Body: body}
}

// Delete returns a DELETE request to a path of the API.
func Delete(path string) Call { return Call{Method: http.MethodDelete, Path: "/api/v1" + path} }

// Document returns a GET request to a path outside of the API, without a credential.
func Document(path string) Call { return Call{Method: http.MethodGet, Path: path}.SignedOut() }

// With returns the call with another header; an empty value leaves it out.
func (c Call) With(name, value string) Call {
	header := maps.Clone(c.Header)
	if header == nil {
		header = map[string]string{}
	}
	header[name] = value
	c.Header = header
	return c
}

// SignedOut returns the call without a credential.
func (c Call) SignedOut() Call { return c.With("Authorization", "") }

// Do sends a call.
func (s *Server) Do(t *testing.T, c Call) Response {
	t.Helper()
	body := c.Stream
	if body == nil && c.Body != "" {
		body = strings.NewReader(c.Body)
	}
	req, err := http.NewRequestWithContext(t.Context(), c.Method, s.URL+c.Path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+Token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		if c.Method == http.MethodPatch {
			req.Header.Set("Content-Type", "application/merge-patch+json")
		}
	}
	for name, value := range c.Header {
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
		if name == "Host" {
			req.Host = value
		}
	}
	return s.Send(t, req)
}

// Send sends a request as it is.
func (s *Server) Send(t *testing.T, req *http.Request) Response {
	t.Helper()
	resp, err := s.Client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return Response{resp, string(text)}
}

// Spec returns the contract.
func Spec(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// Fill returns the path of an operation with an ID for each of its parameters.
func Fill(path string) string {
	return "/api/v1" + regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, operations.AdaID)
}
