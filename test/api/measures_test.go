package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

func TestParts_ThatTheServerDoesNotOfferAreNull(t *testing.T) {
	t.Parallel()
	all := []string{"languages", "projects", "editors", "operating_systems", "categories", "dependencies", "machines"}
	tests := map[string]struct {
		scenario fakewaka.Scenario
		path     string // of the API, if it is not WakaTime's
		parts    []string
	}{
		"WakaTime":                       {parts: all},
		"Wakapi":                         {path: "/api/compat/wakatime/v1", parts: slices.Concat(all[:5], all[6:])},
		"Hackatime":                      {path: hackatimePath, parts: []string{"projects"}},
		"a server with projects only":    {scenario: fakewaka.Scenario{OnlyParts: []string{"projects"}}, parts: []string{"projects"}},
		"a server without any part":      {scenario: fakewaka.Scenario{OnlyParts: []string{}}},
		"a server with null for a part":  {scenario: fakewaka.Scenario{NullLists: true}},
		"a server without AI categories": {scenario: fakewaka.Scenario{OnlyParts: all[:4]}, parts: all[:4]},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClass(newEnv(t, withHackatime))
			c.coder("ada", fakewaka.Session{Day: onlyA, Seconds: 1000})
			c.Fake.SetScenario("ada", tt.scenario)
			base := ""
			if tt.path != "" {
				base = strings.TrimSuffix(c.Config.WakaTime.APIURL, "/api/v1") + tt.path
			}
			c.ada.ConnectByKey(c.Fake.APIKey("ada"), base)
			c.runOK(c.ada)
			r := c.claims().report
			d := r.on(t, onlyA)
			reason := any("not_offered")
			if len(tt.parts) == len(all) {
				reason = nil
			}
			if d.State != "ok" || *d.Seconds != 1000 || !slices.Equal(d.breakdown(), tt.parts) || deref(d.PartsReason) != reason {
				t.Errorf("%s, %v seconds, with %q because of %v", d.State, deref(d.Seconds), d.breakdown(), deref(d.PartsReason))
			}
			if offered := slices.Contains(tt.parts, "categories"); (d.AISeconds != nil) != offered || (r.Total.AIUnknown > 0) == offered {
				t.Errorf("AI time is %v, and unknown on %d days", deref(d.AISeconds), r.Total.AIUnknown)
			}
			// A known day without time has no parts, which is not the same as not offering them.
			if d := r.on(t, "2040-03-09"); d.State != "empty" || len(tt.parts) == len(all) && (!slices.Equal(d.breakdown(), all) || len(d.Languages) != 0) {
				t.Errorf("an empty day: %+v", d)
			}
			c.Clock.Advance(24 * time.Hour)
			if d := c.claims().report.Days[7]; d.breakdown() != nil || deref(d.PartsReason) != "not_synced_yet" {
				t.Errorf("an unknown day has %q because of %v", d.breakdown(), deref(d.PartsReason))
			}
		})
	}
}

