package session_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// newRequest returns a request with these credentials and nothing else.
func newRequest(t *testing.T, s *servertest.Server, method, path string, headers ...[2]string) *http.Request {
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
		"a bearer token": {headers{{"Authorization", "Bearer " + servertest.Token}}, 200, ""},
		"a bearer token, the scheme in lower case": {headers{{"Authorization", "bearer " + servertest.Token}}, 200, ""},
		"a bearer token after two spaces":          {headers{{"Authorization", "Bearer  " + servertest.Token}}, 200, ""},
		"a cookie":                                 {headers{{"Cookie", servertest.Cookie}}, 200, ""},
		"a cookie among others":                    {headers{{"Cookie", "a=b; " + servertest.Cookie + "; c=d"}}, 200, ""},
		"nothing":                                  {nil, 401, "unauthenticated"},
		"an empty cookie":                          {headers{{"Cookie", "__Host-gradus_session="}}, 401, "unauthenticated"},
		"the insecure cookie":                      {headers{{"Cookie", "gradus_session=" + servertest.Token}}, 401, "unauthenticated"},
		"a cookie name in another case":            {headers{{"Cookie", "__host-gradus_session=" + servertest.Token}}, 401, "unauthenticated"},
		"token and cookie":                         {headers{{"Authorization", "Bearer " + servertest.Token}, {"Cookie", servertest.Cookie}}, 400, "multiple_credentials"},
		"two tokens":                               {headers{{"Authorization", "Bearer " + servertest.Token}, {"Authorization", "Bearer " + servertest.Token}}, 400, "multiple_credentials"},
		"two session cookies":                      {headers{{"Cookie", servertest.Cookie + "; __Host-gradus_session=other"}}, 400, "multiple_credentials"},
		"two session cookies in two headers":       {headers{{"Cookie", servertest.Cookie}, {"Cookie", servertest.Cookie}}, 400, "multiple_credentials"},
		"a password":                               {headers{{"Authorization", "Basic YTpi"}}, 400, "malformed_request"},
		"a scheme without a token":                 {headers{{"Authorization", "Bearer"}}, 400, "malformed_request"},
		"a scheme with a space":                    {headers{{"Authorization", "Bearer \t"}}, 400, "malformed_request"},
		"a token without a scheme":                 {headers{{"Authorization", servertest.Token}}, 400, "malformed_request"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			if tt.status == 200 {
				s.Accounts.EXPECT().Me(servertest.Anything, s.Actor).Return(operations.Me(), nil)
			}
			got := s.Send(t, newRequest(t, s, "GET", "/api/v1/me", tt.headers...))
			if tt.code == "" {
				got.Want(t, 200, operations.MeJSON)
				return
			}
			got.WantProblem(t, tt.status, tt.code)
			if tt.status == 401 && got.Header.Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
		})
	}
}

// Tokens are opaque: all are looked up, whatever they look like.
func TestTokens_AreOpaque(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"10 KB":                       strings.Repeat("A", 10<<10),
		"a JWT without signature":     "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwicm9sZSI6ImFkbWluIn0.",
		"a JWT with a path as key ID": "eyJhbGciOiJIUzI1NiIsImtpZCI6Ii9kZXYvbnVsbCJ9.eyJzdWIiOiIxIn0.c2ln",
		"a flipped bit":               "Y" + servertest.Token[1:],
		"a truncated token":           servertest.Token[:42],
		"two words":                   servertest.Token + " " + servertest.Token,
	}
	for name, typed := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t)
			s.Sessions.EXPECT().Authenticate(servertest.Anything, domain.Secret(typed)).Return(domain.Actor{}, domain.ErrUnauthenticated)
			s.Do(t, servertest.Get("/me").With("Authorization", "Bearer "+typed)).WantProblem(t, 401, "unauthenticated")
		})
	}
}

func TestAuthenticate_Failures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err    error
		status int
		code   string
	}{
		"an expired session":                   {domain.ErrSessionExpired, 401, "session_expired"},
		"an unavailable database is not a 401": {domain.ErrUnavailable, 503, "unavailable"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t)
			s.Sessions.EXPECT().Authenticate(servertest.Anything, domain.Secret(servertest.Token)).Return(domain.Actor{}, tt.err)
			s.Do(t, servertest.Get("/me")).WantProblem(t, tt.status, tt.code)
		})
	}
	t.Run("an unavailable database while signing in", func(t *testing.T) {
		t.Parallel()
		s := servertest.Start(t)
		s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.SignIn{}, domain.ErrUnavailable)
		s.Do(t, servertest.Post("/auth/login", operations.Credentials+"}").SignedOut()).WantProblem(t, 503, "unavailable")
	})
}

