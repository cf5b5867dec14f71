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
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// shortLived is a scenario under which access tokens live for an hour.
var shortLived = fakewaka.Scenario{TokenLifetime: time.Hour}

// connected makes members who are connected under the same names and in sync.
func (s *school) connected(sc fakewaka.Scenario, names ...string) []client {
	s.t.Helper()
	people := s.crowd(len(names))
	for i, name := range names {
		s.coder(name, "UTC")
		s.Fake.SetScenario(name, sc)
		s.connect(people[i], name)
	}
	for _, c := range people {
		s.settled(c)
	}
	return people
}

func TestTokensAreRenewedBeforeTheyExpire(t *testing.T) {
	t.Parallel()
	tests := map[string]fakewaka.Scenario{
		"answered as a form":             {TokenFormat: fakewaka.TokenForm},
		"answered as JSON":               {TokenFormat: fakewaka.TokenJSON},
		"with another for the next time": {RotateRefresh: true, TokenFormat: fakewaka.TokenForm},
		"without one for the next time":  {OmitRefresh: true},
	}
	for name, sc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSchool(t)
			s.StartWorker(t)
			ada := s.connected(shortLived, "ada")[0]
			sc.TokenLifetime = time.Hour
			s.Fake.SetScenario("ada", sc)
			for run := 1; run <= 3; run++ {
				s.Clock.Advance(time.Hour)
				s.Fake.ResetCalls()
				if got := s.sync(ada); got.State != "connected" || got.Failure != nil {
					t.Fatalf("run %d: %+v", run, got)
				}
				if tokens, asked := s.Fake.Calls("ada", "token"), s.Fake.Calls("ada", "summaries"); tokens != 1 || asked != 1 {
					t.Errorf("run %d: %d renewals, and %d questions of which one was needed", run, tokens, asked)
				}
			}
			s.honest(read[report](ada, "/me/days"), "ada")
		})
	}
}

func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	people := s.connected(fakewaka.Scenario{}, "ada", "ben")
	s.Fake.SetScenario("ada", fakewaka.Scenario{AccessTokenExpired: true})
	s.Fake.SetScenario("ben", fakewaka.Scenario{Status: http.StatusUnauthorized, Only: "summaries"})
	s.Fake.ResetCalls()

	if got := s.sync(people[0]); got.Failure != nil || s.Fake.Calls("ada", "token") != 1 || s.Fake.Calls("ada", "summaries") != 2 {
		t.Errorf("ada: %+v after %d renewals", got, s.Fake.Calls("ada", "token"))
	}
	got := s.sync(people[1])
	if got.State != "connected" || got.Failure == nil || got.Failure.Reason != "unauthorized" || s.Fake.Calls("ben", "token") != 1 {
		t.Errorf("ben, whom a new token does not help: %+v after %d renewals", got, s.Fake.Calls("ben", "token"))
	}
}

func TestARevokedGrantUnlinksOneAndAWrongSecretNobody(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	people := s.connected(shortLived, "ada", "ben")
	ada, ben := people[0], people[1]

	s.Clock.Advance(2 * time.Hour)
	s.Fake.SetScenario("", fakewaka.Scenario{InvalidClient: true})
	s.Fake.SetScenario("ada", fakewaka.Scenario{})
	s.Fake.SetScenario("ben", fakewaka.Scenario{})
	for _, c := range people {
		if got := s.sync(c); got.State != "connected" || got.Failure == nil || got.Failure.Reason != "misconfigured" {
			t.Errorf("with a wrong client secret: %+v", got)
		}
	}
	if log := s.Log.String(); !strings.Contains(log, `"alarm":"wakatime_misconfigured"`) {
		t.Error("the operator was not alarmed")
	}
	s.Fake.SetScenario("", fakewaka.Scenario{})
	s.Fake.SetScenario("ada", fakewaka.Scenario{InvalidGrant: true})
	if got := s.sync(ada); got.State != "needs_reconnect" || got.Failure == nil || got.Failure.Reason != "revoked" {
		t.Errorf("with a revoked grant: %+v", got)
	}
	if got := s.sync(ben); got.State != "connected" || got.Failure != nil {
		t.Errorf("beside a revoked grant: %+v", got)
	}
	ada.post("/me/wakatime/sync", nil).fails(http.StatusConflict, "wakatime_not_connected")
	s.Clock.Advance(48 * time.Hour)
	if last := read[report](ada, "/me/today").Days[0]; last.State != "disconnected" || last.Seconds != nil {
		t.Errorf("a day after the grant was revoked: %+v", last)
	}

	s.Fake.SetScenario("ada", fakewaka.Scenario{})
	before := read[connection](ada, "/me/wakatime")
	s.connect(ada, "ada")
	if got := s.until(ada, before); got.State != "connected" || got.Failure != nil {
		t.Errorf("after connecting again: %+v", got)
	}
	s.honest(read[report](ada, "/me/days"), "ada")
	unlinked := read[page[auditEntry]](s.admin, "/audit-log?action=wakatime.unlink").Items
	if len(unlinked) != 1 || unlinked[0].Subject != ada.id || unlinked[0].ActorRole != "system" {
		t.Errorf("the audit log: %+v", unlinked)
	}
}

func TestKeysThatSealRotate(t *testing.T) {
	t.Parallel()
	key := func(id, letter string) string {
		return id + ":" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32)))
	}
	with := func(keys ...string) testserver.Option {
		return func(c *config.Config) { c.SecretKeys = domain.Secret(strings.Join(keys, ",")) }
	}
	older, newer := key("older", "o"), key("newer", "n")
	s := newSchool(t, with(older))
	s.coder("ada", "UTC")
	ada := s.crowd(1)[0]
	s.connect(ada, "ada")
	id, err := domain.ParseID[domain.User](ada.id)
	if err != nil {
		t.Fatal(err)
	}
	state := func(h *testserver.Server) string {
		t.Helper()
		s.Clock.Advance(time.Second)
		_ = h.App.Syncer.Sync(t.Context(), domain.System, id, domain.SyncOnDemand) // told by the connection
		c := read[connection](ada.at(h.URL), "/me/wakatime")
		if c.Failure != nil {
			return c.State + ", " + c.Failure.Reason
		}
		return c.State
	}
	both, newest := s.Replica(t, with(newer, older)), s.Replica(t, with(newer))
	if got := state(newest); got != "connected, token_unreadable" {
		t.Errorf("without the key that sealed: %s", got)
	}
	if got := state(both); got != "connected" {
		t.Errorf("with the key that sealed and a newer one: %s", got)
	}
	ada.at(both.URL).post(callback, s.consent(ada.at(both.URL), "ada")).is(http.StatusOK)
	if got := state(newest); got != "connected" {
		t.Errorf("after connecting again under the newer key: %s", got)
	}
}
