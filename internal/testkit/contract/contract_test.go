package contract_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/contract"
)

const (
	me = `{"id": "01a07bf8-d460-7a15-8c2d-4b6e8f1a3c57", "email": "ada@example.com", "name": "Ada", "role": "member", "time_zone": "UTC",
		"created_at": "2026-10-14T18:30:00Z", "batch": null, "teaches": []}`
	problem = `{"type": "/problems/CODE", "title": "T", "status": STATUS, "detail": "D", "instance": "/api/v1/me", "code": "CODE",
		"timestamp": "2026-10-14T18:30:00Z", "request_id": "r", "errors": []}`
)

// recorder is a test that records why it would have failed.
type recorder struct {
	testing.TB

	failure string
}

func (r *recorder) Errorf(format string, args ...any) { r.failure += fmt.Sprintf(format, args...) }

// check sends a request to a server and returns the failure of the test.
func check(t *testing.T, method, path string, server http.HandlerFunc) (failure string) {
	t.Helper()
	s := httptest.NewServer(server)
	defer s.Close()
	r := &recorder{TB: t}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := contract.Client(r).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return r.failure
}

func returns(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("ETag", `"1"`)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func problemOf(status int, code string) http.HandlerFunc {
	return returns(status, "application/problem+json", strings.NewReplacer("CODE", code, "STATUS", fmt.Sprint(status)).Replace(problem))
}

func TestClient(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, path string
		server       http.HandlerFunc
		want         string // a part of the failure; empty for a valid response
	}{
		"a valid response passes":                  {"GET", "/api/v1/me", returns(200, "application/json", me), ""},
		"a documented problem passes":              {"GET", "/api/v1/me", problemOf(401, "unauthenticated"), ""},
		"a problem of every path passes":           {"GET", "/api/v1/me", problemOf(500, "internal"), ""},
		"404 passes for an unknown path":           {"GET", "/api/v1/nowhere", problemOf(404, "not_found"), ""},
		"405 passes for another method":            {"PUT", "/api/v1/me", problemOf(405, "method_not_allowed"), ""},
		"anything passes outside the API":          {"GET", "/docs", returns(200, "text/html", "<p>"), ""},
		"OPTIONS without a body passes":            {"OPTIONS", "/api/v1/me", returns(204, "", ""), ""},
		"a missing property fails":                 {"GET", "/api/v1/me", returns(200, "application/json", `{}`), "/id: "},
		"an additional property fails":             {"GET", "/api/v1/me", returns(200, "application/json", strings.Replace(me, "{", `{"password_hash": "x",`, 1)), "password_hash"},
		"a value of another format fails":          {"GET", "/api/v1/me", returns(200, "application/json", strings.Replace(me, "01a0", "01A0", 1)), "/id: "},
		"a time in another zone than UTC fails":    {"GET", "/api/v1/me", returns(200, "application/json", strings.Replace(me, "18:30:00Z", "18:30:00+02:00", 1)), "/created_at: "},
		"invalid JSON fails":                       {"GET", "/api/v1/me", returns(200, "application/json", "nonsense"), "decode"},
		"another Content-Type fails":               {"GET", "/api/v1/me", returns(200, "text/plain", me), "Content-Type"},
		"an undocumented status fails":             {"GET", "/api/v1/me", returns(201, "application/json", me), "Content-Type"},
		"a missing header fails":                   {"POST", "/api/v1/me/wakatime/sync", returns(202, "application/json", `{"status_url": "/api/v1/me/wakatime"}`), "Location"},
		"a problem of another operation fails":     {"GET", "/api/v1/me", problemOf(409, "batch_full"), "do not list"},
		"a problem with another status fails":      {"GET", "/api/v1/me", problemOf(400, "unauthenticated"), "the status of unauthenticated is 401"},
		"an invalid problem outside the API fails": {"GET", "/docs", returns(405, "application/problem+json", `{}`), "/code: "},
		"success fails for an unknown path":        {"GET", "/api/v1/nowhere", returns(200, "application/json", `{}`), "Content-Type"},
		"a problem that is not JSON fails":         {"GET", "/api/v1/me", returns(500, "application/problem+json", "nonsense"), "not JSON"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := check(t, tt.method, tt.path, tt.server)
			if !strings.Contains(got, tt.want) || (tt.want == "") != (got == "") {
				t.Errorf("failed with %q, want %q in it", got, tt.want)
			}
		})
	}
}
