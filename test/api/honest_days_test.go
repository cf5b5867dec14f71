package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// The student codes 470 seconds in the morning and an hour in the afternoon.
const (
	morning   = 470
	afternoon = 3600
	halfDay   = "2040-03-14"
)

var wholeDay = []fakewaka.Session{
	{Day: halfDay, Start: "09:00", Seconds: morning},
	{Day: halfDay, Start: "15:00", Seconds: afternoon},
}

// A day whose last sync was in the middle of it is partial ever after, whatever prevented
// the next one. See the fields for what differs.
func TestPartialDay_StaysPartialUntilItIsFetchedAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		byKey   bool
		begin   func(c *class)
		stopped bool // no job runs until end
		days    int  // until end
		end     func(c *class)
		state   string // of the days after the partial one
		reason  string // of the gap
		conn    string // the state of the connection
	}{
		"the server is unavailable": {
			begin: func(c *class) { c.Fake.SetScenario("ada", fakewaka.Scenario{Status: http.StatusBadGateway}) },
			days:  2,
			end:   func(c *class) { c.Fake.SetScenario("ada", fakewaka.Scenario{}) },
			state: "error", reason: "unavailable", conn: "connected",
		},
		"the key was reset": {
			byKey: true,
			begin: func(c *class) { c.Fake.ResetKey("ada") },
			days:  2,
			end:   func(c *class) { c.connectByKey(c.ada, "ada") },
			state: "disconnected", reason: "unauthorized", conn: "needs_reconnect",
		},
		"the grant was revoked": {
			begin: func(c *class) {
				c.Fake.SetScenario("ada", fakewaka.Scenario{Status: http.StatusUnauthorized, InvalidGrant: true})
			},
			days: 2,
			end: func(c *class) {
				c.Fake.SetScenario("ada", fakewaka.Scenario{})
				c.connect(c.ada, "ada")
			},
			state: "disconnected", reason: "revoked", conn: "needs_reconnect",
		},
		"the student disconnected": {
			begin: func(c *class) { c.ada.Delete("/me/wakatime").Expect(http.StatusOK) },
			days:  2,
			end:   func(c *class) { c.connect(c.ada, "ada") },
			state: "disconnected", reason: "disconnected", conn: "not_connected",
		},
		"the process was stopped for six days": {
			stopped: true,
			begin:   func(*class) {},
			days:    6,
			end:     func(*class) {},
			state:   "pending", reason: "not_synced_yet", conn: "connected",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClass(newEnv(t))
			c.coder("ada", wholeDay...)
			c.at(halfDay + " 13:47")
			if tt.byKey {
				c.connectByKey(c.ada, "ada")
			} else {
				c.connect(c.ada, "ada")
			}
			if !tt.stopped {
				c.StartWorker(t)
				c.firstSync(c.ada)
			} else {
				c.runOK(c.ada)
			}
			before := c.claims()
			if today := before.report.on(t, halfDay); today.State != "partial" || *today.Seconds != morning || before.report.Total.Known != 6 {
				t.Fatalf("at 13:47: %+v, %+v", today, before.report.Total)
			}

			tt.begin(&c)
			for range tt.days * 2 {
				c.Clock.Advance(12 * time.Hour)
				if !tt.stopped {
					c.planSyncs()
				}
			}
			c.renew()
			c.isPartial(tt.days, tt.state, tt.reason, tt.conn)

			if tt.stopped {
				c.StartWorker(t)
				c.runAllJobs() // the first sync is still pending
			}
			tt.end(&c)
			if got := c.sync(c.ada); got.Failure != nil {
				t.Fatalf("the sync after the recovery: %+v", got)
			}
			after := c.claims()
			d := after.report.on(t, halfDay)
			if d.State != "ok" || *d.Seconds != morning+afternoon || d.Reason != nil || after.report.Total.Known != after.report.Total.Expected {
				t.Errorf("after the recovery: %+v, %+v", d, after.report.Total)
			}
			if len(after.gaps.Gaps) != 0 || !strings.Contains(after.connection.Summary, "up to date") {
				t.Errorf("after the recovery: %+v, %s", after.gaps.Gaps, after.connection.Summary)
			}
		})
	}
}

