package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

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
