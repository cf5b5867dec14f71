package contract_test

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"
)

// recipe prepares a request by somebody that must succeed, and says who sends it:
// now and then that is somebody else of the same role.
type recipe func(s *stage, p person) (person, call)

// recipes are the operations for which their path, what concerns the caller and the
// contract's own example are not enough.
var recipes = map[string]recipe{
	"Register": func(*stage, person) (person, call) { return person{}, call{body: application("")} },
	"SignIn": func(s *stage, _ person) (person, call) {
		return person{}, call{body: obj{"email": s.people["member"].email, "password": password}}
	},
	"SignOut": func(s *stage, p person) (person, call) { return s.again(p), call{} },

	"ChangeUserRole": func(s *stage, p person) (person, call) {
		return p, call{values: values{"user_id": s.join("").id}, body: obj{"role": "instructor"}}
	},
	"SuspendUser": func(s *stage, p person) (person, call) { return p, call{values: values{"user_id": s.join("").id}} },
	"ReinstateUser": func(s *stage, p person) (person, call) {
		c := call{values: values{"user_id": s.join("").id}}
		s.must("SuspendUser", p, c)
		return p, c
	},

	"UpdateBatch": func(s *stage, p person) (person, call) {
		return p, call{values: s.mine[p.role], body: obj{"name": "Renamed"}}
	},
	"ArchiveBatch": func(s *stage, p person) (person, call) { return p, call{values: values{"batch_id": s.batch()}} },
	"RestoreBatch": func(s *stage, p person) (person, call) {
		c := call{values: values{"batch_id": s.batch()}}
		s.must("ArchiveBatch", p, c)
		return p, c
	},
	"AssignInstructor": func(s *stage, p person) (person, call) {
		return p, call{values: values{"batch_id": s.batch(), "user_id": s.people["instructor"].id}}
	},
	"RemoveInstructor": func(s *stage, p person) (person, call) {
		c := call{values: values{"batch_id": s.batch(), "user_id": s.people["instructor"].id}}
		s.must("AssignInstructor", p, c)
		return p, c
	},
	"JoinBatch": func(s *stage, p person) (person, call) {
		return s.join(""), call{body: obj{"registration_key": s.key(s.mine[p.role]["batch_id"])}}
	},
}

// upstreamRecipes need a WakaTime server that does as it is told.
var upstreamRecipes = map[string]recipe{
	"CompleteWakaTimeAuthorization": func(s *stage, p person) (person, call) { return p, call{body: s.consent(p, s.coder())} },
	"ConnectWakaTimeWithKey":        func(s *stage, p person) (person, call) { return p, call{body: s.apiKey(s.coder())} },
	"DisconnectWakaTime":            func(s *stage, p person) (person, call) { return s.connect(p), call{} },
	"SyncMyDays":                    func(s *stage, p person) (person, call) { return s.connect(p), call{} },
	"SyncStudentDays": func(s *stage, p person) (person, call) {
		whose := s.people["student"]
		if p.role == "member" {
			whose = p
		}
		s.connect(whose)
		return p, call{values: values{"student_id": whose.id}}
	},
}

// success prepares a request that must succeed; it cannot where that takes a WakaTime
// server of ours.
func (s *stage) success(op operation, p person) (by person, c call, possible bool) {
	s.t.Helper()
	if r, ok := upstreamRecipes[op.OperationID]; ok {
		if s.room == nil {
			return p, call{}, false
		}
		by, c = r(s, p)
		return by, c, true
	}
	if r, ok := recipes[op.OperationID]; ok {
		by, c = r(s, p)
		return by, c, true
	}
	return p, s.plain(op, p), true
}

// plain is a request about what concerns the caller, with a body that the contract
// shows.
func (s *stage) plain(op operation, p person) call {
	return call{values: s.mine[p.role], body: op.example()}
}

// caller is somebody who may do an operation: an admin, if they may.
func (s *stage) caller(op operation) (p person, there bool) {
	for _, role := range []string{"admin", "instructor", "student", "member"} {
		if p, there = s.people[role]; there && op.allows(role) {
			return p, true
		}
	}
	return person{}, false
}

// again signs somebody in once more; the admin of a foreign server has told no password.
func (s *stage) again(p person) person {
	s.t.Helper()
	if p.email != "" {
		return s.signIn(p.email)
	}
	fresh := s.join("")
	s.must("ChangeUserRole", p, call{values: values{"user_id": fresh.id}, body: obj{"role": p.role}})
	return s.signIn(fresh.email)
}

// consent starts an OAuth flow and returns what WakaTime sends the browser back with.
func (s *stage) consent(p person, coder string) obj {
	s.t.Helper()
	started := into[thing](s.t, s.must("StartWakaTimeAuthorization", p, call{}))
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, started.URL+"&login="+url.QueryEscape(coder), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	back, err := url.Parse(s.receive(r).header.Get("Location"))
	if err != nil {
		s.t.Fatal(err)
	}
	return obj{"code": back.Query().Get("code"), "state": back.Query().Get("state")}
}

// once is a fresh key for a request that may be sent again.
func once() http.Header { return http.Header{"Idempotency-Key": {uuid.NewString()}} }
