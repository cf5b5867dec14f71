package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

const source = "wakatime.com"

// connectedUser inserts a user with a connection and returns the reference of its account.
func connectedUser(t *testing.T, pool *pgxpool.Pool) (domain.UserID, domain.AccountRef) {
	t.Helper()
	user := build.User(t, pool).ID
	build.Connection(t, pool, user)
	var ref domain.AccountRef
	if err := pool.QueryRow(t.Context(), `SELECT ref FROM wakatime_accounts WHERE user_id = $1`, uuid.UUID(user)).Scan(&ref); err != nil {
		t.Fatal(err)
	}
	return user, ref
}

// knownDay returns a row with three parts.
func knownDay(day domain.Day, account domain.AccountRef, seconds int) domain.DailySummary {
	return domain.DailySummary{
		Day: day, State: domain.DayOK, Seconds: &seconds, AISeconds: new(seconds / 10), TimeZone: "UTC", Account: account,
		Shares: []domain.Share{
			{Dimension: domain.ByLanguage, Name: "Go", Seconds: seconds - 10},
			{Dimension: domain.ByLanguage, Name: "SQL", Seconds: 10},
			{Dimension: domain.ByProject, Name: "gradus", Seconds: seconds},
		},
	}
}

func save(t *testing.T, store *postgres.DayStore, user domain.UserID, rows ...domain.DailySummary) {
	t.Helper()
	if err := store.SaveDays(t.Context(), user, rows, build.Now); err != nil {
		t.Fatal(err)
	}
}

func lastDays(n int) domain.DayRange {
	return domain.DayRange{From: build.Today - domain.Day(n) + 1, To: build.Today}
}

func TestDayStore_RoundTrip(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	tracedPool, queries := traced(t, pool)
	store := postgres.NewDayStore(tracedPool, build.Clock)
	user, ref := connectedUser(t, pool)
	odd := knownDay(build.Today-3, ref, 600)
	odd.TimeZone, odd.Reason, odd.AISeconds = "+05:45", domain.ReasonOtherZone, nil
	odd.Absent = []domain.Dimension{domain.ByLanguage, domain.ByCategory}
	odd.Shares = []domain.Share{{Dimension: domain.ByMachine, Name: "Zürich 🚀 {\"a\",\\}", Seconds: 90_000}}
	none := domain.DailySummary{Day: build.Today - 2, State: domain.DayEmpty, Seconds: new(0), AISeconds: new(0), TimeZone: "UTC", Account: ref}
	failed := domain.DailySummary{Day: build.Today - 1, State: domain.DayError, Reason: domain.ReasonUnavailable, Attempts: 3}
	partial := knownDay(build.Today, ref, 3600)
	partial.State = domain.DayPartial
	save(t, store, user, partial, odd, failed, none)

	want := []domain.DailySummary{odd, none, failed, partial}
	for i := range want {
		want[i].ChangedAt = &build.Now
		if want[i].Account != 0 {
			want[i].Source, want[i].Username = source, "someone"
		}
	}
	queries.take()
	if diff := cmp.Diff(want, must(store.ListDays(t.Context(), user, lastDays(4), true))); diff != "" {
		t.Errorf("with parts: %s", diff)
	}
	if n := len(queries.take()); n != 1 {
		t.Errorf("%d round trips, want 1", n)
	}
	ignoreShares := cmpopts.IgnoreFields(domain.DailySummary{}, "Shares")
	got := must(store.ListDays(t.Context(), user, lastDays(4), false))
	if diff := cmp.Diff(want, got, ignoreShares); diff != "" || got[0].Shares != nil {
		t.Errorf("without parts: %v %s", got[0].Shares, diff)
	}
	if got := must(store.ListDays(t.Context(), user, domain.DayRange{From: build.Today + 1, To: build.Today + 9}, true)); len(got) != 0 {
		t.Errorf("empty range: got %d days", len(got))
	}
}

