package contract_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/gradus-dev/gradus/internal/democlass/classtest"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	contractkit "github.com/gradus-dev/gradus/internal/testkit/contract"
	"github.com/gradus-dev/gradus/internal/testkit/fixture"
)

type (
	object  = apiclient.Object
	session = apiclient.Session
	values  = fixture.Values
)

// env is the target with the users of one test.
type env struct {
	t      *testing.T
	spec   *spec
	client apiclient.Client  // of an anonymous caller
	server *classtest.Server // nil when the target is a deployment
	users  map[string]session
	own    map[string]values // by role: IDs of objects that concern the user of the role
	others map[string]values // and of objects that do not
}

// request is a request for an operation. The zero value sends no parameters and no body.
type request struct {
	values values
	query  string
	header http.Header
	body   any // sent as JSON, unless it is []byte
}

func newEnv(t *testing.T, server *classtest.Server) *env {
	t.Helper()
	s := loadSpec(t)
	e := &env{t: t, spec: s, server: server, users: map[string]session{}, own: map[string]values{}, others: map[string]values{}}
	url := theTarget.url
	if server != nil {
		url = server.URL
	}
	e.client = apiclient.New(t, url, checkedClient)
	e.client.Observe = func(res apiclient.Response) { theCoverage.record(s, res) }
	if server != nil {
		e.client.Log, e.client.Now = server.Log.Of, server.Clock.Now
	}
	return e
}

// checkedClient returns a client that checks every response against the contract. What
// violates it fails the test and is reported.
func checkedClient(tb testing.TB) *http.Client {
	tb.Helper()
	return contractkit.Client(reporter{tb})
}

// reporter records the failures of its test in the report.
type reporter struct{ testing.TB }

// Errorf fails the test.
func (r reporter) Errorf(format string, args ...any) {
	r.Helper()
	theCoverage.violation(format, args...)
	r.TB.Errorf(format, args...)
}

// errorf reports that the server violates the contract.
func (e *env) errorf(format string, args ...any) {
	e.t.Helper()
	reporter{e.t}.Errorf(format, args...)
}

// in returns the env for a subtest.
func (e *env) in(t *testing.T) *env {
	t.Helper()
	c := *e
	c.t, c.client = t, e.client.In(t)
	return &c
}

// as returns the client of a user.
func (e *env) as(user session) apiclient.Client { return e.client.As(user) }

// do sends a request for an operation.
func (e *env) do(id string, caller session, r request) apiclient.Response {
	e.t.Helper()
	op, ok := e.spec.byID[id]
	if !ok {
		e.t.Fatalf("the contract has no operation %s", id)
	}
	if !theTarget.writes && !op.safe() {
		e.t.Fatalf("%s is a write, and the target is read-only", id)
	}
	res := e.send(op.method, fixture.Path(e.t, op.path, r.values), op.media(), caller, r)
	if res.Status == http.StatusInternalServerError {
		e.t.Logf("%s returned 500. The server logged:\n%s", id, res.Log())
	}
	return res
}

// send sends a request to a path.
func (e *env) send(method, path, media string, caller session, r request) apiclient.Response {
	e.t.Helper()
	if r.query != "" {
		path += "?" + r.query
	}
	return e.as(caller).Do(apiclient.Request{Method: method, Path: path, Body: r.body, MediaType: media, Header: r.header})
}

// must sends a request that the rest of the test depends on.
func (e *env) must(id string, caller session, r request) {
	e.t.Helper()
	res := e.do(id, caller, r)
	if !res.OK() {
		e.errorf("%s by %s returned %d: %s", id, role(caller), res.Status, res.Body)
		e.t.FailNow()
	}
}

// rejected sends a request and reports a response without the problem code.
func (e *env) rejected(id string, caller session, r request, code string) apiclient.Response {
	e.t.Helper()
	res := e.do(id, caller, r)
	if res.Code() != code {
		e.errorf("%s by %s returned %d %s, want %s: %.300s", id, role(caller), res.Status, res.Code(), code, res.Body)
	}
	return res
}

func role(s session) string {
	if s.Token == "" {
		return "anonymous"
	}
	return s.Role
}

// with returns a request that also sends a header.
func (r request) with(name, value string) request {
	r.header = maps.Clone(r.header)
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
	return r
}

func (r request) withQuery(query string) request {
	r.query = query
	return r
}

func (r request) withBody(body string) request {
	r.body = []byte(body)
	return r
}
