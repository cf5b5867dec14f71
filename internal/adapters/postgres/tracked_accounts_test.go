package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
)

const d1, d2, d3, d4, d5 = domain.Day(20_001), domain.Day(20_002), domain.Day(20_003), domain.Day(20_004), domain.Day(20_005)

func TestAccountStore_SetAsideDays_AnotherAccount(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.connect("ada")
	o.known("ada", d1, 600, domain.DayOK)
	o.known("ada", d2, 0, domain.DayEmpty)
	o.known("ada", d3, 60, domain.DayPartial)
	o.failed(d4, domain.DayError, domain.ReasonUnavailable)
	o.failed(d5, domain.DayPlanLimited, domain.ReasonPlanLimited)

	o.connect("bo")
	o.expect("after another account", map[domain.Day]row{d1: changed, d2: changed, d3: changed, d4: changed, d5: changed})
	want := domain.TrackedAccount{Server: "api.wakatime.com", Username: "ada", First: new(d1), Last: new(d3), Days: 2, Seconds: 660}
	if diff := diff(want, o.account("ada"), cmpopts.IgnoreFields(domain.TrackedAccount{}, "ID")); diff != "" {
		t.Error(diff)
	}
	want = domain.TrackedAccount{Server: "api.wakatime.com", Username: "bo", Current: true}
	if diff := diff(want, o.list()[0], cmpopts.IgnoreFields(domain.TrackedAccount{}, "ID")); diff != "" {
		t.Error(diff)
	}

	o.known("bo", d1, 30, domain.DayOK)
	o.failed(d5+1, domain.DayError, domain.ReasonInvalid)
	o.connect("ada")
	o.expect("after the first account again", map[domain.Day]row{
		d1: ok("ada", 600), d2: empty("ada"), d3: {Account: "ada", Seconds: 60, State: domain.DayPartial}, d4: changed, d5: changed, d5 + 1: changed,
	})
	if a := o.account("ada"); !a.Current || a.Days != 2 || a.Seconds != 660 || a.Counted != 3 {
		t.Errorf("account %+v", a)
	}
	if a := o.account("bo"); a.Current || a.Days != 1 || a.Seconds != 30 || a.Counted != 0 {
		t.Errorf("account %+v", a)
	}
}

func TestAccountStore_SetAsideDays_SameAccount(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.connect("ada")
	o.known("ada", d1, 600, domain.DayOK)
	o.known("ada", d2, 0, domain.DayEmpty)
	o.failed(d3, domain.DayError, domain.ReasonUnavailable)
	before := o.versions()

	o.connect("ada")
	if o.versions() != before {
		t.Error("connecting the same account again wrote days")
	}
	o.disconnect()
	o.connect("ada")
	if o.versions() != before {
		t.Error("connecting the same account after a disconnect wrote days")
	}
}

func TestAccountStore_SetAsideDays_AfterADisconnect(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.connect("ada")
	o.known("ada", d1, 600, domain.DayOK)
	o.failed(d2, domain.DayError, domain.ReasonUnavailable)
	o.disconnect()
	o.expect("after the disconnect", map[domain.Day]row{d1: ok("ada", 600), d2: {Seconds: -1, State: domain.DayError, Reason: domain.ReasonUnavailable, Attempts: 3}})
	o.connect("bo")
	o.expect("after another account", map[domain.Day]row{d1: changed, d2: changed})
}

func TestAccountStore_AcceptAndReject(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.connect("ada")
	o.known("ada", d1, 600, domain.DayOK)
	o.known("ada", d2, 600, domain.DayOK)
	o.known("ada", d3, 600, domain.DayOK)
	o.known("ada", d4, 0, domain.DayEmpty)
	o.known("ada", d5, 0, domain.DayEmpty)
	o.connect("bo")
	o.known("bo", d1, 30, domain.DayOK)
	o.known("bo", d2, 0, domain.DayEmpty)
	o.known("bo", d5, 0, domain.DayEmpty)
	before := map[domain.Day]row{d1: ok("bo", 30), d2: empty("bo"), d3: changed, d4: changed, d5: empty("bo")}
	o.expect("before", before)

	o.accept("ada", build.Now, true)
	// An empty day of another account does not make an unknown day known.
	after := map[domain.Day]row{d1: ok("bo", 30), d2: ok("ada", 600), d3: ok("ada", 600), d4: changed, d5: empty("bo")}
	o.expect("after accepting", after)
	if a := o.account("ada"); a.AcceptedAt == nil || !a.AcceptedAt.Equal(build.Now) || a.Counted != 2 || a.Seconds != 1800 {
		t.Errorf("account %+v", a)
	}

	versions := o.versions()
	o.accept("ada", build.Now.Add(time.Hour), false)
	if a := o.account("ada"); o.versions() != versions || !a.AcceptedAt.Equal(build.Now) {
		t.Errorf("accepting again changed the ledger or the time: %v", a.AcceptedAt)
	}

	o.reject("ada", true)
	o.expect("after rejecting", before)
	if a := o.account("ada"); a.AcceptedAt != nil || a.Counted != 0 || a.Seconds != 1800 {
		t.Errorf("account %+v", a)
	}
	versions = o.versions()
	o.reject("ada", false)
	if o.versions() != versions {
		t.Error("rejecting again changed the ledger")
	}

	o.accept("ada", build.Now, true)
	o.expect("after accepting once more", after)
}

