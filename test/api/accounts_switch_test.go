package api_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// The two accounts of the student. Only the second one has time on the last day.
const (
	onlyA  = "2040-03-10"
	onBoth = "2040-03-11"
	onlyB  = "2040-03-12"
)

// switching returns a class whose student has connected account a, then b. No sync has run
// since.
func switching(t *testing.T, connect func(c class, username string)) class {
	t.Helper()
	c := newClass(newEnv(t))
	c.coder("a", fakewaka.Session{Day: onlyA, Seconds: 1000}, fakewaka.Session{Day: onBoth, Seconds: 2000})
	c.coder("b", fakewaka.Session{Day: onBoth, Seconds: 500}, fakewaka.Session{Day: onlyB, Seconds: 700})
	connect(c, "a")
	c.runOK(c.ada)
	if all := c.claims(); all.report.Total.Seconds != 3000 || all.report.Total.Known != 6 {
		t.Fatalf("account a: %+v", all.report.Total)
	}
	c.Clock.Advance(time.Minute)
	connect(c, "b")
	return c
}

// counts fails the test unless the days have these seconds, in the order of the constants.
func (c class) counts(when string, onA, both, onB int) {
	c.t.Helper()
	all := c.claims()
	for name, want := range map[string]int{onlyA: onA, onBoth: both, onlyB: onB} {
		d := all.report.on(c.t, name)
		if state := map[bool]string{true: "ok", false: "empty"}[want > 0]; d.State != state || *d.Seconds != want {
			c.t.Errorf("%s, %s is %s with %v seconds, want %s with %d", when, name, d.State, deref(d.Seconds), state, want)
		}
	}
	if total := all.report.Total; total.Seconds != onA+both+onB || total.Known != 6 {
		c.t.Errorf("%s, the total is %+v", when, total)
	}
}

func TestSwitchOfAccounts_CountsOnlyTheConnectedOne(t *testing.T) {
	t.Parallel()
	kinds := map[string]func(c class, username string){
		"keys":                    func(c class, username string) { c.connectByKey(c.ada, username) },
		"OAuth":                   func(c class, username string) { c.connect(c.ada, username) },
		"a disconnect in between": func(c class, username string) { c.ada.Delete("/me/wakatime"); c.connectByKey(c.ada, username) },
	}
	for name, connect := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := switching(t, connect)
			all := c.claims()
			for _, d := range all.report.Days {
				if d.State != "pending" || deref(d.Reason) != "account_changed" || d.Seconds != nil || d.breakdown() != nil || deref(d.PartsReason) != "account_changed" {
					t.Errorf("right after the switch: %+v", d)
				}
			}
			if total := all.report.Total; total.Seconds != 0 || total.PartialSeconds != 0 || total.Known != 0 || all.dashboard.Last30.Seconds != 0 {
				t.Errorf("right after the switch: %+v, %+v", total, all.dashboard.Last30)
			}
			if len(all.gaps.Gaps) != 1 || deref(all.gaps.Gaps[0].Reason) != "account_changed" {
				t.Errorf("right after the switch: %+v", all.gaps.Gaps)
			}

			c.runOK(c.ada)
			c.counts("after the sync", 0, 500, 700)
			r := get[fullReport](c.ada, "/me/days")
			for day, want := range map[string]any{onlyA: 1000, onBoth: 2000, onlyB: nil} {
				if d := r.on(t, day); deref(d.OtherSeconds) != want || deref(d.Account) != "b" {
					t.Errorf("%s: %v seconds at other accounts than %v, want %v", day, deref(d.OtherSeconds), deref(d.Account), want)
				}
			}

			connect(c, "a")
			for _, when := range []string{"right after the switch back", "after the next sync"} {
				c.counts(when, 1000, 2000, 0)
				c.runOK(c.ada)
			}
			if d := get[fullReport](c.ada, "/me/days").on(t, onlyB); deref(d.OtherSeconds) != 700 || deref(d.Account) != "a" {
				t.Errorf("back at account a: %+v", d)
			}
		})
	}
}

