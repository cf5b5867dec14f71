package httpapi_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// Short names for the tests of all operations.
type (
	server = servertest.Server
	call   = servertest.Call
)

var anything = servertest.Anything

// row is a successful call of a handler.
type row struct {
	operation string
	call
	port    func(s *server)
	status  int
	want    string // the JSON of the response
	headers map[string]string
}

// rows returns the calls of all operations by what they show.
func rows() map[string]row {
	rows := map[string]row{}
	for id, op := range operations.All() {
		for name, c := range op.Calls {
			rows[id+": "+name] = row{
				operation: id,
				call:      call{Method: c.Request.Method, Path: "/api/v1" + c.Request.Path, Body: c.Request.Body, Header: maps.Clone(c.Request.Header)},
				port:      func(s *server) { c.Ports(s.Ports) },
				status:    c.Status, want: c.Response, headers: c.Headers,
			}
		}
	}
	return rows
}

// Each operation calls its port with the request and renders the result.
func TestOperations(t *testing.T) {
	t.Parallel()
	for name, r := range rows() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t).SignedIn()
			r.port(s)
			got := s.Do(t, r.call)
			got.Want(t, r.status, r.want)
			for header, want := range r.headers {
				if v := got.Header.Get(header); v != want {
					t.Errorf("%s is %q, want %q", header, v, want)
				}
			}
		})
	}
}

func TestOperations_AllHaveACall(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for path, item := range servertest.Spec(t).Paths.Map() {
		for method, op := range item.Operations() {
			want[op.OperationID] = method + " /api/v1" + path
		}
	}
	tested := map[string]bool{}
	for name, r := range rows() {
		tested[r.operation] = true
		route, ok := want[r.operation]
		path, _, _ := strings.Cut(r.Path, "?")
		if !ok || !sameRoute(route, r.Method+" "+path) {
			t.Errorf("%q sends %s %s, which is not %s (%s)", name, r.Method, r.Path, r.operation, route)
		}
	}
	for _, op := range slices.Sorted(maps.Keys(want)) {
		if !tested[op] {
			t.Errorf("%s (%s) has no call; add one to %s", op, want[op], operations.RegistrationFile)
		}
	}
}

func sameRoute(route, request string) bool {
	return slices.EqualFunc(strings.Split(route, "/"), strings.Split(request, "/"), func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

// The routes below /api/v1 are those of the contract.
func TestRoutes_MatchTheContract(t *testing.T) {
	t.Parallel()
	routes, err := httpapi.Routes(servertest.Config(t))
	if err != nil {
		t.Fatal(err)
	}
	var described, outside []string
	for path, item := range servertest.Spec(t).Paths.Map() {
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
		t.Errorf("the contract and the routes differ:\n%v\n%v", described, routed)
	}
	want := []string{
		"GET /", "GET /account/account.js", "GET /account/email-change", "GET /account/email-undo", "GET /account/password-reset", "GET /docs", "GET /docs.md", "GET /docs/copy.js", "GET /docs/guides", "GET /docs/guides.md", "GET /docs/guides/:name",
		"GET /docs/minisearch.js", "GET /docs/operate", "GET /docs/operate.md", "GET /docs/operate/:page", "GET /docs/operations/:operation",
		"GET /docs/reference.css", "GET /docs/scalar.js", "GET /docs/search.css", "GET /docs/search.js", "GET /docs/search.json",
		"GET /docs/start.js", "GET /docs/style.css", "GET /livez", "GET /llms.txt", "GET /openapi.json", "GET /openapi.yaml",
		"GET /problems", "GET /problems.md", "GET /problems/:code", "GET /readyz",
		"GET /wakatime", "GET /wakatime/callback", "GET /wakatime/connect.css", "GET /wakatime/connect.js",
	}
	if !slices.Equal(outside, want) {
		t.Errorf("the routes outside of the API are %v, want %v", outside, want)
	}
}

// A reason that the contract does not list would make a response invalid.
func TestReasons_AreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	var listed []domain.Reason
	for _, r := range servertest.Spec(t).Components.Schemas["Reason"].Value.Enum {
		listed = append(listed, domain.Reason(fmt.Sprint(r)))
	}
	if diff := cmp.Diff(domain.Reasons(), listed); diff != "" {
		t.Errorf("the reasons of the domain and the contract differ; fix Reason in api/components/tracking.yaml (-domain +contract):\n%s", diff)
	}
}

func TestNew_AnnouncesDeprecations(t *testing.T) {
	t.Parallel()
	doc := servertest.Spec(t)
	op := doc.Paths.Value("/me").Get
	op.Deprecated = true
	op.Extensions["x-deprecated-at"], op.Extensions["x-sunset"] = "2026-10-01", "2027-06-30"
	s := servertest.Start(t)
	h, err := httpapi.NewFor(doc, servertest.Config(t), s.Ports.UseCases, s.Probes, s.Metrics, s.Events, servertest.Clock, servertest.NewID, s.Logger())
	if err != nil {
		t.Fatal(err)
	}
	s.Listen(t, h)
	if got := s.Do(t, servertest.Get("/me").SignedOut()); got.StatusCode != http.StatusUnauthorized || got.Header.Get("Deprecation") == "" {
		t.Errorf("the response is %d with %v", got.StatusCode, got.Header)
	}
}
