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

func TestSync_UnchangedDaysAreNotWritten(t *testing.T) {
	t.Parallel()
	e, ada, _ := oneStudent(t)
	versions := func() []string {
		return e.Strings(t, `SELECT concat_ws(' ', day, xmin, ctid, changed_at, seconds) FROM days ORDER BY day`)
	}
	before, calls := versions(), e.Fake.Calls("ada", "summaries")
	for range 2 {
		if got := e.sync(ada); got.Failure != nil {
			t.Fatalf("%+v", got)
		}
	}
	if n := e.Fake.Calls("ada", "summaries"); n != calls+2 {
		t.Errorf("two syncs called WakaTime %d times", n-calls)
	}
	if diff := cmp.Diff(before, versions()); diff != "" || len(before) != 7 {
		t.Errorf("rows changed:\n%s", diff)
	}
}

func TestSync_LowerTotalsReplaceHigherOnes(t *testing.T) {
	t.Parallel()
	e, ada, batch := oneStudent(t)
	before := get[report](ada, "/me/days")
	e.Fake.SetScenario("ada", fakewaka.Scenario{ScaleSeconds: 0.5})
	e.sync(ada)
	after := get[report](ada, "/me/days")
	for i, d := range after.Days {
		if got, was := *d.Seconds, *before.Days[i].Seconds; got > was/2+1 || got < was/2 {
			t.Errorf("%s: %d seconds after %d; want half", d.Day, got, was)
		}
	}
	if m := get[progress](e.admin, "/batches/"+batch+"/progress"); m.Total.Seconds != after.Total.Seconds || after.Total.Seconds >= before.Total.Seconds {
		t.Errorf("the batch has %d seconds, the student %d after %d", m.Total.Seconds, after.Total.Seconds, before.Total.Seconds)
	}
}

func TestSync_PendingRequestsAreMerged(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	id, key := e.batch("Evening", "UTC")
	ada, grace := e.students(key, 1)[0], e.instructor("Grace", id)
	e.wakatimeUser("ada", "UTC")
	ada.Post("/me/wakatime/sync", nil).ExpectProblem(http.StatusConflict, "wakatime_not_connected")
	e.connect(ada, "ada")
	for _, c := range []client{ada, ada, grace, e.admin} {
		path := "/students/" + ada.ID + "/sync"
		res := c.Post(path, nil).Expect(http.StatusAccepted)
		get[report](c, res.Header.Get("Location")[len("/api/v1"):])
	}
	waiting := e.Strings(t, `SELECT args->>'scope' FROM gradus_river.river_job WHERE kind = 'tracking.sync'`)
	if !slices.Equal(waiting, []string{"now"}) {
		t.Errorf("after connecting and four requests, these syncs are pending: %q", waiting)
	}
	e.StartWorker(t)
	e.firstSync(ada)
	if n := e.Fake.Calls("ada", "summaries"); n != 1+yardstickCalls {
		t.Errorf("WakaTime was called %d times", n)
	}
}

// yardstickCalls is how many calls the first sync makes to find out how the server measures.
const yardstickCalls = 2

func TestSync_ReplicasTakeTurns(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.wakatimeUser("ada", "UTC")
	ada := e.members(1)[0]
	e.connect(ada, "ada")
	id, err := domain.ParseID[domain.User](ada.ID)
	if err != nil {
		t.Fatal(err)
	}
	replicas := []*wiring.App{e.App, e.Replica(t).App}
	e.Fake.ResetCalls()
	e.Fake.SetScenario("ada", fakewaka.Scenario{Delay: time.Second})
	outcomes := make([]error, 6)
	concurrently(len(outcomes), func(i int) {
		outcomes[i] = replicas[i%2].Syncer.Sync(t.Context(), domain.System, id, domain.SyncRequest{Scope: domain.SyncOnDemand})
	})
	done, busy := 0, 0
	for _, err := range outcomes {
		switch {
		case err == nil:
			done++
		case errors.Is(err, domain.ErrSyncBusy):
			busy++
		default:
			t.Errorf("a concurrent sync: %v", err)
		}
	}
	if peak, calls := e.Fake.InFlightPeak("ada"), e.Fake.Calls("ada", "summaries"); busy == 0 || calls != done+yardstickCalls || peak != 1 {
		t.Errorf("%d of 6 syncs ran and %d were rejected as busy: %d calls, %d at once", done, busy, calls, peak)
	}
	e.isAccurate(get[report](ada, "/me/days"), "ada")
}