func TestAccountStore_AcceptedDaysAndSyncs(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.connect("ada")
	o.known("ada", d1, 600, domain.DayOK)
	o.known("ada", d2, 600, domain.DayOK)
	o.connect("bo")
	o.accept("ada", build.Now, true)

	// A sync of the connected account returns an empty day, and one with time.
	days, ref := postgres.NewDayStore(o.pool, build.Clock), must(connectionStore(o.pool).Connection(t.Context(), o.user)).Ref
	var rows []domain.DailySummary
	for i, r := range must(days.ListDays(t.Context(), o.user, domain.DayRange{From: d1, To: d2}, true)) {
		if row, changed := r.Receive(domain.FetchedDay{Day: r.Day, Seconds: i * 30, TimeZone: "UTC"}, ref, build.Now); changed {
			rows = append(rows, row)
		}
	}
	err := o.do(func(ctx context.Context) error { return days.SaveDays(ctx, o.user, rows, build.Now) })
	if err != nil {
		t.Fatal(err)
	}
	want := map[domain.Day]row{d1: ok("ada", 600), d2: ok("bo", 30)}
	o.expectSeconds("after a sync", want)
	if a := o.account("ada"); a.Days != 2 || a.Seconds != 1200 || a.Counted != 1 {
		t.Errorf("account %+v", a)
	}

	// The accepted account stays accepted when a third one is connected.
	o.connect("chidi")
	o.expectSeconds("after a third account", map[domain.Day]row{d1: ok("ada", 600), d2: ok("ada", 600)})
	o.connect("bo")
	o.expectSeconds("after the second account again", want)
}

func TestAccountStore_AcceptedAccountIsConnectedAgain(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.connect("ada")
	o.known("ada", d1, 600, domain.DayOK)
	o.known("ada", d2, 0, domain.DayEmpty)
	o.connect("bo")
	o.known("bo", d1, 0, domain.DayEmpty)
	o.known("bo", d2, 30, domain.DayOK)
	o.accept("ada", build.Now, true)
	o.accept("bo", build.Now, true) // the connected account can be accepted
	o.expect("both accepted", map[domain.Day]row{d1: ok("ada", 600), d2: ok("bo", 30)})

	o.connect("ada")
	o.expect("the first account is connected", map[domain.Day]row{d1: ok("ada", 600), d2: ok("bo", 30)})
	o.reject("ada", true)
	o.expect("rejecting the connected account changes no day", map[domain.Day]row{d1: ok("ada", 600), d2: ok("bo", 30)})
	o.reject("bo", true)
	o.expect("the other account is rejected", map[domain.Day]row{d1: ok("ada", 600), d2: empty("ada")})

	o.accept("ada", build.Now, true)
	o.connect("bo")
	o.expect("the second account is connected", map[domain.Day]row{d1: ok("ada", 600), d2: ok("bo", 30)})
	o.reject("ada", true)
	o.expect("the first account is rejected", map[domain.Day]row{d1: empty("bo"), d2: ok("bo", 30)})
	o.accept("ada", build.Now, true)
	o.expect("no day was lost", map[domain.Day]row{d1: ok("ada", 600), d2: ok("bo", 30)})
}

func TestAccountStore_SeveralAcceptedAccounts(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.connect("ada")
	o.known("ada", d1, 600, domain.DayOK)
	o.connect("bo")
	o.known("bo", d1, 30, domain.DayOK)
	o.connect("chidi")
	o.accept("bo", build.Now, true)
	o.accept("ada", build.Now.Add(time.Second), true)
	o.expect("the first accepted account counts", map[domain.Day]row{d1: ok("bo", 30)})
	o.reject("bo", true)
	o.expect("the other one counts", map[domain.Day]row{d1: ok("ada", 600)})
	o.reject("ada", true)
	o.expect("none counts", map[domain.Day]row{d1: changed})
}

func TestAccountStore_RejectWithoutAConnection(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.connect("ada")
	o.known("ada", d1, 600, domain.DayOK)
	o.connect("bo")
	o.known("bo", d2, 30, domain.DayOK)
	o.accept("ada", build.Now, true)
	o.disconnect()
	want := map[domain.Day]row{d1: ok("ada", 600), d2: ok("bo", 30)}
	o.expect("after the disconnect", want)
	o.reject("bo", false)
	o.expect("rejecting the last connected account changes nothing", want)
	o.reject("ada", true)
	o.expect("after rejecting", map[domain.Day]row{d1: changed, d2: ok("bo", 30)})
	o.accept("ada", build.Now, true)
	o.expect("after accepting", want)
}

func TestAccountStore_Errors(t *testing.T) {
	t.Parallel()
	o := newOwner(t)
	o.connect("ada")
	other := build.User(t, o.pool).ID
	id := o.account("ada").ID
	cases := map[string]func(ctx context.Context) error{
		"AcceptAccount": func(ctx context.Context) error {
			_, err := o.accounts.AcceptAccount(ctx, other, id, build.Now)
			return err
		},
		"RejectAccount": func(ctx context.Context) error {
			_, err := o.accounts.RejectAccount(ctx, other, id, build.Now)
			return err
		},
	}
	for name, do := range cases {
		if err := inUnitOfWork(t, o.pool, do); !errors.Is(err, domain.ErrWakaTimeAccountNotFound) {
			t.Errorf("%s of another user's account: %v", name, err)
		}
		if err := do(t.Context()); err == nil || errors.Is(err, domain.ErrWakaTimeAccountNotFound) {
			t.Errorf("%s outside a unit of work: %v", name, err)
		}
	}
	if err := o.accounts.SetAsideDays(t.Context(), o.user, build.Now); err == nil {
		t.Error("SetAsideDays outside a unit of work succeeds")
	}
}
