package contract_test

import (
	"maps"
	"testing"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/fakewaka"
)

// testcase is a problem that one operation has for reasons of its own. It asks for it on a
// fresh stage.
type testcase struct {
	operation, code string
	ask             func(s *stage) (person, call)
}

func registering(change obj) func(s *stage) (person, call) {
	return func(*stage) (person, call) {
		body := application("")
		maps.Copy(body, change)
		return person{}, call{body: body}
	}
}

// fullBatch is the key of a batch without a seat.
func (s *stage) fullBatch() string {
	batch := values{"batch_id": s.batch()}
	key := s.key(batch["batch_id"])
	s.join(key)
	s.must("UpdateRegistrationKey", s.people["admin"], call{values: batch, body: obj{"seats": 1}})
	return key
}

// cases can be asked for anywhere where things may be made.
var cases = []testcase{
	{"Register", "batch_full", func(s *stage) (person, call) { return person{}, call{body: application(s.fullBatch())} }},
	{"Register", "email_taken", func(s *stage) (person, call) {
		return registering(obj{"email": s.people["member"].email})(s)
	}},
	{"Register", "password_contains_personal_info", registering(obj{"name": "Wilhelmina Featherstone", "password": "Wilhelmina Featherstone"})},
	{"Register", "password_too_common", registering(obj{"password": "passwordpassword"})},
	{"Register", "password_too_long", registering(obj{"password": long(300)})},
	{"Register", "password_too_short", registering(obj{"password": "short"})},
	{"Register", "registration_key_invalid", registering(obj{"registration_key": "00000-00000-00000-00000-00000-00000"})},
	{"SignIn", "invalid_credentials", func(s *stage) (person, call) {
		return person{}, call{body: obj{"email": s.people["member"].email, "password": "not my password at all"}}
	}},

	{"ChangeUserRole", "student_role_requires_enrolment", func(s *stage) (person, call) {
		return s.people["admin"], call{values: values{"user_id": s.people["member"].id}, body: obj{"role": "student"}}
	}},
	{"UpdateBatch", "batch_archived", func(s *stage) (person, call) {
		batch := values{"batch_id": s.batch()}
		s.must("ArchiveBatch", s.people["admin"], call{values: batch})
		return s.people["admin"], call{values: batch, body: obj{"name": "Too late"}}
	}},
	{"AssignInstructor", "not_an_instructor", func(s *stage) (person, call) {
		return s.people["admin"], call{values: values{"batch_id": s.batch(), "user_id": s.people["member"].id}}
	}},
	{"JoinBatch", "batch_full", func(s *stage) (person, call) {
		return s.people["member"], call{body: obj{"registration_key": s.fullBatch()}}
	}},
	{"JoinBatch", "registration_key_invalid", func(s *stage) (person, call) {
		return s.people["member"], call{body: obj{"registration_key": "00000-00000-00000-00000-00000-00000"}}
	}},

	{"DisconnectWakaTime", "wakatime_connection_not_found", byMember(nil)},
	{"SyncMyDays", "wakatime_not_connected", byMember(nil)},
	{"SyncStudentDays", "wakatime_not_connected", func(s *stage) (person, call) {
		return s.people["admin"], call{values: values{"student_id": s.people["student"].id}}
	}},
	{"CompleteWakaTimeAuthorization", "wakatime_state_invalid", byMember(obj{"code": "nobodys", "state": "nobodys"})},
	{"ConnectWakaTimeWithKey", "wakatime_base_url_not_allowed", byMember(obj{"api_key": anyKey, "base_url": "https://elsewhere.example/api/v1"})},
}

// anyKey has the form of an API key.
const anyKey = "waka_00000000-0000-4000-8000-000000000000"

func byMember(body any) func(s *stage) (person, call) {
	return func(s *stage) (person, call) { return s.people["member"], call{body: body} }
}

func long(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = "abcdefghijklmnopqrstuvwxyz "[(i*i+i/7)%27]
	}
	return string(out)
}

// ownCases need a WakaTime server that does as it is told, or a school that is ours.
var ownCases = []testcase{
	{"ChangeUserRole", "last_admin", func(s *stage) (person, call) {
		return s.people["admin"], call{values: values{"user_id": s.people["admin"].id}, body: obj{"role": "member"}}
	}},
	{"SuspendUser", "last_admin", func(s *stage) (person, call) {
		return s.people["admin"], call{values: values{"user_id": s.people["admin"].id}}
	}},
	{"CompleteWakaTimeAuthorization", "wakatime_code_rejected", func(s *stage) (person, call) {
		flow := s.consent(s.people["member"], s.coder())
		return s.people["member"], call{body: obj{"code": "another", "state": flow["state"]}}
	}},
	{"CompleteWakaTimeAuthorization", "wakatime_account_taken", func(s *stage) (person, call) {
		coder := s.coder()
		s.must("CompleteWakaTimeAuthorization", s.people["student"], call{body: s.consent(s.people["student"], coder)})
		return s.people["member"], call{body: s.consent(s.people["member"], coder)}
	}},
	{"CompleteWakaTimeAuthorization", "wakatime_unavailable", func(s *stage) (person, call) {
		coder := s.coder()
		flow := s.consent(s.people["member"], coder)
		s.room.Fake.SetScenario(coder, fakewaka.Scenario{Status: 502, TokenStatus: 502})
		return s.people["member"], call{body: flow}
	}},
	{"ConnectWakaTimeWithKey", "wakatime_account_taken", func(s *stage) (person, call) {
		coder := s.coder()
		s.must("ConnectWakaTimeWithKey", s.people["student"], call{body: s.apiKey(coder)})
		return s.people["member"], call{body: s.apiKey(coder)}
	}},
	{"ConnectWakaTimeWithKey", "wakatime_key_rejected", byMember(obj{"api_key": anyKey})},
	{"ConnectWakaTimeWithKey", "wakatime_unavailable", func(s *stage) (person, call) {
		coder := s.coder()
		s.room.Fake.SetScenario(coder, fakewaka.Scenario{Status: 502})
		return s.people["member"], call{body: s.apiKey(coder)}
	}},
	{"CompleteWakaTimeAuthorization", "wakatime_not_configured", func(s *stage) (person, call) {
		flow := s.consent(s.people["member"], s.coder())
		s.url = s.room.Replica(s.t, withoutWakaTime).URL // as after a restart with other settings
		return s.people["member"], call{body: flow}
	}},
	{"StartWakaTimeAuthorization", "wakatime_not_configured", byMember(nil)},
}

func withoutWakaTime(c *config.Config) { c.WakaTime.ClientID, c.WakaTime.ClientSecret = "", "" }

// What single operations refuse for reasons of their own.
func testCases(list []testcase) func(t *testing.T) {
	return func(t *testing.T) {
		t.Helper()
		s := build(t)
		for _, c := range list {
			by, asked := c.ask(s)
			s.refused(c.operation, by, asked, c.code)
		}
	}
}
