package httpapi_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
)

// row is one success of an operation: what is sent, what its port is called with,
// and what is answered.
type row struct {
	operation string
	call
	port    func(s *server)
	status  int
	want    string // the JSON of the answer
	headers map[string]string
}

// rows are the successes of all operations, by what they show.
func rows() map[string]row {
	all := map[string]row{}
	for _, part := range []map[string]row{
		sessionRows(), accountRows(), batchRows(), batchStaffRows(), studentRows(), connectionRows(), trackingRows(), classRows(), insightRows(),
	} {
		for name, r := range part {
			all[r.operation+": "+name] = r
		}
	}
	return all
}

// Each operation hands its port what was asked, and renders what the port says.
func TestOperations(t *testing.T) {
	t.Parallel()
	for name, r := range rows() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t).SignedIn()
			if r.port != nil {
				r.port(s)
			}
			got := s.do(t, r.call)
			got.is(t, r.status, r.want)
			for header, want := range r.headers {
				if v := got.Header.Get(header); v != want {
					t.Errorf("%s is %q, want %q", header, v, want)
				}
			}
		})
	}
}

func loadSpec(t *testing.T) *openapi3.T {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func TestOperations_allHaveARow(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for path, item := range loadSpec(t).Paths.Map() {
		for method, op := range item.Operations() {
			want[op.OperationID] = method + " /api/v1" + path
		}
	}
	tested := map[string]bool{}
	for name, r := range rows() {
		tested[r.operation] = true
		route, ok := want[r.operation]
		path, _, _ := strings.Cut(r.path, "?")
		if !ok || !sameRoute(route, r.method+" "+path) {
			t.Errorf("%q sends %s %s, which is not %s (%s)", name, r.method, r.path, r.operation, route)
		}
	}
	for _, op := range slices.Sorted(maps.Keys(want)) {
		if !tested[op] {
			t.Errorf("%s (%s) has no row in the tests; add one", op, want[op])
		}
	}
}

func sameRoute(route, request string) bool {
	return slices.EqualFunc(strings.Split(route, "/"), strings.Split(request, "/"), func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

// What the router knows below /api/v1 and what the contract describes is the same.
func TestRoutes_areTheContracts(t *testing.T) {
	t.Parallel()
	routes, err := httpapi.Routes(plainConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	var described, outside []string
	for path, item := range loadSpec(t).Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" /api/v1"+strings.NewReplacer("{", ":", "}", "").Replace(path))
		}
	}
	var routed []string
	for _, r := range routes {
		if strings.Contains(r, " /api/v1") {
			routed = append(routed, r)
		} else {
			outside = append(outside, r)
		}
	}
	slices.Sort(described)
	slices.Sort(routed)
	slices.Sort(outside)
	if !slices.Equal(described, routed) {
		t.Errorf("described and routed differ:\n%v\n%v", described, routed)
	}
	want := []string{
		"GET /", "GET /docs", "GET /docs/guides", "GET /docs/guides/:name", "GET /docs/reference.css", "GET /docs/scalar.js",
		"GET /docs/start.js", "GET /docs/style.css", "GET /livez", "GET /openapi.json", "GET /openapi.yaml", "GET /problems", "GET /problems/:code", "GET /readyz",
	}
	if !slices.Equal(outside, want) {
		t.Errorf("outside of the API there is %v, want %v", outside, want)
	}
}

// A page without a limit has as many items as the contract says.
func TestLists_haveTheLimitOfTheContract(t *testing.T) {
	t.Parallel()
	limit := loadSpec(t).Components.Parameters["Limit"].Value.Schema.Value
	if got := fmt.Sprint(limit.Default); got != fmt.Sprint(defaultLimit) {
		t.Errorf("the contract's default is %s, the tests (and page.go) say %d", got, defaultLimit)
	}
}

const defaultLimit = 50

// ago and later are instants near now, and their text.
var (
	ago   = now.Add(-time.Hour)
	later = now.Add(time.Hour)
)

const (
	agoText   = "2026-11-23T11:00:00Z"
	laterText = "2026-11-23T13:00:00Z"
)

func get(path string) call { return call{method: http.MethodGet, path: "/api/v1" + path} }

func post(path, body string) call {
	return call{method: http.MethodPost, path: "/api/v1" + path, body: body}
}

func put(path, body string) call {
	return call{method: http.MethodPut, path: "/api/v1" + path, body: body}
}

func patch(path, body string) call {
	return call{method: http.MethodPatch, path: "/api/v1" + path, body: body}
}

func del(path string) call { return call{method: http.MethodDelete, path: "/api/v1" + path} }

// with returns the call with another header; an empty value leaves it out.
func (c call) with(name, value string) call {
	header := maps.Clone(c.header)
	if header == nil {
		header = map[string]string{}
	}
	header[name] = value
	c.header = header
	return c
}

// signedOut returns the call without a credential.
func (c call) signedOut() call { return c.with("Authorization", "") }

func sortedCopy(list []string) []string { return slices.Sorted(slices.Values(list)) }
