package httpapi_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

// below puts the public URL of a server below a path.
func below(prefix string) func(*httpapi.Config) {
	return func(c *httpapi.Config) { c.PublicURL = &url.URL{Scheme: "https", Host: "gradus.example", Path: prefix} }
}

// Below a path of the server's own, a proxy that removes the prefix could not be told from
// one that keeps it.
func TestPrefix_IsNoPathOfTheServer(t *testing.T) {
	t.Parallel()
	routes, err := httpapi.Routes(servertest.Config(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes {
		_, path, _ := strings.Cut(r, " ")
		first, _, _ := strings.Cut(path[1:], "/")
		if first == "" {
			continue
		}
		cfg := servertest.Config(t)
		below("/" + first)(&cfg)
		if _, err := httpapi.Routes(cfg); err == nil {
			t.Errorf("the public URL may be %s, but %s is a route", cfg.PublicURL, r)
		}
	}
}

// Every response that names a path names it as clients see it.
func TestOperations_NamePathsBelowThePrefix(t *testing.T) {
	t.Parallel()
	for name, r := range rows() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, sent := range []string{"/gradus" + r.Path, r.Path} { // the proxy may remove the prefix
				s := servertest.Start(t, below("/gradus")).SignedIn().Raw(t)
				r.port(s)
				c := r.call
				c.Path = sent
				got := s.Do(t, c)
				if got.StatusCode != r.status {
					t.Fatalf("%s returned %d: %s", sent, got.StatusCode, got.Text)
				}
				if strings.Contains(got.Text, `"/api/v1`) {
					t.Errorf("%s returned a path without the prefix: %s", sent, got.Text)
				}
				for header, want := range r.headers {
					switch {
					case strings.HasPrefix(want, "/"):
						want = "/gradus" + want
					case header == "Clear-Site-Data":
						want = "" // the origin belongs to other programs, too
					}
					if v := got.Header.Get(header); v != want {
						t.Errorf("%s is %q, want %q", header, v, want)
					}
				}
			}
		})
	}
}

func TestProblems_AreBelowThePrefix(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, below("/gradus")).Raw(t)
	for _, sent := range []string{"/gradus/api/v1/me", "/api/v1/me"} {
		p := s.Do(t, servertest.Document(sent)).WantProblem(t, 401, "unauthenticated")
		if p.Type != "/gradus/problems/unauthenticated" || p.Instance != "/gradus/api/v1/me" {
			t.Errorf("%s returned the type %s and the instance %s", sent, p.Type, p.Instance)
		}
	}
}
