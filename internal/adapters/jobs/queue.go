// Package jobs is both ends of the background queue: it enqueues for use cases
// (driven) and calls them back from River's workers (driving).
package jobs

import (
	"context"
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
	"github.com/gradus-dev/gradus/internal/ports"
)

// Config is how much the queue does at once.
type Config struct {
	Workers int // jobs at a time in this process; 0 means 4
}

const (
	defaultWorkers = 4
	jobTimeout     = time.Minute
	// rescueAfter is when a job counts as abandoned. A killed worker's job runs again
	// within this, half a minute until River looks for abandoned jobs, and five seconds
	// until it looks for due ones: under two minutes.
	rescueAfter = 75 * time.Second
	// stopAfter is how long running jobs may go on when the program is being stopped.
	stopAfter = 10 * time.Second
)

// Inserter enqueues jobs and works none.
type Inserter struct{ client *river.Client[pgx.Tx] }

// NewInserter returns an Inserter on pool.
func NewInserter(pool *pgxpool.Pool, log *slog.Logger) (*Inserter, error) {
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Logger: slog.New(quiet{log.Handler()})})
	if err != nil {
		return nil, fmt.Errorf("set up River: %w", err)
	}
	return &Inserter{client}, nil
}

// insert enqueues jobs that do not wait already, and returns what became of each. It
// joins the unit of work that ctx belongs to.
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

// Runner works the jobs of the queue.
type Runner struct {
	client  *river.Client[pgx.Tx]
	started atomic.Bool
}

// NewRunner returns a Runner on pool. It is idle until Start.
func NewRunner(pool *pgxpool.Pool, workers *river.Workers, cfg Config, log *slog.Logger, now ports.Clock) (*Runner, error) {
	client, err := river.NewClient(riverpgxv5.New(pool), riverConfig(workers, cfg, log, now))
	if err != nil {
		return nil, fmt.Errorf("set up River: %w", err)
	}
	return &Runner{client: client}, nil
}

func riverConfig(workers *river.Workers, cfg Config, log *slog.Logger, now ports.Clock) *river.Config {
	n := cfg.Workers
	if n == 0 {
		n = defaultWorkers
	}
	return &river.Config{
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: n}},
		Workers:              workers,
		PeriodicJobs:         periodic(),
		JobTimeout:           jobTimeout,
		RescueStuckJobsAfter: rescueAfter,
		SoftStopTimeout:      stopAfter,
		RetryPolicy:          retryPolicy{now},
		ErrorHandler:         errorLog{log},
		Logger:               slog.New(quiet{log.Handler()}),
	}
}

// periodic lists what runs by the clock.
func periodic() []*river.PeriodicJob {
	hourly := river.PeriodicInterval(time.Hour)
	onStart := &river.PeriodicJobOpts{RunOnStart: true}
	return []*river.PeriodicJob{
		river.NewPeriodicJob(hourly, func() (river.JobArgs, *river.InsertOpts) { return planArgs{}, nil }, onStart),
		river.NewPeriodicJob(hourly, func() (river.JobArgs, *river.InsertOpts) { return sweepArgs{}, nil }, onStart),
		river.NewPeriodicJob(hourly, func() (river.JobArgs, *river.InsertOpts) { return sweepAnswersArgs{}, nil }, onStart),
	}
}

// UseCases is the ports that the workers call.
type UseCases struct {
	Syncer      ports.Syncer
	Sessions    ports.SessionCleaner
	Idempotency ports.Idempotency
}

// NewWorkers registers every worker.
func NewWorkers(u UseCases) *river.Workers {
	w := river.NewWorkers()
	river.AddWorker(w, &syncWorker{syncing: u.Syncer})
	river.AddWorker(w, &planWorker{syncing: u.Syncer})
	river.AddWorker(w, &sweepWorker{sessions: u.Sessions})
	river.AddWorker(w, &sweepAnswersWorker{repeats: u.Idempotency})
	return w
}

// Start begins to work jobs, until Stop or until ctx ends; either way running jobs get
// stopAfter to come to their end.
func (r *Runner) Start(ctx context.Context) error {
	if err := r.client.Start(ctx); err != nil {
		return fmt.Errorf("start workers: %w", err)
	}
	r.started.Store(true)
	return nil
}

// Stop takes no more jobs and waits for those that run, at most until ctx ends.
func (r *Runner) Stop(ctx context.Context) error {
	if err := r.client.Stop(ctx); err != nil {
		return fmt.Errorf("stop workers: %w", err)
	}
	return nil
}

// Failed reports whether the Runner was started and works no more: readiness depends
// on it. A Runner that was never started has not failed.
func (r *Runner) Failed() bool { return r.started.Load() && !r.Running() }

// Running reports whether jobs are being worked here.
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

// waiting is the states of jobs that are not over. River wants all of them in its
// check for duplicates, but for retryable.
func waiting() []rivertype.JobState {
	return []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}
}
