package httpapi_test

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
)

const (
	app   = "https://app.example.com"
	local = "http://localhost:5173"
)

// sharing is the setting of a server that pages of two other origins may use.
func sharing(c *httpapi.Config) { c.AllowedOrigins = []string{app, local} }

// strangers are origins that look like allowed ones.
var strangers = map[string]string{
	"another site":                        "https://evil.example",
	"an origin that hides itself":         "null",
	"a site of the same beginning":        app + ".evil.io",
	"a site of the same end":              "https://evilapp.example.com",
	"a subdomain":                         "https://x.app.example.com",
	"the domain above":                    "https://example.com",
	"the same host without TLS":           "http://app.example.com",
	"the same host on another port":       app + ":8443",
	"the usual port, which nobody writes": app + ":443",
	"the same host with a dot":            app + ".",
	"the same host in upper case":         "https://APP.example.com",
	"the same host with a path":           app + "/",
	"two origins":                         app + ", " + app,
	"a pattern":                           "https://*.example.com",
	"everybody":                           "*",
	"localhost on another port":           "http://localhost:5174",
	"the address of localhost":            "http://127.0.0.1:5173",
	"nothing":                             "",
}

func preflight(method, path, from, headers string) call {
	c := call{method: http.MethodOptions, path: "/api/v1" + path}.signedOut().with("Origin", from).with("Access-Control-Request-Method", method)
	if headers != "" {
		c = c.with("Access-Control-Request-Headers", headers)
	}
	return c
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call  call
		leave bool
	}{
		"an allowed origin":                     {preflight("GET", "/me", app, "authorization"), true},
		"another allowed origin":                {preflight("GET", "/me", local, "authorization"), true},
		"a write with all that the API takes":   {preflight("PATCH", "/batches/"+batchID, app, "authorization,content-type,idempotency-key,if-match"), true},
		"PUT":                                   {preflight("PUT", "/users/"+adaID+"/role", app, "content-type"), true},
		"DELETE":                                {preflight("DELETE", "/me/wakatime", app, ""), true},
		"a path that is not there, to see that": {preflight("GET", "/nowhere", app, "authorization"), true},
		"a method that the API does not know":   {preflight("TRACE", "/me", app, ""), false},
		"a header that the API does not take":   {preflight("GET", "/me", app, "authorization,x-forwarded-for"), false},
		"any header":                            {preflight("GET", "/me", app, "*"), false},
		"a path outside of the API":             {call{method: "OPTIONS", path: "/docs"}.with("Origin", app).with("Access-Control-Request-Method", "GET"), false},
	}
	for name, from := range strangers {
		tests["from "+name] = struct {
			call  call
			leave bool
		}{preflight("GET", "/me", from, "authorization"), false}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := serve(t, sharing).do(t, tt.call)
			if got.StatusCode != http.StatusNoContent || got.body != "" {
				t.Errorf("the answer is %d %q", got.StatusCode, got.body)
			}
			want := map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "", "Access-Control-Allow-Methods": "", "Access-Control-Allow-Headers": "", "Access-Control-Max-Age": ""}
			if tt.leave {
				want = map[string]string{
					"Access-Control-Allow-Origin": tt.call.header["Origin"], "Access-Control-Allow-Credentials": "true", "Access-Control-Max-Age": "600",
					"Access-Control-Allow-Methods": tt.call.header["Access-Control-Request-Method"], "Access-Control-Allow-Headers": tt.call.header["Access-Control-Request-Headers"],
				}
			}
			for header, value := range want {
				if v := got.Header.Get(header); v != value {
					t.Errorf("%s is %q, want %q", header, v, value)
				}
			}
			if strings.HasPrefix(tt.call.path, "/api/") && !varies(got, "Origin") {
				t.Errorf("Vary is %q, without Origin", got.Header.Values("Vary"))
			}
		})
	}
}

// varies reports whether caches keep answers apart by a request header.
func varies(r reply, by string) bool {
	for field := range strings.SplitSeq(strings.Join(r.Header.Values("Vary"), ","), ",") {
		if strings.EqualFold(strings.TrimSpace(field), by) {
			return true
		}
	}
	return false
}

