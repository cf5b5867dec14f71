package api_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// oneStudent is a school with one student, who is connected as ada and in sync, in a
// batch and in an account of the same zone.
func oneStudent(t *testing.T) (s *school, ada client, batch string) {
	t.Helper()
	s = newSchool(t)
	s.StartWorker(t)
	batch, key := s.batch("Evening", "America/Chicago")
	ada = s.students(key, 1)[0]
	s.coder("ada", "America/Chicago")
	s.connect(ada, "ada")
	s.settled(ada)
	return s, ada, batch
}

func TestARunWithoutNewsWritesNothing(t *testing.T) {
	t.Parallel()
	s, ada, _ := oneStudent(t)
	versions := func() []string {
		return s.Strings(t, `SELECT concat_ws(' ', day, xmin, ctid, fetched_at, seconds) FROM days ORDER BY day`)
	}
	const recorded = `SELECT id::text FROM audit_entries WHERE action = 'tracking.record'`
	before, log, calls := versions(), s.Strings(t, recorded), s.Fake.Calls("ada", "summaries")
	for range 2 {
		if got := s.sync(ada); got.Failure != nil {
			t.Fatalf("%+v", got)
		}
	}
	if n := s.Fake.Calls("ada", "summaries"); n != calls+2 {
		t.Errorf("upstream was asked %d times by two runs", n-calls)
	}
	if diff := cmp.Diff(before, versions()); diff != "" || len(before) != 7 {
		t.Errorf("rows were written:\n%s", diff)
	}
	if diff := cmp.Diff(log, s.Strings(t, recorded)); diff != "" {
		t.Errorf("nothing was recorded, and the audit log says otherwise:\n%s", diff)
	}
}

func TestAValueThatGoesDownReplacesTheOldOne(t *testing.T) {
	t.Parallel()
	s, ada, batch := oneStudent(t)
	before := read[report](ada, "/me/days")
	s.Fake.SetScenario("ada", fakewaka.Scenario{ScaleSeconds: 0.5})
	s.sync(ada)
	after := read[report](ada, "/me/days")
	for i, d := range after.Days {
		if got, was := *d.Seconds, *before.Days[i].Seconds; got > was/2+1 || got < was/2 {
			t.Errorf("%s: %d seconds after %d; upstream says half", d.Day, got, was)
		}
	}
	if m := read[progress](s.admin, "/batches/"+batch+"/progress"); m.Total.Seconds != after.Total.Seconds || after.Total.Seconds >= before.Total.Seconds {
		t.Errorf("the class has %d seconds, the student %d after %d", m.Total.Seconds, after.Total.Seconds, before.Total.Seconds)
	}
}

func TestAWishIsMetOnce(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	id, key := s.batch("Evening", "UTC")
	ada, grace := s.students(key, 1)[0], s.instructor("Grace", id)
	s.coder("ada", "UTC")
	ada.post("/me/wakatime/sync", nil).fails(http.StatusConflict, "wakatime_not_connected")
	s.connect(ada, "ada")
	for _, c := range []client{ada, ada, grace, s.admin} {
		path := "/students/" + ada.id + "/sync"
		a := c.post(path, nil).is(http.StatusAccepted)
		read[report](c, a.header.Get("Location")[len("/api/v1"):])
	}
	waiting := s.Strings(t, `SELECT args->>'scope' FROM river_job WHERE kind = 'tracking.sync'`)
	if !slices.Equal(waiting, []string{"now"}) {
		t.Errorf("after connecting and four wishes there wait %q", waiting)
	}
	s.StartWorker(t)
	s.settled(ada)
	if n := s.Fake.Calls("ada", "summaries"); n != 1 {
		t.Errorf("upstream was asked %d times", n)
	}
}