// isPartial fails the test unless all operations say that halfDay is partial and the days
// since are unknown.
func (c class) isPartial(days int, state, reason, conn string) {
	c.t.Helper()
	all := c.claims()
	if d := all.report.on(c.t, halfDay); d.State != "partial" || *d.Seconds != morning {
		c.t.Errorf("%s: %+v", d.Day, d)
	}
	if last := all.report.Days[len(all.report.Days)-1]; last.State != state || last.Seconds != nil {
		c.t.Errorf("today: %+v, want %s", last, state)
	}
	total := all.report.Total
	if total.Known != 6 || total.Partial != 1 || total.Expected != 6+days || total.Seconds != 0 || total.PartialSeconds != morning {
		c.t.Errorf("%d days later, the total is %+v", days, total)
	}
	if week := all.student.LastWeek; week.Known != 6-days || week.Partial != 1 || week.PartialSeconds != morning {
		c.t.Errorf("the last week of the student: %+v", week)
	}
	if d := all.dashboard.Last7; d.Known != 6-days || d.Partial != 1 || d.PartialSeconds != morning || d.Seconds != 0 {
		c.t.Errorf("the dashboard: %+v", d)
	}
	list := get[struct{ Items []fullStudent }](c.admin, "/students?batch_id="+c.batch).Items
	if len(list) != 1 || list[0].LastWeek != all.student.LastWeek || list[0].Connection != conn {
		c.t.Errorf("the list of students: %+v", list)
	}
	if all.connection.State != conn {
		c.t.Errorf("the connection is %s, want %s", all.connection.State, conn)
	}
	if len(all.gaps.Gaps) != 1 || all.gaps.Gaps[0].Since != halfDay || deref(all.gaps.Gaps[0].Reason) != reason {
		c.t.Errorf("the gaps: %+v, want one since %s because of %s", all.gaps.Gaps, halfDay, reason)
	}
}

func TestPartialDay_WithoutTimeIsNotEmpty(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", wholeDay...)
	c.at(halfDay + " 00:39")
	c.connect(c.ada, "ada")
	c.runOK(c.ada)
	c.Fake.SetScenario("ada", fakewaka.Scenario{Status: http.StatusBadGateway})
	for _, later := range []string{halfDay + " 23:59", "2040-03-15 00:00", "2040-03-16 00:39"} {
		c.at(later)
		all := c.claims()
		if d := all.report.on(t, halfDay); d.State != "partial" || *d.Seconds != 0 || all.report.Total.Empty != 6 {
			t.Errorf("at %s, the day is %+v of %+v", later, d, all.report.Total)
		}
	}
	if gaps := c.claims().gaps.Gaps; len(gaps) != 1 || gaps[0].Since != halfDay || gaps[0].Total.Known != 6 {
		t.Errorf("the gaps: %+v", gaps)
	}
}

// The request is sent before midnight and the response arrives after it.
func TestPartialDay_IsJudgedByWhenItWasRequested(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", wholeDay...)
	c.at(halfDay + " 23:59")
	c.connect(c.ada, "ada")
	c.Fake.SetScenario("ada", fakewaka.Scenario{Only: "summaries", Delay: time.Second})
	done := make(chan error, 1)
	go func() { done <- c.run(c.ada) }()
	testserver.Eventually(t, "the sync sends a request", func() bool { return c.Fake.Calls("ada", "summaries") > 0 })
	c.Clock.Advance(2 * time.Minute)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if d := c.claims().report.on(t, halfDay); d.State != "partial" {
		t.Errorf("a day that was requested before its end: %+v", d)
	}
}

// A day that is over where it was fetched may not be over in the batch's new time zone.
func TestPartialDay_TodayIsNeverKnownAfterAChangeOfTheTimeZone(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.admin.Patch("/batches/"+c.batch, object{"time_zone": "Pacific/Kiritimati"}).Expect(http.StatusOK)
	c.Fake.AddPerson(fakewaka.Person{Username: "ada", TimeZone: "Pacific/Kiritimati", Activity: fakewaka.Activity{Idle: true}})
	c.Fake.AddSession("ada", fakewaka.Session{Day: halfDay, Seconds: 1000})
	// At noon in UTC, it is the next day in Kiritimati, and the same day in Chicago.
	c.connect(c.ada, "ada")
	c.runOK(c.ada)
	if d := get[fullReport](c.ada, "/me/days").on(t, halfDay); d.State != "ok" || *d.Seconds != 1000 {
		t.Fatalf("in Kiritimati: %+v", d)
	}
	c.admin.Patch("/batches/"+c.batch, object{"time_zone": "America/Chicago"}).Expect(http.StatusOK)
	c.Fake.SetScenario("ada", fakewaka.Scenario{Status: http.StatusBadGateway})
	_ = c.run(c.ada)
	r := get[fullReport](c.ada, "/me/days")
	if d := r.on(t, halfDay); d.State != "partial" || *d.Seconds != 1000 || r.Total.Seconds != 0 || r.Total.OK != 0 {
		t.Errorf("today in Chicago: %+v, %+v", d, r.Total)
	}
	if p := get[fullProgress](c.admin, "/batches/"+c.batch+"/progress"); p.Items[0].States[29] != "partial" || p.Total.Seconds != 0 || p.Items[0].Total.OK != 0 {
		t.Errorf("the progress today in Chicago: %s, %+v", p.Items[0].States[29], p.Total)
	}
	if week := get[fullStudent](c.admin, "/students/"+c.ada.ID).LastWeek; week.OK != 0 || week.Seconds != 0 {
		t.Errorf("the last week in Chicago: %+v", week)
	}
	c.Fake.SetScenario("ada", fakewaka.Scenario{})
	c.runOK(c.ada)
	if d := c.claims().report.on(t, halfDay); d.State != "partial" {
		t.Errorf("after a sync: %+v", d)
	}
}

