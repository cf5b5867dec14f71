// Package tracking connects users to WakaTime and compatible servers, fetches their coding
// days and reports them.
package tracking

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Service implements ports.Tracking.
type Service struct {
	uow      ports.UnitOfWork
	days     ports.DayStore
	progress ports.ProgressStore
	jobs     ports.SyncJobs
	now      ports.Clock
}

var _ ports.Tracking = (*Service)(nil)

// New returns a Service.
func New(uow ports.UnitOfWork, days ports.DayStore, progress ports.ProgressStore, jobs ports.SyncJobs, now ports.Clock) *Service {
	return &Service{uow: uow, days: days, progress: progress, jobs: jobs, now: now}
}

// detachedTimeout limits work that must finish although its caller has gone.
const detachedTimeout = 5 * time.Second

// detached returns a context that outlives ctx by at most detachedTimeout.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), detachedTimeout)
}

// own returns the actor's own account and data.
func own(actor domain.Actor) domain.Subject {
	return domain.Subject{User: actor.UserID, Batch: actor.Batch}
}

func hash(s domain.Secret) [32]byte { return sha256.Sum256([]byte(s.Reveal())) }

// reasonOf returns why a server returned no data, or ReasonNone for other errors.
func reasonOf(err error) domain.Reason {
	if up, ok := errors.AsType[*domain.UpstreamError](err); ok {
		return up.Reason
	}
	return domain.ReasonNone
}
