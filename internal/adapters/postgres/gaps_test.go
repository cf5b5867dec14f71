package postgres_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestProgressStore_BatchCoverage_Gaps(t *testing.T) {
	t.Parallel()
	const never, disconnected = domain.ConnectionState("never"), domain.ConnectionState("disconnected")
	const connected, ended = domain.Connected, domain.NeedsReconnect
	today := build.Today
	three := []domain.DailySummary{build.Known(today-3, 60), build.Known(today-2, 60), build.Known(today-1, 60)}
	two := three[:2]
	with := func(days []domain.DailySummary, more ...domain.DailySummary) []domain.DailySummary {
		return append(slices.Clip(days), more...)
	}
	all := domain.Coverage{Expected: 3, OK: 3, Seconds: 180}
	no := func(c domain.Coverage) domain.Coverage {
		c.Expected, c.OK, c.Seconds = 3, 2, 120
		return c
	}
	elsewhere := build.Known(today-1, 60)
	elsewhere.TimeZone = "Asia/Kathmandu"

	for name, tc := range map[string]struct {
		connection domain.ConnectionState
		failure    domain.Reason
		days       []domain.DailySummary
		total      domain.Coverage
		since      domain.Day // 0 if the student is not listed
		reason     domain.Reason
	}{
		"today is not expected":                       {connected, "", three, all, 0, ""},
		"a partial today is not missing":              {connected, "", with(three, build.Partial(today, 9)), domain.Coverage{Expected: 3, OK: 3, Seconds: 180, PartialSeconds: 9}, 0, ""},
		"a failed today is not missing":               {connected, "", with(three, build.Unknown(today, domain.DayError, domain.ReasonInvalid)), all, 0, ""},
		"today is not known after a change of zone":   {connected, "", with(three, build.Known(today, 9)), domain.Coverage{Expected: 3, OK: 3, Seconds: 180, PartialSeconds: 9}, 0, ""},
		"a partial day that has ended is missing":     {connected, "", with(two, build.Partial(today-1, 9)), no(domain.Coverage{Partial: 1, PartialSeconds: 9}), today - 1, domain.ReasonPartial},
		"a partial day of an ended connection":        {ended, "", with(two, build.Partial(today-1, 9)), no(domain.Coverage{Partial: 1, PartialSeconds: 9}), today - 1, domain.ReasonRevoked},
		"a partial day of a disconnected student":     {disconnected, "", with(two, build.Partial(today-1, 9)), no(domain.Coverage{Partial: 1, PartialSeconds: 9}), today - 1, domain.ReasonDisconnected},
		"a day of another account is missing":         {connected, "", with(two, build.Unknown(today-1, domain.DayPending, domain.ReasonNewAccount)), no(domain.Coverage{Pending: 1}), today - 1, domain.ReasonNewAccount},
		"a day in another time zone is missing":       {connected, "", with(two, elsewhere), all, today - 1, domain.ReasonOtherZone},
		"a failed day says why":                       {connected, "", with(two, build.Unknown(today-1, domain.DayError, domain.ReasonInvalid)), no(domain.Coverage{Error: 1}), today - 1, domain.ReasonInvalid},
		"the latest missing day says why":             {connected, "", []domain.DailySummary{build.Partial(today-3, 1), build.Known(today-2, 60), build.Unknown(today-1, domain.DayPlanLimited, domain.ReasonPlanLimited)}, domain.Coverage{Expected: 3, OK: 1, Partial: 1, PlanLimited: 1, Seconds: 60, PartialSeconds: 1}, today - 3, domain.ReasonPlanLimited},
		"a day without a row while connected":         {connected, "", two, no(domain.Coverage{Pending: 1}), today - 1, domain.ReasonNotSyncedYet},
		"a day without a row after WakaTime ended it": {ended, "", two, no(domain.Coverage{Disconnected: 1}), today - 1, domain.ReasonRevoked},
		"a day without a row of a rejected key":       {ended, domain.ReasonUnauthorized, two, no(domain.Coverage{Disconnected: 1}), today - 1, domain.ReasonUnauthorized},
		"a day without a row after a disconnect":      {disconnected, "", two, no(domain.Coverage{Disconnected: 1}), today - 1, domain.ReasonDisconnected},
		"a day without a row without any account":     {never, "", nil, domain.Coverage{Expected: 3, Disconnected: 3}, today - 3, domain.ReasonNotConnected},
		"a failing connection is listed at once":      {connected, domain.ReasonUnavailable, three, all, today, domain.ReasonUnavailable},
		"a rejected key is listed at once":            {ended, domain.ReasonUnauthorized, three, all, today, domain.ReasonUnauthorized},
		"an ended connection is listed at once":       {ended, "", three, all, today, domain.ReasonRevoked},
		"a complete student may be disconnected":      {disconnected, "", three, all, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			b := build.Batch(t, pool)
			u := build.Student(t, pool, b.ID)
			gap := domain.Gap{User: u.ID, Name: u.Name, Connection: domain.NotConnected, Total: tc.total, Since: tc.since, Reason: tc.reason}
			if tc.connection != never {
				gap.Server = source
				c := build.Connection(t, pool, u.ID, func(c *domain.Connection) {
					if c.State = domain.Connected; tc.connection == ended {
						c.State = ended
					}
					if tc.failure != "" {
						c.Failure = &domain.SyncFailure{Reason: tc.failure, At: build.Now, Since: build.Now.Add(-time.Hour)}
					}
				})
				gap.Connection = c.State
				switch {
				case c.Failure != nil:
					gap.Failing = &domain.Failing{Since: c.Failure.Since, Reason: tc.failure, Server: source}
				case c.State == ended:
					gap.Failing = &domain.Failing{Since: c.ConnectedAt, Reason: domain.ReasonRevoked, Server: source}
				}
			}
			if tc.connection == disconnected {
				gap.Connection = domain.NotConnected
				build.Exec(t, pool, `DELETE FROM wakatime_connections WHERE user_id = $1`, uuid.UUID(u.ID))
			}
			build.Days(t, pool, u.ID, tc.days...)
			want := []domain.Gap{}
			if tc.since != 0 {
				want = append(want, gap)
			}
			got, err := postgres.NewProgressStore(pool).BatchCoverage(t.Context(), b.ID, domain.DayQuery{From: new(today - 3)}, build.Now, domain.PageRequest{Limit: 5})
			if diff := cmp.Diff(want, got.Gaps.Items); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
			if diff := cmp.Diff(&tc.total, got.Total); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A day that has ended in one time zone can be today in another, to which the batch moves.
func TestReadModels_TodayIsNotKnown(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	b := build.Batch(t, pool)
	u := build.Student(t, pool, b.ID)
	build.Connection(t, pool, u.ID)
	day := build.Known(build.Today, 70)
	day.AISeconds = nil
	build.Days(t, pool, u.ID, day, build.Unknown(build.Today-1, domain.DayPending, domain.ReasonNewAccount), build.Partial(build.Today-2, 5))

	query := domain.DayQuery{From: new(build.Today - 6)}
	progress := must(postgres.NewProgressStore(pool).BatchProgress(t.Context(), b.ID, query, build.Now, domain.PageRequest{Limit: 5}))
	dashboard := must(postgres.NewDashboardStore(pool).Dashboard(t.Context(), build.Now))
	build.Exec(t, pool, `UPDATE enrolments SET enrolled_at = $1, enrolled_on = $2`, build.Now, build.Today.Date()) // the report covers everything since then
	for name, got := range map[string]domain.Coverage{
		"progress of the batch":    *progress.Total,
		"progress of the student":  progress.Students.Items[0].Total,
		"coverage of the batch":    *must(postgres.NewProgressStore(pool).BatchCoverage(t.Context(), b.ID, query, build.Now, domain.PageRequest{Limit: 5})).Total,
		"the student's last week":  must(postgres.NewStudentStore(pool, build.Clock).Student(t.Context(), u.ID)).LastWeek,
		"the newest student":       dashboard.Newest[0].LastWeek,
		"the active batch":         *dashboard.Batches[0].LastWeek,
		"the student's connection": must(connectionStore(pool).ConnectionReport(t.Context(), u.ID, build.Now)).Coverage,
	} {
		want := domain.Coverage{Expected: 6, Partial: 1, Pending: 5, PartialSeconds: 75}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if m := dashboard.Batches[0].MedianSeconds; m != nil {
		t.Errorf("the median is %d s without a known day", *m)
	}
}
