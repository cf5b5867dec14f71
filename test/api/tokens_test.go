package api_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// shortLived is a scenario in which access tokens expire after an hour.
var shortLived = fakewaka.Scenario{TokenLifetime: time.Hour}

func TestTokens_AreRefreshedBeforeTheyExpire(t *testing.T) {
	t.Parallel()
	tests := map[string]fakewaka.Scenario{
		"a form response":         {TokenFormat: fakewaka.TokenForm},
		"a JSON response":         {TokenFormat: fakewaka.TokenJSON},
		"a rotated refresh token": {RotateRefresh: true, TokenFormat: fakewaka.TokenForm},
		"no new refresh token":    {OmitRefresh: true},
	}
	for name, sc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			e.StartWorker(t)
			ada := e.connected(shortLived, "ada")[0]
			sc.TokenLifetime = time.Hour
			e.Fake.SetScenario("ada", sc)
			for run := 1; run <= 3; run++ {
				e.Clock.Advance(time.Hour)
				e.Fake.ResetCalls()
				if got := e.sync(ada); got.State != "connected" || got.Failure != nil {
					t.Fatalf("run %d: %+v", run, got)
				}
				if tokens, fetches := e.Fake.Calls("ada", "token"), e.Fake.Calls("ada", "summaries"); tokens != 1 || fetches != 1 {
					t.Errorf("run %d: %d refreshes and %d fetches, want one each", run, tokens, fetches)
				}
			}
			e.isAccurate(get[report](ada, "/me/days"), "ada")
		})
	}
}

func TestTokens_RejectedOnesAreRefreshedOnce(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	users := e.connected(fakewaka.Scenario{}, "ada", "ben")
	e.Fake.SetScenario("ada", fakewaka.Scenario{AccessTokenExpired: true})
	e.Fake.SetScenario("ben", fakewaka.Scenario{Status: http.StatusUnauthorized, Only: "summaries"})
	e.Fake.ResetCalls()

	if got := e.sync(users[0]); got.Failure != nil || e.Fake.Calls("ada", "token") != 1 || e.Fake.Calls("ada", "summaries") != 2 {
		t.Errorf("ada: %+v after %d refreshes", got, e.Fake.Calls("ada", "token"))
	}
	got := e.sync(users[1])
	if got.State != "connected" || got.Failure == nil || got.Failure.Reason != "unauthorized" || e.Fake.Calls("ben", "token") != 1 {
		t.Errorf("ben, whose new token is rejected too: %+v after %d refreshes", got, e.Fake.Calls("ben", "token"))
	}
}

func TestTokens_OnlyARevokedGrantDisconnects(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	users := e.connected(shortLived, "ada", "ben")
	ada, ben := users[0], users[1]

	e.Clock.Advance(2 * time.Hour)
	e.Fake.SetScenario("", fakewaka.Scenario{InvalidClient: true})
	e.Fake.SetScenario("ada", fakewaka.Scenario{})
	e.Fake.SetScenario("ben", fakewaka.Scenario{})
	for _, c := range users {
		if got := e.sync(c); got.State != "connected" || got.Failure == nil || got.Failure.Reason != "misconfigured" {
			t.Errorf("with a wrong client secret: %+v", got)
		}
	}
	if log := e.Log.String(); !strings.Contains(log, `"alarm":"wakatime_misconfigured"`) {
		t.Error("the log has no alarm")
	}
	e.Fake.SetScenario("", fakewaka.Scenario{})
	e.Fake.SetScenario("ada", fakewaka.Scenario{InvalidGrant: true})
	if got := e.sync(ada); got.State != "needs_reconnect" || got.Failure == nil || got.Failure.Reason != "revoked" {
		t.Errorf("with a revoked grant: %+v", got)
	}
	if got := e.sync(ben); got.State != "connected" || got.Failure != nil {
		t.Errorf("with another user's revoked grant: %+v", got)
	}
	ada.Post("/me/wakatime/sync", nil).ExpectProblem(http.StatusConflict, "wakatime_not_connected")
	e.Clock.Advance(48 * time.Hour)
	if last := get[report](ada, "/me/today").Days[0]; last.State != "disconnected" || last.Seconds != nil {
		t.Errorf("a day after the grant was revoked: %+v", last)
	}

	e.Fake.SetScenario("ada", fakewaka.Scenario{})
	before := get[connection](ada, "/me/wakatime")
	e.connect(ada, "ada")
	if got := e.nextSync(ada, before); got.State != "connected" || got.Failure != nil {
		t.Errorf("after connecting again: %+v", got)
	}
	e.isAccurate(get[report](ada, "/me/days"), "ada")
	unlinked := get[apiclient.Page[auditEntry]](e.admin, "/audit-log?action=wakatime.unlink").Items
	if len(unlinked) != 1 || unlinked[0].Subject != ada.ID || unlinked[0].ActorRole != "system" {
		t.Errorf("the audit log: %+v", unlinked)
	}
}

func TestEncryptionKeys_Rotate(t *testing.T) {
	t.Parallel()
	key := func(id, letter string) string {
		return id + ":" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32)))
	}
	with := func(keys ...string) testserver.Option {
		return func(c *config.Config) { c.SecretKeys = domain.Secret(strings.Join(keys, ",")) }
	}
	older, newer := key("older", "o"), key("newer", "n")
	e := newEnv(t, with(older))
	e.wakatimeUser("ada", "UTC")
	ada := e.members(1)[0]
	e.connect(ada, "ada")
	id, err := domain.ParseID[domain.User](ada.ID)
	if err != nil {
		t.Fatal(err)
	}
	state := func(s *testserver.Server) string {
		t.Helper()
		e.Clock.Advance(time.Second)
		_ = s.App.Syncer.Sync(t.Context(), domain.System, id, domain.SyncRequest{Scope: domain.SyncOnDemand}) // the connection has the outcome
		c := get[connection](ada.At(s.URL), "/me/wakatime")
		if c.Failure != nil {
			return c.State + ", " + c.Failure.Reason
		}
		return c.State
	}
	both, newest := e.Replica(t, with(newer, older)), e.Replica(t, with(newer))
	if got := state(newest); got != "connected, token_unreadable" {
		t.Errorf("without the key that encrypted: %s", got)
	}
	if got := state(both); got != "connected" {
		t.Errorf("with the key that encrypted and a newer one: %s", got)
	}
	ada.At(both.URL).Post(callback, ada.At(both.URL).Consent("ada")).Expect(http.StatusOK)
	if got := state(newest); got != "connected" {
		t.Errorf("after connecting again with the newer key: %s", got)
	}
}