func TestReplicasDoNotFetchTheSameAtOnce(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.coder("ada", "UTC")
	ada := s.crowd(1)[0]
	s.connect(ada, "ada")
	id, err := domain.ParseID[domain.User](ada.id)
	if err != nil {
		t.Fatal(err)
	}
	replicas := []*wiring.App{s.App, s.Replica(t).App}
	s.Fake.ResetCalls()
	s.Fake.SetScenario("ada", fakewaka.Scenario{Delay: time.Second})
	outcomes := make([]error, 6)
	atOnce(len(outcomes), func(i int) {
		outcomes[i] = replicas[i%2].Syncer.Sync(t.Context(), domain.System, id, domain.SyncOnDemand)
	})
	done, busy := 0, 0
	for _, err := range outcomes {
		switch {
		case err == nil:
			done++
		case errors.Is(err, domain.ErrSyncBusy):
			busy++
		default:
			t.Errorf("a sync beside another: %v", err)
		}
	}
	if peak, calls := s.Fake.InFlightPeak("ada"), s.Fake.Calls("ada", "summaries"); busy == 0 || calls != done || peak != 1 {
		t.Errorf("%d of 6 syncs ran and %d found it busy: %d calls, %d at once", done, busy, calls, peak)
	}
	s.honest(read[report](ada, "/me/days"), "ada")
}

func TestDaysBeyondThePlanAreKnownToBeUnknown(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	id, key := s.batch("Evening", "UTC")
	ada := s.students(key, 1)[0]
	s.Fake.AddPerson(fakewaka.Person{Username: "ada", HistoryDays: 3, Activity: fakewaka.Activity{WeeklyHours: 25}})
	s.connect(ada, "ada")
	if got := s.settled(ada); got.State != "connected" {
		t.Errorf("a plan without history: %+v", got)
	}
	r := read[report](ada, "/me/days")
	for i, d := range r.Days {
		if limited := i < 3; limited != (d.State == "plan_limited") || limited != (d.Seconds == nil) || limited != (deref(d.Reason) == "plan_limited") {
			t.Errorf("day %d of 7: %+v", i, d)
		}
	}
	if r.Total.PlanLimited != 3 || r.Total.Known != 4 {
		t.Errorf("the total: %+v", r.Total)
	}
	m := read[progress](s.admin, "/batches/"+id+"/progress?from="+r.Days[0].Day)
	if got := m.Items[0]; got.States[0] != "plan_limited" || got.Seconds[0] != nil {
		t.Errorf("the matrix: %+v", got)
	}
	gaps := read[batchCoverage](s.admin, "/batches/"+id+"/coverage").Gaps
	if len(gaps) != 1 || gaps[0].Since != r.Days[0].Day || deref(gaps[0].Reason) != "plan_limited" || gaps[0].Total.PlanLimited != 3 {
		t.Errorf("the gaps: %+v", gaps)
	}

	// Nobody asks for them again and again.
	before := s.Fake.Calls("ada", "summaries")
	s.Clock.Advance(24 * time.Hour)
	s.sync(ada)
	if n := s.Fake.Calls("ada", "summaries") - before; n > 5 {
		t.Errorf("the next run asked %d times", n)
	}
}

func TestTodayIsReadAgainWhenItIsOver(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	_, key := s.batch("Evening", "America/Chicago")
	ada := s.students(key, 1)[0]
	s.Fake.AddPerson(fakewaka.Person{Username: "ada", TimeZone: "Asia/Tokyo", Activity: fakewaka.Activity{WeeklyHours: 60}})
	// It is 18:30 in Chicago, and half an hour before midnight in UTC.
	s.Clock.Set(time.Date(2040, time.March, 14, 23, 30, 0, 0, time.UTC))
	s.connect(ada, "ada")
	s.settled(ada)
	const today = "2040-03-14"
	evening := read[report](ada, "/me/today")
	s.honest(read[report](ada, "/me/days"), "ada")
	if len(evening.Days) != 1 || evening.Days[0].Day != today || evening.Days[0].Final {
		t.Fatalf("today in Chicago: %+v", evening)
	}

	s.Clock.Set(time.Date(2040, time.March, 15, 15, 0, 0, 0, time.UTC))
	s.plan()
	days := read[report](ada, "/me/days")
	s.honest(days, "ada")
	for _, d := range days.Days {
		if d.Day == today && (!d.Final || *d.Seconds <= *evening.Days[0].Seconds) {
			t.Errorf("the day that is over: %+v; it had %d seconds in the evening", d, *evening.Days[0].Seconds)
		}
	}
}

// plan lets the planner run and waits until what it has planned is done.
func (s *school) plan() {
	s.t.Helper()
	if _, err := s.App.Planner.Plan(s.t.Context(), domain.System); err != nil {
		s.t.Fatal(err)
	}
	s.drain()
}
