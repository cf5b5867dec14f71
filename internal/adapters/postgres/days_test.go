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
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

const source = "wakatime.com"

// fetched is a day as a server answers it, with three parts.
func fetched(day domain.Day, seconds int) domain.FetchedDay {
	return domain.FetchedDay{Day: day, State: domain.DayOK, Seconds: seconds, TimeZone: "UTC", Shares: []domain.Share{
		{Dimension: domain.ByLanguage, Name: "Go", Seconds: seconds - 10},
		{Dimension: domain.ByLanguage, Name: "SQL", Seconds: 10},
		{Dimension: domain.ByProject, Name: "gradus", Seconds: seconds},
	}}
}

func answer(days ...domain.FetchedDay) domain.FetchedDays {
	return domain.FetchedDays{Source: source, Days: days}
}

func lastDays(n int) domain.DayRange {
	return domain.DayRange{From: build.Today - domain.Day(n) + 1, To: build.Today}
}

func TestDayStore_readsWhatItStored(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool)
	user := build.User(t, pool).ID
	odd := fetched(build.Today-2, 600)
	odd.TimeZone, odd.Reason = "+05:45", domain.ReasonOtherZone
	odd.Shares = []domain.Share{{Dimension: domain.ByMachine, Name: "Zürich 🚀 {\"a\",\\}", Seconds: 90_000}}
	none := domain.FetchedDay{Day: build.Today - 1, State: domain.DayEmpty, TimeZone: "UTC"}
	n, err := store.ReplaceDays(t.Context(), user, answer(fetched(build.Today, 3600), odd, none), build.Now)
	if n != 3 || err != nil {
		t.Fatalf("wrote %d, %v", n, err)
	}
	want := []domain.DailySummary{
		{Day: odd.Day, State: domain.DayOK, Seconds: new(600), TimeZone: "+05:45", Source: source, FetchedAt: &build.Now, Reason: domain.ReasonOtherZone, Final: true, Shares: odd.Shares},
		{Day: none.Day, State: domain.DayEmpty, Seconds: new(0), TimeZone: "UTC", Source: source, FetchedAt: &build.Now, Final: true},
		{Day: build.Today, State: domain.DayOK, Seconds: new(3600), TimeZone: "UTC", Source: source, FetchedAt: &build.Now, Shares: fetched(0, 3600).Shares},
	}
	if diff := cmp.Diff(want, must(store.ListDays(t.Context(), user, lastDays(3), true))); diff != "" {
		t.Errorf("with parts: %s", diff)
	}
	without := cmpopts.IgnoreFields(domain.DailySummary{}, "Shares")
	got := must(store.ListDays(t.Context(), user, lastDays(3), false))
	if diff := cmp.Diff(want, got, without); diff != "" || got[0].Shares != nil {
		t.Errorf("without parts: %v %s", got[0].Shares, diff)
	}
	if got := must(store.ListDays(t.Context(), user, domain.DayRange{From: build.Today + 1, To: build.Today + 9}, true)); len(got) != 0 {
		t.Errorf("a range without rows has %d days", len(got))
	}
}

// footprint is what writing leaves behind.
type footprint struct {
	Written int
	Rows    string // every row with the transaction that wrote it
	Labels  int    // the next number of a label
	Log     int64  // bytes of the write-ahead log
}

func write(t *testing.T, pool *pgxpool.Pool, user domain.UserID, f domain.FetchedDays, now time.Time) footprint {
	t.Helper()
	var out footprint
	var before string
	read := func(sql string, into any, args ...any) {
		if err := pool.QueryRow(t.Context(), sql, args...).Scan(into); err != nil {
			t.Fatal(err)
		}
	}
	read(`SELECT pg_current_wal_insert_lsn()::text`, &before)
	n, err := postgres.NewDayStore(pool).ReplaceDays(t.Context(), user, f, now)
	if err != nil {
		t.Fatal(err)
	}
	out.Written = n
	read(`SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1::text::pg_lsn)::bigint`, &out.Log, before)
	read(`SELECT coalesce(string_agg(day || ' ' || xmin || ' ' || xmax || ' ' || ctid, ',' ORDER BY day), '') FROM days`, &out.Rows)
	read(`SELECT last_value FROM labels_id_seq`, &out.Labels)
	return out
}

