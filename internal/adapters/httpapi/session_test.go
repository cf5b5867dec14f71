package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
)

const cookie = "__Host-gradus_session=" + token

// sent is a request with these credentials and nothing else.
func (s *server) sent(t *testing.T, method, path string, headers ...[2]string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		req.Header.Add(h[0], h[1])
	}
	return req
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	type headers = [][2]string
	tests := map[string]struct {
		headers headers
		status  int
		code    string // of the problem; empty for success
	}{
		"a bearer token": {headers{{"Authorization", "Bearer " + token}}, 200, ""},
		"a bearer token, the scheme in lower case": {headers{{"Authorization", "bearer " + token}}, 200, ""},
		"a bearer token after two spaces":          {headers{{"Authorization", "Bearer  " + token}}, 200, ""},
		"a cookie":                                 {headers{{"Cookie", cookie}}, 200, ""},
		"a cookie among others":                    {headers{{"Cookie", "a=b; " + cookie + "; c=d"}}, 200, ""},
		"nothing":                                  {nil, 401, "unauthenticated"},
		"an empty cookie":                          {headers{{"Cookie", "__Host-gradus_session="}}, 401, "unauthenticated"},
		"a cookie by the name of the insecure one": {headers{{"Cookie", "gradus_session=" + token}}, 401, "unauthenticated"},
		"a cookie by a name in another case":       {headers{{"Cookie", "__host-gradus_session=" + token}}, 401, "unauthenticated"},
		"token and cookie":                         {headers{{"Authorization", "Bearer " + token}, {"Cookie", cookie}}, 400, "malformed_request"},
		"two tokens":                               {headers{{"Authorization", "Bearer " + token}, {"Authorization", "Bearer " + token}}, 400, "malformed_request"},
		"two cookies of one name":                  {headers{{"Cookie", cookie + "; __Host-gradus_session=other"}}, 400, "malformed_request"},
		"two cookies of one name in two headers":   {headers{{"Cookie", cookie}, {"Cookie", cookie}}, 400, "malformed_request"},
		"a password":                               {headers{{"Authorization", "Basic YTpi"}}, 400, "malformed_request"},
		"a scheme without a token":                 {headers{{"Authorization", "Bearer"}}, 400, "malformed_request"},
		"a scheme with a space":                    {headers{{"Authorization", "Bearer \t"}}, 400, "malformed_request"},
		"a token without a scheme":                 {headers{{"Authorization", token}}, 400, "malformed_request"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn()
			if tt.status == 200 {
				s.Accounts.EXPECT().Me(anything, s.Actor).Return(me(), nil)
			}
			got := s.send(t, s.sent(t, "GET", "/api/v1/me", tt.headers...))
			if tt.code == "" {
				got.is(t, 200, meJSON)
				return
			}
			got.refused(t, tt.status, tt.code)
			if tt.status == 401 && got.Header.Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
		})
	}
}

// Tokens are opaque: whatever looks like more is looked up like any other, in full.
func TestTokens_areNotLookedInto(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"10 KB":                   strings.Repeat("A", 10<<10),
		"a JWT without signature": "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwicm9sZSI6ImFkbWluIn0.",
		"a JWT with a key's path": "eyJhbGciOiJIUzI1NiIsImtpZCI6Ii9kZXYvbnVsbCJ9.eyJzdWIiOiIxIn0.c2ln",
		"a bit flipped":           "Y" + token[1:],
		"cut short":               token[:42],
		"two words":               token + " " + token,
	}
	for name, typed := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			s.Sessions.EXPECT().Authenticate(anything, domain.Secret(typed)).Return(domain.Actor{}, domain.ErrUnauthenticated)
			s.do(t, get("/me").with("Authorization", "Bearer "+typed)).refused(t, 401, "unauthenticated")
		})
	}
}

func TestAuthenticate_failures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err    error
		status int
		code   string
	}{
		"a session that is over":                 {domain.ErrSessionExpired, 401, "session_expired"},
		"a database that is down is never a 401": {domain.ErrUnavailable, 503, "unavailable"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			s.Sessions.EXPECT().Authenticate(anything, domain.Secret(token)).Return(domain.Actor{}, tt.err)
			s.do(t, get("/me")).refused(t, tt.status, tt.code)
		})
	}
	t.Run("a database that is down while signing in", func(t *testing.T) {
		t.Parallel()
		s := serve(t)
		s.Sessions.EXPECT().SignIn(anything, anything, anything, anything, anything).Return(domain.SignedIn{}, domain.ErrUnavailable)
		s.do(t, post("/auth/login", credentials+"}").signedOut()).refused(t, 503, "unavailable")
	})
}

// Who is not signed in learns nothing but that, whatever else is wrong.
func TestAuthentication_comesFirst(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(func(r row) bool { return !public(r) }) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			s.do(t, r.signedOut()).refused(t, 401, "unauthenticated")
			wrong := call{method: r.method, path: r.path + "?nonsense=1", body: "{nonsense", header: map[string]string{"Content-Type": "text/plain"}}
			s.do(t, wrong.signedOut()).refused(t, 401, "unauthenticated")
		})
	}
}

func public(r row) bool { return r.operation == "SignIn" || r.operation == "Register" }

// A browser that holds a dead cookie can still sign in.
func TestPublicOperations_ignoreADeadCookie(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(public) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := serve(t) // asks nobody who it is
			r.port(s)
			got := s.do(t, r.with("Cookie", "__Host-gradus_session=dead").with("Sec-Fetch-Site", "same-origin"))
			if got.StatusCode != r.status {
				t.Errorf("the answer is %d %s", got.StatusCode, got.body)
			}
		})
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		insecure bool
		want     http.Cookie
	}{
		"is held by the host alone, over TLS alone, and from scripts": {
			false, http.Cookie{Name: "__Host-gradus_session", Value: "fresh-token", Path: "/", MaxAge: 3600, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode},
		},
		"travels over plain HTTP where the operator says so": {
			true, http.Cookie{Name: "gradus_session", Value: "fresh-token", Path: "/", MaxAge: 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, func(c *httpapi.Config) { c.InsecureCookies = tt.insecure }).SignedIn()
			s.Sessions.EXPECT().SignIn(anything, anything, anything, anything, anything).Return(signedIn(), nil)
			got := s.do(t, post("/auth/login", credentials+`, "carrier": "cookie"}`).signedOut()).Header.Get("Set-Cookie")
			if got != tt.want.String() || strings.Contains(got, "Domain") {
				t.Errorf("signing in sets %q, want %q", got, tt.want.String())
			}

			s.Sessions.EXPECT().SignOut(anything, s.Actor).Return(nil)
			out := s.do(t, post("/auth/logout", "").signedOut().with("Cookie", tt.want.Name+"="+token).with("Sec-Fetch-Site", "same-origin"))
			tt.want.Value, tt.want.MaxAge = "", -1
			if got := out.Header.Get("Set-Cookie"); out.StatusCode != http.StatusNoContent || got != tt.want.String() {
				t.Errorf("signing out is answered with %d and sets %q, want %q", out.StatusCode, got, tt.want.String())
			}
		})
	}
}
