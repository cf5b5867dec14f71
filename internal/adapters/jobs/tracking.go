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
	From   string `json:"from,omitempty"` // for the scope range
	To     string `json:"to,omitempty"`
	After  int64  `json:"after,omitempty"` // the job that was running when this one was requested
}

func (syncArgs) Kind() string { return "tracking.sync" }

func newSyncArgs(user domain.UserID, r domain.SyncRequest) syncArgs {
	a := syncArgs{UserID: user.String(), Scope: string(r.Scope)}
	if r.Scope == domain.SyncRange {
		a.From, a.To = r.Days.From.String(), r.Days.To.String()
	}
	return a
}

// parse returns the user and the request of a sync.
func (a syncArgs) parse() (domain.UserID, domain.SyncRequest, error) {
	r := domain.SyncRequest{Scope: domain.SyncScope(a.Scope)}
	user, err := domain.ParseID[domain.User](a.UserID)
	if err != nil || r.Scope != domain.SyncRange {
		return user, r, err
	}
	if r.Days.From, err = domain.ParseDay("from", a.From); err != nil {
		return user, r, err
	}
	r.Days.To, err = domain.ParseDay("to", a.To)
	return user, r, err
}

// requested reports whether a user requested the sync.
func (a syncArgs) requested() bool {
	return a.Scope == string(domain.SyncOnDemand) || a.Scope == string(domain.SyncRange)
}

// InsertOpts makes an unfinished sync unique by user and scope, and gives syncs requested
// by a user priority over the nightly backlog. A failed sync that waits for its retry,
// which may be hours away, does not block one requested by a user.
func (a syncArgs) InsertOpts() river.InsertOpts {
	opts := oneUnfinished()
	opts.Priority = 3
	switch domain.SyncScope(a.Scope) {
	case domain.SyncOnDemand, domain.SyncRange:
		opts.Priority = 1
		opts.UniqueOpts.ByState = slices.DeleteFunc(unfinishedStates(), func(s rivertype.JobState) bool {
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
	return oneUnfinished()
}

// SyncQueue implements ports.SyncJobs.
type SyncQueue struct{ inserter *Inserter }

var _ ports.SyncJobs = (*SyncQueue)(nil)

// NewSyncQueue returns a SyncQueue.
func NewSyncQueue(inserter *Inserter) *SyncQueue { return &SyncQueue{inserter} }

// EnqueueSync implements ports.SyncJobs.
func (q *SyncQueue) EnqueueSync(ctx context.Context, user domain.UserID, r domain.SyncRequest, at time.Time) error {
	_, err := q.EnqueueSyncs(ctx, []domain.PlannedSync{{User: user, SyncRequest: r, At: at}})
	return err
}

// EnqueueSyncs implements ports.SyncJobs. While a sync requested by a user runs, it
// enqueues one more to follow: the running one may already have fetched the newest days,
// in another zone, or with a connection that no longer exists.
func (q *SyncQueue) EnqueueSyncs(ctx context.Context, syncs []domain.PlannedSync) (int, error) {
	jobs := make([]river.InsertManyParams, len(syncs))
	for i, s := range syncs {
		jobs[i] = syncJob(newSyncArgs(s.User, s.SyncRequest), s.At)
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
			case r.Job.State == rivertype.JobStateRunning && args.requested():
				args.After = r.Job.ID // at most one exists, and it may be running too
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

// syncWorker runs the Sync use case.
type syncWorker struct {
	river.WorkerDefaults[syncArgs]
	syncer ports.Syncer
}

// Work implements river.Worker.
func (w *syncWorker) Work(ctx context.Context, job *river.Job[syncArgs]) error {
	user, request, err := job.Args.parse()
	if err != nil {
		return river.JobCancel(err) // retrying cannot fix it
	}
	return jobResult(w.syncer.Sync(ctx, domain.System, user, request))
}

// planWorker runs the Plan use case.
type planWorker struct {
	river.WorkerDefaults[planArgs]
	planner ports.Planner
}

// Work implements river.Worker.
func (w *planWorker) Work(ctx context.Context, _ *river.Job[planArgs]) error {
	_, err := w.planner.Plan(ctx, domain.System)
	return err
}

// removeAuthorizationsArgs is stored in the database: its kind is a contract.
type removeAuthorizationsArgs struct{}

func (removeAuthorizationsArgs) Kind() string { return "tracking.remove_expired_authorizations" }

func (removeAuthorizationsArgs) InsertOpts() river.InsertOpts {
	return oneUnfinished()
}

// removeAuthorizationsWorker removes expired OAuth flows.
type removeAuthorizationsWorker struct {
	river.WorkerDefaults[removeAuthorizationsArgs]
	authorizations ports.AuthorizationCleaner
}

// Work implements river.Worker.
func (w *removeAuthorizationsWorker) Work(ctx context.Context, _ *river.Job[removeAuthorizationsArgs]) error {
	_, err := w.authorizations.RemoveExpiredAuthorizations(ctx)
	return err
}

const (
	busySnooze       = 10 * time.Second
	unfinishedSnooze = time.Second
)

// jobResult maps the error of a sync to the result of its job: cancelled, snoozed, which
// does not count as an attempt, or failed. All other errors are retried.
func jobResult(err error) error {
	if e, ok := errors.AsType[*domain.Error](err); ok && e.Kind == domain.KindNotFound {
		return river.JobCancel(err)
	}
	up, ok := errors.AsType[*domain.UpstreamError](err)
	switch {
	case errors.Is(err, domain.ErrSyncBusy):
		return river.JobSnooze(busySnooze)
	case errors.Is(err, domain.ErrSyncUnfinished):
		return river.JobSnooze(unfinishedSnooze)
	case ok && up.Reason == domain.ReasonThrottled && up.RetryAfter > 0:
		return river.JobSnooze(min(up.RetryAfter, lastRetry)) // some servers return a year
	}
	return err
}
