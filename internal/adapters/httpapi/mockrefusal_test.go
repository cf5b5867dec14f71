package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
)

// wrongs are ways to make a request wrong that may hit any operation. Where the
// operation takes it after all, such as a body where none is needed, the mock answers
// and nothing is compared.
var wrongs = map[string]func(c call) call{
	"nobody is signed in":             func(c call) call { return c.signedOut() },
	"another scheme":                  func(c call) call { return c.with("Authorization", "Basic YTpi") },
	"a scheme without a token":        func(c call) call { return c.with("Authorization", "Bearer ") },
	"two credentials":                 func(c call) call { return c.with("Cookie", "gradus_session=x") },
	"a cookie from another site":      func(c call) call { return c.signedOut().with("Origin", "https://evil.example") },
	"a cookie from nowhere":           func(c call) call { return c.signedOut().with("Cookie", "gradus_session=x") },
	"HTML is wanted":                  func(c call) call { return c.with("Accept", "text/html") },
	"nothing is wanted":               func(c call) call { return c.with("Accept", "application/json;q=0") },
	"a parameter that does not exist": func(c call) call { return c.asking("nonsense=1") },
	"a parameter twice":               func(c call) call { return c.asking("limit=1&limit=2") },
	"limits and cursors":              func(c call) call { return c.asking("limit=0&after=") },
	"a range that is none":            func(c call) call { return c.asking("from=2026-02-30&to=yesterday") },
	"filters that are none":           func(c call) call { return c.asking("status=nonsense&connected=2&role=root&batch_id=x") },
	"a query that is no text":         func(c call) call { return c.asking("search=%ff") },
	"a query with bad escapes":        func(c call) call { return c.asking("search=%zz") },
	"a credential in the address":     func(c call) call { return c.asking("token=x") },
	"an address without an end":       func(c call) call { return c.asking("search=" + strings.Repeat("a", 9000)) },
	"ids that are none":               func(c call) call { c.path = strings.ReplaceAll(c.path, "01a0", "x"); return c },
	"another method":                  func(c call) call { c.method = "TRACE"; return c },
	"a path of nothing":               func(c call) call { c.path = strings.Replace(c.path, "/v1/", "/v1/nonsense/", 1); return c },
	"no body":                         func(c call) call { c.body = ""; return c },
	"an empty object":                 func(c call) call { c.body = "{}"; return c },
	"a list":                          func(c call) call { c.body = "[]"; return c },
	"null":                            func(c call) call { c.body = "null"; return c },
	"half a body":                     func(c call) call { c.body = `{"name": `; return c },
	"two bodies":                      func(c call) call { c.body += c.body; return c },
	"a body that is too large":        func(c call) call { c.body = strings.Repeat(" ", 1<<18) + "{}"; return c },
	"a key twice":                     func(c call) call { c.body = `{"name": "a", "name": "b"}`; return c },
	"a fraction":                      func(c call) call { c.body = `{"weekly_goal_seconds": 1.5}`; return c },
	"a field that does not exist":     func(c call) call { c.body = `{"nonsense": 1}`; return c },
	"fields of another type": func(c call) call {
		c.body = `{"name": 1, "email": 2, "password": [], "role": "root", "time_zone": {}, "starts_on": "x", "seats": "1", "expires_at": 0}`
		return c
	},
	"texts that are too long": func(c call) call {
		long := strings.Repeat("x", 5000)
		c.body = `{"name": "` + long + `", "api_key": "` + long + `", "registration_key": "` + long + `", "code": "` + long + `"}`
		return c
	},
	"NUL":           func(c call) call { c.body = `{"name": "\u0000"}`; return c },
	"a form":        func(c call) call { return c.with("Content-Type", "application/x-www-form-urlencoded") },
	"no type":       func(c call) call { return c.with("Content-Type", "") },
	"packed bodies": func(c call) call { return c.with("Content-Encoding", "gzip") },
}

// asking returns the call with more in its query.
func (c call) asking(query string) call {
	c.path += "?" + query
	return c
}

// What the mock refuses, the real server refuses in the same words, and the other way
// round: the mock has no opinion of its own. Each request that fits is spoiled in each
// way. A port that is called because only the mock refuses fails the test.
func TestMock_refusesWhatTheServerRefuses(t *testing.T) {
	t.Parallel()
	alike := func(c *httpapi.Config) {
		c.InsecureCookies = true
		c.PublicURL, _ = url.Parse(mockOrigin)
	}
	mocked := serveMock(t)
	for name, d := range operations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, refused := serve(t, alike).SignedIn(), 0
			for wrong, spoil := range wrongs {
				c := spoil(d.call)
				got := mocked.do(t, c)
				if got.StatusCode < http.StatusBadRequest {
					continue
				}
				refused++
				want := server.do(t, c)
				if diff := cmp.Diff(refusalOf(t, want), refusalOf(t, got), cmpopts.SortSlices(func(a, b field) bool { return a.String() < b.String() })); diff != "" {
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
	Problem problem

	Allow, WWWAuthenticate, RetryAfter, Connection, Type string
}

func refusalOf(t *testing.T, r reply) refusal {
	t.Helper()
	got := refusal{
		Allow: r.Header.Get("Allow"), WWWAuthenticate: r.Header.Get("WWW-Authenticate"), RetryAfter: r.Header.Get("Retry-After"),
		Connection: r.Header.Get("Connection"), Type: r.Header.Get("Content-Type"),
	}
	if err := json.Unmarshal([]byte(r.body), &got.Problem); err != nil {
		t.Fatalf("the answer %d is no problem: %s", r.StatusCode, r.body)
	}
	return got
}

// What the server answers with success, the mock does too, and it points to the same
// place; only the ids are those of the examples.
func TestMock_takesWhatTheServerTakes(t *testing.T) {
	t.Parallel()
	mocked := serveMock(t)
	ids := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	for name, r := range rows() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mocked.do(t, r.call)
			if got.StatusCode == http.StatusUnprocessableEntity && strings.Contains(r.path, "after=") {
				got.refused(t, 422, "invalid_cursor") // the mock has cursors of its own
				return
			}
			if got.StatusCode != r.status {
				t.Fatalf("the mock answers %d %s, the server %d", got.StatusCode, got.body, r.status)
			}
			want, where := r.headers["Location"], got.Header.Get("Location")
			if want != "" && ids.ReplaceAllString(want, "ID") != ids.ReplaceAllString(where, "ID") {
				t.Errorf("Location of the mock is %q, of the server %q", where, want)
			}
		})
	}
}
