package contract_test

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/fixture"
)

// rejection is a problem that all operations of a kind have in common.
type rejection struct {
	of      func(operation) bool
	code    string
	request func(r request) request // changes a valid request
	// anonymous sends the request without a session instead of an allowed one.
	anonymous bool
}

func all(operation) bool        { return true }
func hasBody(o operation) bool  { return o.RequestBody != nil }
func signedIn(o operation) bool { return !o.public() }
func writes(o operation) bool   { return !o.safe() }
func paged(o operation) bool    { return o.takes("query", "after") }

// rejections are the problems that all operations have in common.
var rejections = map[string]rejection{
	"invalid JSON is rejected": {of: hasBody, code: "malformed_request", request: func(r request) request {
		return r.withBody(`{"name":`)
	}},
	"an Authorization header without a bearer token is rejected": {of: signedIn, code: "malformed_request", request: func(r request) request {
		return r.with("Authorization", "Basic Y29udHJhY3Q6dGVzdA==")
	}},
	"a token and a cookie are rejected": {of: all, code: "multiple_credentials", request: func(r request) request {
		return r.with("Authorization", "Bearer "+strings.Repeat("a", 43)).with("Cookie", "gradus_session=a; __Host-gradus_session=a")
	}},
	"headers that are too large are rejected": {of: all, code: "headers_too_large", request: func(r request) request {
		return r.with("X-Padding", strings.Repeat("a", 40<<10))
	}},
	"a request without a session is rejected": {of: signedIn, code: "unauthenticated", anonymous: true, request: func(r request) request { return r }},
	"an unknown token is rejected": {of: signedIn, code: "unauthenticated", request: func(r request) request {
		return r.with("Authorization", "Bearer "+strings.Repeat("a", 43))
	}},
	"a write from another site is rejected": {of: writes, code: "cross_origin", anonymous: true, request: func(r request) request {
		return r.with("Sec-Fetch-Site", "cross-site")
	}},
	"an unknown query parameter is rejected": {of: all, code: "invalid_request", request: func(r request) request {
		return r.withQuery("no_such_parameter=1")
	}},
	"a body that is too large is rejected": {of: hasBody, code: "payload_too_large", request: func(r request) request {
		r.body = bytes.Join([][]byte{[]byte(`{"name":"`), bytes.Repeat([]byte("x"), 1<<20), []byte(`"}`)}, nil)
		return r
	}},
	"a body of another media type is rejected": {of: hasBody, code: "unsupported_media_type", request: func(r request) request {
		return r.with("Content-Type", "text/plain")
	}},
	"a client that does not accept JSON is rejected": {of: all, code: "not_acceptable", request: func(r request) request {
		return r.with("Accept", "text/csv")
	}},
	"a URL that is too long is rejected": {of: all, code: "uri_too_long", request: func(r request) request {
		return r.withQuery("search=" + strings.Repeat("x", 9<<10))
	}},
	"an invalid cursor is rejected": {of: paged, code: "invalid_cursor", request: func(r request) request {
		return r.withQuery("after=nothing")
	}},
}

func testRejections(t *testing.T) {
	t.Helper()
	e := freshOrExisting(t)
	for name, rejection := range rejections {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := e.in(t)
			e.each(rejection.of, func(op operation, caller session) {
				r := rejection.request(e.plain(op, caller))
				if rejection.anonymous {
					caller = session{}
				}
				e.rejected(op.OperationID, caller, r, rejection.code)
			})
		})
	}
}

// freshOrExisting returns an env with users of its own where the suite may create them.
func freshOrExisting(t *testing.T) *env {
	t.Helper()
	if theTarget.writes {
		return fresh(t)
	}
	return existing(t)
}

// each calls do for each operation of a kind, with a user who is allowed to call it. On a
// read-only target it skips writes.
func (e *env) each(of func(operation) bool, do func(op operation, caller session)) {
	e.t.Helper()
	for _, op := range e.spec.operations {
		caller, exists := e.caller(op)
		if of(op) && exists && (theTarget.writes || op.safe()) {
			do(op, caller)
		}
	}
}

// Each ID in a path is replaced by that of no object, one at a time.
func testMissing(t *testing.T) {
	t.Helper()
	e := freshOrExisting(t)
	e.each(all, func(op operation, caller session) {
		for _, name := range op.pathParams() {
			r := e.plain(op, caller)
			r.values = maps.Clone(r.values)
			r.values[name] = fixture.Named(t, name).Missing()
			if res := e.do(op.OperationID, caller, r); res.Status != http.StatusNotFound {
				e.errorf("%s with a %s that does not exist returned %d: %.300s", op.OperationID, name, res.Status, res.Body)
			}
		}
	})
}

// A path returns 405 and the allowed methods for any other method.
func testMethods(t *testing.T) {
	t.Helper()
	e := freshOrExisting(t)
	for path, allowed := range e.spec.methods() {
		res := e.send("TRACE", fixture.Path(t, path, nil), "", session{}, request{})
		for _, method := range allowed {
			if res.Code() != "method_not_allowed" || !strings.Contains(res.Header.Get("Allow"), method) {
				e.errorf("TRACE %s returned %d %s and Allow: %q; want 405 and %s in it", path, res.Status, res.Code(), res.Header.Get("Allow"), method)
			}
		}
	}
	if res := e.send(http.MethodGet, "/no-such-path", "", session{}, request{}); res.Code() != "not_found" {
		e.errorf("a path that does not exist returned %d %s", res.Status, res.Code())
	}
}

// methods returns the methods of each path.
func (s *spec) methods() map[string][]string {
	out := map[string][]string{}
	for _, op := range s.operations {
		out[op.path] = append(out[op.path], op.method)
	}
	return out
}
