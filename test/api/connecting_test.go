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

func TestAnOAuthStateIsGoodOnceForWhoStartedIt(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	people := s.crowd(7)
	s.coder("ada", "UTC")
	invalid := func(c client, body obj) {
		t.Helper()
		c.post(callback, body).fails(http.StatusUnprocessableEntity, "wakatime_state_invalid")
	}

	code := s.consent(people[0], "ada")["code"]
	for _, body := range []obj{{"code": code}, {"code": code, "state": ""}, {"code": code, "state": nil}} {
		people[0].post(callback, body).fails(http.StatusUnprocessableEntity, "invalid_request")
	}
	invalid(people[0], obj{"code": code, "state": "n0b0dys"})

	flow := s.consent(people[1], "ada")
	invalid(people[2], flow)
	invalid(people[1], flow) // a stranger has seen it: it is good for nobody

	elsewhere := s.session(people[3].id, people[3].email)
	invalid(elsewhere, s.consent(people[3], "ada"))

	flow = s.consent(people[4], "ada")
	s.Clock.Advance(domain.AuthorizationLifetime)
	invalid(people[4], flow)
	flow = s.consent(people[4], "ada")
	s.Clock.Advance(domain.AuthorizationLifetime - time.Second)
	if got := read[connection](people[4], "/me/wakatime"); got.State != "not_connected" {
		t.Errorf("after nothing but failures: %+v", got)
	}
	people[4].post(callback, flow).is(http.StatusOK)

	s.coder("ben", "UTC")
	flow = s.consent(people[5], "ben")
	s.Fake.ResetCalls()
	statuses := make([]int, 8)
	atOnce(len(statuses), func(i int) { statuses[i] = people[5].post(callback, flow).status })
	slices.Sort(statuses)
	if statuses[0] != http.StatusOK || statuses[1] != http.StatusUnprocessableEntity || s.Fake.Calls("", "token") != 1 {
		t.Errorf("one state, eight times at once: %v, and %d codes were traded", statuses, s.Fake.Calls("", "token"))
	}

	people[6].post(callback, obj{"code": "wrong", "state": s.consent(people[6], "ben")["state"]}).
		fails(http.StatusUnprocessableEntity, "wakatime_code_rejected")
}

func TestAnOAuthFlowSurvivesARestart(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.coder("ada", "UTC")
	ada := s.crowd(1)[0]
	flow := s.consent(ada, "ada")
	ada.at(s.Replica(t).URL).post(callback, flow).is(http.StatusOK)
}

func TestAnOAuthFlowThatNobodyFinishesIsForgotten(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.coder("ada", "UTC")
	people := s.crowd(2)
	s.consent(people[0], "ada")
	s.Clock.Advance(domain.AuthorizationLifetime)
	s.consent(people[1], "ada")
	const flows = `SELECT user_id::text FROM wakatime_authorizations`
	if n := len(s.Strings(t, flows)); n != 2 {
		t.Fatalf("%d flows were started", n)
	}
	s.StartWorker(t)
	testserver.Eventually(t, "the sweeper", func() bool { return slices.Equal(s.Strings(t, flows), []string{people[1].id}) })
}

func TestAnAccountIsConnectedOnce(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	people := s.crowd(2)
	ada, thief := people[0], people[1]
	s.coder("ada", "UTC")
	s.connect(ada, "ada")
	thief.post(callback, s.consent(thief, "ada")).fails(http.StatusConflict, "wakatime_account_taken")
	if got := read[connection](thief, "/me/wakatime"); got.State != "not_connected" {
		t.Errorf("after the refusal: %+v", got)
	}
	if n := s.Fake.Calls("ada", "revoke"); n != 1 {
		t.Errorf("the tokens that nobody needs were revoked %d times", n)
	}
	s.connectByKey(ada, "ada")
	thief.put("/me/wakatime/api-key", obj{"api_key": s.Fake.APIKey("ada"), "base_url": s.CompatURL()}).
		fails(http.StatusConflict, "wakatime_account_taken")
}

func TestConnectingSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newSchool(t, func(c *config.Config) { c.WakaTime.PKCE = true })
	s.StartWorker(t)
	people := s.crowd(3)
	for _, name := range []string{"ada", "ben", "cleo"} {
		s.coder(name, "UTC")
	}

	s.Fake.SetScenario("ada", fakewaka.Scenario{GrantScope: "email"})
	s.connect(people[0], "ada")
	got := s.settled(people[0])
	if !slices.Equal(got.MissingScopes, []string{"read_summaries"}) || got.Failure == nil || got.Failure.Reason != "missing_scope" {
		t.Errorf("without a scope: %+v", got)
	}
	for _, d := range read[report](people[0], "/me/days").Days {
		if d.State != "error" || d.Seconds != nil || deref(d.Reason) != "missing_scope" {
			t.Errorf("without a scope: %+v", d)
		}
	}
	s.Fake.SetScenario("ada", fakewaka.Scenario{})
	s.connect(people[0], "ada")
	if mended := s.until(people[0], got); len(mended.MissingScopes) != 0 || mended.Failure != nil {
		t.Errorf("with all scopes: %+v", mended)
	}
	s.honest(read[report](people[0], "/me/days"), "ada")

	s.Fake.SetScenario("ben", fakewaka.Scenario{GrantScope: "read_summaries"})
	people[1].post(callback, s.consent(people[1], "ben")).fails(http.StatusUnprocessableEntity, "wakatime_code_rejected")

	key := "/me/wakatime/api-key"
	people[2].put(key, obj{"api_key": "waka_00000000-0000-4000-8000-000000000000"}).fails(http.StatusUnprocessableEntity, "wakatime_key_rejected")
	for _, server := range []string{"http://127.0.0.1:1/api", "http://169.254.169.254/latest", s.CompatURL() + "/../..", "file:///etc/passwd"} {
		people[2].put(key, obj{"api_key": s.Fake.APIKey("cleo"), "base_url": server}).
			fails(http.StatusUnprocessableEntity, "wakatime_base_url_not_allowed")
	}
}

func TestDisconnecting(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	_, key := s.batch("Evening", "UTC")
	ada := s.register("Ada", key)
	s.coder("ada", "UTC")
	disconnect := func() string {
		t.Helper()
		return into[struct {
			Revocation string `json:"revocation"`
		}](ada.delete("/me/wakatime").is(http.StatusOK)).Revocation
	}
	ada.delete("/me/wakatime").fails(http.StatusNotFound, "wakatime_connection_not_found")

	s.connect(ada, "ada")
	s.settled(ada)
	before := read[report](ada, "/me/days")
	if got := disconnect(); got != "revoked" || s.Fake.Calls("ada", "revoke") != 1 {
		t.Errorf("disconnecting: %s, %d calls", got, s.Fake.Calls("ada", "revoke"))
	}
	if got := read[connection](ada, "/me/wakatime"); got.State != "not_connected" || got.Kind != nil {
		t.Errorf("after disconnecting: %+v", got)
	}
	ada.post("/me/wakatime/sync", nil).fails(http.StatusConflict, "wakatime_not_connected")
	s.Clock.Advance(24 * time.Hour)
	after := read[report](ada, "/me/days")
	if diff := cmp.Diff(before.Days, after.Days[:len(before.Days)]); diff != "" {
		t.Errorf("disconnecting changed what is known:\n%s", diff)
	}
	if last := after.Days[len(after.Days)-1]; last.State != "disconnected" || last.Seconds != nil {
		t.Errorf("a day without a connection: %+v", last)
	}

	s.connect(ada, "ada")
	s.settled(ada)
	s.Fake.SetScenario("ada", fakewaka.Scenario{RevokeStatus: http.StatusInternalServerError})
	if got := disconnect(); got != "failed" {
		t.Errorf("disconnecting while WakaTime is down: %s", got)
	}
	s.connectByKey(ada, "ada")
	if got := disconnect(); got != "not_applicable" {
		t.Errorf("disconnecting an API key: %s", got)
	}
}
