package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// sweepArgs is stored in the database: its kind is a contract.
type sweepArgs struct{}

func (sweepArgs) Kind() string { return "accounts.sweep" }

func (sweepArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: waiting()}}
}

// sweepWorker calls the sweeper.
type sweepWorker struct {
	river.WorkerDefaults[sweepArgs]
	sessions ports.SessionCleaner
}

// Work removes what is over.
func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[sweepArgs]) error {
	_, err := w.sessions.RemoveExpiredSessions(ctx, domain.System)
	return err
}
