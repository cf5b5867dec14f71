package jobs

import (
	"context"
	"errors"

	"github.com/riverqueue/river"

	"github.com/gradus-dev/gradus/internal/ports"
)

// removeSessionsArgs is stored in the database: its kind is a contract.
type removeSessionsArgs struct{}

func (removeSessionsArgs) Kind() string { return "accounts.sweep" }

func (removeSessionsArgs) InsertOpts() river.InsertOpts {
	return oneUnfinished()
}

// removeSessionsWorker removes expired sessions and old API tokens.
type removeSessionsWorker struct {
	river.WorkerDefaults[removeSessionsArgs]
	sessions ports.SessionCleaner
	tokens   ports.APITokenCleaner
}

// Work implements river.Worker.
func (w *removeSessionsWorker) Work(ctx context.Context, _ *river.Job[removeSessionsArgs]) error {
	_, sessions := w.sessions.RemoveExpiredSessions(ctx)
	_, tokens := w.tokens.RemoveOldAPITokens(ctx)
	return errors.Join(sessions, tokens)
}
