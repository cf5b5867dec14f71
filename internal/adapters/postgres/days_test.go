package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

const source = "wakatime.com"

// fetchedDay returns a day as returned by a server, with three parts.
func fetchedDay(day domain.Day, seconds int) domain.FetchedDay {
	return domain.FetchedDay{Day: day, State: domain.DayOK, Seconds: seconds, TimeZone: "UTC", Shares: []domain.Share{
		{Dimension: domain.ByLanguage, Name: "Go", Seconds: seconds - 10},
		{Dimension: domain.ByLanguage, Name: "SQL", Seconds: 10},
		{Dimension: domain.ByProject, Name: "gradus", Seconds: seconds},
	}}
}

func fetchedDays(days ...domain.FetchedDay) domain.FetchedDays {
	return domain.FetchedDays{Source: source, Days: days}
}

func lastDays(n int) domain.DayRange {
	return domain.DayRange{From: build.Today - domain.Day(n) + 1, To: build.Today}
}

func TestDayStore_RoundTrip(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool)
	user := build.User(t, pool).ID
	odd := fetchedDay(build.Today-2, 600)
	odd.TimeZone, odd.Reason = "+05:45", domain.ReasonOtherZone
	odd.Shares = []domain.Share{{Dimension: domain.ByMachine, Name: "Zürich 🚀 {\"a\",\\}", Seconds: 90_000}}
	none := domain.FetchedDay{Day: build.Today - 1, State: domain.DayEmpty, TimeZone: "UTC"}
	n, err := store.ReplaceDays(t.Context(), user, fetchedDays(fetchedDay(build.Today, 3600), odd, none), build.Now)
	if n != 3 || err != nil {
		t.Fatalf("wrote %d, %v", n, err)
	}
	want := []domain.DailySummary{
		{Day: odd.Day, State: domain.DayOK, Seconds: new(600), TimeZone: "+05:45", Source: source, FetchedAt: &build.Now, Reason: domain.ReasonOtherZone, Final: true, Shares: odd.Shares},
		{Day: none.Day, State: domain.DayEmpty, Seconds: new(0), TimeZone: "UTC", Source: source, FetchedAt: &build.Now, Final: true},
		{Day: build.Today, State: domain.DayOK, Seconds: new(3600), TimeZone: "UTC", Source: source, FetchedAt: &build.Now, Shares: fetchedDay(0, 3600).Shares},
	}
	if diff := cmp.Diff(want, must(store.ListDays(t.Context(), user, lastDays(3), true))); diff != "" {
		t.Errorf("with parts: %s", diff)
	}
	ignoreShares := cmpopts.IgnoreFields(domain.DailySummary{}, "Shares")
	got := must(store.ListDays(t.Context(), user, lastDays(3), false))
	if diff := cmp.Diff(want, got, ignoreShares); diff != "" || got[0].Shares != nil {
		t.Errorf("without parts: %v %s", got[0].Shares, diff)
	}
	if got := must(store.ListDays(t.Context(), user, domain.DayRange{From: build.Today + 1, To: build.Today + 9}, true)); len(got) != 0 {
		t.Errorf("empty range: got %d days", len(got))
	}
}

// rowVersions describes every row with the transactions that wrote and locked it, and the
// latest label ID.
func rowVersions(t *testing.T, pool *pgxpool.Pool) (versions string) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `
		SELECT (SELECT last_value FROM labels_id_seq) || ' ' || coalesce(string_agg(day || ' ' || xmin || ' ' || xmax || ' ' || ctid, ',' ORDER BY day), '') FROM days`).Scan(&versions)
	if err != nil {
		t.Fatal(err)
	}
	return versions
}

