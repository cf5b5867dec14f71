package jobs

import (
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/gradus-dev/gradus/internal/ports"
)

// What tests see of the stored contracts.
type (
	SyncArgs  = syncArgs
	PlanArgs  = planArgs
	SweepArgs = sweepArgs

	SweepAnswersArgs = sweepAnswersArgs
)

func NewSyncWorker(s ports.Syncer) river.Worker[SyncArgs] { return &syncWorker{syncing: s} }

func NewPlanWorker(s ports.Syncer) river.Worker[PlanArgs] { return &planWorker{syncing: s} }

func NewSweepWorker(s ports.SessionCleaner) river.Worker[SweepArgs] { return &sweepWorker{sessions: s} }

func NewSweepAnswersWorker(r ports.Idempotency) river.Worker[SweepAnswersArgs] {
	return &sweepAnswersWorker{repeats: r}
}

func RiverConfig(w *river.Workers, cfg Config, log *slog.Logger, now ports.Clock) *river.Config {
	return riverConfig(w, cfg, log, now)
}

func QuietLog(log *slog.Logger) *slog.Logger { return slog.New(quiet{log.Handler()}) }

// NewQueue is a SyncQueue on pool.
func NewQueue(pool *pgxpool.Pool) (*SyncQueue, error) {
	i, err := NewInserter(pool, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return NewSyncQueue(i), nil
}
