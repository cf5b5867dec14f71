package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// syncArgs is stored in the database: its kind and JSON are a contract.
type syncArgs struct {
	UserID string `json:"user_id"`
	Scope  string `json:"scope"`
	After  int64  `json:"after,omitempty"` // the job that ran when this one was asked for
}

func (syncArgs) Kind() string { return "tracking.sync" }

// InsertOpts makes a sync unique by user and scope while it waits, and lets what a
// person waits for pass a night's backlog. A sync that failed and waits for its retry,
// which may be hours away, does not stand in the way of a person's wish.
func (a syncArgs) InsertOpts() river.InsertOpts {
	opts := river.InsertOpts{Priority: 3, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: waiting()}}
	switch domain.SyncScope(a.Scope) {
	case domain.SyncOnDemand:
		opts.Priority = 1
		opts.UniqueOpts.ByState = slices.DeleteFunc(waiting(), func(s rivertype.JobState) bool {
			return s == rivertype.JobStateRetryable
		})
	case domain.SyncToday:
		opts.Priority = 2
	case domain.SyncNightly:
	}
	return opts
}

// planArgs is stored in the database: its kind is a contract.
type planArgs struct{}

func (planArgs) Kind() string { return "tracking.plan" }

func (planArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: waiting()}}
}

// SyncQueue implements ports.SyncJobs.
type SyncQueue struct{ inserter *Inserter }

var _ ports.SyncJobs = (*SyncQueue)(nil)

// NewSyncQueue returns a SyncQueue.
func NewSyncQueue(inserter *Inserter) *SyncQueue { return &SyncQueue{inserter} }

// EnqueueSync implements ports.SyncJobs.
func (q *SyncQueue) EnqueueSync(ctx context.Context, user domain.UserID, scope domain.SyncScope, at time.Time) error {
	_, err := q.EnqueueSyncs(ctx, []domain.PlannedSync{{User: user, Scope: scope, At: at}})
	return err
}

// EnqueueSyncs implements ports.SyncJobs. While a sync requested by a user runs, it
// enqueues one more to follow: the running one may already have fetched the newest days,
// in another zone, or with a connection that no longer exists.
func (q *SyncQueue) EnqueueSyncs(ctx context.Context, syncs []domain.PlannedSync) (int, error) {
	jobs := make([]river.InsertManyParams, len(syncs))
	for i, s := range syncs {
		jobs[i] = syncJob(syncArgs{UserID: s.User.String(), Scope: string(s.Scope)}, s.At)
	}
	planned := 0
	for len(jobs) > 0 {
		results, err := q.inserter.insert(ctx, jobs...)
		if err != nil {
			return planned, err
		}
		var again []river.InsertManyParams
		for i, r := range results {
			args, _ := jobs[i].Args.(syncArgs)
			switch {
			case !r.UniqueSkippedAsDuplicate:
				planned++
			case r.Job.State == rivertype.JobStateRunning && args.Scope == string(domain.SyncOnDemand):
				args.After = r.Job.ID // of which there is one at most, and it may be running too
				again = append(again, syncJob(args, jobs[i].InsertOpts.ScheduledAt))
			}
		}
		jobs = again
	}
	return planned, nil
}

func syncJob(args syncArgs, at time.Time) river.InsertManyParams {
	return river.InsertManyParams{Args: args, InsertOpts: &river.InsertOpts{ScheduledAt: at}}
}

// syncWorker calls the use case; what a sync is, it does not know.
type syncWorker struct {
	river.WorkerDefaults[syncArgs]
	syncing ports.Syncer
}

// Work runs one sync.
func (w *syncWorker) Work(ctx context.Context, job *river.Job[syncArgs]) error {
	user, err := domain.ParseID[domain.User](job.Args.UserID)
	if err != nil {
		return river.JobCancel(err) // retrying will not mend it
	}
	return verdict(w.syncing.Sync(ctx, domain.System, user, domain.SyncScope(job.Args.Scope)))
}

// planWorker calls the planner.
type planWorker struct {
	river.WorkerDefaults[planArgs]
	syncing ports.Syncer
}

// Work plans the syncs that are due.
func (w *planWorker) Work(ctx context.Context, _ *river.Job[planArgs]) error {
	_, err := w.syncing.Plan(ctx, domain.System)
	return err
}

const (
	busyPause     = 10 * time.Second
	unfinishedGap = time.Second
)

// verdict tells River what an outcome means for the job: over for good, later without
// blame, or failed. Errors that it leaves alone are retried.
func verdict(err error) error {
	if e, ok := errors.AsType[*domain.Error](err); ok && e.Kind == domain.KindNotFound {
		return river.JobCancel(err)
	}
	up, ok := errors.AsType[*domain.UpstreamError](err)
	switch {
	case errors.Is(err, domain.ErrSyncBusy):
		return river.JobSnooze(busyPause)
	case errors.Is(err, domain.ErrSyncUnfinished):
		return river.JobSnooze(unfinishedGap)
	case ok && up.Reason == domain.ReasonThrottled && up.RetryAfter > 0:
		return river.JobSnooze(min(up.RetryAfter, lastRetry)) // some servers say a year
	}
	return err
}
