package contract_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

// nonsense is a query parameter that no operation has.
const nonsense = "no_such_parameter=1"

// pass is something that is done to every operation of a kind.
type pass struct {
	to   func(operation) bool
	code string // of the problem that everybody is to be answered
	make func(s *stage, op operation, c call) call
	by   func(s *stage, p person) person // instead of who may
}

func every(operation) bool      { return true }
func withBody(o operation) bool { return o.RequestBody != nil }
func signedIn(o operation) bool { return !o.public() }
func writing(o operation) bool  { return !o.safe() }
func paged(o operation) bool    { return o.takes("query", "after") }

func (c call) with(name, value string) call {
	c.header = http.Header{name: {value}}
	return c
}

func (c call) ask(query string) call {
	c.query = query
	return c
}

func (c call) say(body string) call {
	c.body = []byte(body)
	return c
}

func nobody(*stage, person) person { return person{} }

// passes are the refusals that all operations have in common.
var passes = map[string]pass{
	"broken JSON is refused": {to: withBody, code: "malformed_request", make: func(_ *stage, _ operation, c call) call {
		return c.say(`{"name":`)
	}},
	"an Authorization header without a bearer token is refused": {to: signedIn, code: "malformed_request", make: func(_ *stage, _ operation, c call) call {
		return c.with("Authorization", "Basic Y29udHJhY3Q6dGVzdA==")
	}},
	"who is not signed in is told": {to: signedIn, code: "unauthenticated", by: nobody, make: func(_ *stage, _ operation, c call) call { return c }},
	"a token that is none is refused": {to: signedIn, code: "unauthenticated", make: func(_ *stage, _ operation, c call) call {
		return c.with("Authorization", "Bearer "+strings.Repeat("a", 43))
	}},
	"a write from another site is refused": {to: writing, code: "cross_origin", by: nobody, make: func(_ *stage, _ operation, c call) call {
		return c.with("Sec-Fetch-Site", "cross-site")
	}},
	"a query parameter that does not exist is refused": {to: every, code: "invalid_request", make: func(_ *stage, _ operation, c call) call {
		return c.ask(nonsense)
	}},
	"a body that is too large is refused": {to: withBody, code: "payload_too_large", make: func(_ *stage, _ operation, c call) call {
		c.body = bytes.Join([][]byte{[]byte(`{"name":"`), bytes.Repeat([]byte("x"), 1<<20), []byte(`"}`)}, nil)
		return c
	}},
	"a body of another type is refused": {to: withBody, code: "unsupported_media_type", make: func(_ *stage, _ operation, c call) call {
		return c.with("Content-Type", "text/plain")
	}},
	"who takes no JSON is refused": {to: every, code: "not_acceptable", make: func(_ *stage, _ operation, c call) call {
		return c.with("Accept", "text/csv")
	}},
	"an address without end is refused": {to: every, code: "uri_too_long", make: func(_ *stage, _ operation, c call) call {
		return c.ask("search=" + strings.Repeat("x", 9<<10))
	}},
	"a cursor of nothing is refused": {to: paged, code: "invalid_cursor", make: func(_ *stage, _ operation, c call) call {
		return c.ask("after=nothing")
	}},
}

// What every operation refuses alike.
func testPasses(t *testing.T) {
	t.Helper()
	s := visitOrBuild(t)
	for name, p := range passes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s.in(t)
			s.each(p.to, func(op operation, caller person) {
				c := p.make(s, op, s.plain(op, caller))
				if p.by != nil {
					caller = p.by(s, caller)
				}
				s.refused(op.OperationID, caller, c, p.code)
			})
		})
	}
}

// in returns the stage for a subtest.
func (s *stage) in(t *testing.T) *stage {
	t.Helper()
	c := *s
	c.t, c.http = t, checkedClient(t)
	return &c
}

// visitOrBuild returns a stage of one's own where that may be.
func visitOrBuild(t *testing.T) *stage {
	t.Helper()
	if theTarget.writes {
		return build(t)
	}
	return visit(t)
}

// each calls do for the operations of a kind, with somebody who may. Where nothing may
// be changed it passes writes over.
func (s *stage) each(to func(operation) bool, do func(op operation, caller person)) {
	s.t.Helper()
	for _, op := range s.book.operations {
		caller, there := s.caller(op)
		if to(op) && there && (theTarget.writes || op.safe()) {
			do(op, caller)
		}
	}
}

// What is not there is told of every id.
func testMissing(t *testing.T) {
	t.Helper()
	s := visitOrBuild(t)
	s.each(every, func(op operation, caller person) {
		for _, name := range op.pathParams() {
			c := s.plain(op, caller)
			c.values = values{name: missing()[name]}
			for other, value := range s.mine[caller.role] {
				if other != name {
					c.values[other] = value
				}
			}
			a := s.do(op.OperationID, caller, c)
			if a.status != http.StatusNotFound {
				s.errorf("%s on a %s that does not exist answered %d: %.300s", op.OperationID, name, a.status, a.body)
			}
		}
	})
}

// Every path says which methods it has.
func testMethods(t *testing.T) {
	t.Helper()
	s := visitOrBuild(t)
	for path, allowed := range s.book.methods() {
		op := s.book.byPath(path)
		a := s.send("TRACE", op.fill(missing()), "", person{}, call{})
		theLedger.noteCode(a)
		for _, method := range allowed {
			if a.code != "method_not_allowed" || !strings.Contains(a.header.Get("Allow"), method) {
				s.errorf("TRACE %s answered %d %s and Allow: %q; want 405 and %s in it", path, a.status, a.code, a.header.Get("Allow"), method)
			}
		}
	}
	a := s.send(http.MethodGet, "/no-such-path", "", person{}, call{})
	theLedger.noteCode(a)
	if a.code != "not_found" {
		s.errorf("a path that does not exist answered %d %s", a.status, a.code)
	}
}

func (b *book) methods() map[string][]string {
	out := map[string][]string{}
	for _, op := range b.operations {
		out[op.path] = append(out[op.path], op.method)
	}
	return out
}

func (b *book) byPath(path string) operation {
	for _, op := range b.operations {
		if op.path == path {
			return op
		}
	}
	return operation{}
}
