package deprecation_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/deprecation"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// contractWith returns the contract with a change.
func contractWith(t *testing.T, change func(*openapi3.T)) *openapi3.T {
	t.Helper()
	doc := servertest.Spec(t)
	change(doc)
	return doc
}

func deprecate(op *openapi3.Operation, at, sunset any) {
	op.Deprecated = true
	op.Extensions["x-deprecated-at"], op.Extensions["x-sunset"] = at, sunset
}

// serveDeprecated starts a server that deprecates GetUser and UpdateMe.
func serveDeprecated(t *testing.T) *servertest.Server {
	t.Helper()
	s := servertest.Start(t).SignedIn()
	h, err := deprecation.Announce(s.Handler, contractWith(t, func(doc *openapi3.T) {
		deprecate(doc.Paths.Value("/users/{user_id}").Get, "2026-10-01", "2027-06-30")
		deprecate(doc.Paths.Value("/me").Patch, "2026-10-01", "2027-06-30")
	}), "", s.Metrics.Deprecated)
	if err != nil {
		t.Fatal(err)
	}
	s.Listen(t, h)
	return s
}

// deprecationHeaders returns the deprecation headers of a response.
func deprecationHeaders(r servertest.Response) map[string]string {
	found := map[string]string{}
	for _, name := range []string{"Deprecation", "Sunset", "Link"} {
		if v := r.Header.Values(name); len(v) > 0 {
			found[name] = strings.Join(v, " | ")
		}
	}
	return found
}

func TestAnnounce_AddsHeaders(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"Deprecation": "@1790812800", // 2026-10-01T00:00:00Z
		"Sunset":      "Wed, 30 Jun 2027 00:00:00 GMT",
		"Link":        `</docs/guides/versions>; rel="deprecation"; type="text/html"`,
	}
	tests := map[string]struct {
		call   servertest.Call
		port   func(*servertest.Server)
		status int
	}{
		"a success": {servertest.Get("/users/" + operations.AdaID), func(s *servertest.Server) {
			s.Accounts.EXPECT().User(servertest.Anything, servertest.Anything, servertest.Anything).Return(operations.Ada(), nil)
		}, 200},
		"HEAD": {servertest.Call{Method: "HEAD", Path: "/api/v1/users/" + operations.AdaID}, func(s *servertest.Server) {
			s.Accounts.EXPECT().User(servertest.Anything, servertest.Anything, servertest.Anything).Return(operations.Ada(), nil)
		}, 200},
		"no session":                  {servertest.Get("/users/" + operations.AdaID).SignedOut(), nil, 401},
		"an invalid request":          {servertest.Get("/users/ada"), nil, 422},
		"a malformed query":           {servertest.Get("/users/" + operations.AdaID + "?%zz"), nil, 400},
		"another origin":              {servertest.Patch("/me", `{}`).SignedOut().With("Origin", "https://evil.example"), nil, 403},
		"an unsupported Content-Type": {servertest.Patch("/me", `{}`).With("Content-Type", "text/plain"), nil, 415},
		"an internal error": {servertest.Get("/users/" + operations.AdaID), func(s *servertest.Server) {
			s.Accounts.EXPECT().User(servertest.Anything, servertest.Anything, servertest.Anything).DoAndReturn(func(context.Context, domain.Actor, domain.UserID) (domain.User, error) { panic("no good") })
		}, 500},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveDeprecated(t)
			if tt.port != nil {
				tt.port(s)
			}
			got := s.Do(t, tt.call)
			if got.StatusCode != tt.status {
				t.Fatalf("the response is %d, want %d:\n%s", got.StatusCode, tt.status, got.Text)
			}
			if diff := cmp.Diff(want, deprecationHeaders(got)); diff != "" {
				t.Errorf("the headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnnounce_IgnoresOtherOperations(t *testing.T) {
	t.Parallel()
	s := serveDeprecated(t)
	s.Accounts.EXPECT().Me(servertest.Anything, s.Actor).Return(operations.Me(), nil)
	tests := map[string]struct {
		call   servertest.Call
		status int
	}{
		"another method of the path": {servertest.Get("/me"), 200},
		"an unsupported method":      {servertest.Call{Method: "PUT", Path: "/api/v1/users/" + operations.AdaID}, 405},
		"a longer path":              {servertest.Get("/users/" + operations.AdaID + "/nothing"), 404},
		"a document":                 {servertest.Call{Method: "GET", Path: "/docs"}, 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.Do(t, tt.call)
			if got.StatusCode != tt.status || len(deprecationHeaders(got)) > 0 {
				t.Errorf("the response is %d with %v, want %d without", got.StatusCode, deprecationHeaders(got), tt.status)
			}
		})
	}
}

func TestAnnounce_CountsRequestsByClient(t *testing.T) {
	t.Parallel()
	s := serveDeprecated(t)
	for _, agent := range []string{
		"gradus-go/1.0.0 (api 1.0.0)", "gradus-go/1.1.0 (api 1.1.0)", "gradus-python/1.0.0 (api 1.0.0)", "gradus-typescript/1.0.0 (api 1.0.0)",
		"Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0", "curl/8", "made-up-" + operations.AdaID, "",
	} {
		s.Do(t, servertest.Get("/users/"+operations.AdaID).SignedOut().With("User-Agent", agent))
	}
	s.Do(t, servertest.Patch("/me", `{}`).SignedOut().With("User-Agent", "gradus-go/1.0.0"))
	s.Do(t, servertest.Get("/me").SignedOut())
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

func TestAnnounce_RejectsMissingDates(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at, sunset any
		want       string
	}{
		"no x-deprecated-at": {nil, "2027-06-30", "x-deprecated-at"},
		"no x-sunset":        {"2026-10-01", nil, "x-sunset"},
		"not a date":         {"2026-10-01", "soon", "x-sunset"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := contractWith(t, func(doc *openapi3.T) { deprecate(doc.Paths.Value("/me").Get, tt.at, tt.sunset) })
			_, err := deprecation.Announce(http.NotFoundHandler(), doc, "", httpapi.NewMetrics().Deprecated)
			if err == nil || !strings.Contains(err.Error(), "GET /me") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Announce returned %v; want an error with GET /me and %s", err, tt.want)
			}
		})
	}
}
