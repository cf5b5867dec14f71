package httpapi_test

import (
	"maps"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

// Every write with a cookie, from everywhere: only the site itself gets through.
func TestWritesWithACookie(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(mutates) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			for from, w := range servertest.Writes {
				c := r.SignedOut().With("Cookie", servertest.Cookie).With("Host", "gradus.example")
				for name, value := range w.Headers {
					c = c.With(name, value)
				}
				if !w.Passes {
					s.Do(t, c).WantProblem(t, 403, "cross_origin")
					continue
				}
				r.port(s)
				if got := s.Do(t, c); got.StatusCode != r.status {
					t.Errorf("%s returned %d %s", from, got.StatusCode, got.Text)
				}
			}
		})
	}
}

// No browser adds a bearer token by itself, so where the write comes from is nothing to us.
func TestWritesWithAToken_ComeFromAnywhere(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(func(r row) bool { return mutates(r) && !public(r) }) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			for from, w := range servertest.Writes {
				c := r.call
				for name, value := range w.Headers {
					c = c.With(name, value)
				}
				r.port(s)
				if got := s.Do(t, c); got.StatusCode != r.status {
					t.Errorf("%s returned %d %s", from, got.StatusCode, got.Text)
				}
			}
		})
	}
}

// A form on another site cannot sign a browser in or make an account, cookie or not.
func TestSigningIn_FromElsewhere(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(public) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t)
			for from, w := range servertest.Writes {
				c := r.call
				for name, value := range w.Headers {
					c = c.With(name, value)
				}
				if !w.Passes && from != "nobody" {
					s.Do(t, c.With("Content-Type", "text/plain")).WantProblem(t, 403, "cross_origin")
					s.Do(t, c).WantProblem(t, 403, "cross_origin")
				}
			}
			r.port(s) // a program sends none of these headers
			if got := s.Do(t, r.call); got.StatusCode != r.status {
				t.Errorf("a program returned %d %s", got.StatusCode, got.Text)
			}
		})
	}
}

// Writes with a cookie from a page of an allowed origin are as good as our own; a
// page that looks like one is refused, as ever.
func TestWritesWithACookie_FromAllowedOrigins(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(mutates) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, servertest.Share).SignedIn()
			c := r.SignedOut().With("Cookie", servertest.Cookie).With("Host", "gradus.example")
			ours := map[string]map[string]string{
				"an allowed origin":                     {"Origin": servertest.App, "Sec-Fetch-Site": "same-site"},
				"an allowed origin of another site":     {"Origin": servertest.Local, "Sec-Fetch-Site": "cross-site"},
				"an allowed origin in an old browser":   {"Origin": servertest.App},
				"the site itself, which needs no entry": {"Origin": servertest.Origin, "Sec-Fetch-Site": "same-origin"},
			}
			for from, headers := range ours {
				c := c
				for name, value := range headers {
					c = c.With(name, value)
				}
				r.port(s)
				if got := s.Do(t, c); got.StatusCode != r.status {
					t.Errorf("%s returned %d %s", from, got.StatusCode, got.Text)
				}
			}
			for _, from := range servertest.Strangers {
				s.Do(t, c.With("Origin", from).With("Sec-Fetch-Site", "same-site")).WantProblem(t, 403, "cross_origin")
				s.Do(t, c.With("Origin", from)).WantProblem(t, 403, "cross_origin")
			}
		})
	}
}

// Signing in from an allowed origin works, with a cookie too.
func TestSigningIn_FromAnAllowedOrigin(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(public) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, servertest.Share)
			c := r.call
			maps.Copy(c.Header, map[string]string{"Origin": servertest.App, "Sec-Fetch-Site": "same-site"})
			r.port(s)
			if got := s.Do(t, c); got.StatusCode != r.status || got.Header.Get("Access-Control-Allow-Origin") != servertest.App {
				t.Errorf("the response is %d %v", got.StatusCode, got.Header)
			}
		})
	}
}
