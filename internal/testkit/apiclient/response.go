package apiclient

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
)

// Response is a response with its whole body.
type Response struct {
	Method string
	Path   string // of the request, as given
	Status int
	Header http.Header
	Body   []byte

	tb  testing.TB
	log func(requestID string) string
}

// Problem is the body of every response to a failed request.
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	Instance  string `json:"instance"`
	RequestID string `json:"request_id"`
	Errors    []struct {
		Pointer   string `json:"pointer"`
		Parameter string `json:"parameter"`
		Code      string `json:"code"`
	} `json:"errors"`
}

// Request returns the method and the path of the request.
func (r Response) Request() string { return r.Method + " " + r.Path }

// OK reports whether the request succeeded.
func (r Response) OK() bool { return r.Status < http.StatusMultipleChoices }

// Code returns the code of the problem, or an empty string if the response is none.
func (r Response) Code() string {
	if r.Status < http.StatusBadRequest {
		return ""
	}
	var p Problem
	_ = json.Unmarshal(r.Body, &p) // not a problem: no code
	return p.Code
}

// ETag returns the version of the resource in the response.
func (r Response) ETag() string { return r.Header.Get("Etag") }

// Expect fails the test unless the response has one of the statuses.
func (r Response) Expect(statuses ...int) Response {
	r.tb.Helper()
	if !slices.Contains(statuses, r.Status) {
		if log := r.Log(); log != "" {
			r.tb.Logf("The server logged:\n%s", log)
		}
		r.tb.Fatalf("%s returned %d, want %d: %.2000s", r.Request(), r.Status, statuses, r.Body)
	}
	return r
}

// ExpectProblem fails the test unless the response is a problem with the status and code.
func (r Response) ExpectProblem(status int, code string) Problem {
	r.tb.Helper()
	p := Decode[Problem](r.Expect(status))
	if p.Code != code {
		r.tb.Fatalf("%s returned %d %q, want %q: %s", r.Request(), r.Status, p.Code, code, r.Body)
	}
	return p
}

// Log returns what the server logged about the request, if the test can see it.
func (r Response) Log() string {
	id := r.Header.Get("X-Request-Id")
	if r.log == nil || id == "" {
		return ""
	}
	return r.log(id)
}

// Decode decodes the body. Without a body it returns the zero value.
func Decode[T any](r Response) T {
	r.tb.Helper()
	var v T
	if len(r.Body) == 0 {
		return v
	}
	if err := json.Unmarshal(r.Body, &v); err != nil {
		r.tb.Fatalf("%s returned a body that cannot be decoded: %v: %.2000s", r.Request(), err, r.Body)
	}
	return v
}

// Get returns the resource at a path that exists.
func Get[T any](c Client, path string) T {
	c.tb.Helper()
	return Decode[T](c.Get(path).Expect(http.StatusOK))
}
