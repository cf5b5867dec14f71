package cors_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

func preflight(method, path, from, headers string) servertest.Call {
	c := servertest.Call{Method: http.MethodOptions, Path: "/api/v1" + path}.SignedOut().With("Origin", from).With("Access-Control-Request-Method", method)
	if headers != "" {
		c = c.With("Access-Control-Request-Headers", headers)
	}
	return c
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call    servertest.Call
		allowed bool
	}{
		"an allowed origin":                {preflight("GET", "/me", servertest.App, "authorization"), true},
		"another allowed origin":           {preflight("GET", "/me", servertest.Local, "authorization"), true},
		"a write with all request headers": {preflight("PATCH", "/batches/"+operations.BatchID, servertest.App, "authorization,content-type,idempotency-key,if-match"), true},
		"PUT":                              {preflight("PUT", "/users/"+operations.AdaID+"/role", servertest.App, "content-type"), true},
		"DELETE":                           {preflight("DELETE", "/me/wakatime", servertest.App, ""), true},
		"an unknown path":                  {preflight("GET", "/nowhere", servertest.App, "authorization"), true},
		"an unsupported method":            {preflight("TRACE", "/me", servertest.App, ""), false},
		"an unsupported header":            {preflight("GET", "/me", servertest.App, "authorization,x-forwarded-for"), false},
		"any header":                       {preflight("GET", "/me", servertest.App, "*"), false},
		"a path outside of the API":        {servertest.Call{Method: "OPTIONS", Path: "/docs"}.With("Origin", servertest.App).With("Access-Control-Request-Method", "GET"), false},
	}
	for name, from := range servertest.Strangers {
		tests["from "+name] = struct {
			call    servertest.Call
			allowed bool
		}{preflight("GET", "/me", from, "authorization"), false}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := servertest.Start(t, servertest.Share).Do(t, tt.call)
			if got.StatusCode != http.StatusNoContent || got.Text != "" {
				t.Errorf("the response is %d %q", got.StatusCode, got.Text)
			}
			want := map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "", "Access-Control-Allow-Methods": "", "Access-Control-Allow-Headers": "", "Access-Control-Max-Age": ""}
			if tt.allowed {
				want = map[string]string{
					"Access-Control-Allow-Origin": tt.call.Header["Origin"], "Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "600",
					"Access-Control-Allow-Methods": tt.call.Header["Access-Control-Request-Method"], "Access-Control-Allow-Headers": tt.call.Header["Access-Control-Request-Headers"],
				}
			}
			for header, value := range want {
				if v := got.Header.Get(header); v != value {
					t.Errorf("%s is %q, want %q", header, v, value)
				}
			}
			if strings.HasPrefix(tt.call.Path, "/api/") && !got.Varies("Origin") {
				t.Errorf("Vary is %q, without Origin", got.Header.Values("Vary"))
			}
		})
	}
}

// Scripts on allowed origins can read every response, problems included. Other origins
// cannot.
func TestCORS_CoversEveryResponse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call   servertest.Call
		status int
	}{
		"200": {servertest.Get("/me"), 200},
		"204": {servertest.Post("/auth/logout", ""), 204},
		"400": {servertest.Get("/me?a=%zz"), 400},
		"401": {servertest.Get("/me").SignedOut(), 401},
		"404": {servertest.Get("/nowhere"), 404},
		"405": {servertest.Put("/me", ""), 405},
		"406": {servertest.Get("/me").With("Accept", "text/html"), 406},
		"413": {servertest.Post("/batches", strings.Repeat(" ", 1<<18+1)), 413},
		"414": {servertest.Get("/" + strings.Repeat("a", 1<<13)), 414},
		"415": {servertest.Post("/batches", "{}").With("Content-Type", "text/plain"), 415},
		"422": {servertest.Post("/batches", "{}"), 422},
		"500": {servertest.Get("/me/today"), 500},
		"503": {servertest.Get("/me/wakatime"), 503},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, servertest.Share).SignedIn()
			s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).Return(operations.Me(), nil).AnyTimes()
			s.Sessions.EXPECT().SignOut(servertest.Anything, servertest.Anything).Return(nil).AnyTimes()
			s.Tracking.EXPECT().Today(servertest.Anything, servertest.Anything).Return(domain.StudentCoverage{}, errors.New("broken")).AnyTimes()
			s.Connections.EXPECT().Connection(servertest.Anything, servertest.Anything).Return(domain.ConnectionReport{}, domain.ErrUnavailable).AnyTimes()

			got := s.Do(t, tt.call.With("Origin", servertest.App).With("Sec-Fetch-Site", "cross-site"))
			if got.StatusCode != tt.status {
				t.Fatalf("the response is %d, want %d: %s", got.StatusCode, tt.status, got.Text)
			}
			if got.Header.Get("Access-Control-Allow-Origin") != servertest.App || got.Header.Get("Access-Control-Allow-Credentials") != "true" ||
				got.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || !got.Varies("Origin") {
				t.Errorf("the headers for an allowed origin are %v", got.Header)
			}
			for who, from := range servertest.Strangers {
				got := s.Do(t, tt.call.With("Origin", from))
				if v := got.Header.Get("Access-Control-Allow-Origin") + got.Header.Get("Access-Control-Allow-Credentials"); v != "" || got.StatusCode != tt.status {
					t.Errorf("%s got %d, with Access-Control-Allow-* %q", who, got.StatusCode, v)
				}
				if got.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" || !got.Varies("Origin") {
					t.Errorf("the headers for %s are %v", who, got.Header)
				}
			}
		})
	}
}

// Scripts on allowed origins can send and read every header of the contract.
func TestCORS_CoversTheContract(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, servertest.Share).SignedIn()
	s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).Return(operations.Me(), nil)
	exposed := map[string]bool{"Set-Cookie": true, "Clear-Site-Data": true} // for browsers alone
	for name := range strings.SplitSeq(s.Do(t, servertest.Get("/me").With("Origin", servertest.App)).Header.Get("Access-Control-Expose-Headers"), ", ") {
		exposed[name] = true
	}
	for _, name := range []string{"ETag", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id", "Idempotency-Replayed", "Deprecation", "Sunset", "Link"} {
		if !exposed[name] && !exposed[http.CanonicalHeaderKey(name)] {
			t.Errorf("%s is not exposed", name)
		}
	}
	for path, item := range servertest.Spec(t).Paths.Map() {
		for method, op := range item.Operations() {
			var send []string
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				if p.Value.In == "header" {
					send = append(send, strings.ToLower(p.Value.Name))
				}
			}
			slices.Sort(send)
			if got := s.Do(t, preflight(method, path, servertest.App, strings.Join(send, ","))); got.Header.Get("Access-Control-Allow-Methods") != method {
				t.Errorf("%s cannot be sent with %v", op.OperationID, send)
			}
			for status, r := range op.Responses.Map() {
				for name := range r.Value.Headers {
					if !exposed[name] && !exposed[http.CanonicalHeaderKey(name)] {
						t.Errorf("%s is not exposed in %s %s", name, op.OperationID, status)
					}
				}
			}
		}
	}
}

func TestCORS_IsOffWithoutAllowedOrigins(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t).SignedIn()
	s.Accounts.EXPECT().Me(servertest.Anything, servertest.Anything).Return(operations.Me(), nil)
	got := s.Do(t, servertest.Get("/me").With("Origin", servertest.App))
	for name := range got.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s is %q", name, got.Header.Get(name))
		}
	}
	if got.Varies("Origin") {
		t.Error("responses vary by Origin without allowed origins")
	}
}
