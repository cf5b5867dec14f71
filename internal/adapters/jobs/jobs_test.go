package jobs_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/jobs"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var (
	ada = domain.UserID{15: 1}
	bob = domain.UserID{15: 2}
)

func clock() time.Time { return time.Now().UTC() }

// job is a row of the queue.
type job struct {
	Kind     string
	Args     string
	State    string
	Priority int16
}

// listJobs returns the jobs in the order in which they were enqueued.
func listJobs(t *testing.T, pool *pgxpool.Pool) []job {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT kind, args::text, state::text, priority FROM river_job ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[job])
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

// setState moves every job to a state, as a worker would.
func setState(t *testing.T, pool *pgxpool.Pool, state string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), `UPDATE river_job SET state = $1::text::river_job_state,
		finalized_at = CASE WHEN $1 IN ('completed', 'cancelled', 'discarded') THEN now() END,
		attempted_at = now()`, state); err != nil {
		t.Fatal(err)
	}
}

func newRunner(t *testing.T, pool *pgxpool.Pool, w *river.Workers) *jobs.Runner {
	t.Helper()
	r, err := jobs.NewRunner(pool, w, jobs.Config{}, slog.New(slog.DiscardHandler), clock)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wait waits until done is closed.
func wait(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatalf("timed out waiting for %s", what)
	}
}

func TestRunner_RunsEnqueuedAndPeriodicJobs(t *testing.T) {
	t.Parallel()

	pool := pgtest.New(t)
	ctrl := gomock.NewController(t)
	syncer, sessions, idempotency := mock.NewMockSyncer(ctrl), mock.NewMockSessionCleaner(ctrl), mock.NewMockIdempotency(ctrl)
	synced, planned, sessionsRemoved, responsesRemoved := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	syncer.EXPECT().Sync(gomock.Any(), domain.System, ada, domain.SyncOnDemand).DoAndReturn(
		func(ctx context.Context, _ domain.Actor, _ domain.UserID, _ domain.SyncScope) error {
			if end, ok := ctx.Deadline(); !ok || time.Until(end) > time.Minute {
				t.Error("the job has no timeout")
			}
			close(synced)
			return nil
		})
	syncer.EXPECT().Plan(gomock.Any(), domain.System).DoAndReturn(func(context.Context, domain.Actor) (int, error) {
		close(planned)
		return 0, nil
	})
	sessions.EXPECT().RemoveExpiredSessions(gomock.Any(), domain.System).DoAndReturn(func(context.Context, domain.Actor) (int, error) {
		close(sessionsRemoved)
		return 0, nil
	})
	idempotency.EXPECT().RemoveExpiredResponses(gomock.Any()).DoAndReturn(func(context.Context) (int, error) {
		close(responsesRemoved)
		return 0, nil
	})
	queue, err := jobs.NewQueue(pool)
	if err != nil {
		t.Fatal(err)
	}
	runner := newRunner(t, pool, jobs.NewWorkers(jobs.UseCases{Syncer: syncer, Sessions: sessions, Idempotency: idempotency}))
	if runner.Running() {
		t.Error("Running is true before Start")
	}

	if err := queue.EnqueueSync(t.Context(), ada, domain.SyncOnDemand, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !runner.Running() {
		t.Error("Running is false after Start")
	}
	wait(t, "the sync", synced)
	wait(t, "the plan", planned)
	wait(t, "the removal of sessions", sessionsRemoved)
	wait(t, "the removal of responses", responsesRemoved)

	if err := runner.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if runner.Running() {
		t.Error("Running is true after Stop")
	}
	for _, j := range listJobs(t, pool) {
		if j.State != "completed" {
			t.Errorf("unfinished job: %+v", j)
		}
	}
}

func TestRunner_StopsWhenItsContextIsCancelled(t *testing.T) {
	t.Parallel()

	pool := pgtest.New(t)
	ctrl := gomock.NewController(t)
	syncer, sessions, idempotency := mock.NewMockSyncer(ctrl), mock.NewMockSessionCleaner(ctrl), mock.NewMockIdempotency(ctrl)
	syncer.EXPECT().Plan(gomock.Any(), gomock.Any()).AnyTimes().Return(0, nil)
	sessions.EXPECT().RemoveExpiredSessions(gomock.Any(), gomock.Any()).AnyTimes().Return(0, nil)
	idempotency.EXPECT().RemoveExpiredResponses(gomock.Any()).AnyTimes().Return(0, nil)
	runner := newRunner(t, pool, jobs.NewWorkers(jobs.UseCases{Syncer: syncer, Sessions: sessions, Idempotency: idempotency}))
	ctx, cancel := context.WithCancel(t.Context())
	if err := runner.Start(ctx); err != nil {
		t.Fatal(err)
	}

	cancel()

	if err := runner.Stop(t.Context()); err != nil || runner.Running() {
		t.Errorf("Stop: running %v, error %v", runner.Running(), err)
	}
}

func TestRunner_FailsToStartWithoutADatabase(t *testing.T) {
	t.Parallel()

	pool, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/none")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	ctrl := gomock.NewController(t)
	runner := newRunner(t, pool, jobs.NewWorkers(jobs.UseCases{Syncer: mock.NewMockSyncer(ctrl), Sessions: mock.NewMockSessionCleaner(ctrl), Idempotency: mock.NewMockIdempotency(ctrl)}))

	if err := runner.Start(t.Context()); err == nil || runner.Running() {
		t.Errorf("Start: running %v, error %v", runner.Running(), err)
	}
}

func TestRunner_RescuesTheJobOfAKilledWorker(t *testing.T) {
	t.Parallel()

	pool := pgtest.New(t)
	ctrl := gomock.NewController(t)
	syncer, sessions, idempotency := mock.NewMockSyncer(ctrl), mock.NewMockSessionCleaner(ctrl), mock.NewMockIdempotency(ctrl)
	syncer.EXPECT().Plan(gomock.Any(), gomock.Any()).AnyTimes().Return(0, nil)
	sessions.EXPECT().RemoveExpiredSessions(gomock.Any(), gomock.Any()).AnyTimes().Return(0, nil)
	idempotency.EXPECT().RemoveExpiredResponses(gomock.Any()).AnyTimes().Return(0, nil)
	synced := make(chan struct{})
	syncer.EXPECT().Sync(gomock.Any(), gomock.Any(), ada, domain.SyncNightly).DoAndReturn(
		func(context.Context, domain.Actor, domain.UserID, domain.SyncScope) error {
			close(synced)
			return nil
		})
	queue, err := jobs.NewQueue(pool)
	if err != nil {
		t.Fatal(err)
	}
	if err := queue.EnqueueSync(t.Context(), ada, domain.SyncNightly, time.Time{}); err != nil {
		t.Fatal(err)
	}
	// The row of a worker that was killed 76 s after it started its ninth attempt.
	if _, err := pool.Exec(t.Context(), `UPDATE river_job SET state = 'running', attempt = 9, attempted_at = now() - interval '76 seconds'`); err != nil {
		t.Fatal(err)
	}

	runner := newRunner(t, pool, jobs.NewWorkers(jobs.UseCases{Syncer: syncer, Sessions: sessions, Idempotency: idempotency}))
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	wait(t, "the abandoned sync", synced)
	if err := runner.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}
