package jobs

import (
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/riverqueue/river"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// The stored contracts, exported for tests.
type (
	SyncArgs                 = syncArgs
	PlanArgs                 = planArgs
	RemoveSessionsArgs       = removeSessionsArgs
	RemoveAuthorizationsArgs = removeAuthorizationsArgs
	RemoveResponsesArgs      = removeResponsesArgs
	SendMailArgs             = sendMailArgs
)

func NewSyncWorker(s ports.Syncer) river.Worker[SyncArgs] { return &syncWorker{syncer: s} }

func NewPlanWorker(p ports.Planner) river.Worker[PlanArgs] { return &planWorker{planner: p} }

func NewRemoveSessionsWorker(s ports.SessionCleaner, t ports.APITokenCleaner) river.Worker[RemoveSessionsArgs] {
	return &removeSessionsWorker{sessions: s, tokens: t}
}

func NewRemoveAuthorizationsWorker(a ports.AuthorizationCleaner) river.Worker[RemoveAuthorizationsArgs] {
	return &removeAuthorizationsWorker{authorizations: a}
}

func NewRemoveResponsesWorker(i ports.Idempotency) river.Worker[RemoveResponsesArgs] {
	return &removeResponsesWorker{idempotency: i}
}

func NewSendMailArgs(s ports.Sealer, m domain.Mail) (SendMailArgs, error) {
	return newSendMailArgs(s, m)
}

// NewSendMailWorker returns a worker, and a function that returns how many mails of a kind had
// a result.
func NewSendMailWorker(d ports.MailDelivery, s ports.Sealer, now ports.Clock) (river.Worker[SendMailArgs], func(kind, result string) float64) {
	m, err := NewMetrics()
	if err != nil {
		panic(err)
	}
	return &sendMailWorker{delivery: d, sealer: s, metrics: m, now: now}, func(kind, result string) float64 {
		return testutil.ToFloat64(m.mails.WithLabelValues(kind, result))
	}
}

// NewTestMailQueue returns a MailQueue on pool.
func NewTestMailQueue(pool *pgxpool.Pool, s ports.Sealer, newID ports.NewID, on bool) (*MailQueue, error) {
	m, err := NewMetrics()
	if err != nil {
		return nil, err
	}
	i, err := NewInserter(pool, m, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return NewMailQueue(i, s, newID, Config{Mail: on}), nil
}

func RiverConfig(w *river.Workers, cfg Config, log *slog.Logger, now ports.Clock) *river.Config {
	m, err := NewMetrics()
	if err != nil {
		panic(err)
	}
	return riverConfig(w, cfg, m, log, now)
}

func QuietLog(log *slog.Logger) *slog.Logger { return slog.New(quiet{log.Handler()}) }

// NewQueue returns a SyncQueue on pool.
func NewQueue(pool *pgxpool.Pool) (*SyncQueue, error) {
	m, err := NewMetrics()
	if err != nil {
		return nil, err
	}
	i, err := NewInserter(pool, m, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return NewSyncQueue(i), nil
}
