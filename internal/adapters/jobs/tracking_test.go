package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertest"
	"github.com/riverqueue/river/rivertype"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/internal/pgtx"
	"github.com/gradus-dev/gradus/internal/adapters/jobs"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

var errDatabase = errors.New("unexpected database error")

func newQueue(t *testing.T, pool *pgxpool.Pool) *jobs.SyncQueue {
	t.Helper()
	q, err := jobs.NewQueue(pool)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestEnqueueSync_JoinsTheTransaction(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		err  error
		want int
	}{
		"a commit enqueues the jobs":  {nil, 3},
		"a rollback enqueues nothing": {errDatabase, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			pool := pgtest.New(t)
			q := newQueue(t, pool)
			err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
				ctx := pgtx.With(t.Context(), tx)
				if err := q.EnqueueSync(ctx, ada, domain.SyncRequest{Scope: domain.SyncOnDemand}, time.Time{}); err != nil {
					return err
				}
				_, err := q.EnqueueSyncs(ctx, []domain.PlannedSync{{User: ada, SyncRequest: domain.SyncRequest{Scope: domain.SyncToday}}, {User: bob, SyncRequest: domain.SyncRequest{Scope: domain.SyncToday}}})
				if n := len(listJobs(t, pool)); n > 0 {
					t.Errorf("%d jobs exist before the commit", n)
				}
				return errors.Join(err, tt.err)
			})
			if !errors.Is(err, tt.err) {
				t.Fatal(err)
			}
			if got := listJobs(t, pool); len(got) != tt.want {
				t.Errorf("jobs: %v", got)
			}
		})
	}
}

