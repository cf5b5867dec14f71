package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
)

// lateClass returns a class whose student has been connected for 45 days, all of which are
// known. Heartbeats of the returned days, 3, 10 and 40 days old, have not arrived yet.
func lateClass(t *testing.T) (c class, late map[int]string) {
	t.Helper()
	c = newClass(newEnv(t))
	c.StartWorker(t)
	c.coder("ada", fakewaka.Session{Day: halfDay, Seconds: 1000})
	c.connect(c.ada, "ada")
	c.firstSync(c.ada)
	c.Clock.Advance(45 * 24 * time.Hour)
	c.renew()
	c.planSyncs()
	late = map[int]string{}
	for _, age := range []int{3, 10, 40} {
		late[age] = (c.today("America/Chicago") - domain.Day(age)).String()
	}
	if all := c.days(); all.Total.Known != all.Total.Expected || all.Total.Known != 51 || all.Total.Seconds != 1000 {
		t.Fatalf("before the heartbeats arrive: %+v", all.Total)
	}
	return c, late
}

// days returns all days of the student.
func (c class) days() fullReport {
	c.t.Helper()
	return get[fullReport](c.ada, "/me/days?from=2040-03-08")
}

// arrive makes the late heartbeats arrive, half an hour for each day.
func (c class) arrive(late map[int]string) {
	c.t.Helper()
	for _, name := range late {
		c.Fake.AddSession("ada", fakewaka.Session{Day: name, Seconds: 1800})
	}
}

func TestLateHeartbeats_AreFoundByScheduledChecks(t *testing.T) {
	t.Parallel()
	c, late := lateClass(t)
	before := c.days()
	c.arrive(late)
	nights := map[int]int{} // until the day had its time, by age
	for night := 1; night <= 30 && len(nights) < len(late); night++ {
		c.Clock.Advance(24 * time.Hour)
		c.renew()
		c.Fake.ResetCalls()
		c.planSyncs()
		if n := c.Fake.Calls("ada", "summaries"); n > 8 {
			t.Errorf("night %d sent %d requests", night, n)
		}
		r := c.days()
		for age, name := range late {
			d, was := r.on(t, name), before.on(t, name)
			if d.State != "ok" && d.State != "empty" {
				t.Errorf("night %d made %s %s", night, name, d.State)
			}
			if _, found := nights[age]; !found && *d.Seconds != *was.Seconds {
				nights[age] = night
				if *d.Seconds != 1800 || !d.ChangedAt.After(*was.ChangedAt) || !d.CheckedAt.After(*was.CheckedAt) {
					t.Errorf("%s: %+v, before %+v", name, d, was)
				}
			}
		}
	}
	for age, limit := range map[int]int{3: 1, 10: 7, 40: 30} {
		if n, found := nights[age]; !found || n > limit {
			t.Errorf("heartbeats that are %d days late were found after %d nights (%t), want at most %d", age, n, found, limit)
		}
	}
	if r := c.days(); r.Total.Seconds != 1000+3*1800 || r.Total.Known != r.Total.Expected {
		t.Errorf("the total: %+v", r.Total)
	}
}

