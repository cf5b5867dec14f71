package contract_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// problem is a problem of one operation, and a request that provokes it.
type problem struct {
	operation, code string
	request         func(e *env) (session, request)
}

func registering(change object) func(e *env) (session, request) {
	return func(*env) (session, request) {
		body := registration("")
		maps.Copy(body, change)
		return session{}, request{body: body}
	}
}

func changingPassword(change object) func(e *env) (session, request) {
	return func(e *env) (session, request) {
		body := object{"current_password": password, "password": "nine grey herons wading home"}
		maps.Copy(body, change)
		return e.member(), request{body: body}
	}
}

// tokenForStudents is the body of a token that can only list students.
var tokenForStudents = object{"name": "Contract Test", "scopes": []string{"students:read"}, "expires_in_days": 1}

// apiToken returns a new API token of a user as a session.
func (e *env) apiToken(user session) session {
	e.t.Helper()
	res := e.do("CreateApiToken", user, request{body: tokenForStudents})
	user.Token = apiclient.Decode[struct{ Token string }](res).Token
	return user
}

// fullBatch returns the key of a batch without a free seat.
func (e *env) fullBatch() string {
	batch := values{"batch_id": e.batch()}
	key := e.key(batch["batch_id"])
	e.builder().Student("Student", key)
	e.must("UpdateRegistrationKey", e.users["admin"], request{values: batch, body: object{"seats": 1}})
	return key
}

