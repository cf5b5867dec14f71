package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

func TestOutage_OneSyncFillsSixMissingDays(t *testing.T) {
	t.Parallel()
	e, ada, batch := oneStudent(t)
	before := get[report](ada, "/me/days").Days
	e.Fake.SetScenario("", fakewaka.Scenario{Status: http.StatusBadGateway})
	for range 3 { // more failed requests would open the circuit breaker for half a minute
		e.Clock.Advance(48 * time.Hour)
		got := e.sync(ada)
		if got.State != "connected" || got.Failure == nil || got.Failure.Reason != "unavailable" {
			t.Fatalf("while WakaTime is unavailable: %+v", got)
		}
		for _, d := range get[report](ada, "/me/days").Days[7:] {
			if d.State != "error" || d.Seconds != nil || deref(d.Reason) != "unavailable" {
				t.Errorf("while WakaTime is unavailable, %s is %s with %v seconds", d.Day, d.State, deref(d.Seconds))
			}
		}
	}
	gaps := get[batchCoverage](e.admin, "/batches/"+batch+"/coverage").Gaps
	if len(gaps) != 1 || gaps[0].Total.Error != 5 || gaps[0].Total.Partial != 1 || deref(gaps[0].Reason) != "unavailable" {
		t.Errorf("the gaps: %+v", gaps)
	}
	if diff := cmp.Diff(before[:6], withoutAttempts(get[report](ada, "/me/days").Days[:6])); diff != "" {
		t.Errorf("the outage changed known days:\n%s", diff)
	}

	e.Fake.SetScenario("", fakewaka.Scenario{})
	e.Fake.ResetCalls()
	if got := e.sync(ada); got.Failure != nil {
		t.Errorf("after the outage: %+v", got)
	}
	r := get[report](ada, "/me/days")
	e.isAccurate(r, "ada")
	if calls := e.Fake.Calls("ada", "summaries"); len(r.Days) != 13 || calls != 1 {
		t.Errorf("%d days were fetched by %d calls", len(r.Days), calls)
	}
	if c := get[batchCoverage](e.admin, "/batches/"+batch+"/coverage"); len(c.Gaps) != 0 || c.Total.Known != 12 {
		t.Errorf("after the outage: %+v", c)
	}
}

// withoutAttempts removes what a day records about failed attempts.
func withoutAttempts(days []day) []day {
	for i := range days {
		days[i].Attempts, days[i].Reason = 0, nil
	}
	return days
}

func TestSync_OneBrokenAccountDoesNotAffectOthers(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	id, key := e.batch("Evening", "UTC")
	names := []string{"ada", "ben", "cleo", "dora"}
	users := e.students(key, len(names))
	for i, name := range names {
		e.wakatimeUser(name, "UTC")
		e.connect(users[i], name)
		e.firstSync(users[i])
	}
	e.Fake.SetScenario("ada", fakewaka.Scenario{GarbageJSON: true})
	e.Fake.SetScenario("ben", fakewaka.Scenario{FailConnections: true})
	e.Fake.SetScenario("cleo", fakewaka.Scenario{Status: http.StatusUnauthorized, InvalidGrant: true})
	e.Clock.Advance(24 * time.Hour)
	e.planSyncs()
	for i, want := range []string{"invalid_response", "unavailable", "revoked"} {
		if got := get[connection](users[i], "/me/wakatime"); got.Failure == nil || got.Failure.Reason != want {
			t.Errorf("%s: %+v", names[i], got)
		}
	}
	e.isAccurate(get[report](users[3], "/me/days"), "dora")
	if c := get[batchCoverage](e.admin, "/batches/"+id+"/coverage"); len(c.Gaps) != 3 {
		t.Errorf("the gaps: %+v", c.Gaps)
	}
	if d := get[dashboard](e.admin, "/admin/dashboard"); d.JobsFailing != 2 || d.StudentsConnected != 3 {
		t.Errorf("the dashboard: %+v", d)
	}
}

