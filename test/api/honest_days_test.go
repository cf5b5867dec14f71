package api_test

import (
	"net/http"
	"slices"
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

func TestSummary_IsUpToDateOnlyIfAllPastDaysAreKnown(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", wholeDay...)
	said := func(want bool, when string) {
		t.Helper()
		all := c.claims()
		if got := strings.Contains(all.connection.Summary, "up to date"); got != want {
			t.Errorf("%s, with %d of %d days: %s", when, all.connection.Coverage.Known, all.connection.Coverage.Expected, all.connection.Summary)
		}
	}
	said(false, "without a connection")
	c.connect(c.ada, "ada")
	said(false, "before the first sync")
	c.runOK(c.ada)
	said(true, "after the first sync")
	c.Clock.Advance(24 * time.Hour)
	said(false, "a day later")
	c.runOK(c.ada)
	said(true, "after the next sync")
	c.Fake.SetScenario("ada", fakewaka.Scenario{Status: http.StatusPaymentRequired})
	c.Clock.Advance(24 * time.Hour)
	_ = c.run(c.ada)
	said(false, "with a day that the plan hides")
}

// "Connected and in sync" with no known day was what a plan without any days led to.
func TestPlanLimit_OfEveryDayIsNotZero(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", wholeDay...)
	c.connect(c.ada, "ada")
	c.Fake.SetScenario("ada", fakewaka.Scenario{Status: http.StatusPaymentRequired})
	c.Clock.Advance(24 * time.Hour)
	if err := c.run(c.ada); err != nil {
		t.Fatal(err)
	}
	all := c.claims()
	for _, d := range all.report.Days {
		if d.State != "plan_limited" || d.Seconds != nil || deref(d.PartsReason) != "plan_limited" || d.breakdown() != nil {
			t.Errorf("%+v", d)
		}
	}
	if total := all.report.Total; total.Known != 0 || total.PlanLimited != 7 || total.Seconds != 0 {
		t.Errorf("the total: %+v", total)
	}
	if len(all.gaps.Gaps) != 1 || all.dashboard.Batches[0].MedianSeconds != nil {
		t.Errorf("the gaps: %+v; the median: %v", all.gaps.Gaps, deref(all.dashboard.Batches[0].MedianSeconds))
	}
}

func TestDisconnect_GapSaysThatTheAccountWasDisconnected(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	if gaps := c.claims().gaps.Gaps; deref(gaps[0].Reason) != "not_connected" || gaps[0].Server != nil {
		t.Errorf("before the first connection: %+v", gaps)
	}
	c.coder("ada", wholeDay...)
	c.connectByKey(c.ada, "ada")
	c.runOK(c.ada)
	c.ada.Delete("/me/wakatime").Expect(http.StatusOK)
	if all := c.claims(); all.connection.State != "not_connected" || all.dashboard.StudentsConnected != 0 {
		t.Errorf("in the same minute: %+v", all.connection)
	}
	c.Clock.Advance(48 * time.Hour)
	c.renew()
	all := c.claims()
	for _, d := range all.report.Days[len(all.report.Days)-2:] {
		if d.State != "disconnected" || deref(d.Reason) != "disconnected" || strings.Contains(*d.ReasonDetail, "ever") {
			t.Errorf("%+v", d)
		}
	}
	if g := all.gaps.Gaps[0]; deref(g.Reason) != "disconnected" || deref(g.Server) == nil {
		t.Errorf("the gap: %+v", g)
	}
}

func TestResetKey_IsReportedByTheNextSync(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", wholeDay...)
	c.connectByKey(c.ada, "ada")
	c.runOK(c.ada)
	if all := c.claims(); len(all.gaps.Gaps) != 0 || all.dashboard.StudentsConnected != 1 {
		t.Fatalf("before the reset: %+v", all)
	}
	c.Fake.ResetKey("ada")
	_ = c.run(c.ada)
	all, now := c.claims(), c.Clock.Now()
	conn := all.connection
	if conn.State != "needs_reconnect" || conn.Failure == nil || conn.Failure.Reason != "unauthorized" || !conn.Failure.Since.Equal(now) {
		t.Errorf("after the reset at %v: %+v", now, conn)
	}
	if strings.Contains(conn.Summary, "WakaTime") || !strings.Contains(conn.Summary, *conn.Server) {
		t.Errorf("the summary does not name the server %s: %s", *conn.Server, conn.Summary)
	}
	if all.dashboard.StudentsConnected != 0 || all.student.Failing == nil || all.dashboard.Newest[0].Failing == nil {
		t.Errorf("staff see %+v and %+v", all.dashboard, all.student)
	}
	if len(all.gaps.Gaps) != 1 {
		t.Fatalf("the gaps: %+v", all.gaps.Gaps)
	}
	g := all.gaps.Gaps[0]
	if g.Failing == nil || !g.Failing.Since.Equal(now) || deref(g.Reason) != "unauthorized" || g.Since != c.today("America/Chicago").String() {
		t.Errorf("the gap: %+v", g)
	}

	// The failure is as old as its first sync.
	c.Clock.Advance(time.Hour)
	_ = c.run(c.ada)
	if got := c.claims().student.Failing; got == nil || !got.Since.Equal(now) {
		t.Errorf("an hour later: %+v, want since %v", got, now)
	}
	c.connectByKey(c.ada, "ada")
	for _, when := range []string{"right after connecting again", "after the next sync"} {
		if all := c.claims(); len(all.gaps.Gaps) != 0 || all.student.Failing != nil || all.dashboard.StudentsConnected != 1 {
			t.Errorf("%s: %+v, %+v", when, all.gaps, all.student.Failing)
		}
		c.runOK(c.ada)
	}
}

func TestForbiddenKey_IsNotToldAboutScopes(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", wholeDay...)
	c.connectByKey(c.ada, "ada")
	c.Fake.SetScenario("ada", fakewaka.Scenario{ScopeMissing: true})
	_ = c.run(c.ada)
	all := c.claims()
	texts := []string{all.connection.Summary}
	for _, d := range all.report.Days {
		texts = append(texts, *d.ReasonDetail)
		if d.State != "error" || deref(d.Reason) != "forbidden" {
			t.Errorf("%+v", d)
		}
	}
	if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, "permission") || strings.Contains(s, "scope") }) {
		t.Errorf("a key has no scopes: %q", texts)
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

// Texts about a compatible server must not send the student to WakaTime.
func TestTexts_NameTheServer(t *testing.T) {
	t.Parallel()
	tests := map[string]fakewaka.Scenario{
		"unavailable":          {Status: http.StatusBadGateway},
		"throttled":            {Status: http.StatusTooManyRequests},
		"not ready":            {NotReady: true},
		"web pages":            {HTML: true},
		"a missing day":        {MissingDays: []string{onlyA}},
		"plan limited":         {Status: http.StatusPaymentRequired},
		"unauthorized":         {Status: http.StatusUnauthorized},
		"forbidden":            {Status: http.StatusForbidden},
		"unsupported":          {MissingEndpoints: []string{"summaries"}},
		"another time zone":    {IgnoreTimezone: true},
		"breakdown unoffered":  {OnlyParts: []string{}},
		"everything is normal": {},
	}
	for name, sc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClass(newEnv(t))
			c.Fake.AddPerson(fakewaka.Person{Username: "ada", TimeZone: "Asia/Tokyo", Activity: fakewaka.Activity{WeeklyHours: 20}})
			c.connectByKey(c.ada, "ada")
			c.Fake.SetScenario("ada", sc)
			_ = c.run(c.ada)
			texts := map[string]bool{}
			for _, path := range []string{
				"/me/wakatime", "/me/days", "/students/" + c.ada.ID, "/batches/" + c.batch + "/progress", "/batches/" + c.batch + "/coverage", "/admin/dashboard",
			} {
				client := c.admin
				if strings.HasPrefix(path, "/me") {
					client = c.ada
				}
				sentences(get[any](client, path), texts)
			}
			named := false
			for text := range texts {
				named = named || strings.Contains(text, "127.0.0.1")
				if strings.Contains(text, "WakaTime") || strings.Contains(text, "%") {
					t.Errorf("a text does not name the server: %s", text)
				}
			}
			if !named {
				t.Errorf("no text names the server: %v", texts)
			}
		})
	}
}

// sentences collects the texts for users in a JSON value.
func sentences(v any, found map[string]bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			sentences(item, found)
		}
	case object:
		for name, item := range v {
			if text, ok := item.(string); ok && slices.Contains([]string{"summary", "detail", "reason_detail"}, name) {
				found[text] = true
			}
			sentences(item, found)
		}
	}
}