func TestLateHeartbeats_AreFoundAtOnceByASyncOfTheirRange(t *testing.T) {
	t.Parallel()
	c, late := lateClass(t)
	grace := c.instructor("Grace", c.batch)
	c.arrive(late)

	// The last week is checked on demand, older days only if they are requested.
	c.Clock.Advance(time.Hour)
	c.sync(c.ada)
	if r := c.days(); r.Total.Seconds != 1000+1800 || *r.on(t, late[3]).Seconds != 1800 {
		t.Errorf("after a sync without a range: %+v", r.Total)
	}
	before := c.days()
	if got := c.syncRange(c.ada, late[10], late[10]); got.Failure != nil {
		t.Fatalf("%+v", got)
	}
	r := c.days()
	if d := r.on(t, late[10]); *d.Seconds != 1800 || !d.ChangedAt.After(*before.on(t, late[10]).ChangedAt) || *r.on(t, late[40]).Seconds != 0 {
		t.Errorf("after a sync of %s: %+v", late[10], d)
	}

	// Staff request a range, too.
	then := get[connection](c.ada, "/me/wakatime")
	c.Clock.Advance(time.Second)
	grace.Post("/students/"+c.ada.ID+"/sync", object{"from": late[40], "to": late[40]}).Expect(http.StatusAccepted)
	c.nextSync(c.ada, then)
	if d := c.days().on(t, late[40]); *d.Seconds != 1800 {
		t.Errorf("after a sync of staff: %+v", d)
	}

	for _, tt := range []struct {
		wait  time.Duration
		calls int
	}{{time.Minute, 0}, {10 * time.Minute, 1}} {
		c.Clock.Advance(tt.wait)
		c.Fake.ResetCalls()
		c.syncRange(c.ada, late[40], late[40])
		if n := c.Fake.Calls("ada", "summaries"); n != tt.calls {
			t.Errorf("%v later, the same range led to %d requests, want %d", tt.wait, n, tt.calls)
		}
	}
	for name, body := range map[string]object{
		"the end before the start": {"from": late[3], "to": late[10]},
		"more than a year":         {"from": "2030-01-01"},
		"a time":                   {"from": "2040-03-14T12:00:00Z"},
	} {
		if res := c.ada.Post("/me/wakatime/sync", body); res.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, res.Status, res.Body)
		}
	}
}

func TestDays_TellTheLastCheckFromTheLastChange(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", fakewaka.Session{Day: onlyA, Seconds: 1000}, fakewaka.Session{Day: onBoth, Seconds: 2000})
	c.connect(c.ada, "ada")
	c.runOK(c.ada)
	rows := func() []string {
		return c.Strings(t, `SELECT concat_ws(' ', day, xmin, ctid) FROM days WHERE day < '2040-03-14' ORDER BY day`)
	}
	before, stored := get[fullReport](c.ada, "/me/days"), rows()

	c.Clock.Advance(time.Hour)
	c.runOK(c.ada)
	quiet := get[fullReport](c.ada, "/me/days")
	for i, d := range quiet.Days {
		if was := before.Days[i]; !d.CheckedAt.After(*was.CheckedAt) || d.State != "partial" && !d.ChangedAt.Equal(*was.ChangedAt) {
			t.Errorf("after a sync without news, %s was checked at %v, changed at %v; before %v, %v", d.Day, d.CheckedAt, d.ChangedAt, was.CheckedAt, was.ChangedAt)
		}
	}
	if diff := cmp.Diff(stored, rows()); diff != "" {
		t.Errorf("a sync without news wrote rows:\n%s", diff)
	}

	c.Clock.Advance(time.Hour)
	c.Fake.SetScenario("ada", fakewaka.Scenario{Status: http.StatusBadGateway})
	_ = c.run(c.ada)
	for i, d := range get[fullReport](c.ada, "/me/days").Days {
		if was := quiet.Days[i]; !d.CheckedAt.Equal(*was.CheckedAt) {
			t.Errorf("a failed sync checked %s", d.Day)
		}
	}
	if diff := cmp.Diff(stored, rows()); diff != "" {
		t.Errorf("a failed sync wrote rows of known days:\n%s", diff)
	}
}

// A night of known days writes only the rows of the days that a new day concerns.
func TestNight_WithoutNewsWritesNoOldDay(t *testing.T) {
	t.Parallel()
	c, _ := lateClass(t)
	rows := func() []string {
		return c.Strings(t, `SELECT concat_ws(' ', day, xmin, ctid) FROM days WHERE day < '2040-04-28' ORDER BY day`)
	}
	before := rows()
	for range 31 { // nights of each kind
		c.Clock.Advance(24 * time.Hour)
		c.planSyncs()
	}
	if diff := cmp.Diff(before, rows()); diff != "" || len(before) != 51 {
		t.Errorf("%d rows; nights without news wrote:\n%s", len(before), diff)
	}
	c.renew()
	for _, d := range c.days().Days[:51] {
		if age := c.Clock.Now().Sub(*d.CheckedAt); age > 31*24*time.Hour {
			t.Errorf("%s was last checked %v ago", d.Day, age)
		}
	}
}

