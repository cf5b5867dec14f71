package servertest

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Response is a response that was read to its end.
type Response struct {
	*http.Response

	Text string // of the body
}

// Recorded returns the response that a handler wrote.
func Recorded(rec *httptest.ResponseRecorder) Response {
	return Response{rec.Result(), rec.Body.String()}
}

// Want checks status and body; an empty body wants none.
func (r Response) Want(t *testing.T, status int, want string) {
	t.Helper()
	if r.StatusCode != status {
		t.Fatalf("the response is %d, want %d:\n%s", r.StatusCode, status, r.Text)
	}
	if want == "" && r.Text == "" {
		return
	}
	if diff := cmp.Diff(Decode(t, want), Decode(t, r.Text)); diff != "" {
		t.Errorf("the body differs from what the port returned; fix the handler that renders it, or this row with the contract (-want +got):\n%s", diff)
	}
}

// Problem is a problem as the tests look at it.
type Problem struct {
	Status    int
	Code      string
	Detail    string
	RequestID string `json:"request_id"`
	Type      string
	Instance  string
	Errors    []Field
}

// Field is one invalid field: its pointer or the name of its parameter, and the code.
type Field struct{ Pointer, Parameter, Code, Detail string }

func (f Field) String() string { return f.Pointer + f.Parameter + " " + f.Code }

// WantProblem reads a response that has to be a problem.
func (r Response) WantProblem(t *testing.T, status int, code string) Problem {
	t.Helper()
	var p Problem
	if err := json.Unmarshal([]byte(r.Text), &p); err != nil {
		t.Fatalf("the response %d is not a problem: %v\n%s", r.StatusCode, err, r.Text)
	}
	if r.StatusCode != status || p.Code != code || p.Status != status {
		t.Fatalf("the response is %d %s, want %d %s:\n%s", r.StatusCode, p.Code, status, code, r.Text)
	}
	return p
}

// Fields lists what is invalid, by place and code.
func (p Problem) Fields() []string {
	var list []string
	for _, f := range p.Errors {
		list = append(list, f.String())
	}
	return list
}

// Varies reports whether caches keep responses apart by a request header.
func (r Response) Varies(by string) bool {
	for field := range strings.SplitSeq(strings.Join(r.Header.Values("Vary"), ","), ",") {
		if strings.EqualFold(strings.TrimSpace(field), by) {
			return true
		}
	}
	return false
}

// Unzipped returns the decompressed body of a compressed response.
func (r Response) Unzipped(t *testing.T) string {
	t.Helper()
	if coding := r.Header.Get("Content-Encoding"); coding != "gzip" {
		t.Fatalf("the coding of the response %d is %q", r.StatusCode, coding)
	}
	z, err := gzip.NewReader(strings.NewReader(r.Text))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Decode parses JSON. Numbers keep their digits.
func Decode(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("this is not JSON: %v\n%s", err, text)
	}
	return v
}

// ProblemCodes returns the problem codes of the contract with their statuses.
func ProblemCodes(t *testing.T) (codes []string, statuses map[string]any) {
	t.Helper()
	schema := Spec(t).Components.Schemas["ProblemCode"].Value
	for _, c := range schema.Enum {
		codes = append(codes, fmt.Sprint(c))
	}
	statuses, ok := schema.Extensions["x-statuses"].(map[string]any)
	if !ok {
		t.Fatal("ProblemCode has no x-statuses")
	}
	return codes, statuses
}