func TestEnqueueSync_StoresOnlyIDs(t *testing.T) {
	t.Parallel()

	pool := pgtest.New(t)
	q := newQueue(t, pool)
	later := time.Now().Add(time.Hour)
	for scope, at := range map[domain.SyncScope]time.Time{domain.SyncOnDemand: {}, domain.SyncToday: later, domain.SyncNightly: later} {
		if err := q.EnqueueSync(t.Context(), ada, domain.SyncRequest{Scope: scope}, at); err != nil {
			t.Fatal(err)
		}
	}

	got := map[string]job{}
	for _, j := range listJobs(t, pool) {
		got[j.Args] = j
	}
	want := map[string]job{}
	for i, scope := range []string{"now", "today", "nightly"} {
		args := fmt.Sprintf(`{"scope": %q, "user_id": "00000000-0000-0000-0000-000000000001"}`, scope)
		want[args] = job{Kind: "tracking.sync", Args: args, State: []string{"available", "scheduled", "scheduled"}[i], Priority: int16(i + 1)}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEnqueueSyncs_SkipsDuplicates(t *testing.T) {
	t.Parallel()

	planned := []domain.PlannedSync{{User: ada, SyncRequest: domain.SyncRequest{Scope: domain.SyncNightly}}, {User: bob, SyncRequest: domain.SyncRequest{Scope: domain.SyncNightly}}}
	tests := map[string]struct {
		first domain.PlannedSync
		state string
		want  int // of the two planned ones
	}{
		"an available sync is skipped":               {planned[0], "available", 1},
		"a scheduled sync is skipped":                {planned[0], "scheduled", 1},
		"a running sync is skipped":                  {planned[0], "running", 1},
		"a retryable sync is skipped":                {planned[0], "retryable", 1},
		"a completed sync is enqueued again":         {planned[0], "completed", 2},
		"a discarded sync is enqueued again":         {planned[0], "discarded", 2},
		"a sync of another scope is not a duplicate": {domain.PlannedSync{User: ada, SyncRequest: domain.SyncRequest{Scope: domain.SyncOnDemand}}, "available", 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			pool := pgtest.New(t)
			q := newQueue(t, pool)
			if err := q.EnqueueSync(t.Context(), tt.first.User, tt.first.SyncRequest, time.Time{}); err != nil {
				t.Fatal(err)
			}
			setState(t, pool, tt.state)

			n, err := q.EnqueueSyncs(t.Context(), planned)

			if err != nil || n != tt.want || len(listJobs(t, pool)) != tt.want+1 {
				t.Errorf("EnqueueSyncs: got %d, %v; jobs: %v", n, err, listJobs(t, pool))
			}
		})
	}
}

func TestEnqueueSync_RequestedByAUserRunsOnceAndSoon(t *testing.T) {
	t.Parallel()

	requests := map[string]domain.SyncRequest{
		"on demand":  {Scope: domain.SyncOnDemand},
		"of a range": {Scope: domain.SyncRange, Days: domain.DayRange{From: 25_000, To: 25_006}},
	}
	tests := map[string]struct {
		before []string // states of earlier jobs of the same request
		want   int      // jobs after two more requests
	}{
		"an available job is enough":           {[]string{"available"}, 1},
		"a running job is followed by one":     {[]string{"running"}, 2},
		"two running jobs are followed by one": {[]string{"running", "running"}, 3},
		"a retryable job is not enough":        {[]string{"retryable"}, 2},
	}
	for scope, r := range requests {
		for name, tt := range tests {
			t.Run(name+" "+scope, func(t *testing.T) {
				t.Parallel()

				pool := pgtest.New(t)
				q := newQueue(t, pool)
				request := func() {
					t.Helper()
					if err := q.EnqueueSync(t.Context(), ada, r, time.Time{}); err != nil {
						t.Fatal(err)
					}
				}
				for _, state := range tt.before {
					request()
					setState(t, pool, state)
				}
				request()
				request()
				if got := listJobs(t, pool); len(got) != tt.want || got[len(got)-1].State != "available" {
					t.Errorf("jobs: %v", got)
				}
			})
		}
	}
}

func TestEnqueueSyncs_AcceptsAnEmptyList(t *testing.T) {
	t.Parallel()

	if n, err := newQueue(t, pgtest.New(t)).EnqueueSyncs(t.Context(), nil); n != 0 || err != nil {
		t.Errorf("EnqueueSyncs: got %d, %v", n, err)
	}
}

func TestEnqueueSync_ReturnsDatabaseErrors(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newQueue(t, pgtest.New(t)).EnqueueSync(ctx, ada, domain.SyncRequest{Scope: domain.SyncOnDemand}, time.Time{}); !errors.Is(err, context.Canceled) {
		t.Errorf("EnqueueSync: got error %v", err)
	}
}

func TestSyncWorker_MapsErrorsToJobStates(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		outcome error
		want    river.EventKind
		state   rivertype.JobState
		wait    time.Duration // until the next run
	}{
		"a successful sync is completed":                  {nil, river.EventKindJobCompleted, rivertype.JobStateCompleted, 0},
		"a missing connection cancels":                    {fmt.Errorf("lease: %w", domain.ErrConnectionNotFound), river.EventKindJobCancelled, rivertype.JobStateCancelled, 0},
		"a missing user cancels":                          {domain.ErrUserNotFound, river.EventKindJobCancelled, rivertype.JobStateCancelled, 0},
		"a busy connection snoozes":                       {fmt.Errorf("lease: %w", domain.ErrSyncBusy), river.EventKindJobSnoozed, rivertype.JobStateScheduled, 10 * time.Second},
		"an unfinished sync continues at once":            {domain.ErrSyncUnfinished, river.EventKindJobSnoozed, rivertype.JobStateAvailable, time.Second},
		"a throttled sync waits for Retry-After":          {&domain.UpstreamError{Reason: domain.ReasonThrottled, RetryAfter: time.Hour}, river.EventKindJobSnoozed, rivertype.JobStateScheduled, time.Hour},
		"a throttled sync waits at most six hours":        {&domain.UpstreamError{Reason: domain.ReasonThrottled, RetryAfter: 365 * 24 * time.Hour}, river.EventKindJobSnoozed, rivertype.JobStateScheduled, 6 * time.Hour},
		"a throttled sync without Retry-After is retried": {&domain.UpstreamError{Reason: domain.ReasonThrottled}, river.EventKindJobFailed, rivertype.JobStateRetryable, time.Minute},
		"an outage is retried":                            {&domain.UpstreamError{Reason: domain.ReasonUnavailable, RetryAfter: time.Hour}, river.EventKindJobFailed, rivertype.JobStateRetryable, time.Minute},
		"an internal error is retried":                    {errDatabase, river.EventKindJobFailed, rivertype.JobStateRetryable, time.Minute},
		"an unavailable database is retried":              {domain.ErrUnavailable, river.EventKindJobFailed, rivertype.JobStateRetryable, time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			syncer := mock.NewMockSyncer(gomock.NewController(t))
			syncer.EXPECT().Sync(gomock.Any(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncToday}).Return(tt.outcome)

			got := work(t, jobs.NewSyncWorker(syncer), jobs.SyncArgs{UserID: ada.String(), Scope: "today"})

			if got.EventKind != tt.want || got.Job.State != tt.state {
				t.Fatalf("the job is %s (%s), want %s (%s)", got.Job.State, got.EventKind, tt.state, tt.want)
			}
			if d := time.Until(got.Job.ScheduledAt); tt.wait > 0 && (d > tt.wait || d < tt.wait*3/4-2*time.Second) {
				t.Errorf("next run in %v, want about %v", d, tt.wait)
			}
		})
	}
}