// problems can be provoked on any target where the suite may write.
var problems = []problem{
	{"Register", "batch_full", func(e *env) (session, request) { return session{}, request{body: registration(e.fullBatch())} }},
	{"Register", "email_taken", func(e *env) (session, request) {
		return registering(object{"email": e.users["member"].Email})(e)
	}},
	{"Register", "password_contains_personal_info", registering(object{"name": "Wilhelmina Featherstone", "password": "Wilhelmina Featherstone"})},
	{"Register", "password_too_common", registering(object{"password": "passwordpassword"})},
	{"Register", "password_too_long", registering(object{"password": long(300)})},
	{"Register", "password_too_short", registering(object{"password": "short"})},
	{"Register", "registration_key_invalid", registering(object{"registration_key": "00000-00000-00000-00000-00000-00000"})},
	{"SignIn", "invalid_credentials", func(e *env) (session, request) {
		return session{}, request{body: object{"email": e.users["member"].Email, "password": "not my password at all"}}
	}},

	{"ConfirmEmailChange", "confirmation_invalid", func(*env) (session, request) {
		return session{}, request{body: object{"token": "no token at all"}}
	}},
	{"UndoEmailChange", "confirmation_invalid", func(*env) (session, request) {
		return session{}, request{body: object{"token": "no token at all"}}
	}},
	{"ConfirmPasswordReset", "confirmation_invalid", func(*env) (session, request) {
		return session{}, request{body: object{"token": "no token at all", "password": "nine grey herons wading home"}}
	}},

	{"RefreshSession", "refresh_token_invalid", func(*env) (session, request) {
		return session{}, request{body: object{"refresh_token": "gradus_rt_nobodys"}}
	}},
	{"Reauthenticate", "current_password_wrong", func(e *env) (session, request) {
		return e.users["member"], request{body: object{"current_password": "not my password at all"}}
	}},
	{"CompleteSignIn", "one_time_code_wrong", func(e *env) (session, request) {
		user, app := e.memberWithTOTP()
		return session{}, request{body: object{"challenge": e.client.Challenge(user.Email, password), "code": app.WrongCode()}}
	}},
	{"CompleteSignIn", "sign_in_challenge_invalid", func(*env) (session, request) {
		return session{}, request{body: object{"challenge": "nobodys", "code": "123456"}}
	}},
	{"StartTotp", "totp_already_enabled", func(e *env) (session, request) {
		user, _ := e.memberWithTOTP()
		return user, request{}
	}},
	{"EnableTotp", "one_time_code_wrong", func(e *env) (session, request) {
		user := e.member()
		return user, request{body: object{"code": e.as(user).StartTOTP().WrongCode()}}
	}},
	{"EnableTotp", "totp_not_pending", func(e *env) (session, request) { return e.member(), request{body: object{"code": "123456"}} }},
	{"RotateRecoveryCodes", "totp_not_enabled", func(e *env) (session, request) { return e.member(), request{} }},

	{"GetMe", "api_token_invalid", func(*env) (session, request) {
		return session{Token: "gradus_pat_mistyped", Role: "member"}, request{}
	}},
	{"ListUsers", "insufficient_scope", func(e *env) (session, request) { return e.apiToken(e.users["admin"]), request{} }},
	{"ListMySessions", "session_required", func(e *env) (session, request) { return e.apiToken(e.users["admin"]), request{} }},
	{"CreateApiToken", "too_many_api_tokens", func(e *env) (session, request) {
		user := e.member()
		for range domain.MaxAPITokens {
			e.apiToken(user)
		}
		return user, request{body: tokenForStudents}
	}},
	{"ChangePassword", "current_password_wrong", changingPassword(object{"current_password": "not my password at all"})},
	{"ChangePassword", "password_contains_personal_info", changingPassword(object{"password": "a wakatime lantern in slow rain"})},
	{"ChangePassword", "password_too_common", changingPassword(object{"password": "passwordpassword"})},
	{"ChangePassword", "password_too_long", changingPassword(object{"password": long(300)})},
	{"ChangePassword", "password_too_short", changingPassword(object{"password": "short"})},
	{"ChangeUserRole", "student_role_requires_enrolment", func(e *env) (session, request) {
		return e.users["admin"], request{values: values{"user_id": e.users["member"].ID}, body: object{"role": "student"}}
	}},
	{"UpdateBatch", "batch_archived", func(e *env) (session, request) {
		batch := values{"batch_id": e.batch()}
		e.must("ArchiveBatch", e.users["admin"], request{values: batch})
		return e.users["admin"], request{values: batch, body: object{"name": "Too late"}}
	}},
	{"AssignInstructor", "not_an_instructor", func(e *env) (session, request) {
		return e.users["admin"], request{values: values{"batch_id": e.batch(), "user_id": e.users["member"].ID}}
	}},
	{"JoinBatch", "batch_full", func(e *env) (session, request) {
		return e.users["member"], request{body: object{"registration_key": e.fullBatch()}}
	}},
	{"JoinBatch", "registration_key_invalid", func(e *env) (session, request) {
		return e.users["member"], request{body: object{"registration_key": "00000-00000-00000-00000-00000-00000"}}
	}},

	{"DisconnectWakaTime", "wakatime_connection_not_found", byMember(nil)},
	{"SyncMyDays", "wakatime_not_connected", byMember(nil)},
	{"SyncStudentDays", "wakatime_not_connected", byAdminOfStudent},
	{"DisconnectStudentWakaTime", "wakatime_connection_not_found", byAdminOfStudent},
	{"AcceptWakaTimeAccount", "wakatime_account_not_found", byAdminOfStudent},
	{"RejectWakaTimeAccount", "wakatime_account_not_found", byAdminOfStudent},
	{"CompleteWakaTimeAuthorization", "wakatime_state_invalid", byMember(object{"code": "nobodys", "state": "nobodys"})},
	{"ConnectWakaTimeWithKey", "wakatime_base_url_not_allowed", byMember(object{"api_key": anyKey, "base_url": "https://elsewhere.example/api/v1"})},
}

// anyKey has the form of an API key.
const anyKey = "waka_00000000-0000-4000-8000-000000000000"

func byMember(body any) func(e *env) (session, request) {
	return func(e *env) (session, request) { return e.users["member"], request{body: body} }
}

// byAdminOfStudent is a request about a student without a connection.
func byAdminOfStudent(e *env) (session, request) {
	return e.users["admin"], request{values: values{"student_id": e.users["student"].ID}}
}

func long(n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = "abcdefghijklmnopqrstuvwxyz "[(i*i+i/7)%27]
	}
	return string(out)
}

