package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// drain lets all jobs run that wait, whenever they are due, and waits until they have.
func (s *school) drain() {
	s.t.Helper()
	s.RunJobsNow(s.t)
	testserver.Eventually(s.t, "the planned syncs", func() bool {
		s.NotifyWorkers(s.t)
		return len(s.Strings(s.t, `SELECT kind FROM river_job WHERE state IN ('available', 'running')`)) == 0
	})
}

func TestSixDaysWithoutUpstreamAreMadeUpForInOneRun(t *testing.T) {
	t.Parallel()
	s, ada, batch := oneStudent(t)
	before := read[report](ada, "/me/days").Days
	s.Fake.SetScenario("", fakewaka.Scenario{Status: http.StatusBadGateway})
	for range 6 {
		s.Clock.Advance(24 * time.Hour)
		got := s.sync(ada)
		if got.State != "connected" || got.Failure == nil || got.Failure.Reason != "unavailable" {
			t.Fatalf("while upstream is down: %+v", got)
		}
		for _, d := range read[report](ada, "/me/days").Days[7:] {
			if d.State != "error" || d.Seconds != nil || deref(d.Reason) != "unavailable" {
				t.Errorf("while upstream is down, %s is %s with %v seconds", d.Day, d.State, deref(d.Seconds))
			}
		}
	}
	gaps := read[batchCoverage](s.admin, "/batches/"+batch+"/coverage").Gaps
	if len(gaps) != 1 || gaps[0].Total.Error != 6 || deref(gaps[0].Reason) != "unavailable" {
		t.Errorf("the gaps: %+v", gaps)
	}
	if diff := cmp.Diff(before[:6], withoutAttempts(read[report](ada, "/me/days").Days[:6])); diff != "" {
		t.Errorf("the outage changed what was known:\n%s", diff)
	}

	s.Fake.SetScenario("", fakewaka.Scenario{})
	s.Fake.ResetCalls()
	if got := s.sync(ada); got.Failure != nil {
		t.Errorf("after the outage: %+v", got)
	}
	r := read[report](ada, "/me/days")
	s.honest(r, "ada")
	if calls := s.Fake.Calls("ada", "summaries"); len(r.Days) != 13 || calls != 1 {
		t.Errorf("%d days were made up for by %d calls", len(r.Days), calls)
	}
	if c := read[batchCoverage](s.admin, "/batches/"+batch+"/coverage"); len(c.Gaps) != 0 || c.Total.Known != 13 {
		t.Errorf("after the outage: %+v", c)
	}
}

// withoutAttempts drops what in a day tells of questions that came to nothing.
func withoutAttempts(days []day) []day {
	for i := range days {
		days[i].Attempts, days[i].Reason = 0, nil
	}
	return days
}

func TestOneBrokenAccountStopsNobody(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	id, key := s.batch("Evening", "UTC")
	names := []string{"ada", "ben", "cleo", "dora"}
	people := s.students(key, len(names))
	for i, name := range names {
		s.coder(name, "UTC")
		s.connect(people[i], name)
		s.settled(people[i])
	}
	s.Fake.SetScenario("ada", fakewaka.Scenario{GarbageJSON: true})
	s.Fake.SetScenario("ben", fakewaka.Scenario{FailConnections: true})
	s.Fake.SetScenario("cleo", fakewaka.Scenario{Status: http.StatusUnauthorized, InvalidGrant: true})
	s.Clock.Advance(24 * time.Hour)
	s.plan()
	for i, want := range []string{"invalid_answer", "unavailable", "revoked"} {
		if got := read[connection](people[i], "/me/wakatime"); got.Failure == nil || got.Failure.Reason != want {
			t.Errorf("%s: %+v", names[i], got)
		}
	}
	s.honest(read[report](people[3], "/me/days"), "dora")
	if c := read[batchCoverage](s.admin, "/batches/"+id+"/coverage"); len(c.Gaps) != 3 {
		t.Errorf("the gaps: %+v", c.Gaps)
	}
	if d := read[dashboard](s.admin, "/admin/dashboard"); d.JobsFailing != 2 || d.StudentsConnected != 3 {
		t.Errorf("the dashboard: %+v", d)
	}
}

