package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/conformance"
)

// The tests of testkit/contract cover the checks over HTTP. These tests cover the rest.

func TestNew_RejectsInvalidYAML(t *testing.T) {
	t.Parallel()
	if _, err := conformance.New([]byte("openapi: [")); err == nil {
		t.Error("New succeeded")
	}
}

const tiny = `
openapi: 3.0.3
info: { title: Tiny, version: "1" }
servers: [{ url: /api/v1 }]
x-problem-codes: [internal]
paths:
  /things/{id}:
    get: { operationId: GetThing, responses: { "204": { description: None. }, default: { $ref: "#/components/responses/ProblemDefault" } } }
  /things/latest:
    get: { operationId: GetLatestThing, responses: { "204": { description: None. }, default: { $ref: "#/components/responses/ProblemDefault" } } }
components:
  responses: { ProblemDefault: { description: Failed. } }
  schemas: { ProblemCode: { type: string, enum: [internal], x-statuses: { internal: 500 } } }
`

func contract(t *testing.T) *conformance.Contract {
	t.Helper()
	c, err := conformance.New([]byte(tiny))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFind(t *testing.T) {
	t.Parallel()
	c := contract(t)
	tests := map[string]struct{ method, path, want string }{
		"a literal path has precedence over a parameter": {"GET", "/api/v1/things/latest", "GetLatestThing"},
		"a parameter matches any segment":                {"GET", "/api/v1/things/a%2Fb", "GetThing"},
		"a parameter does not match an empty segment":    {"GET", "/api/v1/things/", ""},
		"an escaped letter matches":                      {"GET", "/%61pi/v1/things/lat%65st", "GetLatestThing"},
		"another method does not match":                  {"PUT", "/api/v1/things/1", ""},
		"a longer path does not match":                   {"GET", "/api/v1/things/1/2", ""},
		"a path outside of the API does not match":       {"GET", "/things/1", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if route := c.Find(httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, nil)); route != nil {
				got = route.Operation.OperationID
			}
			if got != tt.want {
				t.Errorf("the operation is %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCheck_ReportsAnUndocumentedBody(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/things/1", nil)
	resp := conformance.Response{Status: http.StatusNoContent, Header: http.Header{}}
	if violations := contract(t).Check(r, resp); len(violations) > 0 {
		t.Errorf("violations of an empty response: %v", violations)
	}
	resp.Body = []byte("more")
	if diff := cmp.Diff([]string{"the response has a body, but the specification has none"}, contract(t).Check(r, resp)); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}

// Violations are logged, so they must not contain values of the response.
func TestCheck_OmitsValues(t *testing.T) {
	t.Parallel()
	ours, err := conformance.Ours()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/api/v1/auth/login", nil)
	resp := conformance.Response{
		Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   []byte(`{"token": ["canary"], "role": "canary", "expires_at": 7, "canary_key": "canary"}`),
	}
	violations := strings.Join(ours.Check(r, resp), "\n")
	if !strings.Contains(violations, "/token: ") || strings.Contains(strings.ReplaceAll(violations, "canary_key", ""), "canary") {
		t.Errorf("got %s; want the locations and none of the values", violations)
	}
}