func TestAITime_IsApart(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	batch, key := e.batch("Evening", "America/Chicago")
	users := e.students(key, 3)
	// Three students with 1000 to 1200 seconds of their own, and more of AI the less they code.
	for i, c := range users {
		name := fmt.Sprintf("coder-%d", i)
		own := 1000 + 100*i
		e.coder(name,
			fakewaka.Session{Day: onlyA, Seconds: own, Category: "coding"},
			fakewaka.Session{Day: onlyA, Seconds: 6000 - 2000*i, Category: "AI Coding"})
		e.connectByKey(c, name)
		e.runOK(c)
	}
	c := class{e, batch, users[0]}
	r := get[fullReport](c.ada, "/me/days")
	if d := r.on(t, onlyA); *d.Seconds != 7000 || deref(d.AISeconds) != 6000 || r.Total.Seconds != 7000 || r.Total.AISeconds != 6000 || r.Total.AIUnknown != 0 {
		t.Errorf("a day with AI time: %+v of %+v", d, r.Total)
	}
	if d := r.on(t, onBoth); deref(d.AISeconds) != 0 {
		t.Errorf("a day without AI time: %+v", d)
	}
	// The whole is 7000, 5100, 3200; without AI it is 1000, 1100, 1200.
	for _, tt := range []struct {
		rule   string
		median int
	}{{"exclude", 1100}, {"include", 5100}, {"exclude", 1100}} {
		e.admin.Patch("/batches/"+batch, object{"ai_time": tt.rule}).Expect(http.StatusOK)
		want := measure{AITime: tt.rule, Timeout: 15}
		d := get[fullDashboard](e.admin, "/admin/dashboard")
		if got := d.Batches[0]; deref(got.MedianSeconds) != tt.median || got.Measure != want {
			t.Errorf("%s: the median is %v by %+v, want %d", tt.rule, deref(got.MedianSeconds), got.Measure, tt.median)
		}
		// Totals stay comparable with those of the server.
		if d.Last7.Seconds != 15_300 || d.Last7.AISeconds != 12_000 || d.Batches[0].LastWeek.Seconds != 15_300 {
			t.Errorf("%s: the totals: %+v", tt.rule, d.Last7)
		}
		p := get[fullProgress](e.admin, "/batches/"+batch+"/progress")
		if p.Measure != want || p.Total.Seconds != 15_300 || p.Total.AISeconds != 12_000 {
			t.Errorf("%s: the progress: %+v, %+v", tt.rule, p.Measure, p.Total)
		}
	}
	id := e.admin.CreateBatch(batchOf("New", "UTC"))
	if got := get[object](e.admin, "/batches/"+id)["ai_time"]; got != "exclude" {
		t.Errorf("a new batch has the rule %v", got)
	}
}

func TestYardstick_SaysWhetherTheServerHonorsTheTimeout(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	batch, key := e.batch("Evening", "America/Chicago")
	users := e.students(key, 3)
	for i, sc := range []fakewaka.Scenario{{}, {IgnoreTimeout: true}, {IgnoreTimeout: true}} {
		name := fmt.Sprintf("coder-%d", i)
		e.Fake.AddPerson(fakewaka.Person{
			Username: name, TimeZone: "America/Chicago", KeystrokeTimeout: []int{45, 30, 15}[i],
			Activity: fakewaka.Activity{WeeklyHours: 40},
		})
		e.Fake.SetScenario(name, sc)
		users[i].ConnectByKey(e.Fake.APIKey(name), "")
	}
	yardsticks := func() (kinds []string) {
		for _, item := range get[fullProgress](e.admin, "/batches/"+batch+"/progress").Items {
			i := slices.IndexFunc(users, func(c client) bool { return c.ID == item.StudentID })
			own := get[fullConnection](users[i], "/me/wakatime").Yardstick
			kinds = append(kinds, fmt.Sprintf("%s %v", item.Yardstick.Kind, deref(item.Yardstick.Timeout)))
			if own == nil || own.Kind != item.Yardstick.Kind || deref(own.Timeout) != deref(item.Yardstick.Timeout) {
				t.Errorf("the student sees %+v, staff see %+v", own, item.Yardstick)
			}
		}
		slices.Sort(kinds)
		return kinds
	}
	if got := yardsticks(); !slices.Equal(got, []string{"unknown <nil>", "unknown <nil>", "unknown <nil>"}) {
		t.Errorf("before the first sync: %q", got)
	}
	for _, c := range users {
		e.runOK(c)
	}
	if got := yardsticks(); !slices.Equal(got, []string{"other 30", "standard 15", "standard 15"}) {
		t.Errorf("after the first sync: %q", got)
	}

	// A student changes the setting. It shows within a week.
	e.StartWorker(t)
	e.Fake.SetKeystrokeTimeout("coder-2", 60)
	for range 7 {
		e.Clock.Advance(24 * time.Hour)
		e.planSyncs()
	}
	e.admin = e.session(e.admin.Email)
	for i, c := range users {
		users[i] = e.session(c.Email)
	}
	if got := yardsticks(); !slices.Equal(got, []string{"other 30", "other 60", "standard 15"}) {
		t.Errorf("a week after the change: %q", got)
	}
}
