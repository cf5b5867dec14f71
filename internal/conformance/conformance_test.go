package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/conformance"
)

// What the Checker of the testkit sees over HTTP is tested there; here is the rest.

func TestNew_refusesWhatIsNoSpecification(t *testing.T) {
	t.Parallel()
	if _, err := conformance.New([]byte("openapi: [")); err == nil {
		t.Error("New took it")
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
		"a literal path wins over a parameter": {"GET", "/api/v1/things/latest", "GetLatestThing"},
		"a parameter takes any segment":        {"GET", "/api/v1/things/a%2Fb", "GetThing"},
		"but not an empty one":                 {"GET", "/api/v1/things/", ""},
		"another method":                       {"PUT", "/api/v1/things/1", ""},
		"a path that is longer":                {"GET", "/api/v1/things/1/2", ""},
		"a path outside of the API":            {"GET", "/things/1", ""},
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

func TestCheck_refusesABodyWhereNoneIsDescribed(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/things/1", nil)
	a := conformance.Answer{Status: http.StatusNoContent, Header: http.Header{}}
	if faults := contract(t).Check(r, a); len(faults) > 0 {
		t.Errorf("an empty answer is refused: %v", faults)
	}
	a.Body = []byte("more")
	if diff := cmp.Diff([]string{"the answer has a body where none is described"}, contract(t).Check(r, a)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// The words end up in a log: what stands in the answer does not.
func TestCheck_keepsValuesOut(t *testing.T) {
	t.Parallel()
	ours, err := conformance.Ours()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/api/v1/auth/login", nil)
	a := conformance.Answer{
		Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   []byte(`{"token": ["canary"], "role": "canary", "expires_at": 7, "canary_key": "canary"}`),
	}
	faults := strings.Join(ours.Check(r, a), "\n")
	if !strings.Contains(faults, "/token: ") || strings.Contains(strings.ReplaceAll(faults, "canary_key", ""), "canary") {
		t.Errorf("the faults are %s", faults)
	}
}