func TestDays_ChangedSinceReturnsWhatChanged(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", fakewaka.Session{Day: onlyA, Seconds: 1000})
	c.connect(c.ada, "ada")
	c.runOK(c.ada)
	c.Clock.Advance(time.Hour)
	since := c.Clock.Now()
	changed := func() (names []string, total coverage) {
		r := get[report](c.ada, "/me/days?changed_since="+url.QueryEscape(since.Format(time.RFC3339)))
		for _, d := range r.Days {
			names = append(names, d.Day)
		}
		return names, r.Total
	}
	c.Clock.Advance(time.Minute)
	c.runOK(c.ada)
	if got, total := changed(); !slices.Equal(got, []string{halfDay}) || total.Known != 6 {
		t.Errorf("after a sync without news: %q, %+v; want today", got, total)
	}
	c.Fake.AddSession("ada", fakewaka.Session{Day: onBoth, Seconds: 1800})
	c.Clock.Advance(time.Minute)
	c.runOK(c.ada)
	if got, total := changed(); !slices.Equal(got, []string{onBoth, halfDay}) || total.Seconds != 2800 {
		t.Errorf("after late heartbeats: %q, %+v; want %s and today", got, total, onBoth)
	}
	staff := "/students/" + c.ada.ID + "/days"
	full, part := get[report](c.admin, staff), get[report](c.admin, staff+"?changed_since="+url.QueryEscape(since.Format(time.RFC3339)))
	if diff := cmp.Diff([]day{full.Days[3], full.Days[6]}, part.Days); diff != "" {
		t.Errorf("the changed days as staff see them differ:\n%s", diff)
	}

	// A partial day changes with the connection, and so do later days, of which nothing is
	// stored.
	since = c.Clock.Now().Add(72 * time.Hour)
	c.Clock.Advance(96 * time.Hour)
	c.renew()
	if got, _ := changed(); !slices.Equal(got, []string{halfDay, "2040-03-15", "2040-03-16", "2040-03-17", "2040-03-18"}) {
		t.Errorf("with nothing stored since %s: %q", halfDay, got)
	}
	c.runOK(c.ada)
	if got, _ := changed(); !slices.Equal(got, []string{halfDay, "2040-03-15", "2040-03-16", "2040-03-17", "2040-03-18"}) {
		t.Errorf("after the next sync: %q", got)
	}
	c.ada.Get("/me/days?changed_since=yesterday").Expect(http.StatusUnprocessableEntity)
}

// A sync of days that were checked a moment ago sends no request, so it says nothing about
// the server.
func TestSyncOfARange_WithoutRequestsLeavesTheFailure(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", wholeDay...)
	c.connect(c.ada, "ada")
	c.runOK(c.ada)
	synced := c.claims().connection.LastSyncedAt
	c.Fake.SetScenario("ada", fakewaka.Scenario{Status: http.StatusBadGateway})
	_ = c.run(c.ada)
	failed := c.claims().connection
	c.Fake.ResetCalls()
	day := c.today("America/Chicago") - 3
	if err := c.runRequest(c.ada, domain.SyncRequest{Scope: domain.SyncRange, Days: domain.DayRange{From: day, To: day}}); err != nil {
		t.Error(err)
	}
	got := c.claims().connection
	if n := c.Fake.Calls("ada", ""); n != 0 {
		t.Errorf("the sync sent %d requests", n)
	}
	if got.Failure == nil || !got.Failure.Since.Equal(failed.Failure.Since) || !got.LastSyncedAt.Equal(*synced) {
		t.Errorf("after a sync without requests: %+v, %v", got.Failure, got.LastSyncedAt)
	}
}
