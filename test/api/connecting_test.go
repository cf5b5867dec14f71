package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

const callback = "/me/wakatime/callback"

func TestOAuthState_IsValidOnceForItsSession(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	users := e.members(7)
	e.wakatimeUser("ada", "UTC")
	invalid := func(c client, body object) {
		t.Helper()
		c.Post(callback, body).ExpectProblem(http.StatusUnprocessableEntity, "wakatime_state_invalid")
	}

	code := users[0].Consent("ada")["code"]
	for _, body := range []object{{"code": code}, {"code": code, "state": ""}, {"code": code, "state": nil}} {
		users[0].Post(callback, body).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	}
	invalid(users[0], object{"code": code, "state": "unkn0wn"})

	flow := users[1].Consent("ada")
	invalid(users[2], flow)
	invalid(users[1], flow) // another user has presented it, so it is no longer valid

	otherSession := e.session(users[3].Email)
	invalid(otherSession, users[3].Consent("ada"))

	flow = users[4].Consent("ada")
	e.Clock.Advance(domain.AuthorizationLifetime)
	invalid(users[4], flow)
	flow = users[4].Consent("ada")
	e.Clock.Advance(domain.AuthorizationLifetime - time.Second)
	if got := get[connection](users[4], "/me/wakatime"); got.State != "not_connected" {
		t.Errorf("after failed attempts only: %+v", got)
	}
	users[4].Post(callback, flow).Expect(http.StatusOK)

	e.wakatimeUser("ben", "UTC")
	flow = users[5].Consent("ben")
	e.Fake.ResetCalls()
	statuses := make([]int, 8)
	concurrently(len(statuses), func(i int) { statuses[i] = users[5].Post(callback, flow).Status })
	if slices.Max(statuses) != http.StatusOK || e.Fake.Calls("", "token") != 1 {
		t.Errorf("eight concurrent requests with one state: %v, and %d codes were exchanged", statuses, e.Fake.Calls("", "token"))
	}
	invalid(e.session(users[5].Email), flow)
	invalid(users[5], object{"code": "another", "state": flow["state"]})
	e.Clock.Advance(30 * time.Second)
	invalid(users[5], flow)

	users[6].Post(callback, object{"code": "wrong", "state": users[6].Consent("ben")["state"]}).
		ExpectProblem(http.StatusUnprocessableEntity, "wakatime_code_rejected")
}

func TestOAuthFlow_SurvivesARestart(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.wakatimeUser("ada", "UTC")
	ada := e.members(1)[0]
	flow := ada.Consent("ada")
	ada.At(e.Replica(t).URL).Post(callback, flow).Expect(http.StatusOK)
}

func TestOAuthFlow_ExpiredOnesAreDeleted(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.wakatimeUser("ada", "UTC")
	users := e.members(2)
	users[0].Consent("ada")
	e.Clock.Advance(domain.AuthorizationLifetime)
	users[1].Consent("ada")
	const flows = `SELECT user_id::text FROM wakatime_authorizations`
	if n := len(e.Strings(t, flows)); n != 2 {
		t.Fatalf("%d flows were started", n)
	}
	e.StartWorker(t)
	testserver.Eventually(t, "the deletion of the expired flow", func() bool { return slices.Equal(e.Strings(t, flows), []string{users[1].ID}) })
}

func TestWakaTimeAccount_BelongsToOneUser(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	users := e.members(2)
	ada, other := users[0], users[1]
	e.wakatimeUser("ada", "UTC")
	e.connect(ada, "ada")
	other.Post(callback, other.Consent("ada")).ExpectProblem(http.StatusConflict, "wakatime_account_taken")
	if got := get[connection](other, "/me/wakatime"); got.State != "not_connected" {
		t.Errorf("after the rejection: %+v", got)
	}
	if n := e.Fake.Calls("ada", "revoke"); n != 1 {
		t.Errorf("the unused tokens were revoked %d times", n)
	}
	e.connectByKey(ada, "ada")
	other.Put("/me/wakatime/api-key", e.apiKey("ada")).
		ExpectProblem(http.StatusConflict, "wakatime_account_taken")
}

func TestWakaTimeAccount_CanBeFreed(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	batch, key := e.batch("Web", "UTC")
	teacher, student := e.instructor("Tess", batch), e.student("Sam", key)
	users := e.members(3)
	e.wakatimeUser("ada", "UTC")

	// Staff disconnect a student who lost access to the account at Gradus.
	e.connectByKey(student, "ada")
	users[0].Put("/me/wakatime/api-key", e.apiKey("ada")).ExpectProblem(http.StatusConflict, "wakatime_account_taken")
	teacher.Delete("/students/" + student.ID + "/wakatime").Expect(http.StatusOK)
	e.connectByKey(users[2], "ada")
	if got := get[connection](student, "/me/wakatime"); got.State != "not_connected" {
		t.Errorf("after staff disconnected the student: %+v", got)
	}
	teacher.Delete("/students/"+student.ID+"/wakatime").ExpectProblem(http.StatusNotFound, "wakatime_connection_not_found")

	// Suspending a user frees their account, even while the server is unavailable.
	e.connect(users[0], "ada")
	users[1].Post(callback, users[1].Consent("ada")).ExpectProblem(http.StatusConflict, "wakatime_account_taken")
	e.Fake.SetScenario("ada", fakewaka.Scenario{RevokeStatus: http.StatusBadGateway})
	e.admin.Post("/users/"+users[0].ID+"/suspension", nil).Expect(http.StatusOK)
	e.Fake.SetScenario("ada", fakewaka.Scenario{})
	if n := e.Fake.Calls("ada", "revoke"); n == 0 {
		t.Error("the tokens were not revoked")
	}
	e.connect(users[1], "ada")

	// Reinstating does not bring the connection back.
	e.admin.Delete("/users/" + users[0].ID + "/suspension").Expect(http.StatusNoContent)
	if got := get[connection](e.session(users[0].Email), "/me/wakatime"); got.State != "not_connected" {
		t.Errorf("after the suspension was lifted: %+v", got)
	}
}

