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

// mutations make a request invalid for most operations. If the operation accepts it anyway,
// such as a body where none is expected, nothing is compared.
var mutations = map[string]func(c servertest.Call) servertest.Call{
	"no session":                  func(c servertest.Call) servertest.Call { return c.SignedOut() },
	"another scheme":              func(c servertest.Call) servertest.Call { return c.With("Authorization", "Basic YTpi") },
	"a scheme without a token":    func(c servertest.Call) servertest.Call { return c.With("Authorization", "Bearer ") },
	"two credentials":             func(c servertest.Call) servertest.Call { return c.With("Cookie", "gradus_session=x") },
	"another origin":              func(c servertest.Call) servertest.Call { return c.SignedOut().With("Origin", "https://evil.example") },
	"a cookie without an origin":  func(c servertest.Call) servertest.Call { return c.SignedOut().With("Cookie", "gradus_session=x") },
	"Accept: text/html":           func(c servertest.Call) servertest.Call { return c.With("Accept", "text/html") },
	"Accept: q=0":                 func(c servertest.Call) servertest.Call { return c.With("Accept", "application/json;q=0") },
	"an unknown parameter":        func(c servertest.Call) servertest.Call { return withQuery(c, "nonsense=1") },
	"a repeated parameter":        func(c servertest.Call) servertest.Call { return withQuery(c, "limit=1&limit=2") },
	"an invalid limit and cursor": func(c servertest.Call) servertest.Call { return withQuery(c, "limit=0&after=") },
	"an invalid range":            func(c servertest.Call) servertest.Call { return withQuery(c, "from=2026-02-30&to=yesterday") },
	"invalid filters": func(c servertest.Call) servertest.Call {
		return withQuery(c, "status=nonsense&connected=2&role=root&batch_id=x")
	},
	"a query that is not UTF-8":             func(c servertest.Call) servertest.Call { return withQuery(c, "search=%ff") },
	"a query with invalid percent-encoding": func(c servertest.Call) servertest.Call { return withQuery(c, "search=%zz") },
	"a credential in the URL":               func(c servertest.Call) servertest.Call { return withQuery(c, "token=x") },
	"a long URL":                            func(c servertest.Call) servertest.Call { return withQuery(c, "search="+strings.Repeat("a", 9000)) },
	"invalid IDs":                           func(c servertest.Call) servertest.Call { c.Path = strings.ReplaceAll(c.Path, "01a0", "x"); return c },
	"another method":                        func(c servertest.Call) servertest.Call { c.Method = "TRACE"; return c },
	"an unknown path": func(c servertest.Call) servertest.Call {
		c.Path = strings.Replace(c.Path, "/v1/", "/v1/nonsense/", 1)
		return c
	},
	"no body":                  func(c servertest.Call) servertest.Call { c.Body = ""; return c },
	"an empty object":          func(c servertest.Call) servertest.Call { c.Body = "{}"; return c },
	"a list":                   func(c servertest.Call) servertest.Call { c.Body = "[]"; return c },
	"null":                     func(c servertest.Call) servertest.Call { c.Body = "null"; return c },
	"a truncated body":         func(c servertest.Call) servertest.Call { c.Body = `{"name": `; return c },
	"two bodies":               func(c servertest.Call) servertest.Call { c.Body += c.Body; return c },
	"a body that is too large": func(c servertest.Call) servertest.Call { c.Body = strings.Repeat(" ", 1<<18) + "{}"; return c },
	"a duplicate key":          func(c servertest.Call) servertest.Call { c.Body = `{"name": "a", "name": "b"}`; return c },
	"a fraction":               func(c servertest.Call) servertest.Call { c.Body = `{"weekly_goal_seconds": 1.5}`; return c },
	"an unknown field":         func(c servertest.Call) servertest.Call { c.Body = `{"nonsense": 1}`; return c },
	"fields of the wrong type": func(c servertest.Call) servertest.Call {
		c.Body = `{"name": 1, "email": 2, "password": [], "role": "root", "time_zone": {}, "starts_on": "x", "seats": "1", "expires_at": 0}`
		return c
	},
	"strings that are too long": func(c servertest.Call) servertest.Call {
		long := strings.Repeat("x", 5000)
		c.Body = `{"name": "` + long + `", "api_key": "` + long + `", "registration_key": "` + long + `", "code": "` + long + `"}`
		return c
	},
	"NUL": func(c servertest.Call) servertest.Call { c.Body = `{"name": "\u0000"}`; return c },
	"a form": func(c servertest.Call) servertest.Call {
		return c.With("Content-Type", "application/x-www-form-urlencoded")
	},
	"no Content-Type":   func(c servertest.Call) servertest.Call { return c.With("Content-Type", "") },
	"a compressed body": func(c servertest.Call) servertest.Call { return c.With("Content-Encoding", "gzip") },
}

// withQuery returns the call with a query.
func withQuery(c servertest.Call, query string) servertest.Call {
	c.Path += "?" + query
	return c
}

// The mock and the real server reject the same requests with the same problems. If only the
// mock rejects a request, the server calls a port without expectations, which fails the test.
func TestMock_RejectsWhatTheServerRejects(t *testing.T) {
	t.Parallel()
	alike := func(c *httpapi.Config) {
		c.InsecureCookies = true
		c.PublicURL, _ = url.Parse(servertest.MockOrigin)
	}
	mocked := servertest.StartMock(t)
	for name, d := range specOperations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, rejected := servertest.Start(t, alike).SignedIn(), 0
			for name, mutate := range mutations {
				c := mutate(d.call)
				got := mocked.Do(t, c)
				if got.StatusCode < http.StatusBadRequest {
					continue
				}
				rejected++
				want := server.Do(t, c)
				if diff := cmp.Diff(rejectionOf(t, want), rejectionOf(t, got), cmpopts.SortSlices(func(a, b servertest.Field) bool { return a.String() < b.String() })); diff != "" {
					t.Errorf("%s (-server +mock):\n%s", name, diff)
				}
			}
			if rejected < 10 {
				t.Errorf("only %d mutations make the request invalid", rejected)
			}
		})
	}
}

// rejection is the part of a problem response that is equal for equal requests.
type rejection struct {
	Problem servertest.Problem

	Allow, WWWAuthenticate, RetryAfter, Connection, Type string
}

func rejectionOf(t *testing.T, r servertest.Response) rejection {
	t.Helper()
	got := rejection{
		Allow: r.Header.Get("Allow"), WWWAuthenticate: r.Header.Get("WWW-Authenticate"), RetryAfter: r.Header.Get("Retry-After"),
		Connection: r.Header.Get("Connection"), Type: r.Header.Get("Content-Type"),
	}
	if err := json.Unmarshal([]byte(r.Text), &got.Problem); err != nil {
		t.Fatalf("the response %d is not a problem: %s", r.StatusCode, r.Text)
	}
	return got
}
