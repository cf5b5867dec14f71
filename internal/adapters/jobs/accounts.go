package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"github.com/gradus-dev/gradus/internal/ports"
)

// removeSessionsArgs is stored in the database: its kind is a contract.
type removeSessionsArgs struct{}

func (removeSessionsArgs) Kind() string { return "accounts.sweep" }

func (removeSessionsArgs) InsertOpts() river.InsertOpts {
	return oneUnfinished()
}

// removeSessionsWorker removes expired sessions.
type removeSessionsWorker struct {
	river.WorkerDefaults[removeSessionsArgs]
	sessions ports.SessionCleaner
}

// Work implements river.Worker.
func (w *removeSessionsWorker) Work(ctx context.Context, _ *river.Job[removeSessionsArgs]) error {
	_, err := w.sessions.RemoveExpiredSessions(ctx)
	return err
}