func TestSync_InvalidResponsesLeaveDaysUnknown(t *testing.T) {
	t.Parallel()
	const firstDay = "2040-03-08"
	one, all := 1, 7
	tests := []struct {
		name     string // also that of the WakaTime user
		scenario fakewaka.Scenario
		gaps     int // days of 7
		state    string
		reason   string
	}{
		{"an error", fakewaka.Scenario{Status: 500}, all, "error", "unavailable"},
		{"no response", fakewaka.Scenario{FailConnections: true}, all, "error", "unavailable"},
		{"too many requests", fakewaka.Scenario{Status: 429, RetryAfter: "3600"}, all, "pending", "throttled"},
		{"a redirect", fakewaka.Scenario{Status: 302}, all, "pending", "throttled"},
		{"not ready", fakewaka.Scenario{NotReady: true}, all, "pending", "not_ready"},
		{"a web page", fakewaka.Scenario{HTML: true}, all, "error", "invalid_response"},
		{"no body", fakewaka.Scenario{Empty: true}, all, "error", "invalid_response"},
		{"invalid JSON", fakewaka.Scenario{GarbageJSON: true}, all, "error", "invalid_response"},
		{"half a response", fakewaka.Scenario{Truncated: true}, all, "error", "invalid_response"},
		{"conflicting values for a day", fakewaka.Scenario{ConflictingDuplicateDays: true}, all, "error", "invalid_response"},
		{"strings instead of numbers", fakewaka.Scenario{WrongTypes: true}, all, "error", "invalid_response"},
		{"negative seconds", fakewaka.Scenario{NegativeSeconds: true}, one, "error", "invalid_response"},
		{"more than 24 hours", fakewaka.Scenario{OverlongDay: true}, one, "error", "invalid_response"},
		{"a missing day", fakewaka.Scenario{MissingDays: []string{firstDay}}, one, "error", "missing_in_response"},

		{"no field seconds", fakewaka.Scenario{MissingSeconds: true}, 0, "", ""},
		{"unknown fields", fakewaka.Scenario{UnknownFields: true}, 0, "", ""},
		{"null instead of lists", fakewaka.Scenario{NullLists: true}, 0, "", ""},
		{"every day twice", fakewaka.Scenario{DuplicateDays: true}, 0, "", ""},
		{"more days than requested", fakewaka.Scenario{ExtraDays: 3}, 0, "", ""},
	}
	e := newEnv(t)
	e.StartWorker(t)
	_, key := e.batch("Evening", "America/Chicago")
	users := e.students(key, len(tests))
	for i, tt := range tests {
		e.wakatimeUser(tt.name, "America/Chicago")
		tt.scenario.Only = "summaries"
		e.Fake.SetScenario(tt.name, tt.scenario)
		e.connect(users[i], tt.name)
	}
	for i := range tests {
		e.firstSync(users[i])
	}
	for i, tt := range tests {
		r := get[report](users[i], "/me/days")
		if r.Total.Known != max(6-tt.gaps, 0) || len(r.Days) != 7 {
			t.Errorf("%s: %+v", tt.name, r.Total)
		}
		for _, d := range r.Days[:tt.gaps] {
			if d.State != tt.state || deref(d.Reason) != tt.reason || d.Seconds != nil {
				t.Errorf("%s: %s is %s, %v, %v seconds", tt.name, d.Day, d.State, deref(d.Reason), deref(d.Seconds))
			}
		}
		e.Fake.SetScenario(tt.name, fakewaka.Scenario{})
	}
	e.runAllJobs() // retries
	for i, tt := range tests {
		if tt.gaps > 0 {
			e.sync(users[i])
		}
		e.isAccurate(get[report](users[i], "/me/days"), tt.name)
	}
}

func TestSync_DoesNotUseTheStatusBar(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	e.wakatimeUser("ada", "UTC")
	e.Fake.SetScenario("ada", fakewaka.Scenario{EmptyStatusBar: true})
	ada := e.members(1)[0]
	e.connect(ada, "ada")
	e.firstSync(ada)
	e.isAccurate(get[report](ada, "/me/days"), "ada")
	if today := get[report](ada, "/me/today"); len(today.Days) != 1 || today.Days[0].State != "partial" || today.Total.Expected != 0 {
		t.Errorf("today: %+v", today)
	}
	for _, endpoint := range []string{"status_bar/today", "statusbar/today"} {
		if n := e.Fake.Calls("", endpoint); n != 0 {
			t.Errorf("%s was called %d times", endpoint, n)
		}
	}
}