func TestConnect_ReportsMissingScopesAndInvalidKeys(t *testing.T) {
	t.Parallel()
	e := newEnv(t, func(c *config.Config) { c.WakaTime.PKCE = true })
	e.StartWorker(t)
	users := e.members(3)
	for _, name := range []string{"ada", "ben", "cleo"} {
		e.wakatimeUser(name, "UTC")
	}

	e.Fake.SetScenario("ada", fakewaka.Scenario{GrantScope: "email"})
	e.connect(users[0], "ada")
	got := e.firstSync(users[0])
	if !slices.Equal(got.MissingScopes, []string{"read_summaries"}) || got.Failure == nil || got.Failure.Reason != "missing_scope" {
		t.Errorf("without a scope: %+v", got)
	}
	for _, d := range get[report](users[0], "/me/days").Days {
		if d.State != "error" || d.Seconds != nil || deref(d.Reason) != "missing_scope" {
			t.Errorf("without a scope: %+v", d)
		}
	}
	e.Fake.SetScenario("ada", fakewaka.Scenario{})
	e.connect(users[0], "ada")
	if got := e.nextSync(users[0], got); len(got.MissingScopes) != 0 || got.Failure != nil {
		t.Errorf("with all scopes: %+v", got)
	}
	e.isAccurate(get[report](users[0], "/me/days"), "ada")

	e.Fake.SetScenario("ben", fakewaka.Scenario{GrantScope: "read_summaries"})
	users[1].Post(callback, users[1].Consent("ben")).ExpectProblem(http.StatusUnprocessableEntity, "wakatime_code_rejected")

	key := "/me/wakatime/api-key"
	users[2].Put(key, object{"api_key": "waka_00000000-0000-4000-8000-000000000000"}).ExpectProblem(http.StatusUnprocessableEntity, "wakatime_key_rejected")
	for _, server := range []string{"http://127.0.0.1:1/api", "http://169.254.169.254/latest", "file:///etc/passwd"} {
		users[2].Put(key, object{"api_key": e.Fake.APIKey("cleo"), "base_url": server}).
			ExpectProblem(http.StatusUnprocessableEntity, "wakatime_base_url_not_allowed")
	}
	// The path only selects one of the allowed base URLs at the server.
	escaped := users[2].Put(key, object{"api_key": e.Fake.APIKey("cleo"), "base_url": e.CompatURL() + "/../.."}).Expect(http.StatusOK)
	if base := decode[struct {
		BaseURL *string `json:"base_url"`
	}](escaped).BaseURL; base != nil && *base != e.CompatURL() {
		t.Errorf("connected at %s, which the operator does not allow", *base)
	}
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	_, key := e.batch("Evening", "UTC")
	ada := e.student("Ada", key)
	e.wakatimeUser("ada", "UTC")
	disconnect := func() string {
		t.Helper()
		return decode[struct {
			Revocation string `json:"revocation"`
		}](ada.Delete("/me/wakatime").Expect(http.StatusOK)).Revocation
	}
	ada.Delete("/me/wakatime").ExpectProblem(http.StatusNotFound, "wakatime_connection_not_found")

	e.connect(ada, "ada")
	e.firstSync(ada)
	before := get[report](ada, "/me/days")
	if got := disconnect(); got != "revoked" || e.Fake.Calls("ada", "revoke") != 1 {
		t.Errorf("disconnecting: %s, %d calls", got, e.Fake.Calls("ada", "revoke"))
	}
	if got := get[connection](ada, "/me/wakatime"); got.State != "not_connected" || got.Kind != nil {
		t.Errorf("after disconnecting: %+v", got)
	}
	ada.Post("/me/wakatime/sync", nil).ExpectProblem(http.StatusConflict, "wakatime_not_connected")
	e.Clock.Advance(24 * time.Hour)
	after := get[report](ada, "/me/days")
	past := len(before.Days) - 1 // the last day had not ended
	if diff := cmp.Diff(before.Days[:past], after.Days[:past]); diff != "" {
		t.Errorf("disconnecting changed known days:\n%s", diff)
	}
	if day := after.Days[past]; day.State != "partial" || deref(day.Seconds) != deref(before.Days[past].Seconds) || deref(day.Reason) != "disconnected" {
		t.Errorf("the day of the disconnect: %+v", day)
	}
	if last := after.Days[len(after.Days)-1]; last.State != "disconnected" || last.Seconds != nil {
		t.Errorf("a day without a connection: %+v", last)
	}

	e.connect(ada, "ada")
	e.firstSync(ada)
	e.Fake.SetScenario("ada", fakewaka.Scenario{RevokeStatus: http.StatusInternalServerError})
	if got := disconnect(); got != "failed" {
		t.Errorf("disconnecting while WakaTime is unavailable: %s", got)
	}
	e.connectByKey(ada, "ada")
	if got := disconnect(); got != "not_applicable" {
		t.Errorf("disconnecting an API key: %s", got)
	}
}
