package contract_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/fixture"
)

// roleRejections are the codes of rejections by role whose status is neither 403 nor 404.
var roleRejections = map[gap]string{
	{"JoinBatch", "student"}: "already_enrolled", // more helpful than forbidden
}

// Every user calls every operation. A role in x-roles succeeds with objects that concern the
// user and is rejected for others; any other role is rejected for both.
func testRoles(t *testing.T) {
	t.Helper()
	e := fresh(t)
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			e := e.in(t)
			for _, op := range e.spec.operations {
				if op.allows(role) {
					e.isAllowed(op, e.users[role])
				} else {
					e.isForbidden(op, e.users[role])
				}
			}
		})
	}
}

// On a read-only target, x-roles is compared for reads.
func testReaders(t *testing.T) {
	t.Helper()
	e := existing(t)
	for role, user := range e.users {
		for _, op := range e.spec.operations {
			switch {
			case !op.safe():
			case op.allows(role):
				e.isAllowed(op, user)
			default:
				e.isForbidden(op, user)
			}
		}
	}
}

func (e *env) isAllowed(op operation, user session) {
	e.t.Helper()
	caller, r, possible := e.success(op, user)
	if !possible {
		return
	}
	if res := e.do(op.OperationID, caller, r); !res.OK() {
		e.errorf("%s: x-roles allows the role %s, which got %d. If the operation needs another object or body than the fixture and the example have, add it to test/contract/successes_test.go: %.300s", op.OperationID, user.Role, res.Status, res.Body)
	}
	scoped := slices.ContainsFunc(op.pathParams(), func(name string) bool { return fixture.Named(e.t, name).Scoped })
	if user.Role == "admin" || !scoped {
		return
	}
	res := e.do(op.OperationID, user, request{values: e.others[user.Role], body: op.example()})
	if res.Status != http.StatusNotFound && res.Status != http.StatusForbidden {
		e.errorf("%s: a %s got %d for an object that does not concern them: %.300s", op.OperationID, user.Role, res.Status, res.Body)
	}
}

func (e *env) isForbidden(op operation, user session) {
	e.t.Helper()
	for _, values := range []values{e.own[user.Role], e.others[user.Role]} {
		res := e.do(op.OperationID, user, request{values: values, body: op.example()})
		code := res.Code()
		expected := res.Status == http.StatusNotFound || res.Status == http.StatusForbidden || code == roleRejections[gap{op.OperationID, user.Role}]
		if !expected || code == "" {
			e.errorf("%s: x-roles does not allow the role %s, which got %d: %.300s", op.OperationID, user.Role, res.Status, res.Body)
		}
		if len(op.pathParams()) == 0 {
			return
		}
	}
}
