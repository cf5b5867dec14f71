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

var errDatabase = errors.New("the database said something odd")

func newQueue(t *testing.T, pool *pgxpool.Pool) *jobs.SyncQueue {
	t.Helper()
	q, err := jobs.NewQueue(pool)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestASyncIsEnqueuedWithTheCommitAndNotWithout(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		fails error
		want  int
	}{
		"with the commit":    {nil, 3},
		"without the commit": {errDatabase, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			pool := pgtest.New(t)
			q := newQueue(t, pool)
			err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
				ctx := pgtx.With(t.Context(), tx)
				if err := q.EnqueueSync(ctx, ada, domain.SyncOnDemand, time.Time{}); err != nil {
					return err
				}
				_, err := q.EnqueueSyncs(ctx, []domain.PlannedSync{{User: ada, Scope: domain.SyncToday}, {User: bob, Scope: domain.SyncToday}})
				if n := len(queued(t, pool)); n > 0 {
					t.Errorf("%d jobs exist before the commit", n)
				}
				return errors.Join(err, tt.fails)
			})
			if !errors.Is(err, tt.fails) {
				t.Fatal(err)
			}
			if got := queued(t, pool); len(got) != tt.want {
				t.Errorf("the queue holds %v", got)
			}
		})
	}
}

func TestASyncIsStoredAsIdsAlone(t *testing.T) {
	t.Parallel()

	pool := pgtest.New(t)
	q := newQueue(t, pool)
	later := time.Now().Add(time.Hour)
	for scope, at := range map[domain.SyncScope]time.Time{domain.SyncOnDemand: {}, domain.SyncToday: later, domain.SyncNightly: later} {
		if err := q.EnqueueSync(t.Context(), ada, scope, at); err != nil {
			t.Fatal(err)
		}
	}

	got := map[string]job{}
	for _, j := range queued(t, pool) {
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

func TestASyncThatWaitsIsNotEnqueuedTwice(t *testing.T) {
	t.Parallel()

	planned := []domain.PlannedSync{{User: ada, Scope: domain.SyncNightly}, {User: bob, Scope: domain.SyncNightly}}
	tests := map[string]struct {
		first domain.PlannedSync
		state string
		want  int // of the two planned ones
	}{
		"while it waits":            {planned[0], "available", 1},
		"while it is planned":       {planned[0], "scheduled", 1},
		"while it runs":             {planned[0], "running", 1},
		"while it is to be retried": {planned[0], "retryable", 1},
		"but again when it is done": {planned[0], "completed", 2},
		"but again when it failed":  {planned[0], "discarded", 2},
		"but beside another scope":  {domain.PlannedSync{User: ada, Scope: domain.SyncOnDemand}, "available", 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			pool := pgtest.New(t)
			q := newQueue(t, pool)
			if err := q.EnqueueSync(t.Context(), tt.first.User, tt.first.Scope, time.Time{}); err != nil {
				t.Fatal(err)
			}
			mark(t, pool, tt.state)

			n, err := q.EnqueueSyncs(t.Context(), planned)

			if err != nil || n != tt.want || len(queued(t, pool)) != tt.want+1 {
				t.Errorf("EnqueueSyncs: got %d, %v; the queue holds %v", n, err, queued(t, pool))
			}
		})
	}
}

func TestAPersonsWishIsMetOnceSoon(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		before []string // the states of the jobs that there are, each made by a wish
		want   int      // jobs after two more wishes
	}{
		"one that waits will do":                   {[]string{"available"}, 1},
		"one that runs is followed by one":         {[]string{"running"}, 2},
		"two that run are followed by one":         {[]string{"running", "running"}, 3},
		"one that is retried may come hours later": {[]string{"retryable"}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			pool := pgtest.New(t)
			q := newQueue(t, pool)
			wish := func() {
				t.Helper()
				if err := q.EnqueueSync(t.Context(), ada, domain.SyncOnDemand, time.Time{}); err != nil {
					t.Fatal(err)
				}
			}
			for _, state := range tt.before {
				wish()
				mark(t, pool, state)
			}
			wish()
			wish()
			if got := queued(t, pool); len(got) != tt.want || got[len(got)-1].State != "available" {
				t.Errorf("the queue holds %v", got)
			}
		})
	}
}

func TestNothingToEnqueueIsNothing(t *testing.T) {
	t.Parallel()

	if n, err := newQueue(t, pgtest.New(t)).EnqueueSyncs(t.Context(), nil); n != 0 || err != nil {
		t.Errorf("EnqueueSyncs: got %d, %v", n, err)
	}
}

func TestEnqueueingFailsWithTheDatabase(t *testing.T) {
	t.Parallel()

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newQueue(t, pgtest.New(t)).EnqueueSync(ctx, ada, domain.SyncOnDemand, time.Time{}); !errors.Is(err, context.Canceled) {
		t.Errorf("EnqueueSync: got error %v", err)
	}
}