// walRecords repeats the latest traced query and returns its records in the write-ahead
// log. A query that writes nothing has none.
func walRecords(t *testing.T, pool *pgxpool.Pool, tr *tracer) string {
	t.Helper()
	all := tr.take()
	last := all[len(all)-1]
	rows, err := pool.Query(t.Context(), "EXPLAIN (ANALYZE, WAL, COSTS OFF) "+last.SQL, last.Args...)
	if err != nil {
		t.Fatal(err)
	}
	lines := must(pgx.CollectRows(rows, pgx.RowTo[string]))
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return !strings.Contains(l, "WAL:") }), "\n")
}

func TestDayStore_ReplaceDays_WritesNothingTwice(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	tracedPool, queries := traced(t, pool)
	store := postgres.NewDayStore(tracedPool)
	user := build.User(t, pool).ID
	var days []domain.FetchedDay
	for d := build.Today - 365; d < build.Today; d++ {
		days = append(days, fetchedDay(d, 60+int(d)%7000))
	}
	if n := must(store.ReplaceDays(t.Context(), user, fetchedDays(days...), build.Now)); n != len(days) {
		t.Fatalf("first call wrote %d rows, want %d", n, len(days))
	}
	before := rowVersions(t, pool)
	slices.Reverse(days)
	queries.take()
	for range 2 {
		n := must(store.ReplaceDays(t.Context(), user, fetchedDays(days...), build.Now.Add(time.Hour)))
		if after := rowVersions(t, pool); n != 0 || after != before {
			t.Errorf("repeated call wrote %d rows; touched any: %v", n, after != before)
		}
	}
	if log := walRecords(t, pool, queries); log != "" {
		t.Errorf("repeated call has WAL records: %s", log)
	}
	days[0].Seconds++
	if n := must(store.ReplaceDays(t.Context(), user, fetchedDays(days...), build.Now)); n != 1 {
		t.Errorf("one more second wrote %d rows, want 1", n)
	}
	build.Exec(t, pool, `UPDATE days SET seconds = 1 WHERE day = $1`, days[0].Day.Date())
	if log := walRecords(t, pool, queries); log == "" {
		t.Error("a change has no WAL records: the test cannot fail")
	}
}

func TestDayStore_ReplaceDays_WritesChanges(t *testing.T) {
	t.Parallel()
	stored := fetchedDay(build.Today, 3600)
	evening := build.Today.Date().Add(20 * time.Hour)
	cases := map[string]struct {
		change func(*domain.FetchedDay)
		source string
		now    time.Time
		want   int
	}{
		"an unchanged day":                    {want: 0},
		"an unchanged day later the same day": {now: evening, want: 0},
		"an unchanged day when it has ended":  {now: build.Today.End(time.UTC), want: 1},
		"an unchanged day a week later":       {now: build.Now.AddDate(0, 0, 7), want: 1},
		"more seconds":                        {change: func(d *domain.FetchedDay) { d.Seconds++ }, want: 1},
		"fewer seconds":                       {change: func(d *domain.FetchedDay) { d.Seconds-- }, want: 1},
		"another state": {change: func(d *domain.FetchedDay) {
			*d = domain.FetchedDay{Day: d.Day, State: domain.DayEmpty, TimeZone: "UTC"}
		}, want: 1},
		"another zone":                {change: func(d *domain.FetchedDay) { d.TimeZone = "Asia/Kathmandu" }, want: 1},
		"another reason":              {change: func(d *domain.FetchedDay) { d.Reason = domain.ReasonOtherZone }, want: 1},
		"another source":              {source: "hackatime.hackclub.com", want: 1},
		"a longer part":               {change: func(d *domain.FetchedDay) { d.Shares[0].Seconds++ }, want: 1},
		"a part with another name":    {change: func(d *domain.FetchedDay) { d.Shares[0].Name = "Rust" }, want: 1},
		"a part in another dimension": {change: func(d *domain.FetchedDay) { d.Shares[1].Dimension = domain.ByEditor }, want: 1},
		"a missing part":              {change: func(d *domain.FetchedDay) { d.Shares = d.Shares[:2] }, want: 1},
		"an error":                    {change: func(d *domain.FetchedDay) { d.State, d.Seconds = domain.DayError, 0 }, want: 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			store := postgres.NewDayStore(pool)
			user := build.User(t, pool).ID
			must(store.ReplaceDays(t.Context(), user, fetchedDays(stored), build.Now))
			next := fetchedDay(build.Today, 3600)
			if c.change != nil {
				c.change(&next)
			}
			f := fetchedDays(next)
			if c.source != "" {
				f.Source = c.source
			}
			if c.now.IsZero() {
				c.now = build.Now.Add(time.Minute)
			}
			if n := must(store.ReplaceDays(t.Context(), user, f, c.now)); n != c.want {
				t.Errorf("wrote %d rows, want %d", n, c.want)
			}
			got := must(store.ListDays(t.Context(), user, lastDays(1), true))[0]
			if c.want == 0 {
				next = stored
			}
			if *got.Seconds != next.Seconds || got.State != next.State || got.TimeZone != next.TimeZone || !slices.Equal(got.Shares, next.Shares) {
				t.Errorf("stored %+v after %+v", got, next)
			}
		})
	}
}