func TestDayStore_ListDays_TellsWhenDaysWereChecked(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool, build.Clock)
	connections := connectionStore(pool)
	user, ref := connectedUser(t, pool)
	hidden := build.Unknown(build.Today-9, domain.DayPlanLimited, domain.ReasonPlanLimited)
	save(t, store, user, hidden, knownDay(build.Today-4, ref, 60), knownDay(build.Today-3, ref, 60), knownDay(build.Today-1, ref, 60))
	checks := domain.Checks{
		{Days: domain.DayRange{From: build.Today - 9, To: build.Today - 4}, At: build.Now.Add(-48 * time.Hour)},
		{Days: domain.DayRange{From: build.Today - 3, To: build.Today - 2}, At: build.Now.Add(-time.Hour)},
	}
	lease := build.Now.Add(time.Minute)
	if err := startSync(t.Context(), connections, user, build.Now, lease); err != nil {
		t.Fatal(err)
	}
	if err := connections.FinishSync(t.Context(), user, domain.SyncResult{At: build.Now, Lease: lease, Account: ref, Checks: checks}); err != nil {
		t.Fatal(err)
	}
	build.Exec(t, pool, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username, checked_from, checked_to, checked_at)
		VALUES (gen_random_uuid(), $1, 'b', 'b', 'b', 'b', ARRAY[$2::date], ARRAY[$3::date], ARRAY[$4::timestamptz])`,
		uuid.UUID(user), (build.Today - 9).Date(), build.Today.Date(), build.Now)
	checked := func() (out []*time.Time) {
		for _, d := range must(store.ListDays(t.Context(), user, lastDays(10), false)) {
			out = append(out, d.CheckedAt)
		}
		return out
	}
	want := []*time.Time{new(checks[0].At), new(checks[0].At), new(checks[1].At), nil}
	if diff := cmp.Diff(want, checked()); diff != "" {
		t.Errorf("checked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(checks, connectionOf(t, connections, user).Checks); diff != "" {
		t.Errorf("the connection's checks (-want +got):\n%s", diff)
	}

	// Without a connection, a day that was never returned was checked whenever any account was
	// asked.
	build.Exec(t, pool, `DELETE FROM wakatime_connections WHERE user_id = $1`, uuid.UUID(user))
	want[0] = new(build.Now)
	if diff := cmp.Diff(want, checked()); diff != "" {
		t.Errorf("checked without a connection (-want +got):\n%s", diff)
	}
}

// connectionOf returns a connection whose tokens are not sealed.
func connectionOf(t *testing.T, store *postgres.ConnectionStore, user domain.UserID) domain.Connection {
	t.Helper()
	c, err := store.Connection(t.Context(), user)
	if err != nil && !errors.Is(err, domain.ErrTokenUnreadable) {
		t.Fatal(err)
	}
	return c
}

func TestDayStore_ListDays_TellsTimeOfOtherAccounts(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool, build.Clock)
	user, ref := connectedUser(t, pool)
	save(t, store, user, knownDay(build.Today-1, ref, 60), build.Unknown(build.Today-2, domain.DayPending, domain.ReasonNewAccount))
	build.Exec(t, pool, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username) VALUES (gen_random_uuid(), $1, 'b', 'b', 'b', 'b')`, uuid.UUID(user))
	build.Exec(t, pool, `INSERT INTO account_days (user_id, day, account_ref, seconds, state, reason, absent, parts)
		SELECT $1, d, ref, 500, 'ok', '', '', '{}' FROM wakatime_accounts, unnest(ARRAY[$2::date, $3]) d WHERE base_url = 'b'`,
		uuid.UUID(user), (build.Today - 1).Date(), (build.Today - 2).Date())
	build.Exec(t, pool, `INSERT INTO account_days (user_id, day, account_ref, seconds, state, reason, absent, parts) VALUES ($1, $2, $3, 60, 'ok', '', '', '{}')`,
		uuid.UUID(user), (build.Today - 1).Date(), int32(ref))
	for _, d := range must(store.ListDays(t.Context(), user, lastDays(3), false)) {
		if d.OtherSeconds != 500 {
			t.Errorf("%s: %d seconds at other accounts, want 500", d.Day, d.OtherSeconds)
		}
	}
}