func TestSwitchOfAccounts_NewKeyOfTheSameAccountChangesNothing(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("a", fakewaka.Session{Day: onlyA, Seconds: 1000})
	c.connectByKey(c.ada, "a")
	c.runOK(c.ada)
	before := get[fullReport](c.ada, "/me/days")
	c.Fake.ResetKey("a")
	c.connectByKey(c.ada, "a")
	if after := get[fullReport](c.ada, "/me/days"); after.Total != before.Total || deref(after.on(t, onlyA).Seconds) != 1000 {
		t.Errorf("after a new key: %+v, before %+v", after.Total, before.Total)
	}
	if list := c.accounts(); len(list) != 1 || list[0].Seconds != 1000 {
		t.Errorf("the accounts: %+v", list)
	}
}

func TestSwitchOfAccounts_StaffAcceptAndRejectTheOldOne(t *testing.T) {
	t.Parallel()
	c := switching(t, func(c class, username string) { c.connectByKey(c.ada, username) })
	grace := c.instructor("Grace", c.batch)
	stranger := c.instructor("Stranger")
	c.runOK(c.ada)

	list := c.accounts()
	if len(list) != 2 || !list[0].Current || deref(list[0].Username) != "b" || list[0].Seconds != 1200 || list[0].Days != 2 || list[0].Counted != 7 {
		t.Fatalf("the connected account: %+v", list)
	}
	a := list[1]
	if a.Current || a.AcceptedAt != nil || deref(a.Username) != "a" || deref(a.FirstDay) != onlyA || deref(a.LastDay) != onBoth ||
		a.Days != 2 || a.Seconds != 3000 || a.Counted != 0 {
		t.Errorf("the old account: %+v", a)
	}
	path := "/students/" + c.ada.ID + "/wakatime/accounts/" + a.ID + "/acceptance"
	c.ada.Put(path, nil).ExpectProblem(http.StatusForbidden, "forbidden")
	stranger.Put(path, nil).ExpectProblem(http.StatusNotFound, "student_not_found")

	for range 2 { // the second one changes nothing
		got := decode[trackedAccount](grace.Put(path, nil).Expect(http.StatusOK))
		if got.AcceptedAt == nil || got.Counted != 1 {
			t.Errorf("the accepted account: %+v", got)
		}
		c.counts("accepted", 1000, 500, 700)
	}
	if d := get[fullReport](c.ada, "/me/days").on(t, onlyA); deref(d.Account) != "a" || d.OtherSeconds != nil {
		t.Errorf("an accepted day: %+v", d)
	}
	c.Clock.Advance(24 * time.Hour)
	c.runOK(c.ada)
	if got := get[fullReport](c.ada, "/me/days").on(t, onlyA); got.State != "ok" || *got.Seconds != 1000 {
		t.Errorf("after the next sync: %+v", got)
	}
	c.Clock.Advance(-24 * time.Hour)

	for range 2 {
		if got := decode[trackedAccount](grace.Delete(path).Expect(http.StatusOK)); got.AcceptedAt != nil || got.Counted != 0 {
			t.Errorf("the rejected account: %+v", got)
		}
		if d := get[fullReport](c.ada, "/me/days").on(t, onlyA); deref(d.Account) == "a" || d.Seconds != nil && *d.Seconds != 0 {
			t.Errorf("right after the rejection: %+v", d)
		}
	}
	c.Clock.Advance(24 * time.Hour)
	c.runOK(c.ada)
	r := get[fullReport](c.ada, "/me/days")
	if d := r.on(t, onlyA); d.State != "empty" || r.Total.Seconds != 1200 || deref(d.OtherSeconds) != 1000 {
		t.Errorf("after the rejection: %+v, %+v", d, r.Total)
	}
	var actions []string
	for _, entry := range get[apiclient.Page[auditEntry]](c.admin, "/audit-log?actor_id="+grace.ID).Items {
		actions = append(actions, entry.Action)
	}
	if want := []string{"wakatime.reject_account", "wakatime.accept_account"}; !slices.Equal(actions, want) {
		t.Errorf("the audit log has %q, want %q", actions, want)
	}
}

