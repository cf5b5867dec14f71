package httpapi_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
)

// contractWith is the contract with what a test changes in it.
func contractWith(t *testing.T, change func(*openapi3.T)) *openapi3.T {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		t.Fatal(err)
	}
	change(spec)
	return spec
}

func deprecate(op *openapi3.Operation, at, sunset any) {
	op.Deprecated = true
	op.Extensions["x-deprecated-at"], op.Extensions["x-sunset"] = at, sunset
}

func newFor(t *testing.T, s *server, spec *openapi3.T) (http.Handler, error) {
	t.Helper()
	return httpapi.NewFor(spec, plainConfig(t), httpapi.UseCases{Sessions: s.Sessions, Accounts: s.Accounts}, s.Probes, s.Metrics,
		func() time.Time { return now }, func() [16]byte { return id[any](requestID) }, slog.New(slog.DiscardHandler))
}

// serveDeprecated is a server that reads a user and changes oneself by operations that
// are deprecated.
func serveDeprecated(t *testing.T) *server {
	t.Helper()
	s := serve(t).SignedIn()
	h, err := newFor(t, s, contractWith(t, func(spec *openapi3.T) {
		deprecate(spec.Paths.Value("/users/{user_id}").Get, "2026-10-01", "2027-06-30")
		deprecate(spec.Paths.Value("/me").Patch, "2026-10-01", "2027-06-30")
	}))
	if err != nil {
		t.Fatal(err)
	}
	listening := httptest.NewServer(h)
	t.Cleanup(listening.Close)
	s.Handler, s.URL, s.Stop = h, listening.URL, listening.Close
	return s
}

// announced are the headers of an answer that have to do with its end.
func (r reply) announced() map[string]string {
	found := map[string]string{}
	for _, name := range []string{"Deprecation", "Sunset", "Link"} {
		if v := r.Header.Values(name); len(v) > 0 {
			found[name] = strings.Join(v, " | ")
		}
	}
	return found
}

func TestDeprecatedOperations_sayUntilWhen(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"Deprecation": "@1790812800", // 2026-10-01T00:00:00Z
		"Sunset":      "Wed, 30 Jun 2027 00:00:00 GMT",
		"Link":        `</docs/guides/versions>; rel="deprecation"; type="text/html"`,
	}
	tests := map[string]struct {
		call   call
		port   func(*server)
		status int
	}{
		"with a success": {get("/users/" + adaID), func(s *server) {
			s.Accounts.EXPECT().User(anything, anything, anything).Return(ada(), nil)
		}, 200},
		"without a body": {call{method: "HEAD", path: "/api/v1/users/" + adaID}, func(s *server) {
			s.Accounts.EXPECT().User(anything, anything, anything).Return(ada(), nil)
		}, 200},
		"to who is not signed in":        {get("/users/" + adaID).signedOut(), nil, 401},
		"to a request that is wrong":     {get("/users/ada"), nil, 422},
		"to a query that cannot be read": {get("/users/" + adaID + "?%zz"), nil, 400},
		"to another site":                {patch("/me", `{}`).signedOut().with("Origin", "https://evil.example"), nil, 403},
		"to a body of another type":      {patch("/me", `{}`).with("Content-Type", "text/plain"), nil, 415},
		"with a fault of ours": {get("/users/" + adaID), func(s *server) {
			s.Accounts.EXPECT().User(anything, anything, anything).DoAndReturn(func(context.Context, domain.Actor, domain.UserID) (domain.User, error) { panic("no good") })
		}, 500},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveDeprecated(t)
			if tt.port != nil {
				tt.port(s)
			}
			got := s.do(t, tt.call)
			if got.StatusCode != tt.status {
				t.Fatalf("the answer is %d, want %d:\n%s", got.StatusCode, tt.status, got.body)
			}
			if diff := cmp.Diff(want, got.announced()); diff != "" {
				t.Errorf("the headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOtherOperations_sayNothingOfTheEnd(t *testing.T) {
	t.Parallel()
	s := serveDeprecated(t)
	s.Accounts.EXPECT().Me(anything, s.Actor).Return(me(), nil)
	tests := map[string]struct {
		call   call
		status int
	}{
		"another method of the path":     {get("/me"), 200},
		"a method that the path has not": {call{method: "PUT", path: "/api/v1/users/" + adaID}, 405},
		"a path below":                   {get("/users/" + adaID + "/nothing"), 404},
		"the docs":                       {call{method: "GET", path: "/docs"}, 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.do(t, tt.call)
			if got.StatusCode != tt.status || len(got.announced()) > 0 {
				t.Errorf("the answer is %d with %v, want %d without", got.StatusCode, got.announced(), tt.status)
			}
		})
	}
}

func TestDeprecatedOperations_areCountedByClient(t *testing.T) {
	t.Parallel()
	s := serveDeprecated(t)
	for _, agent := range []string{
		"gradus-go/1.0.0 (api 1.0.0)", "gradus-go/1.1.0 (api 1.1.0)", "gradus-python/1.0.0 (api 1.0.0)", "gradus-typescript/1.0.0 (api 1.0.0)",
		"Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0", "curl/8", "made-up-" + adaID, "",
	} {
		s.do(t, get("/users/"+adaID).signedOut().with("User-Agent", agent))
	}
	s.do(t, patch("/me", `{}`).signedOut().with("User-Agent", "gradus-go/1.0.0"))
	s.do(t, get("/me").signedOut())
	s.Stop()
	rec := httptest.NewRecorder()
	s.Metrics.Handler().ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	var got []string
	for line := range strings.Lines(rec.Body.String()) {
		if strings.HasPrefix(line, "gradus_http_deprecated") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := []string{
		`gradus_http_deprecated_requests_total{client="browser",operation="GetUser"} 1`,
		`gradus_http_deprecated_requests_total{client="gradus-go",operation="GetUser"} 2`,
		`gradus_http_deprecated_requests_total{client="gradus-go",operation="UpdateMe"} 1`,
		`gradus_http_deprecated_requests_total{client="gradus-python",operation="GetUser"} 1`,
		`gradus_http_deprecated_requests_total{client="gradus-typescript",operation="GetUser"} 1`,
		`gradus_http_deprecated_requests_total{client="other",operation="GetUser"} 3`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the counts (-want +got):\n%s", diff)
	}
}

func TestNew_refusesADeprecationWithoutDates(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at, sunset any
		want       string
	}{
		"no deprecation": {nil, "2027-06-30", "x-deprecated-at"},
		"no sunset":      {"2026-10-01", nil, "x-sunset"},
		"no date":        {"2026-10-01", "soon", "x-sunset"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newFor(t, serve(t), contractWith(t, func(spec *openapi3.T) { deprecate(spec.Paths.Value("/me").Get, tt.at, tt.sunset) }))
			if err == nil || !strings.Contains(err.Error(), "GET /me") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New says %v; want GET /me and %s in it", err, tt.want)
			}
		})
	}
}
