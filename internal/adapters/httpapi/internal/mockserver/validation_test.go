package mockserver_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

// wrongs are ways to make a request wrong that may hit any operation. Where the
// operation takes it after all, such as a body where none is needed, the mock answers
// and nothing is compared.
var wrongs = map[string]func(c servertest.Call) servertest.Call{
	"nobody is signed in":             func(c servertest.Call) servertest.Call { return c.SignedOut() },
	"another scheme":                  func(c servertest.Call) servertest.Call { return c.With("Authorization", "Basic YTpi") },
	"a scheme without a token":        func(c servertest.Call) servertest.Call { return c.With("Authorization", "Bearer ") },
	"two credentials":                 func(c servertest.Call) servertest.Call { return c.With("Cookie", "gradus_session=x") },
	"a cookie from another site":      func(c servertest.Call) servertest.Call { return c.SignedOut().With("Origin", "https://evil.example") },
	"a cookie from nowhere":           func(c servertest.Call) servertest.Call { return c.SignedOut().With("Cookie", "gradus_session=x") },
	"HTML is wanted":                  func(c servertest.Call) servertest.Call { return c.With("Accept", "text/html") },
	"nothing is wanted":               func(c servertest.Call) servertest.Call { return c.With("Accept", "application/json;q=0") },
	"a parameter that does not exist": func(c servertest.Call) servertest.Call { return asking(c, "nonsense=1") },
	"a parameter twice":               func(c servertest.Call) servertest.Call { return asking(c, "limit=1&limit=2") },
	"limits and cursors":              func(c servertest.Call) servertest.Call { return asking(c, "limit=0&after=") },
	"a range that is none":            func(c servertest.Call) servertest.Call { return asking(c, "from=2026-02-30&to=yesterday") },
	"filters that are none": func(c servertest.Call) servertest.Call {
		return asking(c, "status=nonsense&connected=2&role=root&batch_id=x")
	},
	"a query that is no text":     func(c servertest.Call) servertest.Call { return asking(c, "search=%ff") },
	"a query with bad escapes":    func(c servertest.Call) servertest.Call { return asking(c, "search=%zz") },
	"a credential in the address": func(c servertest.Call) servertest.Call { return asking(c, "token=x") },
	"an address without an end":   func(c servertest.Call) servertest.Call { return asking(c, "search="+strings.Repeat("a", 9000)) },
	"ids that are none":           func(c servertest.Call) servertest.Call { c.Path = strings.ReplaceAll(c.Path, "01a0", "x"); return c },
	"another method":              func(c servertest.Call) servertest.Call { c.Method = "TRACE"; return c },
	"a path of nothing": func(c servertest.Call) servertest.Call {
		c.Path = strings.Replace(c.Path, "/v1/", "/v1/nonsense/", 1)
		return c
	},
	"no body":                     func(c servertest.Call) servertest.Call { c.Body = ""; return c },
	"an empty object":             func(c servertest.Call) servertest.Call { c.Body = "{}"; return c },
	"a list":                      func(c servertest.Call) servertest.Call { c.Body = "[]"; return c },
	"null":                        func(c servertest.Call) servertest.Call { c.Body = "null"; return c },
	"half a body":                 func(c servertest.Call) servertest.Call { c.Body = `{"name": `; return c },
	"two bodies":                  func(c servertest.Call) servertest.Call { c.Body += c.Body; return c },
	"a body that is too large":    func(c servertest.Call) servertest.Call { c.Body = strings.Repeat(" ", 1<<18) + "{}"; return c },
	"a key twice":                 func(c servertest.Call) servertest.Call { c.Body = `{"name": "a", "name": "b"}`; return c },
	"a fraction":                  func(c servertest.Call) servertest.Call { c.Body = `{"weekly_goal_seconds": 1.5}`; return c },
	"a field that does not exist": func(c servertest.Call) servertest.Call { c.Body = `{"nonsense": 1}`; return c },
	"fields of another type": func(c servertest.Call) servertest.Call {
		c.Body = `{"name": 1, "email": 2, "password": [], "role": "root", "time_zone": {}, "starts_on": "x", "seats": "1", "expires_at": 0}`
		return c
	},
	"texts that are too long": func(c servertest.Call) servertest.Call {
		long := strings.Repeat("x", 5000)
		c.Body = `{"name": "` + long + `", "api_key": "` + long + `", "registration_key": "` + long + `", "code": "` + long + `"}`
		return c
	},
	"NUL": func(c servertest.Call) servertest.Call { c.Body = `{"name": "\u0000"}`; return c },
	"a form": func(c servertest.Call) servertest.Call {
		return c.With("Content-Type", "application/x-www-form-urlencoded")
	},
	"no type":       func(c servertest.Call) servertest.Call { return c.With("Content-Type", "") },
	"packed bodies": func(c servertest.Call) servertest.Call { return c.With("Content-Encoding", "gzip") },
}

// asking returns the call with more in its query.
func asking(c servertest.Call, query string) servertest.Call {
	c.Path += "?" + query
	return c
}

// What the mock refuses, the real server refuses in the same words, and the other way
// round: the mock has no opinion of its own. Each request that fits is spoiled in each
// way. A port that is called because only the mock refuses fails the test.
func TestMock_RefusesWhatTheServerRefuses(t *testing.T) {
	t.Parallel()
	alike := func(c *httpapi.Config) {
		c.InsecureCookies = true
		c.PublicURL, _ = url.Parse(servertest.MockOrigin)
	}
	mocked := servertest.StartMock(t)
	for name, d := range operations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, refused := servertest.Start(t, alike).SignedIn(), 0
			for wrong, spoil := range wrongs {
				c := spoil(d.call)
				got := mocked.Do(t, c)
				if got.StatusCode < http.StatusBadRequest {
					continue
				}
				refused++
				want := server.Do(t, c)
				if diff := cmp.Diff(refusalOf(t, want), refusalOf(t, got), cmpopts.SortSlices(func(a, b servertest.Field) bool { return a.String() < b.String() })); diff != "" {
					t.Errorf("%s (-server +mock):\n%s", wrong, diff)
				}
			}
			if refused < 10 {
				t.Errorf("only %d ways spoil this request", refused)
			}
		})
	}
}

// refusal is what a client sees of a failure, but for what no two requests share.
type refusal struct {
	Problem servertest.Problem

	Allow, WWWAuthenticate, RetryAfter, Connection, Type string
}

func refusalOf(t *testing.T, r servertest.Response) refusal {
	t.Helper()
	got := refusal{
		Allow: r.Header.Get("Allow"), WWWAuthenticate: r.Header.Get("WWW-Authenticate"), RetryAfter: r.Header.Get("Retry-After"),
		Connection: r.Header.Get("Connection"), Type: r.Header.Get("Content-Type"),
	}
	if err := json.Unmarshal([]byte(r.Text), &got.Problem); err != nil {
		t.Fatalf("the answer %d is no problem: %s", r.StatusCode, r.Text)
	}
	return got
}
