package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"github.com/gradus-dev/gradus/internal/ports"
)

// sweepAnswersArgs is stored in the database: its kind is a contract.
type sweepAnswersArgs struct{}

func (sweepAnswersArgs) Kind() string { return "repeats.sweep" }

func (sweepAnswersArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: waiting()}}
}

// sweepAnswersWorker forgets the answers to requests that are too old to be sent again.
type sweepAnswersWorker struct {
	river.WorkerDefaults[sweepAnswersArgs]
	repeats ports.Idempotency
}

// Work removes what is kept no longer.
func (w *sweepAnswersWorker) Work(ctx context.Context, _ *river.Job[sweepAnswersArgs]) error {
	_, err := w.repeats.RemoveExpiredResponses(ctx)
	return err
}
