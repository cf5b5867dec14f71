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
	"github.com/gradus-dev/gradus/internal/ports"
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
	rows, err := pool.Query(t.Context(), `SELECT kind, args::text, state::text, priority FROM gradus_river.river_job ORDER BY id`)
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
	if _, err := pool.Exec(t.Context(), `UPDATE gradus_river.river_job SET state = $1::text::gradus_river.river_job_state,
		finalized_at = CASE WHEN $1 IN ('completed', 'cancelled', 'discarded') THEN now() END,
		attempted_at = now()`, state); err != nil {
		t.Fatal(err)
	}
}

func newRunner(t *testing.T, pool *pgxpool.Pool, w *river.Workers) *jobs.Runner {
	t.Helper()
	m, err := jobs.NewMetrics()
	if err != nil {
		t.Fatal(err)
	}
	r, err := jobs.NewRunner(pool, w, jobs.Config{}, m, slog.New(slog.DiscardHandler), clock)
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
	use := newUseCases(t)
	synced, planned, sessions, authorizations, responses := make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan struct{})
	use.syncer.EXPECT().Sync(gomock.Any(), domain.System, ada, domain.SyncRequest{Scope: domain.SyncOnDemand}).DoAndReturn(
		func(ctx context.Context, _ domain.Actor, _ domain.UserID, _ domain.SyncRequest) error {
			if end, ok := ctx.Deadline(); !ok || time.Until(end) > time.Minute {
				t.Error("the job has no timeout")
			}
			close(synced)
			return nil
		})
	use.planner.EXPECT().Plan(gomock.Any(), domain.System).DoAndReturn(func(context.Context, domain.Actor) (int, error) {
		close(planned)
		return 0, nil
	})
	use.sessions.EXPECT().RemoveExpiredSessions(gomock.Any()).DoAndReturn(func(context.Context) (int, error) {
		close(sessions)
		return 0, nil
	})
	use.tokens.EXPECT().RemoveOldAPITokens(gomock.Any()).Return(0, nil)
	use.authorizations.EXPECT().RemoveExpiredAuthorizations(gomock.Any()).DoAndReturn(func(context.Context) (int, error) {
		close(authorizations)
		return 0, nil
	})
	use.idempotency.EXPECT().RemoveExpiredResponses(gomock.Any()).DoAndReturn(func(context.Context) (int, error) {
		close(responses)
		return 0, nil
	})
	confirmations := make(chan struct{})
	use.confirmations.EXPECT().RemoveExpiredConfirmations(gomock.Any()).DoAndReturn(func(context.Context) (int, error) {
		close(confirmations)
		return 0, nil
	})
	queue, err := jobs.NewQueue(pool)
	if err != nil {
		t.Fatal(err)
	}
	runner := newRunner(t, pool, use.workers())
	if runner.Running() {
		t.Error("Running is true before Start")
	}
	if err := runner.Ready(t.Context()); err != nil {
		t.Errorf("Ready before Start: %v", err)
	}

	if err := queue.EnqueueSync(t.Context(), ada, domain.SyncRequest{Scope: domain.SyncOnDemand}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !runner.Running() {
		t.Error("Running is false after Start")
	}
	if err := runner.Ready(t.Context()); err != nil {
		t.Errorf("Ready after Start: %v", err)
	}
	wait(t, "the sync", synced)
	wait(t, "the plan", planned)
	wait(t, "the removal of expired sessions", sessions)
	wait(t, "the removal of expired authorizations", authorizations)
	wait(t, "the removal of expired responses", responses)
	wait(t, "the removal of expired confirmations", confirmations)

	if err := runner.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if runner.Running() {
		t.Error("Running is true after Stop")
	}
	if err := runner.Ready(t.Context()); err == nil || err.Error() != "the worker has stopped" {
		t.Errorf("Ready after Stop: %v", err)
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
	use := newUseCases(t)
	use.allowPeriodic()
	runner := newRunner(t, pool, use.workers())
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
	runner := newRunner(t, pool, newUseCases(t).workers())

	if err := runner.Start(t.Context()); err == nil || runner.Running() {
		t.Errorf("Start: running %v, error %v", runner.Running(), err)
	}
}

func TestRunner_RescuesTheJobOfAKilledWorker(t *testing.T) {
	t.Parallel()

	pool := pgtest.New(t)
	use := newUseCases(t)
	use.allowPeriodic()
	synced := make(chan struct{})
	use.syncer.EXPECT().Sync(gomock.Any(), gomock.Any(), ada, domain.SyncRequest{Scope: domain.SyncNightly}).DoAndReturn(
		func(context.Context, domain.Actor, domain.UserID, domain.SyncRequest) error {
			close(synced)
			return nil
		})
	queue, err := jobs.NewQueue(pool)
	if err != nil {
		t.Fatal(err)
	}
	if err := queue.EnqueueSync(t.Context(), ada, domain.SyncRequest{Scope: domain.SyncNightly}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	// The row of a worker that was killed 76 s after it started its ninth attempt.
	if _, err := pool.Exec(t.Context(), `UPDATE gradus_river.river_job SET state = 'running', attempt = 9, attempted_at = now() - interval '76 seconds'`); err != nil {
		t.Fatal(err)
	}

	runner := newRunner(t, pool, use.workers())
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	wait(t, "the abandoned sync", synced)
	if err := runner.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// useCases are mocks of what the workers call.
type useCases struct {
	planner        *mock.MockPlanner
	syncer         *mock.MockSyncer
	sessions       *mock.MockSessionCleaner
	tokens         *mock.MockAPITokenCleaner
	authorizations *mock.MockAuthorizationCleaner
	idempotency    *mock.MockIdempotency
	mails          *mock.MockMailDelivery
	confirmations  *mock.MockConfirmationSender
}

func newUseCases(t *testing.T) useCases {
	t.Helper()
	ctrl := gomock.NewController(t)
	return useCases{
		planner: mock.NewMockPlanner(ctrl), syncer: mock.NewMockSyncer(ctrl), sessions: mock.NewMockSessionCleaner(ctrl), tokens: mock.NewMockAPITokenCleaner(ctrl),
		authorizations: mock.NewMockAuthorizationCleaner(ctrl), idempotency: mock.NewMockIdempotency(ctrl),
		mails: mock.NewMockMailDelivery(ctrl), confirmations: mock.NewMockConfirmationSender(ctrl),
	}
}

func (u useCases) workers() *river.Workers {
	return u.workersAt(clock)
}

func (u useCases) workersAt(now ports.Clock) *river.Workers {
	m, err := jobs.NewMetrics()
	if err != nil {
		panic(err)
	}
	return jobs.NewWorkers(jobs.UseCases{
		Planner: u.planner, Syncer: u.syncer, Sessions: u.sessions, Authorizations: u.authorizations, Idempotency: u.idempotency, Mails: u.mails,
		APITokens: u.tokens, Confirmations: u.confirmations,
	}, sealer(), m, now)
}

// allowPeriodic lets the periodic jobs run any number of times.
func (u useCases) allowPeriodic() {
	u.planner.EXPECT().Plan(gomock.Any(), gomock.Any()).AnyTimes().Return(0, nil)
	u.sessions.EXPECT().RemoveExpiredSessions(gomock.Any()).AnyTimes().Return(0, nil)
	u.tokens.EXPECT().RemoveOldAPITokens(gomock.Any()).AnyTimes().Return(0, nil)
	u.authorizations.EXPECT().RemoveExpiredAuthorizations(gomock.Any()).AnyTimes().Return(0, nil)
	u.idempotency.EXPECT().RemoveExpiredResponses(gomock.Any()).AnyTimes().Return(0, nil)
	u.confirmations.EXPECT().RemoveExpiredConfirmations(gomock.Any()).AnyTimes().Return(0, nil)
}