// byAdminOfBigBatch requests a year of a batch with more students than a year can be read of.
func byAdminOfBigBatch(e *env) (session, request) {
	batch := e.batch()
	e.server.Exec(e.t, `WITH u AS (
			INSERT INTO users (id, email, name, role, password_hash, created_at)
			SELECT gen_random_uuid(), gen_random_uuid() || '@example.edu', 'Student ' || n, 'student', 'none', now() FROM generate_series(1, $2) n RETURNING id, name_key
		)
		INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at, name_key) SELECT gen_random_uuid(), id, $1, 'active', now(), name_key FROM u`,
		batch, domain.MaxStudentDays/domain.MaxDays+1)
	return e.users["admin"], request{values: values{"batch_id": batch}, query: "from=2025-01-01&to=2026-01-01"}
}

// ownProblems need the fake WakaTime server, its database, or a server with one admin.
var ownProblems = []problem{
	{"ChangeUserRole", "last_admin", func(e *env) (session, request) {
		return e.users["admin"], request{values: values{"user_id": e.users["admin"].ID}, body: object{"role": "member"}}
	}},
	{"ChangeUserRole", "reauthentication_required", func(e *env) (session, request) {
		return e.agedAdmin(), request{values: values{"user_id": e.users["member"].ID}, body: object{"role": "instructor"}}
	}},
	{"ChangePassword", "reauthentication_required", func(e *env) (session, request) {
		return e.agedAdmin(), request{body: object{"current_password": password, "password": "nine grey herons wading home"}}
	}},
	{"RequestPasswordReset", "mail_not_configured", func(e *env) (session, request) {
		e.client = e.client.At(e.server.Replica(e.t, withoutMail).URL)
		return session{}, request{body: object{"email": "ada@school.example"}}
	}},
	{"RequestEmailChange", "mail_not_configured", func(e *env) (session, request) {
		e.client = e.client.At(e.server.Replica(e.t, withoutMail).URL)
		return e.users["member"], request{body: object{"email": "new@school.example"}}
	}},
	{"RequestEmailChange", "reauthentication_required", func(e *env) (session, request) {
		return e.agedAdmin(), request{body: object{"email": "new@school.example"}}
	}},
	{"ConfirmEmailChange", "email_taken", func(e *env) (session, request) {
		return session{}, request{body: object{"token": e.confirmation(domain.ConfirmEmailChange, e.users["admin"].Email)}}
	}},
	{"UndoEmailChange", "email_taken", func(e *env) (session, request) {
		return session{}, request{body: object{"token": e.confirmation(domain.ConfirmEmailUndo, e.users["admin"].Email)}}
	}},
	{"ConfirmPasswordReset", "password_contains_personal_info", resettingPassword("member test person four")},
	{"ConfirmPasswordReset", "password_too_common", resettingPassword("passwordpassword")},
	{"ConfirmPasswordReset", "password_too_long", resettingPassword(long(300))},
	{"ConfirmPasswordReset", "password_too_short", resettingPassword("short")},
	{"CreateApiToken", "reauthentication_required", func(e *env) (session, request) { return e.agedAdmin(), request{body: tokenForStudents} }},
	{"StartTotp", "reauthentication_required", func(e *env) (session, request) { return e.agedAdmin(), request{} }},
	{"DisableTotp", "reauthentication_required", func(e *env) (session, request) { return e.agedAdmin(), request{} }},
	{"RotateRecoveryCodes", "reauthentication_required", func(e *env) (session, request) { return e.agedAdmin(), request{} }},
	{"DisableUserTotp", "reauthentication_required", func(e *env) (session, request) {
		return e.agedAdmin(), request{values: values{"user_id": e.users["member"].ID}}
	}},
	{"SuspendUser", "last_admin", func(e *env) (session, request) {
		return e.users["admin"], request{values: values{"user_id": e.users["admin"].ID}}
	}},
	{"CompleteWakaTimeAuthorization", "wakatime_code_rejected", func(e *env) (session, request) {
		flow := e.as(e.users["member"]).Consent(e.wakatimeUser())
		return e.users["member"], request{body: object{"code": "another", "state": flow["state"]}}
	}},
	{"CompleteWakaTimeAuthorization", "wakatime_account_taken", func(e *env) (session, request) {
		username := e.wakatimeUser()
		e.must("CompleteWakaTimeAuthorization", e.users["student"], request{body: e.as(e.users["student"]).Consent(username)})
		return e.users["member"], request{body: e.as(e.users["member"]).Consent(username)}
	}},
	{"CompleteWakaTimeAuthorization", "wakatime_unavailable", func(e *env) (session, request) {
		username := e.wakatimeUser()
		flow := e.as(e.users["member"]).Consent(username)
		e.server.Fake.SetScenario(username, fakewaka.Scenario{Status: 502, TokenStatus: 502})
		return e.users["member"], request{body: flow}
	}},
	{"ConnectWakaTimeWithKey", "wakatime_account_taken", func(e *env) (session, request) {
		username := e.wakatimeUser()
		e.must("ConnectWakaTimeWithKey", e.users["student"], request{body: e.apiKey(username)})
		return e.users["member"], request{body: e.apiKey(username)}
	}},
	{"ConnectWakaTimeWithKey", "wakatime_key_rejected", byMember(object{"api_key": anyKey})},
	{"ConnectWakaTimeWithKey", "wakatime_unavailable", func(e *env) (session, request) {
		username := e.wakatimeUser()
		e.server.Fake.SetScenario(username, fakewaka.Scenario{Status: 502})
		return e.users["member"], request{body: e.apiKey(username)}
	}},
	{"ConnectWakaTimeWithKey", "wakatime_server_unsupported", func(e *env) (session, request) {
		username := e.wakatimeUser()
		e.server.Fake.SetScenario(username, fakewaka.Scenario{Status: 404})
		return e.users["member"], request{body: e.apiKey(username)}
	}},
	{"CompleteWakaTimeAuthorization", "wakatime_not_configured", func(e *env) (session, request) {
		flow := e.as(e.users["member"]).Consent(e.wakatimeUser())
		e.client = e.client.At(e.server.Replica(e.t, withoutWakaTime).URL) // as after a restart with other settings
		return e.users["member"], request{body: flow}
	}},
	{"StartWakaTimeAuthorization", "wakatime_not_configured", byMember(nil)},
	{"GetBatchProgress", "range_too_large", byAdminOfBigBatch},
	{"GetBatchCoverage", "range_too_large", byAdminOfBigBatch},
}