// What an old account's days were partial or unknown about must not become known by being
// accepted.
func TestSwitchOfAccounts_AcceptedPartialDaysStayPartial(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("a", wholeDay...)
	c.coder("b")
	c.at(halfDay + " 13:47")
	c.connectByKey(c.ada, "a")
	c.runOK(c.ada)
	c.at("2040-03-16 13:47")
	c.connectByKey(c.ada, "b")
	c.runOK(c.ada)
	a := c.accounts()[1]
	c.admin.Put("/students/"+c.ada.ID+"/wakatime/accounts/"+a.ID+"/acceptance", nil).Expect(http.StatusOK)
	for _, when := range []string{"right after the acceptance", "after a sync"} {
		all := c.claims()
		if d := all.report.on(t, halfDay); d.State != "partial" || *d.Seconds != morning {
			t.Errorf("%s: %+v", when, d)
		}
		if all.report.Total.Seconds != 0 || all.report.Total.Partial != 1 {
			t.Errorf("%s: %+v", when, all.report.Total)
		}
		c.runOK(c.ada)
	}
}

// Nothing that is known of one account is said about another: how it is measured, when it was
// synced, and which days were checked.
func TestSwitchOfAccounts_StartsFromNothing(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	for _, name := range []string{"a", "b"} {
		c.Fake.AddPerson(fakewaka.Person{
			Username: name, TimeZone: "America/Chicago", KeystrokeTimeout: 30, Activity: fakewaka.Activity{WeeklyHours: 40},
		})
	}
	c.Fake.SetScenario("a", fakewaka.Scenario{IgnoreTimeout: true})
	c.ada.ConnectByKey(c.Fake.APIKey("a"), "")
	c.runOK(c.ada)
	if y := c.claims().connection.Yardstick; y.Kind != "other" {
		t.Fatalf("account a is measured by %+v", y)
	}
	c.ada.ConnectByKey(c.Fake.APIKey("b"), "")
	all := c.claims()
	if y := all.connection.Yardstick; y.Kind != "unknown" || all.connection.LastSyncedAt != nil || all.progress.Items[0].Yardstick.Kind != "unknown" {
		t.Errorf("right after the switch: %+v, last synced at %v", y, all.connection.LastSyncedAt)
	}
	for _, d := range all.report.Days {
		if d.CheckedAt != nil {
			t.Errorf("%s was checked at %v", d.Day, d.CheckedAt)
		}
	}
	c.Fake.ResetCalls()
	day := c.today("America/Chicago") - 2
	if err := c.runRequest(c.ada, domain.SyncRequest{Scope: domain.SyncRange, Days: domain.DayRange{From: day, To: day}}); err != nil || c.Fake.Calls("b", "summaries") != 1+yardstickCalls {
		t.Errorf("a day that was checked at account a led to %d requests: %v", c.Fake.Calls("b", "summaries"), err)
	}
	c.runOK(c.ada)
	if y := c.claims().connection.Yardstick; y.Kind != "standard" {
		t.Errorf("account b is measured by %+v", y)
	}
}

// A sync of account a that is still running must not store days for account b.
func TestSwitchOfAccounts_DuringASyncStoresNothingOfTheOldOne(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("a", fakewaka.Session{Day: onlyA, Seconds: 1000})
	c.coder("b", fakewaka.Session{Day: onlyB, Seconds: 700})
	c.connectByKey(c.ada, "a")
	c.Fake.SetScenario("a", fakewaka.Scenario{Only: "summaries", Delay: time.Second})
	done := make(chan error, 1)
	go func() { done <- c.run(c.ada) }()
	testserver.Eventually(t, "the sync of account a sends a request", func() bool { return c.Fake.Calls("a", "summaries") > 0 })
	c.connectByKey(c.ada, "b")
	if err := <-done; err == nil {
		t.Error("the sync of the old account succeeded")
	}
	if total := c.claims().report.Total; total.Known != 0 || total.Seconds != 0 {
		t.Errorf("after the sync of account a: %+v", total)
	}
	c.Clock.Advance(2 * time.Minute) // beyond the lease
	c.runOK(c.ada)
	c.counts("after the sync of account b", 0, 0, 700)
}

