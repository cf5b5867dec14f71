package postgres_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// classMember is a student with the rows of their days.
type classMember struct {
	domain.TrackedUser
	rows      []domain.DailySummary
	synced    bool
	failing   *domain.Failing
	yardstick domain.Yardstick
}

// buildClass fills a batch with students of every kind, sorted by name, with missing days.
func buildClass(t *testing.T, pool *pgxpool.Pool, b domain.Batch, size int) []classMember {
	t.Helper()
	rnd := rand.New(rand.NewPCG(3, 4))
	today := b.TimeZone.Today(build.Now)
	states := []domain.DayState{domain.DayPending, domain.DayPlanLimited, domain.DayError}
	out := make([]classMember, size)
	for i := range out {
		since := build.Now.AddDate(0, 0, -rnd.IntN(40))
		p := classMember{
			TrackedUser: domain.TrackedUser{Connection: domain.NotConnected, TimeZone: b.TimeZone, Today: today}, synced: i%2 == 0,
			yardstick: domain.Yardstick{Kind: domain.YardstickUnknown},
		}
		u := build.Student(t, pool, b.ID, func(u *domain.User, e *domain.Enrolment) {
			u.Name, e.EnrolledAt = fmt.Sprintf("%c student %d", "AbC"[i%3], i), since
		})
		never := i%8 == 4
		p.EverConnected = !never
		if p.EverConnected {
			p.Connection = []domain.ConnectionState{domain.Connected, domain.NeedsReconnect}[i%2]
			p.Server = "wakatime.com"
			c := build.Connection(t, pool, u.ID, func(c *domain.Connection) {
				c.State = p.Connection
				if p.synced {
					c.LastSyncedAt = &build.Now
				}
				if i%3 == 0 {
					c.Failure = &domain.SyncFailure{Reason: domain.ReasonUnauthorized, At: build.Now, Since: build.Now.Add(-time.Hour)}
				}
			})
			switch p.Failure = c.Failure; {
			case c.Failure != nil:
				p.failing = &domain.Failing{Since: c.Failure.Since, Reason: c.Failure.Reason, Server: source}
			case c.State == domain.NeedsReconnect:
				p.failing = &domain.Failing{Since: c.ConnectedAt, Reason: domain.ReasonRevoked, Server: source}
			}
			if i%3 == 1 {
				p.yardstick = domain.Yardstick{Kind: domain.YardstickOther, Timeout: 2}
				build.Exec(t, pool, `UPDATE wakatime_accounts SET yardstick = 'other', timeout_minutes = 2 WHERE user_id = $1`, uuid.UUID(u.ID))
			}
		}
		if i%8 == 0 { // disconnected
			build.Exec(t, pool, `DELETE FROM wakatime_connections WHERE user_id = $1`, uuid.UUID(u.ID))
			p.Connection, p.Failure, p.failing, p.yardstick = domain.NotConnected, nil, nil, domain.Yardstick{Kind: domain.YardstickUnknown}
		}
		p.synced = p.synced && i%4 != 0
		p.User, p.Name = u.ID, u.Name
		p.Tracked = domain.TrackedDays(b.TimeZone.Today(since), today, &b.EndsOn)
		// Also before the first tracked day, as after a transfer from another batch.
		for d := today - 50; d <= today; d++ {
			switch n := rnd.IntN(10); {
			case !never && (i%5 == 0 || n < 6):
				row := build.Known(d, rnd.IntN(3)*1800)
				// Some were cut in the previous time zone of the student.
				row.TimeZone = []string{string(b.TimeZone), "Asia/Kathmandu"}[rnd.IntN(12)/11]
				row.AISeconds = []*int{nil, new(0), new(*row.Seconds / 3)}[rnd.IntN(3)]
				// After a change of the time zone, a known day can be today.
				if d == today && i%3 != 0 || rnd.IntN(9) == 0 {
					row.State = domain.DayPartial
				}
				p.rows = append(p.rows, row)
			case n < 8:
				p.rows = append(p.rows, build.Unknown(d, states[rnd.IntN(3)], domain.ReasonThrottled))
			}
		}
		build.Days(t, pool, u.ID, p.rows...)
		out[i] = p
	}
	slices.SortFunc(out, func(a, b classMember) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out
}

func (p classMember) progress(r domain.DayRange) domain.Progress {
	known := p.Ledger(r, p.rows)
	out := domain.Progress{
		User: p.User, Name: p.Name, Connection: p.Connection, Failing: p.failing, Yardstick: p.yardstick, Total: known.Total,
		States: make([]domain.DayState, r.Len()), Seconds: make([]*int, r.Len()), AISeconds: make([]*int, r.Len()),
	}
	for _, d := range known.Days {
		i := d.Day - r.From
		out.States[i], out.Seconds[i], out.AISeconds[i] = d.State, d.Seconds, d.AISeconds
	}
	return out
}

// gap returns the gap of a student. It reports false for a student who has no missing days
// and no failing connection.
func (p classMember) gap(r domain.DayRange) (g domain.Gap, found bool) {
	known := p.Ledger(r, p.rows)
	g = domain.Gap{User: p.User, Name: p.Name, Connection: p.Connection, Failing: p.failing, Server: p.Server, Total: known.Total}
	if p.synced {
		g.LastSyncedAt = &build.Now
	}
	for _, d := range known.Days {
		if d.Day >= p.Today || d.State.Known() && d.Reason != domain.ReasonOtherZone {
			continue
		}
		if !found {
			g.Since = d.Day
		}
		g.Reason, found = d.Reason, true
	}
	if !found && p.failing != nil {
		g.Since, g.Reason = p.Today, p.failing.Reason
	}
	return g, found || p.failing != nil
}

func sum(coverages ...domain.Coverage) domain.Coverage {
	var t domain.Coverage
	for _, c := range coverages {
		t.Add(c)
	}
	return t
}

func TestProgressStore_MatchesTheDomain(t *testing.T) {
	t.Parallel()
	day := func(n int) *domain.Day { return new(build.Today + domain.Day(n)) }
	batches := map[string]func(*domain.Batch){
		"an active batch":                      func(*domain.Batch) {},
		"a batch that has ended":               func(b *domain.Batch) { b.EndsOn = build.Today - 10 },
		"a batch where it is already tomorrow": func(b *domain.Batch) { b.TimeZone = "Pacific/Kiritimati" },
		"a batch where today has just begun":   func(b *domain.Batch) { b.TimeZone, b.EndsOn = "Etc/GMT+12", build.Today-1 },
	}
	ranges := map[string]domain.DayQuery{
		"the last thirty days": {},
		"since a day":          {From: day(-9)},
		"until a day":          {To: day(-5)},
		"one day":              {From: day(-2), To: day(-2)},
		"days in the future":   {From: day(-3), To: day(20)},
		"a reversed range":     {From: day(0), To: day(-1)},
		"a whole year":         {From: day(-365), To: day(0)},
	}
	for batch, change := range batches {
		t.Run(batch, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			b := build.Batch(t, pool, change)
			build.Student(t, pool, build.Batch(t, pool).ID) // of another batch
			class := buildClass(t, pool, b, 12)
			tracedPool, queries := traced(t, pool)
			store := postgres.NewProgressStore(tracedPool)
			for name, q := range ranges {
				r, _ := q.Range(b.TimeZone.Today(build.Now))
				want := domain.BatchProgress{Batch: b.ID, TimeZone: b.TimeZone, Measure: domain.Measure{AITime: domain.AIExcluded}, Range: r, Total: &domain.Coverage{}}
				gaps := domain.BatchCoverage{Batch: b.ID, TimeZone: b.TimeZone, Range: r, Gaps: domain.Page[domain.Gap]{Items: []domain.Gap{}}, Total: want.Total}
				for _, p := range class {
					row := p.progress(r)
					want.Students.Items = append(want.Students.Items, row)
					want.Total.Add(row.Total)
					if g, found := p.gap(r); found {
						gaps.Gaps.Items = append(gaps.Gaps.Items, g)
					}
				}
				got, err := store.BatchProgress(t.Context(), b.ID, q, build.Now, domain.PageRequest{Limit: 100})
				if diff := gocmp.Diff(want, got); diff != "" || err != nil || len(queries.take()) != 1 {
					t.Errorf("progress of %s: %v %s", name, err, diff)
				}
				coverage, err := store.BatchCoverage(t.Context(), b.ID, q, build.Now, domain.PageRequest{Limit: 100})
				if diff := gocmp.Diff(gaps, coverage); diff != "" || err != nil || len(queries.take()) != 1 {
					t.Errorf("coverage of %s: %v %s", name, err, diff)
				}
			}
		})
	}
}