func TestDayStore_ReplaceDays_ResetsAttempts(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool)
	user := build.User(t, pool).ID
	known, unknown, noReason := fetchedDay(build.Today-1, 60), fetchedDay(build.Today-2, 120), fetchedDay(build.Today-3, 30)
	must(store.ReplaceDays(t.Context(), user, fetchedDays(known, noReason), build.Now))
	for range 2 {
		err := store.RecordFailedAttempts(t.Context(), user, []domain.FailedAttempt{
			{Day: known.Day, State: domain.DayError, Reason: domain.ReasonThrottled},
			{Day: unknown.Day, State: domain.DayError, Reason: domain.ReasonUnavailable},
			{Day: noReason.Day, State: domain.DayError},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []domain.DailySummary{
		{Day: noReason.Day, State: domain.DayOK, Seconds: new(30), TimeZone: "UTC", Source: source, FetchedAt: &build.Now, Attempts: 2, Final: true},
		{Day: unknown.Day, State: domain.DayError, Attempts: 2, Reason: domain.ReasonUnavailable},
		{Day: known.Day, State: domain.DayOK, Seconds: new(60), TimeZone: "UTC", Source: source, FetchedAt: &build.Now, Attempts: 2, Reason: domain.ReasonThrottled, Final: true},
	}
	if diff := cmp.Diff(want, must(store.ListDays(t.Context(), user, lastDays(4), false))); diff != "" {
		t.Errorf("after failed attempts: %s", diff)
	}
	if n := must(store.ReplaceDays(t.Context(), user, fetchedDays(known, unknown, noReason), build.Now)); n != 3 {
		t.Errorf("wrote %d rows, want 3", n)
	}
	for _, d := range must(store.ListDays(t.Context(), user, lastDays(4), false)) {
		if d.Attempts != 0 || d.Reason != domain.ReasonNone || d.State != domain.DayOK {
			t.Errorf("after ReplaceDays: %+v", d)
		}
	}
}

func TestDayStore_RecordFailedAttempts_SetsTheStateOfUnknownDays(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool)
	user := build.User(t, pool).ID
	build.Exec(t, pool, `INSERT INTO days (user_id, day, attempts, state) SELECT id, $1, 32767, 'error' FROM users`, build.Today.Date())
	err := store.RecordFailedAttempts(t.Context(), user, []domain.FailedAttempt{
		{Day: build.Today, State: domain.DayError, Reason: domain.ReasonInvalid},
		{Day: build.Today, State: domain.DayPlanLimited, Reason: domain.ReasonPlanLimited}, // twice in one statement
	})
	want := []domain.DailySummary{{Day: build.Today, State: domain.DayPlanLimited, Attempts: 32767, Reason: domain.ReasonPlanLimited}}
	if diff := cmp.Diff(want, must(store.ListDays(t.Context(), user, lastDays(1), false))); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestDayStore_ReplaceDays_UsesTheLastOfDuplicateDays(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool)
	user := build.User(t, pool).ID
	if n := must(store.ReplaceDays(t.Context(), user, fetchedDays(fetchedDay(build.Today, 60), fetchedDay(build.Today, 90)), build.Now)); n != 1 {
		t.Errorf("wrote %d rows, want 1", n)
	}
	if got := must(store.ListDays(t.Context(), user, lastDays(1), false)); *got[0].Seconds != 90 {
		t.Errorf("stored %d seconds, want 90", *got[0].Seconds)
	}
	if n := must(store.ReplaceDays(t.Context(), user, fetchedDays(), build.Now)); n != 0 {
		t.Errorf("no days wrote %d rows", n)
	}
}

func TestDayStore_ReplaceDays_ConcurrentWritersAddLabelsOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool)
	users := make([]domain.UserID, 8)
	for i := range users {
		users[i] = build.User(t, pool).ID
	}
	day := fetchedDay(build.Today-1, 50)
	for i := range 200 {
		day.Shares = append(day.Shares, domain.Share{Dimension: domain.ByProject, Name: fmt.Sprintf("project %d", i), Seconds: 1})
	}
	for _, err := range concurrently(len(users), func(i int) error {
		own := day
		own.Shares = slices.Clone(day.Shares)
		if i%2 == 1 {
			slices.Reverse(own.Shares)
		}
		return inUnitOfWork(t, pool, func(ctx context.Context) error {
			_, err := store.ReplaceDays(ctx, users[i], fetchedDays(own), build.Now)
			return err
		})
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	var n int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM labels`).Scan(&n); err != nil || n != 200+3+2 {
		t.Errorf("%d labels, %v; want 205", n, err)
	}
	for _, u := range users {
		if got := must(store.ListDays(t.Context(), u, lastDays(2), true)); len(got[0].Shares) != 203 {
			t.Errorf("%d parts, want 203", len(got[0].Shares))
		}
	}
}

func TestDayStore_ListMissingDays(t *testing.T) {
	t.Parallel()
	const zone = domain.TimeZone("Asia/Kathmandu")
	day := build.Today - 3
	end := day.End(zone.Location())
	known := func(at time.Time, zone string, reason domain.Reason) *domain.DailySummary {
		d := build.Known(day, 60)
		d.FetchedAt, d.TimeZone, d.Reason = &at, zone, reason
		return &d
	}
	unknown := func(state domain.DayState) *domain.DailySummary { return new(build.Unknown(day, state, "")) }
	cases := map[string]struct {
		row  *domain.DailySummary
		want bool
	}{
		"a day without a row is missing":                     {nil, true},
		"a day fetched after its end is not missing":         {known(end, string(zone), ""), false},
		"a day fetched before its end is missing":            {known(end.Add(-time.Second), string(zone), ""), true},
		"a day cut in another time zone is missing":          {known(end, "UTC", ""), true},
		"a day of a server with a fixed zone is not missing": {known(end, "UTC", domain.ReasonOtherZone), false},
		"the same day fetched before its end is missing":     {known(end.Add(-time.Second), "UTC", domain.ReasonOtherZone), true},
		"a failed day is missing":                            {unknown(domain.DayError), true},
		"a pending day is missing":                           {unknown(domain.DayPending), true},
		"a day beyond the plan is not missing":               {unknown(domain.DayPlanLimited), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			user, other := build.User(t, pool).ID, build.User(t, pool).ID
			build.Days(t, pool, other, build.Known(day, 60))
			if c.row != nil {
				build.Days(t, pool, user, *c.row)
			}
			want := []domain.Day{day - 1, day + 1}
			if c.want {
				want = []domain.Day{day - 1, day, day + 1}
			}
			got, err := postgres.NewDayStore(pool).ListMissingDays(t.Context(), user, zone, domain.DayRange{From: day - 1, To: day + 1})
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}