// agedAdmin returns another session of the admin, who proved who they are an hour ago.
func (e *env) agedAdmin() session {
	admin := e.again(e.users["admin"])
	e.server.Exec(e.t, `UPDATE sessions SET authenticated_at = authenticated_at - interval '1 hour' WHERE token_hash = sha256($1)`, []byte(admin.Token))
	return admin
}

// confirmation returns the token of a link in a mail to a new member.
func (e *env) confirmation(kind domain.ConfirmationKind, brings ...string) string {
	token := strings.ReplaceAll(uuid.NewString(), "-", "") + "-confirmation"
	e.server.AddConfirmation(e.t, kind, e.member().Email, token[:43], brings...)
	return token[:43]
}

func resettingPassword(to string) func(e *env) (session, request) {
	return func(e *env) (session, request) {
		return session{}, request{body: object{"token": e.confirmation(domain.ConfirmPasswordReset), "password": to}}
	}
}

func withoutMail(c *config.Config) { c.SMTPURL, c.MailFrom = "", "" }

func withoutWakaTime(c *config.Config) { c.WakaTime.ClientID, c.WakaTime.ClientSecret = "", "" }

func testProblems(list []problem) func(t *testing.T) {
	return func(t *testing.T) {
		t.Helper()
		e := fresh(t)
		for _, p := range list {
			caller, r := p.request(e)
			e.rejected(p.operation, caller, r, p.code)
		}
	}
}