func TestEnqueueSync_StoresTheRange(t *testing.T) {
	t.Parallel()

	pool := pgtest.New(t)
	q := newQueue(t, pool)
	first := domain.SyncRequest{Scope: domain.SyncRange, Days: domain.DayRange{From: domain.NewDay(2026, 10, 1), To: domain.NewDay(2026, 10, 31)}}
	other := first
	other.Days.To++
	for _, r := range []domain.SyncRequest{first, first, other} {
		if err := q.EnqueueSync(t.Context(), ada, r, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, j := range listJobs(t, pool) {
		got = append(got, j.Args)
	}
	want := []string{
		`{"to": "2026-10-31", "from": "2026-10-01", "scope": "range", "user_id": "00000000-0000-0000-0000-000000000001"}`,
		`{"to": "2026-11-01", "from": "2026-10-01", "scope": "range", "user_id": "00000000-0000-0000-0000-000000000001"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSyncWorker_PassesTheRange(t *testing.T) {
	t.Parallel()

	syncer := mock.NewMockSyncer(gomock.NewController(t))
	syncer.EXPECT().Sync(gomock.Any(), domain.System, ada, domain.SyncRequest{
		Scope: domain.SyncRange, Days: domain.DayRange{From: domain.NewDay(2026, 10, 1), To: domain.NewDay(2026, 10, 31)},
	}).Return(nil)

	got := work(t, jobs.NewSyncWorker(syncer), jobs.SyncArgs{UserID: ada.String(), Scope: "range", From: "2026-10-01", To: "2026-10-31"})
	if got.Job.State != rivertype.JobStateCompleted {
		t.Errorf("the job is %s", got.Job.State)
	}
}

func TestSyncWorker_CancelsAnInvalidRange(t *testing.T) {
	t.Parallel()

	for name, args := range map[string]jobs.SyncArgs{
		"no start": {UserID: ada.String(), Scope: "range", To: "2026-10-31"},
		"no end":   {UserID: ada.String(), Scope: "range", From: "2026-10-01"},
	} {
		if got := work(t, jobs.NewSyncWorker(mock.NewMockSyncer(gomock.NewController(t))), args); got.Job.State != rivertype.JobStateCancelled {
			t.Errorf("%s: the job is %s", name, got.Job.State)
		}
	}
}

func TestSyncWorker_CancelsAnInvalidUserID(t *testing.T) {
	t.Parallel()

	syncer := mock.NewMockSyncer(gomock.NewController(t))

	if got := work(t, jobs.NewSyncWorker(syncer), jobs.SyncArgs{UserID: "not an id", Scope: "now"}); got.Job.State != rivertype.JobStateCancelled {
		t.Errorf("the job is %s", got.Job.State)
	}
}

func TestPeriodicWorkers_RetryAfterErrors(t *testing.T) {
	t.Parallel()

	use := newUseCases(t)
	use.planner.EXPECT().Plan(gomock.Any(), domain.System).Return(0, errDatabase)
	use.sessions.EXPECT().RemoveExpiredSessions(gomock.Any()).Return(0, errDatabase)
	use.sessions.EXPECT().RemoveExpiredSessions(gomock.Any()).Return(0, nil)
	use.tokens.EXPECT().RemoveOldAPITokens(gomock.Any()).Return(0, nil)
	use.tokens.EXPECT().RemoveOldAPITokens(gomock.Any()).Return(0, errDatabase)
	use.authorizations.EXPECT().RemoveExpiredAuthorizations(gomock.Any()).Return(0, errDatabase)
	use.idempotency.EXPECT().RemoveExpiredResponses(gomock.Any()).Return(0, errDatabase)

	for name, got := range map[string]*rivertest.WorkResult{
		"the plan":                              work(t, jobs.NewPlanWorker(use.planner), jobs.PlanArgs{}),
		"the removal of expired sessions":       work(t, jobs.NewRemoveSessionsWorker(use.sessions, use.tokens), jobs.RemoveSessionsArgs{}),
		"the removal of old API tokens":         work(t, jobs.NewRemoveSessionsWorker(use.sessions, use.tokens), jobs.RemoveSessionsArgs{}),
		"the removal of expired authorizations": work(t, jobs.NewRemoveAuthorizationsWorker(use.authorizations), jobs.RemoveAuthorizationsArgs{}),
		"the removal of expired responses":      work(t, jobs.NewRemoveResponsesWorker(use.idempotency), jobs.RemoveResponsesArgs{}),
	} {
		if got.Job.State != rivertype.JobStateRetryable {
			t.Errorf("%s is %s", name, got.Job.State)
		}
	}
}

// work runs one job as River does.
func work[T river.JobArgs](t *testing.T, w river.Worker[T], args T) *rivertest.WorkResult {
	t.Helper()
	pool := pgtest.New(t)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	workers := river.NewWorkers()
	river.AddWorker(workers, w)
	cfg := jobs.RiverConfig(workers, jobs.Config{}, discardLog(), clock)
	cfg.PeriodicJobs, cfg.Queues = nil, nil
	got, err := rivertest.NewWorker(t, riverpgxv5.New(nil), cfg, w).Work(t.Context(), t, tx, args, nil)
	if got == nil {
		t.Fatal(err)
	}
	return got
}