// Without a session nothing else about the request is reported.
func TestAuthentication_ComesFirst(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t)
	for path, item := range servertest.Spec(t).Paths.Map() {
		for method, op := range item.Operations() {
			if op.Security != nil && len(*op.Security) == 0 {
				continue
			}
			t.Run(op.OperationID, func(t *testing.T) {
				t.Parallel()
				c := servertest.Call{Method: method, Path: servertest.Fill(path)}.SignedOut()
				s.Do(t, c).WantProblem(t, 401, "unauthenticated")
				c.Path, c.Body = c.Path+"?nonsense=1", "{nonsense"
				s.Do(t, c.With("Content-Type", "text/plain")).WantProblem(t, 401, "unauthenticated")
			})
		}
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		insecure bool
		want     http.Cookie
	}{
		"the cookie is Secure, HttpOnly, and bound to the host": {
			false, http.Cookie{Name: "__Host-gradus_session", Value: "fresh-token", Path: "/", MaxAge: 3600, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode},
		},
		"the insecure cookie works over plain HTTP": {
			true, http.Cookie{Name: "gradus_session", Value: "fresh-token", Path: "/", MaxAge: 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, func(c *httpapi.Config) { c.InsecureCookies = tt.insecure }).SignedIn()
			s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything).Return(domain.SignIn{SignedIn: operations.NewSession()}, nil)
			got := s.Do(t, servertest.Post("/auth/login", operations.Credentials+`, "carrier": "cookie"}`).SignedOut()).Header.Get("Set-Cookie")
			if got != tt.want.String() || strings.Contains(got, "Domain") {
				t.Errorf("signing in sets %q, want %q", got, tt.want.String())
			}

			s.Sessions.EXPECT().Reauthenticate(servertest.Anything, s.Actor, domain.Secret("x"), servertest.Anything).Return(operations.NewSession(), nil)
			again := s.Do(t, servertest.Post("/auth/reauthentication", `{"current_password": "x"}`).SignedOut().With("Cookie", tt.want.Name+"="+servertest.Token).With("Sec-Fetch-Site", "same-origin"))
			if got := again.Header.Get("Set-Cookie"); got != tt.want.String() || strings.Contains(again.Text, "fresh-token") {
				t.Errorf("signing in again returned %s and sets %q, want %q", again.Text, got, tt.want.String())
			}

			s.Sessions.EXPECT().SignOut(servertest.Anything, s.Actor).Return(nil)
			out := s.Do(t, servertest.Post("/auth/logout", "").SignedOut().With("Cookie", tt.want.Name+"="+servertest.Token).With("Sec-Fetch-Site", "same-origin"))
			tt.want.Value, tt.want.MaxAge = "", -1
			if got := out.Header.Get("Set-Cookie"); out.StatusCode != http.StatusNoContent || got != tt.want.String() {
				t.Errorf("signing out returned %d and sets %q, want %q", out.StatusCode, got, tt.want.String())
			}
		})
	}
}

// The session of the browser ends when the new one starts.
func TestSigningIn_PassesTheCookieToTheUseCase(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header [2]string
		want   domain.Secret
	}{
		"a cookie":       {[2]string{"Cookie", servertest.Cookie}, servertest.Token},
		"a bearer token": {[2]string{"Authorization", "Bearer " + servertest.Token}, ""},
		"nothing":        {[2]string{"Accept", "*/*"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t)
			want := ports.Device{UserAgent: "curl/8", Session: tt.want}
			s.Sessions.EXPECT().SignIn(servertest.Anything, servertest.Anything, servertest.Anything, servertest.Anything, want).Return(domain.SignIn{SignedIn: operations.NewSession()}, nil)
			got := s.Do(t, servertest.Post("/auth/login", operations.Credentials+"}").SignedOut().
				With(tt.header[0], tt.header[1]).With("Sec-Fetch-Site", "same-origin").With("User-Agent", "curl/8"))
			if set := got.Header.Get("Set-Cookie"); got.StatusCode != http.StatusOK || strings.Contains(set, "Max-Age=0") != (tt.want != "") {
				t.Errorf("%d, Set-Cookie is %q", got.StatusCode, set)
			}
		})
	}
}