func TestDayStore_ReplaceDays_aRepetitionWritesNothing(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user := build.User(t, pool).ID
	var days []domain.FetchedDay
	for d := build.Today - 365; d < build.Today; d++ {
		days = append(days, fetched(d, 60+int(d)%7000))
	}
	first := write(t, pool, user, answer(days...), build.Now)
	if first.Written != len(days) {
		t.Fatalf("the first time wrote %d rows, want %d", first.Written, len(days))
	}
	slices.Reverse(days)
	// Other tests write to the same log at the same time: one quiet run is proof.
	quietest := first.Log
	for range 50 {
		again := write(t, pool, user, answer(days...), build.Now.Add(time.Hour))
		if again.Written != 0 || again.Rows != first.Rows || again.Labels != first.Labels {
			t.Fatalf("a repetition wrote %d rows and %d labels; rows touched: %v", again.Written, again.Labels-first.Labels, again.Rows != first.Rows)
		}
		if quietest = min(quietest, again.Log); quietest < 200 {
			return
		}
	}
	t.Errorf("a repetition wrote at least %d bytes of log, the first time %d", quietest, first.Log)
}

func TestDayStore_ReplaceDays_writesWhatIsNew(t *testing.T) {
	t.Parallel()
	stored := fetched(build.Today, 3600)
	evening := build.Today.Date().Add(20 * time.Hour)
	cases := map[string]struct {
		change func(*domain.FetchedDay)
		source string
		now    time.Time
		want   int
	}{
		"the same answer is nothing new":       {want: 0},
		"the same answer later the same day":   {now: evening, want: 0},
		"the same answer when the day is over": {now: build.Today.End(time.UTC), want: 1},
		"the same answer a week after the day": {now: build.Now.AddDate(0, 0, 7), want: 1},
		"more seconds":                         {change: func(d *domain.FetchedDay) { d.Seconds++ }, want: 1},
		"fewer seconds":                        {change: func(d *domain.FetchedDay) { d.Seconds-- }, want: 1},
		"another state": {change: func(d *domain.FetchedDay) {
			*d = domain.FetchedDay{Day: d.Day, State: domain.DayEmpty, TimeZone: "UTC"}
		}, want: 1},
		"another zone":                             {change: func(d *domain.FetchedDay) { d.TimeZone = "Asia/Kathmandu" }, want: 1},
		"another reason":                           {change: func(d *domain.FetchedDay) { d.Reason = domain.ReasonOtherZone }, want: 1},
		"another source":                           {source: "hackatime.hackclub.com", want: 1},
		"a part that grew":                         {change: func(d *domain.FetchedDay) { d.Shares[0].Seconds++ }, want: 1},
		"a part of another name":                   {change: func(d *domain.FetchedDay) { d.Shares[0].Name = "Rust" }, want: 1},
		"a part of the same name in another split": {change: func(d *domain.FetchedDay) { d.Shares[1].Dimension = domain.ByEditor }, want: 1},
		"a part less":                              {change: func(d *domain.FetchedDay) { d.Shares = d.Shares[:2] }, want: 1},
		"an error is no data":                      {change: func(d *domain.FetchedDay) { d.State, d.Seconds = domain.DayError, 0 }, want: 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			store := postgres.NewDayStore(pool)
			user := build.User(t, pool).ID
			must(store.ReplaceDays(t.Context(), user, answer(stored), build.Now))
			next := fetched(build.Today, 3600)
			if c.change != nil {
				c.change(&next)
			}
			f := answer(next)
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

func TestDayStore_ReplaceDays_endsAttempts(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool)
	user := build.User(t, pool).ID
	known, unknown := fetched(build.Today-1, 60), fetched(build.Today-2, 120)
	must(store.ReplaceDays(t.Context(), user, answer(known), build.Now))
	for range 2 {
		err := store.NoteAttempts(t.Context(), user, []domain.Attempt{
			{Day: known.Day, State: domain.DayError, Reason: domain.ReasonThrottled},
			{Day: unknown.Day, State: domain.DayError, Reason: domain.ReasonUnavailable},
		}, build.Now)
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []domain.DailySummary{
		{Day: unknown.Day, State: domain.DayError, Attempts: 2, Reason: domain.ReasonUnavailable},
		{Day: known.Day, State: domain.DayOK, Seconds: new(60), TimeZone: "UTC", Source: source, FetchedAt: &build.Now, Attempts: 2, Reason: domain.ReasonThrottled, Final: true},
	}
	if diff := cmp.Diff(want, must(store.ListDays(t.Context(), user, lastDays(3), false))); diff != "" {
		t.Errorf("after attempts in vain: %s", diff)
	}
	if n := must(store.ReplaceDays(t.Context(), user, answer(known, unknown), build.Now)); n != 2 {
		t.Errorf("wrote %d rows, want 2", n)
	}
	for _, d := range must(store.ListDays(t.Context(), user, lastDays(3), false)) {
		if d.Attempts != 0 || d.Reason != domain.ReasonNone || d.State != domain.DayOK {
			t.Errorf("after an answer: %+v", d)
		}
	}
}

func TestDayStore_NoteAttempts_setsTheStateOfUnknownDays(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool)
	user := build.User(t, pool).ID
	build.Exec(t, pool, `INSERT INTO days (user_id, day, attempts, state) SELECT id, $1, 32767, 'error' FROM users`, build.Today.Date())
	err := store.NoteAttempts(t.Context(), user, []domain.Attempt{
		{Day: build.Today, State: domain.DayError, Reason: domain.ReasonInvalid},
		{Day: build.Today, State: domain.DayPlanLimited, Reason: domain.ReasonPlanLimited}, // twice in one statement
	}, build.Now)
	want := []domain.DailySummary{{Day: build.Today, State: domain.DayPlanLimited, Attempts: 32767, Reason: domain.ReasonPlanLimited}}
	if diff := cmp.Diff(want, must(store.ListDays(t.Context(), user, lastDays(1), false))); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestDayStore_ReplaceDays_takesTheLastOfADayThatComesTwice(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool)
	user := build.User(t, pool).ID
	if n := must(store.ReplaceDays(t.Context(), user, answer(fetched(build.Today, 60), fetched(build.Today, 90)), build.Now)); n != 1 {
		t.Errorf("wrote %d rows, want 1", n)
	}
	if got := must(store.ListDays(t.Context(), user, lastDays(1), false)); *got[0].Seconds != 90 {
		t.Errorf("stored %d seconds, want 90", *got[0].Seconds)
	}
	if n := must(store.ReplaceDays(t.Context(), user, answer(), build.Now)); n != 0 {
		t.Errorf("no days at all wrote %d rows", n)
	}
}

func TestDayStore_ReplaceDays_addsLabelsOnceWhoeverComesFirst(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool)
	users := make([]domain.UserID, 8)
	for i := range users {
		users[i] = build.User(t, pool).ID
	}
	day := fetched(build.Today-1, 50)
	for i := range 200 {
		day.Shares = append(day.Shares, domain.Share{Dimension: domain.ByProject, Name: fmt.Sprintf("project %d", i), Seconds: 1})
	}
	for _, err := range together(len(users), func(i int) error {
		mine := day
		mine.Shares = slices.Clone(day.Shares)
		if i%2 == 1 {
			slices.Reverse(mine.Shares)
		}
		return within(t, pool, func(ctx context.Context) error {
			_, err := store.ReplaceDays(ctx, users[i], answer(mine), build.Now)
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

func TestDayStore_Missing(t *testing.T) {
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
		"a day without a row":                             {nil, true},
		"a day fetched when it was over":                  {known(end, string(zone), ""), false},
		"a day fetched a moment before it was over":       {known(end.Add(-time.Second), string(zone), ""), true},
		"a day cut in another zone":                       {known(end, "UTC", ""), true},
		"a day of a server that only has another zone":    {known(end, "UTC", domain.ReasonOtherZone), false},
		"the same, fetched before the day was over":       {known(end.Add(-time.Second), "UTC", domain.ReasonOtherZone), true},
		"a day asked for in vain":                         {unknown(domain.DayError), true},
		"a day that upstream was still computing":         {unknown(domain.DayPending), true},
		"a day beyond the plan is not asked for each day": {unknown(domain.DayPlanLimited), false},
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
			got, err := postgres.NewDayStore(pool).Missing(t.Context(), user, zone, domain.DayRange{From: day - 1, To: day + 1}, build.Now)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

func TestDayStore_finalFollowsTheZoneOfTheDay(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ ends time.Time }{
		"Asia/Kathmandu":      {time.Date(2026, 11, 22, 18, 15, 0, 0, time.UTC)},
		"America/Chicago":     {time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)},
		"+14:00":              {time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)},
		"A Zone Nobody Knows": {time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)},
	}
	for zone, c := range cases {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			store := postgres.NewDayStore(pool)
			user := build.User(t, pool).ID
			day := fetched(build.Today-1, 60)
			day.TimeZone = zone
			for _, at := range []time.Time{c.ends.Add(-time.Second), c.ends} {
				if n := must(store.ReplaceDays(t.Context(), user, answer(day), at)); n != 1 {
					t.Errorf("at %v: wrote %d rows, want 1", at, n)
				}
				if got := must(store.ListDays(t.Context(), user, lastDays(2), false))[0]; got.Final != at.Equal(c.ends) {
					t.Errorf("fetched at %v: final is %v", at, got.Final)
				}
			}
		})
	}
}

func TestDayStore_Tracked(t *testing.T) {
	t.Parallel()
	failure := &domain.SyncFailure{Reason: domain.ReasonThrottled, At: build.Now, Since: build.Now.Add(-time.Hour)}
	enrolled := domain.DayAt(build.Now.AddDate(0, 0, -30), time.UTC)
	cases := map[string]struct {
		batch func(*domain.Batch) // nil for who is in none
		link  func(*domain.Connection)
		want  domain.Tracked
	}{
		"a student of a batch under way, who is connected": {
			batch: func(*domain.Batch) {},
			link:  func(c *domain.Connection) { c.Failure = failure },
			want: domain.Tracked{
				TimeZone: domain.UTC, Expected: domain.ExpectedDays(enrolled, build.Today, nil), Active: true, Connection: domain.Connected, Failure: failure,
			},
		},
		"a student whose day has begun already, in the zone of the batch": {
			batch: func(b *domain.Batch) { b.TimeZone = "Pacific/Kiritimati" },
			want: domain.Tracked{
				TimeZone: "Pacific/Kiritimati", Expected: domain.ExpectedDays(enrolled+1, build.Today+1, nil), Active: true, Connection: domain.NotConnected,
			},
		},
		"a student of a batch that is over": {
			batch: func(b *domain.Batch) { b.EndsOn = build.Today - 10 },
			link:  func(c *domain.Connection) { c.State = domain.NeedsReconnect },
			want: domain.Tracked{
				TimeZone: domain.UTC, Expected: domain.ExpectedDays(enrolled, build.Today-10, nil), Connection: domain.NeedsReconnect,
			},
		},
		"a member who is connected": {
			link: func(c *domain.Connection) { c.ConnectedAt = build.Now.AddDate(0, 0, -3) },
			want: domain.Tracked{TimeZone: "America/Chicago", Expected: domain.ExpectedDays(build.Today-3, build.Today, nil), Connection: domain.Connected},
		},
		"a member of whom nothing is expected": {
			want: domain.Tracked{TimeZone: "America/Chicago", Expected: domain.DayRange{From: build.Today, To: build.Today - 1}, Connection: domain.NotConnected},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			zone := func(u *domain.User) { u.TimeZone = "America/Chicago" }
			var u domain.User
			if c.batch == nil {
				u = build.User(t, pool, zone)
			} else {
				c.want.Batch = build.Batch(t, pool, c.batch).ID
				u = build.Student(t, pool, c.want.Batch, func(u *domain.User, _ *domain.Enrolment) { zone(u) })
			}
			if c.link != nil {
				build.Connection(t, pool, u.ID, c.link)
			}
			c.want.User, c.want.Name = u.ID, u.Name
			watch, seen := watched(t, pool)
			got, err := postgres.NewDayStore(watch).Tracked(t.Context(), u.ID, build.Now)
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
			if n := len(seen.take()); n != 1 {
				t.Errorf("%d round trips, want 1", n)
			}
		})
	}
	if _, err := postgres.NewDayStore(pgtest.New(t)).Tracked(t.Context(), domain.UserID(build.ID()), build.Now); !errors.Is(err, domain.ErrUserNotFound) {
		t.Errorf("a user who is not there: %v", err)
	}
}