func TestDayStore_SaveDays_ReplacesRows(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool, build.Clock)
	user, ref := connectedUser(t, pool)
	failed := build.Unknown(build.Today-1, domain.DayError, domain.ReasonUnavailable)
	known := knownDay(build.Today-1, ref, 60)
	later := build.Now.Add(time.Hour)
	for _, rows := range [][]domain.DailySummary{{failed}, {known}, {failed, known}, nil} {
		if err := store.SaveDays(t.Context(), user, rows, later); err != nil {
			t.Fatal(err)
		}
	}
	known.ChangedAt, known.Source, known.Username = &later, source, "someone"
	if diff := cmp.Diff([]domain.DailySummary{known}, must(store.ListDays(t.Context(), user, lastDays(9), true))); diff != "" {
		t.Errorf("the last row of a day counts (-want +got):\n%s", diff)
	}
	if err := store.SaveDays(t.Context(), user, []domain.DailySummary{failed}, later); err != nil {
		t.Fatal(err)
	}
	failed.ChangedAt = &later
	if diff := cmp.Diff([]domain.DailySummary{failed}, must(store.ListDays(t.Context(), user, lastDays(9), true))); diff != "" {
		t.Errorf("an unknown day leaves nothing of a known one (-want +got):\n%s", diff)
	}
}

func TestDayStore_SaveDays_RejectsRowsThatContradictThemselves(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool, build.Clock)
	user, ref := connectedUser(t, pool)
	_, foreign := connectedUser(t, pool)
	for name, change := range map[string]func(*domain.DailySummary){
		"a known day without seconds":       func(d *domain.DailySummary) { d.Seconds, d.AISeconds = nil, nil },
		"an unknown day with seconds":       func(d *domain.DailySummary) { d.State = domain.DayError },
		"more AI seconds than seconds":      func(d *domain.DailySummary) { d.AISeconds = new(61) },
		"seconds without an account":        func(d *domain.DailySummary) { d.Account = 0 },
		"the account of another user":       func(d *domain.DailySummary) { d.Account = foreign },
		"more seconds than the longest day": func(d *domain.DailySummary) { d.Seconds = new(90_001) },
	} {
		row := knownDay(build.Today-1, ref, 60)
		change(&row)
		if err := store.SaveDays(t.Context(), user, []domain.DailySummary{row}, build.Now); err == nil {
			t.Errorf("%s is stored", name)
		}
	}
}

func TestDayStore_SaveDays_ConcurrentWritersAddLabelsOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool, build.Clock)
	users, refs := make([]domain.UserID, 8), make([]domain.AccountRef, 8)
	for i := range users {
		users[i], refs[i] = connectedUser(t, pool)
	}
	var shares []domain.Share
	for i := range 200 {
		shares = append(shares, domain.Share{Dimension: domain.ByProject, Name: fmt.Sprintf("project %d", i), Seconds: 1})
	}
	for _, err := range concurrently(len(users), func(i int) error {
		own := knownDay(build.Today-1, refs[i], 50)
		own.Shares = append(own.Shares, shares...)
		if i%2 == 1 {
			slices.Reverse(own.Shares)
		}
		return inUnitOfWork(t, pool, func(ctx context.Context) error {
			return store.SaveDays(ctx, users[i], []domain.DailySummary{own}, build.Now)
		})
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	var n int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM labels`).Scan(&n); err != nil || n != 200+3+1 {
		t.Errorf("%d labels, %v; want 204", n, err)
	}
	for _, u := range users {
		if got := must(store.ListDays(t.Context(), u, lastDays(2), true)); len(got[0].Shares) != 203 {
			t.Errorf("%d parts, want 203", len(got[0].Shares))
		}
	}
}