// Only the first page has the total, which does not depend on the size of the page.
func TestProgressStore_Pages(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewProgressStore(pool)
	b, empty := build.Batch(t, pool), build.Batch(t, pool)
	class := buildClass(t, pool, b, 9)
	all := domain.PageRequest{Limit: 100}
	progress := must(store.BatchProgress(t.Context(), b.ID, domain.DayQuery{}, build.Now, all))
	coverage := must(store.BatchCoverage(t.Context(), b.ID, domain.DayQuery{}, build.Now, all))
	total := func(list string, req domain.PageRequest, got *domain.Coverage) {
		want := progress.Total
		if req.After != "" {
			want = nil
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("the total of the %s of %d students after %q: %s", list, req.Limit, req.After, diff)
		}
	}
	for size := 1; size <= len(class)+1; size++ {
		students := listAll(t, size, func(req domain.PageRequest) (domain.Page[domain.Progress], error) {
			p, err := store.BatchProgress(t.Context(), b.ID, domain.DayQuery{}, build.Now, req)
			total("progress", req, p.Total)
			return p.Students, err
		})
		if diff := gocmp.Diff(progress.Students.Items, students); diff != "" || len(students) != len(class) {
			t.Errorf("%d students in pages of %d: %s", len(students), size, diff)
		}
		gaps := listAll(t, size, func(req domain.PageRequest) (domain.Page[domain.Gap], error) {
			c, err := store.BatchCoverage(t.Context(), b.ID, domain.DayQuery{}, build.Now, req)
			total("coverage", req, c.Total)
			return c.Gaps, err
		})
		if diff := gocmp.Diff(coverage.Gaps.Items, gaps); diff != "" {
			t.Errorf("gaps in pages of %d: %s", size, diff)
		}
	}

	p, err := store.BatchProgress(t.Context(), empty.ID, domain.DayQuery{}, build.Now, domain.PageRequest{Limit: 2})
	if len(p.Students.Items) != 0 || p.Students.Next != "" || *p.Total != (domain.Coverage{}) || p.Range.Len() != domain.DefaultDays || err != nil {
		t.Errorf("progress of an empty batch: %+v, %v", p, err)
	}
	c, err := store.BatchCoverage(t.Context(), empty.ID, domain.DayQuery{}, build.Now, domain.PageRequest{Limit: 2})
	if len(c.Gaps.Items) != 0 || c.Gaps.Next != "" || *c.Total != (domain.Coverage{}) || c.Range.Len() != domain.DefaultDays || err != nil {
		t.Errorf("coverage of an empty batch: %+v, %v", c, err)
	}

	one := domain.PageRequest{Limit: 1}
	ofProgress := must(store.BatchProgress(t.Context(), b.ID, domain.DayQuery{}, build.Now, one)).Students.Next
	ofCoverage := must(store.BatchCoverage(t.Context(), b.ID, domain.DayQuery{}, build.Now, one)).Gaps.Next
	for name, after := range map[string]struct {
		batch              domain.BatchID
		progress, coverage domain.Cursor
	}{
		"an invalid cursor":          {b.ID, "rubbish", "rubbish"},
		"a cursor of another batch":  {empty.ID, ofProgress, ofCoverage},
		"the cursor of another list": {b.ID, ofCoverage, ofProgress},
	} {
		if _, err := store.BatchProgress(t.Context(), after.batch, domain.DayQuery{}, build.Now, domain.PageRequest{After: after.progress, Limit: 1}); !errors.Is(err, domain.ErrInvalidCursor) {
			t.Errorf("progress after %s: %v", name, err)
		}
		if _, err := store.BatchCoverage(t.Context(), after.batch, domain.DayQuery{}, build.Now, domain.PageRequest{After: after.coverage, Limit: 1}); !errors.Is(err, domain.ErrInvalidCursor) {
			t.Errorf("coverage after %s: %v", name, err)
		}
	}
}