func TestSwitchOfAccounts_KeepsWhatDoesNotCount(t *testing.T) {
	t.Parallel()
	c := switching(t, func(c class, username string) { c.connectByKey(c.ada, username) })
	c.runOK(c.ada)
	list := c.accounts()
	acceptance := func(account trackedAccount) string {
		return "/students/" + c.ada.ID + "/wakatime/accounts/" + account.ID + "/acceptance"
	}
	c.admin.Put(acceptance(list[1]), nil).Expect(http.StatusOK)

	// Late time at the connected account takes the place of that of the accepted one.
	c.Fake.AddSession("b", fakewaka.Session{Day: onlyA, Seconds: 300})
	c.Clock.Advance(time.Hour)
	c.runOK(c.ada)
	c.counts("with late time at account b", 300, 500, 700)
	r := get[fullReport](c.ada, "/me/days")
	if d := r.on(t, onlyA); deref(d.OtherSeconds) != 1000 || deref(d.Account) != "b" {
		t.Errorf("the time at account a: %+v", d)
	}
	if list := c.accounts(); list[1].Seconds != 3000 || list[1].Days != 2 || list[1].Counted != 0 {
		t.Errorf("account a: %+v", list[1])
	}

	// Rejecting the connected account changes nothing.
	c.admin.Put(acceptance(list[0]), nil).Expect(http.StatusOK)
	c.admin.Delete(acceptance(list[0])).Expect(http.StatusOK)
	c.counts("after the rejection of account b", 300, 500, 700)

	// An accepted account still counts where a third one has no time.
	c.admin.Put(acceptance(list[0]), nil).Expect(http.StatusOK)
	c.coder("c", fakewaka.Session{Day: onBoth, Seconds: 50})
	c.connectByKey(c.ada, "c")
	c.runOK(c.ada)
	all := c.claims()
	if got := all.report.on(t, onBoth); deref(got.Account) != "c" || *got.Seconds != 50 {
		t.Errorf("with time at account c: %+v", got)
	}
	if got := all.report.on(t, onlyB); deref(got.Account) != "b" || *got.Seconds != 700 {
		t.Errorf("without time at account c: %+v", got)
	}
}

// What the accepted account knows about a day says nothing about the connected one, which
// may have time that has not been fetched.
func TestSwitchOfAccounts_AcceptedBeforeTheFirstSyncHidesNothing(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("a", fakewaka.Session{Day: onlyA, Seconds: 1000}, fakewaka.Session{Day: onBoth, Seconds: 2000})
	c.coder("b", fakewaka.Session{Day: onBoth, Seconds: 500}, fakewaka.Session{Day: onlyB, Seconds: 700})
	c.connectByKey(c.ada, "a")
	c.at("2040-04-04 12:00") // three weeks later
	c.runOK(c.ada)
	c.connectByKey(c.ada, "b")
	a := c.accounts()[1]
	c.admin.Put("/students/"+c.ada.ID+"/wakatime/accounts/"+a.ID+"/acceptance", nil).Expect(http.StatusOK)
	all := c.claims()
	if d := all.report.on(t, onlyB); d.State != "pending" || d.Seconds != nil {
		t.Errorf("a day without time at account a, before account b returned it: %+v", d)
	}
	if all.report.Total.Empty != 0 {
		t.Errorf("before account b returned a day: %+v", all.report.Total)
	}
	c.runOK(c.ada)
	all = c.claims()
	for day, want := range map[string]int{onlyA: 1000, onBoth: 500, onlyB: 700} {
		if d := all.report.on(t, day); d.State != "ok" || *d.Seconds != want {
			t.Errorf("after the first sync of account b: %+v, want %d seconds", d, want)
		}
	}
	if total := all.report.Total; total.Known != total.Expected {
		t.Errorf("after the first sync of account b: %+v", total)
	}
}