func TestWorkingASync(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		outcome error
		want    river.EventKind
		state   rivertype.JobState
		wait    time.Duration // from now until it runs again
	}{
		"a sync that reached its end is done":               {nil, river.EventKindJobCompleted, rivertype.JobStateCompleted, 0},
		"a connection that is gone cancels":                 {fmt.Errorf("lease: %w", domain.ErrConnectionNotFound), river.EventKindJobCancelled, rivertype.JobStateCancelled, 0},
		"a user who is gone cancels":                        {domain.ErrUserNotFound, river.EventKindJobCancelled, rivertype.JobStateCancelled, 0},
		"a connection that is being synced waits":           {fmt.Errorf("lease: %w", domain.ErrSyncBusy), river.EventKindJobSnoozed, rivertype.JobStateScheduled, 10 * time.Second},
		"an unfinished sync goes on at once":                {domain.ErrSyncUnfinished, river.EventKindJobSnoozed, rivertype.JobStateAvailable, time.Second},
		"a throttled sync waits as long as it was told":     {&domain.UpstreamError{Reason: domain.ReasonThrottled, RetryAfter: time.Hour}, river.EventKindJobSnoozed, rivertype.JobStateScheduled, time.Hour},
		"but not for a year":                                {&domain.UpstreamError{Reason: domain.ReasonThrottled, RetryAfter: 365 * 24 * time.Hour}, river.EventKindJobSnoozed, rivertype.JobStateScheduled, 6 * time.Hour},
		"a throttled sync that was told nothing is retried": {&domain.UpstreamError{Reason: domain.ReasonThrottled}, river.EventKindJobFailed, rivertype.JobStateRetryable, time.Minute},
		"an outage is retried":                              {&domain.UpstreamError{Reason: domain.ReasonUnavailable, RetryAfter: time.Hour}, river.EventKindJobFailed, rivertype.JobStateRetryable, time.Minute},
		"a fault is retried":                                {errDatabase, river.EventKindJobFailed, rivertype.JobStateRetryable, time.Minute},
		"a database that is down is no reason to cancel":    {domain.ErrUnavailable, river.EventKindJobFailed, rivertype.JobStateRetryable, time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			syncing := mock.NewMockSyncer(gomock.NewController(t))
			syncing.EXPECT().Sync(gomock.Any(), domain.System, ada, domain.SyncToday).Return(tt.outcome)

			got := work(t, jobs.NewSyncWorker(syncing), jobs.SyncArgs{UserID: ada.String(), Scope: "today"})

			if got.EventKind != tt.want || got.Job.State != tt.state {
				t.Fatalf("the job is %s (%s), want %s (%s)", got.Job.State, got.EventKind, tt.state, tt.want)
			}
			if d := time.Until(got.Job.ScheduledAt); tt.wait > 0 && (d > tt.wait || d < tt.wait*3/4-2*time.Second) {
				t.Errorf("it runs again in %v, want about %v", d, tt.wait)
			}
		})
	}
}

func TestASyncOfNobodyIsCancelled(t *testing.T) {
	t.Parallel()

	syncing := mock.NewMockSyncer(gomock.NewController(t))

	if got := work(t, jobs.NewSyncWorker(syncing), jobs.SyncArgs{UserID: "no id", Scope: "now"}); got.Job.State != rivertype.JobStateCancelled {
		t.Errorf("the job is %s", got.Job.State)
	}
}

func TestWhatRunsByTheClockIsRetried(t *testing.T) {
	t.Parallel()

	ctrl := gomock.NewController(t)
	syncing, sweeper, answers := mock.NewMockSyncer(ctrl), mock.NewMockSessionCleaner(ctrl), mock.NewMockIdempotency(ctrl)
	syncing.EXPECT().Plan(gomock.Any(), domain.System).Return(0, errDatabase)
	sweeper.EXPECT().RemoveExpiredSessions(gomock.Any(), domain.System).Return(0, errDatabase)
	answers.EXPECT().RemoveExpiredResponses(gomock.Any()).Return(0, errDatabase)

	plan := work(t, jobs.NewPlanWorker(syncing), jobs.PlanArgs{})
	sweep := work(t, jobs.NewSweepWorker(sweeper), jobs.SweepArgs{})
	forget := work(t, jobs.NewSweepAnswersWorker(answers), jobs.SweepAnswersArgs{})

	if plan.Job.State != rivertype.JobStateRetryable || sweep.Job.State != rivertype.JobStateRetryable || forget.Job.State != rivertype.JobStateRetryable {
		t.Errorf("the plan is %s, the sweeps %s and %s", plan.Job.State, sweep.Job.State, forget.Job.State)
	}
}

// work runs one job as River would.
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
	cfg := jobs.RiverConfig(workers, jobs.Config{}, discard(), clock)
	cfg.PeriodicJobs, cfg.Queues = nil, nil
	got, err := rivertest.NewWorker(t, riverpgxv5.New(nil), cfg, w).Work(t.Context(), t, tx, args, nil)
	if got == nil {
		t.Fatal(err)
	}
	return got
}