// The last day of a batch is fetched again after its end, even if nothing ran for weeks.
func TestPartialDay_LastOneOfABatchIsFetchedAgain(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", wholeDay...)
	c.admin.Patch("/batches/"+c.batch, object{"ends_on": halfDay}).Expect(http.StatusOK)
	c.at(halfDay + " 13:47")
	c.StartWorker(t)
	c.connect(c.ada, "ada")
	c.firstSync(c.ada)
	c.Clock.Advance(14 * 24 * time.Hour)
	c.renew()
	if d := get[fullReport](c.ada, "/me/days").on(t, halfDay); d.State != "partial" || *d.Seconds != morning {
		t.Fatalf("two weeks later: %+v", d)
	}
	c.planSyncs()
	if d := get[fullReport](c.ada, "/me/days").on(t, halfDay); d.State != "ok" || *d.Seconds != morning+afternoon {
		t.Errorf("after the next night: %+v", d)
	}
	c.Fake.ResetCalls()
	c.Clock.Advance(24 * time.Hour)
	c.planSyncs()
	if n := c.Fake.Calls("ada", "summaries"); n != 0 {
		t.Errorf("a batch that ended two weeks ago leads to %d requests", n)
	}
}

func TestPlanLimit_ALargerPlanIsNoticedWithinAMonth(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.StartWorker(t)
	c.Fake.AddPerson(fakewaka.Person{Username: "ada", TimeZone: "America/Chicago", HistoryDays: 3, Activity: fakewaka.Activity{WeeklyHours: 20}})
	c.connect(c.ada, "ada")
	c.firstSync(c.ada)
	if total := c.claims().report.Total; total.PlanLimited != 3 || total.Known != 3 {
		t.Fatalf("with the small plan: %+v", total)
	}
	c.Fake.AddPerson(fakewaka.Person{Username: "ada", TimeZone: "America/Chicago", Activity: fakewaka.Activity{WeeklyHours: 20}})
	nights := 0
	for ; nights < 31 && get[fullReport](c.ada, "/me/days?from=2040-03-08").Total.PlanLimited > 0; nights++ {
		c.Clock.Advance(24 * time.Hour)
		c.renew()
		c.planSyncs()
	}
	if r := get[report](c.ada, "/me/days?from=2040-03-08"); r.Total.Known != r.Total.Expected || nights > 30 {
		t.Errorf("%d nights after the change of the plan: %+v", nights, r.Total)
	} else {
		c.isAccurate(r, "ada")
	}
}

// Where a server ignores the requested time zone, its day can end before that of the batch.
func TestPartialDay_TodayIsNeverKnownAtAServerWithItsOwnTimeZone(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.Fake.AddPerson(fakewaka.Person{Username: "ada", TimeZone: "Asia/Tokyo", Activity: fakewaka.Activity{Idle: true}})
	c.Fake.AddSession("ada", fakewaka.Session{Day: halfDay, Seconds: 1000})
	c.Fake.SetScenario("ada", fakewaka.Scenario{IgnoreTimezone: true})
	c.at(halfDay + " 13:47") // the next day in Tokyo
	c.connect(c.ada, "ada")
	c.runOK(c.ada)
	all := c.claims()
	if d := all.report.on(t, halfDay); d.State != "partial" || *d.Seconds != 1000 || all.report.Total.PartialSeconds != 1000 {
		t.Errorf("today: %+v of %+v", d, all.report.Total)
	}
	c.at("2040-03-15 08:00")
	c.runOK(c.ada)
	all = c.claims()
	if d := all.report.on(t, halfDay); d.State != "ok" || *d.Seconds != 1000 || deref(d.Reason) != "other_time_zone" {
		t.Errorf("the next day: %+v", d)
	}
}
