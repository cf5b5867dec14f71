// Package tracking connects users to WakaTime, fetches their coding days and reports
// them.
package tracking

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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

// reasonOf returns why WakaTime returned no data, or ReasonNone for other errors.
func reasonOf(err error) domain.Reason {
	if up, ok := errors.AsType[*domain.UpstreamError](err); ok {
		return up.Reason
	}
	return domain.ReasonNone
}

// connectError translates an error of a server for a user who is connecting. It keeps err
// in the chain, so that a misconfiguration is logged for the operator.
func connectError(err error, server string) error {
	up, ok := errors.AsType[*domain.UpstreamError](err)
	switch {
	case !ok:
		return err
	case up.Reason == domain.ReasonMisconfig:
		return fmt.Errorf("%w: %w", domain.ErrWakaTimeNotConfigured, err)
	}
	return fmt.Errorf("%w: %w", domain.ErrWakaTimeUnavailable.Withf("%s is not responding as expected. Try again later.", domain.ServerName(server)).After(up.RetryAfter), err)
}
