package httpapi_test

import (
	"maps"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

// Writes with a cookie are only accepted from the server's own origin.
func TestCSRF_WritesWithACookie(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(writes) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			for from, w := range servertest.Writes {
				c := r.SignedOut().With("Cookie", servertest.Cookie).With("Host", "gradus.example")
				for name, value := range w.Headers {
					c = c.With(name, value)
				}
				if !w.Accepted {
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

// Browsers never add a bearer token on their own, so such writes are accepted from anywhere.
func TestCSRF_WritesWithAToken(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(func(r row) bool { return writes(r) && !public(r) }) {
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

// A form on another site can neither sign a browser in nor register, with or without a
// cookie.
func TestCSRF_SignIn(t *testing.T) {
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
				if !w.Accepted && from != "no headers" {
					s.Do(t, c.With("Content-Type", "text/plain")).WantProblem(t, 403, "cross_origin")
					s.Do(t, c).WantProblem(t, 403, "cross_origin")
				}
			}
			r.port(s) // clients other than browsers send none of these headers
			if got := s.Do(t, r.call); got.StatusCode != r.status {
				t.Errorf("a client that is not a browser got %d %s", got.StatusCode, got.Text)
			}
		})
	}
}

// Writes with a cookie are accepted from allowed origins, but not from similar ones.
func TestCSRF_WritesWithACookie_FromAllowedOrigins(t *testing.T) {
	t.Parallel()
	for _, r := range oneRow(writes) {
		t.Run(r.operation, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, servertest.Share).SignedIn()
			c := r.SignedOut().With("Cookie", servertest.Cookie).With("Host", "gradus.example")
			accepted := map[string]map[string]string{
				"an allowed origin":                   {"Origin": servertest.App, "Sec-Fetch-Site": "same-site"},
				"an allowed origin on another site":   {"Origin": servertest.Local, "Sec-Fetch-Site": "cross-site"},
				"an allowed origin in an old browser": {"Origin": servertest.App},
				"the server's own origin":             {"Origin": servertest.Origin, "Sec-Fetch-Site": "same-origin"},
			}
			for from, headers := range accepted {
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

func TestCSRF_SignIn_FromAnAllowedOrigin(t *testing.T) {
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