func TestSync_DaysBeyondThePlanAreMarked(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	id, key := e.batch("Evening", "UTC")
	ada := e.students(key, 1)[0]
	e.Fake.AddPerson(fakewaka.Person{Username: "ada", HistoryDays: 3, Activity: fakewaka.Activity{WeeklyHours: 25}})
	e.connect(ada, "ada")
	if got := e.firstSync(ada); got.State != "connected" {
		t.Errorf("a plan without history: %+v", got)
	}
	r := get[report](ada, "/me/days")
	for i, d := range r.Days {
		if limited := i < 3; limited != (d.State == "plan_limited") || limited != (d.Seconds == nil) || limited != (deref(d.Reason) == "plan_limited") {
			t.Errorf("day %d of 7: %+v", i, d)
		}
	}
	if r.Total.PlanLimited != 3 || r.Total.Known != 3 {
		t.Errorf("the total: %+v", r.Total)
	}
	m := get[progress](e.admin, "/batches/"+id+"/progress?from="+r.Days[0].Day)
	if got := m.Items[0]; got.States[0] != "plan_limited" || got.Seconds[0] != nil {
		t.Errorf("the progress: %+v", got)
	}
	gaps := get[batchCoverage](e.admin, "/batches/"+id+"/coverage").Gaps
	if len(gaps) != 1 || gaps[0].Since != r.Days[0].Day || deref(gaps[0].Reason) != "plan_limited" || gaps[0].Total.PlanLimited != 3 {
		t.Errorf("the gaps: %+v", gaps)
	}

	// They are not fetched again and again.
	before := e.Fake.Calls("ada", "summaries")
	e.Clock.Advance(24 * time.Hour)
	e.sync(ada)
	if n := e.Fake.Calls("ada", "summaries") - before; n > 5 {
		t.Errorf("the next sync called WakaTime %d times", n)
	}
}

func TestSync_RereadsTodayAfterItsEnd(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.StartWorker(t)
	_, key := e.batch("Evening", "America/Chicago")
	ada := e.students(key, 1)[0]
	e.Fake.AddPerson(fakewaka.Person{Username: "ada", TimeZone: "Asia/Tokyo", Activity: fakewaka.Activity{WeeklyHours: 60}})
	// It is 18:30 in Chicago, and half an hour before midnight in UTC.
	e.Clock.Set(time.Date(2040, time.March, 14, 23, 30, 0, 0, time.UTC))
	e.connect(ada, "ada")
	e.firstSync(ada)
	const today = "2040-03-14"
	evening := get[report](ada, "/me/today")
	e.isAccurate(get[report](ada, "/me/days"), "ada")
	if len(evening.Days) != 1 || evening.Days[0].Day != today || evening.Days[0].State != "partial" {
		t.Fatalf("today in Chicago: %+v", evening)
	}

	e.Clock.Set(time.Date(2040, time.March, 15, 15, 0, 0, 0, time.UTC))
	e.planSyncs()
	days := get[report](ada, "/me/days")
	e.isAccurate(days, "ada")
	for _, d := range days.Days {
		if d.Day == today && (d.State != "ok" || *d.Seconds <= *evening.Days[0].Seconds) {
			t.Errorf("the completed day: %+v; it had %d seconds in the evening", d, *evening.Days[0].Seconds)
		}
	}
}
