package contract_test

import (
	"net/http"
	"testing"
)

// refusedFor are refusals by role that answer neither 403 nor 404, and why.
var refusedFor = map[gap]string{
	{"JoinBatch", "student"}: "already_enrolled", // more helpful than forbidden
}

// x-roles says who may do what; here is what happens. Who may succeeds with what concerns
// them, and not with what does not; who may not is refused either way.
func testRoles(t *testing.T) {
	t.Helper()
	s := build(t)
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			s := s.in(t)
			for _, op := range s.book.operations {
				if op.allows(role) {
					s.mayDo(op, s.people[role])
				} else {
					s.mayNotDo(op, s.people[role])
				}
			}
		})
	}
}

// Where nothing may be changed, x-roles can still be compared for everything that reads.
func testReaders(t *testing.T) {
	t.Helper()
	s := visit(t)
	for role, p := range s.people {
		for _, op := range s.book.operations {
			switch {
			case !op.safe():
			case op.allows(role):
				s.mayDo(op, p)
			default:
				s.mayNotDo(op, p)
			}
		}
	}
}

func (s *stage) mayDo(op operation, p person) {
	s.t.Helper()
	by, c, possible := s.success(op, p)
	if !possible {
		return
	}
	if a := s.do(op.OperationID, by, c); a.status >= http.StatusMultipleChoices {
		s.errorf("%s: x-roles lets a %s do it, who was answered %d: %.300s", op.OperationID, p.role, a.status, a.body)
	}
	concerns := op.takes("path", "batch_id") || op.takes("path", "student_id")
	if p.role == "admin" || !concerns {
		return
	}
	a := s.do(op.OperationID, p, call{values: s.others[p.role], body: op.example()})
	if a.status != http.StatusNotFound && a.status != http.StatusForbidden {
		s.errorf("%s: a %s did it to what does not concern them: %d %.300s", op.OperationID, p.role, a.status, a.body)
	}
}

func (s *stage) mayNotDo(op operation, p person) {
	s.t.Helper()
	for _, about := range []values{s.mine[p.role], s.others[p.role]} {
		a := s.do(op.OperationID, p, call{values: about, body: op.example()})
		expected := a.status == http.StatusNotFound || a.status == http.StatusForbidden || a.code == refusedFor[gap{op.OperationID, p.role}]
		if !expected || a.code == "" {
			s.errorf("%s: x-roles does not let a %s do it, who was answered %d: %.300s", op.OperationID, p.role, a.status, a.body)
		}
		if len(op.pathParams()) == 0 {
			return
		}
	}
}
