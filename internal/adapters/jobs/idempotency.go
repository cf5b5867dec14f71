package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"github.com/gradus-dev/gradus/internal/ports"
)

// removeResponsesArgs is stored in the database: its kind is a contract.
type removeResponsesArgs struct{}

func (removeResponsesArgs) Kind() string { return "repeats.sweep" }

func (removeResponsesArgs) InsertOpts() river.InsertOpts {
	return oneUnfinished()
}

// removeResponsesWorker removes expired responses to idempotent requests.
type removeResponsesWorker struct {
	river.WorkerDefaults[removeResponsesArgs]
	idempotency ports.Idempotency
}

// Work implements river.Worker.
func (w *removeResponsesWorker) Work(ctx context.Context, _ *river.Job[removeResponsesArgs]) error {
	_, err := w.idempotency.RemoveExpiredResponses(ctx)
	return err
}