func TestProgressStore_UnknownBatchIsNotFound(t *testing.T) {
	t.Parallel()
	store := postgres.NewProgressStore(pgtest.New(t))
	unknown := domain.BatchID(build.ID())
	if _, err := store.BatchProgress(t.Context(), unknown, domain.DayQuery{}, build.Now, domain.PageRequest{Limit: 1}); !errors.Is(err, domain.ErrBatchNotFound) {
		t.Errorf("progress: %v", err)
	}
	if _, err := store.BatchCoverage(t.Context(), unknown, domain.DayQuery{}, build.Now, domain.PageRequest{Limit: 1}); !errors.Is(err, domain.ErrBatchNotFound) {
		t.Errorf("coverage: %v", err)
	}
}

func TestReadModels_UseIndexesInOneRoundTrip(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.School(t, pool, 1000, 60)
	tracedPool, queries := traced(t, pool)
	var batch domain.BatchID
	var user domain.UserID
	err := pool.QueryRow(t.Context(), `SELECT batch_id, user_id FROM enrolments LIMIT 1`).Scan((*[16]byte)(&batch), (*[16]byte)(&user))
	if err != nil {
		t.Fatal(err)
	}
	progress, days := postgres.NewProgressStore(tracedPool), postgres.NewDayStore(tracedPool, build.Clock)
	cases := []struct {
		name   string
		read   func() error
		noScan []string
	}{
		{"progress", func() error {
			_, err := progress.BatchProgress(t.Context(), batch, domain.DayQuery{}, build.Now, domain.PageRequest{Limit: 25})
			return err
		}, []string{"days", "users", "enrolments", "wakatime_connections"}},
		{"coverage", func() error {
			_, err := progress.BatchCoverage(t.Context(), batch, domain.DayQuery{}, build.Now, domain.PageRequest{Limit: 25})
			return err
		}, []string{"days", "users", "enrolments", "wakatime_connections"}},
		{"dashboard", func() error {
			_, err := postgres.NewDashboardStore(tracedPool).Dashboard(t.Context(), build.Now)
			return err
		}, []string{"days", "enrolments"}},
		{"days", func() error {
			_, err := days.ListDays(t.Context(), user, lastDays(30), true)
			return err
		}, []string{"days"}},
		{"tracked user", func() error {
			_, err := days.TrackedUser(t.Context(), user, build.Now)
			return err
		}, []string{"users", "enrolments", "wakatime_connections"}},
		{"sync candidates", func() error {
			_, err := postgres.NewPlanStore(tracedPool).ListSyncCandidates(t.Context(), build.Now, domain.UserID{}, 10)
			return err
		}, []string{"days"}},
	}
	for _, c := range cases {
		if err := c.read(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		t.Log(c.name)
		rejectSeqScans(t, queries.plan(t, pool), c.noScan...)
	}
}
