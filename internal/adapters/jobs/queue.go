// Package jobs is both ends of the background queue: use cases enqueue jobs through it,
// and its River workers call use cases.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/gradus-dev/gradus/internal/adapters/internal/pgtx"
	"github.com/gradus-dev/gradus/internal/adapters/internal/riverdb"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Config configures the queue.
type Config struct {
	Workers int  // concurrent jobs in this process, besides mails; 0 means 4
	Mail    bool // there is a mail server
}

const (
	defaultWorkers = 4
	jobTimeout     = time.Minute
	// rescueAfter is the age at which a running job counts as abandoned. The job of a
	// killed worker runs again within two minutes: this, plus up to 30 seconds until River
	// looks for abandoned jobs, plus up to 5 seconds until it looks for due jobs.
	rescueAfter = 75 * time.Second
	// stopAfter is how long running jobs may continue during shutdown.
	stopAfter = 10 * time.Second
)

// Inserter enqueues jobs. It does not run any.
type Inserter struct{ client *river.Client[pgx.Tx] }

// NewInserter returns an Inserter on pool.
func NewInserter(pool *pgxpool.Pool, metrics *Metrics, log *slog.Logger) (*Inserter, error) {
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Schema: riverdb.Schema, Plugins: []rivertype.Plugin{metrics.plugin}, Logger: slog.New(quiet{log.Handler()}),
	})
	if err != nil {
		return nil, fmt.Errorf("set up River: %w", err)
	}
	return &Inserter{client}, nil
}

// insert enqueues jobs, skips duplicates, and returns the result of each. It joins the
// transaction that ctx carries.
func (i *Inserter) insert(ctx context.Context, jobs ...river.InsertManyParams) ([]*rivertype.JobInsertResult, error) {
	if len(jobs) == 0 {
		return nil, nil
	}
	var results []*rivertype.JobInsertResult
	var err error
	if tx, ok := pgtx.From(ctx); ok {
		results, err = i.client.InsertManyTx(ctx, tx, jobs)
	} else {
		results, err = i.client.InsertMany(ctx, jobs)
	}
	if err != nil {
		return nil, fmt.Errorf("enqueue %s: %w", jobs[0].Args.Kind(), err)
	}
	return results, nil
}

// Runner runs the jobs of the queue.
type Runner struct {
	client  *river.Client[pgx.Tx]
	started atomic.Bool
}

// NewRunner returns a Runner on pool. It is idle until Start.
func NewRunner(pool *pgxpool.Pool, workers *river.Workers, cfg Config, metrics *Metrics, log *slog.Logger, now ports.Clock) (*Runner, error) {
	client, err := river.NewClient(riverpgxv5.New(pool), riverConfig(workers, cfg, metrics, log, now))
	if err != nil {
		return nil, fmt.Errorf("set up River: %w", err)
	}
	return &Runner{client: client}, nil
}

func riverConfig(workers *river.Workers, cfg Config, metrics *Metrics, log *slog.Logger, now ports.Clock) *river.Config {
	n := cfg.Workers
	if n == 0 {
		n = defaultWorkers
	}
	return &river.Config{
		Schema:               riverdb.Schema,
		Queues:               map[string]river.QueueConfig{riverdb.Queue: {MaxWorkers: n}, riverdb.MailQueue: {MaxWorkers: mailWorkers}},
		Workers:              workers,
		PeriodicJobs:         periodicJobs(),
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		SoftStopTimeout:      stopAfter,
		RetryPolicy:          retryPolicy{now},
		ErrorHandler:         errorLog{log},
		Plugins:              []rivertype.Plugin{metrics.plugin},
		Logger:               slog.New(quiet{log.Handler()}),
	}
}

// periodicJobs returns the jobs that run on a schedule.
func periodicJobs() []*river.PeriodicJob {
	hourly := river.PeriodicInterval(time.Hour)
	onStart := &river.PeriodicJobOpts{RunOnStart: true}
	return []*river.PeriodicJob{
		river.NewPeriodicJob(hourly, func() (river.JobArgs, *river.InsertOpts) { return planArgs{}, nil }, onStart),
		river.NewPeriodicJob(hourly, func() (river.JobArgs, *river.InsertOpts) { return removeSessionsArgs{}, nil }, onStart),
		river.NewPeriodicJob(hourly, func() (river.JobArgs, *river.InsertOpts) { return removeAuthorizationsArgs{}, nil }, onStart),
		river.NewPeriodicJob(hourly, func() (river.JobArgs, *river.InsertOpts) { return removeResponsesArgs{}, nil }, onStart),
		river.NewPeriodicJob(hourly, func() (river.JobArgs, *river.InsertOpts) { return removeConfirmationsArgs{}, nil }, onStart),
	}
}

// UseCases are the ports that the workers call.
type UseCases struct {
	Planner        ports.Planner
	Syncer         ports.Syncer
	Sessions       ports.SessionCleaner
	APITokens      ports.APITokenCleaner
	Authorizations ports.AuthorizationCleaner
	Idempotency    ports.Idempotency
	Mails          ports.MailDelivery
	Confirmations  ports.ConfirmationSender
}

// NewWorkers registers every worker.
func NewWorkers(u UseCases, sealer ports.Sealer, metrics *Metrics, now ports.Clock) *river.Workers {
	w := river.NewWorkers()
	river.AddWorker(w, &syncWorker{syncer: u.Syncer})
	river.AddWorker(w, &planWorker{planner: u.Planner})
	river.AddWorker(w, &removeSessionsWorker{sessions: u.Sessions, tokens: u.APITokens})
	river.AddWorker(w, &removeAuthorizationsWorker{authorizations: u.Authorizations})
	river.AddWorker(w, &removeResponsesWorker{idempotency: u.Idempotency})
	river.AddWorker(w, &sendConfirmationWorker{confirmations: u.Confirmations, sealer: sealer})
	river.AddWorker(w, &removeConfirmationsWorker{confirmations: u.Confirmations})
	river.AddWorker(w, &sendMailWorker{delivery: u.Mails, sealer: sealer, metrics: metrics, now: now})
	return w
}

// Start runs jobs until Stop or until ctx is cancelled. Either way, running jobs get
// stopAfter to finish.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.client.Start(ctx); err != nil {
		return fmt.Errorf("start workers: %w", err)
	}
	r.started.Store(true)
	return nil
}

// Stop accepts no more jobs and waits for running ones, at most until ctx is cancelled.
func (r *Runner) Stop(ctx context.Context) error {
	if err := r.client.Stop(ctx); err != nil {
		return fmt.Errorf("stop workers: %w", err)
	}
	return nil
}

// Ready returns an error if the Runner was started and no longer runs. A Runner that was
// never started is ready.
func (r *Runner) Ready(context.Context) error {
	if r.started.Load() && !r.Running() {
		return errors.New("the worker has stopped")
	}
	return nil
}

// Running reports whether the Runner runs jobs.
func (r *Runner) Running() bool {
	if !r.started.Load() {
		return false
	}
	select {
	case <-r.client.Stopped():
		return false
	default:
		return true
	}
}

// oneUnfinished returns the options of jobs of which one at a time is unfinished, for each
// set of arguments.
func oneUnfinished() river.InsertOpts {
	return river.InsertOpts{Queue: riverdb.Queue, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinishedStates()}}
}

// unfinishedStates returns the states of unfinished jobs. River requires all of them
// except retryable in its check for duplicates.
func unfinishedStates() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}
}