// A page sees every answer, refusals and faults included, and every header that the
// contract describes.
func TestSharing_coversEveryAnswer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		call   call
		status int
	}{
		"200": {get("/me"), 200},
		"204": {post("/auth/logout", ""), 204},
		"400": {get("/me?a=%zz"), 400},
		"401": {get("/me").signedOut(), 401},
		"404": {get("/nowhere"), 404},
		"405": {put("/me", ""), 405},
		"406": {get("/me").with("Accept", "text/html"), 406},
		"413": {post("/batches", strings.Repeat(" ", 1<<18+1)), 413},
		"414": {get("/" + strings.Repeat("a", 1<<13)), 414},
		"415": {post("/batches", "{}").with("Content-Type", "text/plain"), 415},
		"422": {post("/batches", "{}"), 422},
		"500": {get("/me/today"), 500},
		"503": {get("/me/wakatime"), 503},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, sharing).SignedIn()
			s.Accounts.EXPECT().Me(anything, anything).Return(me(), nil).AnyTimes()
			s.Sessions.EXPECT().SignOut(anything, anything).Return(nil).AnyTimes()
			s.Tracking.EXPECT().Today(anything, anything).Return(domain.StudentCoverage{}, errors.New("broken")).AnyTimes()
			s.Connections.EXPECT().Connection(anything, anything).Return(domain.Connection{}, domain.ErrUnavailable).AnyTimes()

			got := s.do(t, tt.call.with("Origin", app).with("Sec-Fetch-Site", "cross-site"))
			if got.StatusCode != tt.status {
				t.Fatalf("the answer is %d, want %d: %s", got.StatusCode, tt.status, got.body)
			}
			if got.Header.Get("Access-Control-Allow-Origin") != app || got.Header.Get("Access-Control-Allow-Credentials") != "true" ||
				got.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || !varies(got, "Origin") {
				t.Errorf("an allowed origin gets %v", got.Header)
			}
			for who, from := range strangers {
				got := s.do(t, tt.call.with("Origin", from))
				if v := got.Header.Get("Access-Control-Allow-Origin") + got.Header.Get("Access-Control-Allow-Credentials"); v != "" || got.StatusCode != tt.status {
					t.Errorf("%s is answered %d, with leave %q", who, got.StatusCode, v)
				}
				if got.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" || !varies(got, "Origin") {
					t.Errorf("%s gets %v", who, got.Header)
				}
			}
		})
	}
}

// Whatever the contract describes can be sent and read from a page.
func TestSharing_coversTheContract(t *testing.T) {
	t.Parallel()
	s := serve(t, sharing).SignedIn()
	s.Accounts.EXPECT().Me(anything, anything).Return(me(), nil)
	shown := map[string]bool{"Set-Cookie": true} // no page ever sees it
	for name := range strings.SplitSeq(s.do(t, get("/me").with("Origin", app)).Header.Get("Access-Control-Expose-Headers"), ", ") {
		shown[name] = true
	}
	for _, name := range []string{"ETag", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id", "Idempotency-Replayed", "Deprecation", "Sunset", "Link"} {
		if !shown[name] && !shown[http.CanonicalHeaderKey(name)] {
			t.Errorf("%s is not shown", name)
		}
	}
	for path, item := range loadSpec(t).Paths.Map() {
		for method, op := range item.Operations() {
			var send []string
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				if p.Value.In == "header" {
					send = append(send, strings.ToLower(p.Value.Name))
				}
			}
			slices.Sort(send)
			if got := s.do(t, preflight(method, path, app, strings.Join(send, ","))); got.Header.Get("Access-Control-Allow-Methods") != method {
				t.Errorf("a page may not send %s with %v", op.OperationID, send)
			}
			for status, r := range op.Responses.Map() {
				for name := range r.Value.Headers {
					if !shown[name] && !shown[http.CanonicalHeaderKey(name)] {
						t.Errorf("a page does not see %s of %s %s", name, op.OperationID, status)
					}
				}
			}
		}
	}
}

// Nothing is shared unless somebody said with whom.
func TestSharing_isOffWithoutAList(t *testing.T) {
	t.Parallel()
	s := serve(t).SignedIn()
	s.Accounts.EXPECT().Me(anything, anything).Return(me(), nil)
	got := s.do(t, get("/me").with("Origin", app))
	for name := range got.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s is %q", name, got.Header.Get(name))
		}
	}
	if varies(got, "Origin") {
		t.Error("answers vary by Origin for nothing")
	}
}

// Writes with a cookie from a page of an allowed origin are as good as our own; a
// page that looks like one is refused, as ever.
func TestWritesWithACookie_fromAllowedOrigins(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(mutates) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := serve(t, sharing).SignedIn()
			c := r.signedOut().with("Cookie", cookie).with("Host", "gradus.example")
			ours := map[string]map[string]string{
				"an allowed origin":                     {"Origin": app, "Sec-Fetch-Site": "same-site"},
				"an allowed origin of another site":     {"Origin": local, "Sec-Fetch-Site": "cross-site"},
				"an allowed origin in an old browser":   {"Origin": app},
				"the site itself, which needs no entry": {"Origin": origin, "Sec-Fetch-Site": "same-origin"},
			}
			for from, headers := range ours {
				c := c
				for name, value := range headers {
					c = c.with(name, value)
				}
				r.port(s)
				if got := s.do(t, c); got.StatusCode != r.status {
					t.Errorf("%s is answered with %d %s", from, got.StatusCode, got.body)
				}
			}
			for _, from := range strangers {
				s.do(t, c.with("Origin", from).with("Sec-Fetch-Site", "same-site")).refused(t, 403, "cross_origin")
				s.do(t, c.with("Origin", from)).refused(t, 403, "cross_origin")
			}
		})
	}
}

// Signing in from an allowed origin works, with a cookie too.
func TestSigningIn_fromAnAllowedOrigin(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(public) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := serve(t, sharing)
			c := r.call
			maps.Copy(c.header, map[string]string{"Origin": app, "Sec-Fetch-Site": "same-site"})
			r.port(s)
			if got := s.do(t, c); got.StatusCode != r.status || got.Header.Get("Access-Control-Allow-Origin") != app {
				t.Errorf("the answer is %d %v", got.StatusCode, got.Header)
			}
		})
	}
}
