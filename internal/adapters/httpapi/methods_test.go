package httpapi_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
)

// HEAD is GET without the body, on everything that the router knows.
func TestHead_isWhereGetIs(t *testing.T) {
	t.Parallel()
	routes, err := httpapi.Routes(plainConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	byRoute := map[string]row{}
	for _, r := range rows() {
		path, _, _ := strings.Cut(r.path, "?")
		for _, route := range routes {
			if sameRoute(strings.ReplaceAll(route, ":", "{"), r.method+" "+path) {
				byRoute[route] = r
			}
		}
	}
	seen := 0
	for _, route := range routes {
		path, isGet := strings.CutPrefix(route, "GET ")
		if !isGet {
			continue
		}
		seen++
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn().raw(t)
			c := call{method: "GET", path: strings.NewReplacer(":code", "busy", ":name", "errors").Replace(path)}
			if strings.HasPrefix(path, "/api/") {
				r, ok := byRoute[route]
				if !ok {
					t.Fatal("no row shows this operation; add one")
				}
				c = r.call
				r.port(s)
				r.port(s)
				r.port(s)
				r.port(s)
			}
			for _, accept := range []string{"identity", "gzip"} {
				get, head := c.with("Accept-Encoding", accept), c.with("Accept-Encoding", accept)
				head.method = "HEAD"
				full, bare := s.do(t, get), s.do(t, head)
				if full.StatusCode != http.StatusOK || bare.StatusCode != http.StatusOK || len(full.body) == 0 || bare.body != "" {
					t.Fatalf("%s: GET is answered %d with %d bytes, HEAD %d with %d", accept, full.StatusCode, len(full.body), bare.StatusCode, len(bare.body))
				}
				if bare.ContentLength >= 0 && bare.ContentLength != int64(len(full.body)) {
					t.Errorf("%s: HEAD tells of %d bytes, GET has %d", accept, bare.ContentLength, len(full.body))
				}
				if strings.HasPrefix(path, "/api/") && accept == "identity" && bare.ContentLength < 0 {
					t.Error("HEAD does not tell the length")
				}
				for _, name := range slices.Concat(slices.Collect(maps.Keys(full.Header)), slices.Collect(maps.Keys(bare.Header))) {
					if name != "Date" && bare.Header.Get(name) != full.Header.Get(name) {
						t.Errorf("%s: %s is %q by HEAD and %q by GET", accept, name, bare.Header.Get(name), full.Header.Get(name))
					}
				}
			}
		})
	}
	if seen < 25 {
		t.Fatalf("the router knows %d addresses only", seen)
	}
}

// OPTIONS tells, on every path, what the contract says, and asks nobody who they are.
func TestOptions_tellsTheMethodsOfThePath(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for path, item := range loadSpec(t).Paths.Map() {
		filled := "/api/v1" + strings.NewReplacer("{batch_id}", batchID, "{user_id}", adaID, "{student_id}", adaID).Replace(path)
		want := []string{"OPTIONS"}
		for method := range item.Operations() {
			want = append(want, method)
			if method == http.MethodGet {
				want = append(want, http.MethodHead)
			}
		}
		slices.Sort(want)
		for _, method := range []string{"OPTIONS", "TRACE"} {
			got := s.do(t, call{method: method, path: filled}.signedOut())
			status := map[string]int{"OPTIONS": 204, "TRACE": 405}[method]
			allow := strings.Split(got.Header.Get("Allow"), ", ")
			slices.Sort(allow)
			if got.StatusCode != status || !slices.Equal(allow, want) {
				t.Errorf("%s %s is answered %d, Allow is %v, want %d, %v", method, path, got.StatusCode, allow, status, want)
			}
		}
	}
}

// How long an answer took is for developers: strangers could measure with it.
func TestServerTiming(t *testing.T) {
	t.Parallel()
	for path, status := range map[string]int{"/api/v1/me": 401, "/livez": 200, "/api/v1/nowhere": 404} {
		var asked atomic.Int64
		clock := func() time.Time { return now.Add(time.Duration(asked.Add(1)) * 1500 * time.Microsecond) }
		on := serveWith(t, clock, func(c *httpapi.Config) { c.ServerTiming = true })
		got := on.do(t, page(path))
		if v := got.Header.Get("Server-Timing"); got.StatusCode != status || !strings.HasPrefix(v, "total;dur=1.5") && !strings.HasPrefix(v, "total;dur=3") {
			t.Errorf("%s: the answer is %d, Server-Timing is %q", path, got.StatusCode, v)
		}
		if v := serve(t).do(t, page(path)).Header.Get("Server-Timing"); v != "" {
			t.Errorf("%s: Server-Timing is %q, and nobody asked for it", path, v)
		}
	}
}