func TestWhateverUpstreamAnswersUnknownIsNotZero(t *testing.T) {
	t.Parallel()
	const firstDay = "2040-03-08"
	one, all := 1, 7
	tests := []struct {
		what   string
		says   fakewaka.Scenario
		gaps   int // days of 7
		state  string
		reason string
	}{
		{"an error", fakewaka.Scenario{Status: 500}, all, "error", "unavailable"},
		{"nothing", fakewaka.Scenario{FailConnections: true}, all, "error", "unavailable"},
		{"too many requests", fakewaka.Scenario{Status: 429, RetryAfter: "3600"}, all, "pending", "throttled"},
		{"a redirect", fakewaka.Scenario{Status: 302}, all, "pending", "throttled"},
		{"not yet", fakewaka.Scenario{NotReady: true}, all, "pending", "not_ready"},
		{"a web page", fakewaka.Scenario{HTML: true}, all, "error", "invalid_answer"},
		{"no body", fakewaka.Scenario{Empty: true}, all, "error", "invalid_answer"},
		{"garbage", fakewaka.Scenario{GarbageJSON: true}, all, "error", "invalid_answer"},
		{"half an answer", fakewaka.Scenario{Truncated: true}, all, "error", "invalid_answer"},
		{"two truths", fakewaka.Scenario{ConflictingDuplicateDays: true}, all, "error", "invalid_answer"},
		{"text for numbers", fakewaka.Scenario{WrongTypes: true}, all, "error", "invalid_answer"},
		{"less than nothing", fakewaka.Scenario{NegativeSeconds: true}, one, "error", "invalid_answer"},
		{"more than a day", fakewaka.Scenario{OverlongDay: true}, one, "error", "invalid_answer"},
		{"a day too few", fakewaka.Scenario{MissingDays: []string{firstDay}}, one, "error", "missing_in_answer"},

		{"no field named seconds", fakewaka.Scenario{MissingSeconds: true}, 0, "", ""},
		{"fields that nobody knows", fakewaka.Scenario{UnknownFields: true}, 0, "", ""},
		{"null for lists", fakewaka.Scenario{NullLists: true}, 0, "", ""},
		{"everything twice", fakewaka.Scenario{DuplicateDays: true}, 0, "", ""},
		{"more days than asked for", fakewaka.Scenario{ExtraDays: 3}, 0, "", ""},
	}
	s := newSchool(t)
	s.StartWorker(t)
	_, key := s.batch("Evening", "America/Chicago")
	people := s.students(key, len(tests))
	for i, tt := range tests {
		s.coder(tt.what, "America/Chicago")
		tt.says.Only = "summaries"
		s.Fake.SetScenario(tt.what, tt.says)
		s.connect(people[i], tt.what)
	}
	for i := range tests {
		s.settled(people[i])
	}
	for i, tt := range tests {
		r := read[report](people[i], "/me/days")
		if r.Total.Known != 7-tt.gaps || len(r.Days) != 7 {
			t.Errorf("%s: %+v", tt.what, r.Total)
		}
		for _, d := range r.Days[:tt.gaps] {
			if d.State != tt.state || deref(d.Reason) != tt.reason || d.Seconds != nil {
				t.Errorf("%s: %s is %s, %v, %v seconds", tt.what, d.Day, d.State, deref(d.Reason), deref(d.Seconds))
			}
		}
		s.Fake.SetScenario(tt.what, fakewaka.Scenario{})
	}
	s.drain() // what failed is tried again
	for i, tt := range tests {
		if tt.gaps > 0 {
			s.sync(people[i])
		}
		s.honest(read[report](people[i], "/me/days"), tt.what)
	}
}

func TestTheStatusBarIsNotAsked(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	s.coder("ada", "UTC")
	s.Fake.SetScenario("ada", fakewaka.Scenario{EmptyStatusBar: true})
	ada := s.crowd(1)[0]
	s.connect(ada, "ada")
	s.settled(ada)
	s.honest(read[report](ada, "/me/days"), "ada")
	if today := read[report](ada, "/me/today"); len(today.Days) != 1 || today.Total.Known != 1 {
		t.Errorf("today: %+v", today)
	}
	for _, endpoint := range []string{"status_bar/today", "statusbar/today"} {
		if n := s.Fake.Calls("", endpoint); n != 0 {
			t.Errorf("%s was asked %d times", endpoint, n)
		}
	}
}
