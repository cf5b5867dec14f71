// Package tracking is how people's coding days get here: connecting to WakaTime,
// fetching what is missing, and reading what is known.
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

// Service implements ports.Connections and ports.Tracking: what people do.
type Service struct {
	uow         ports.UnitOfWork
	connections ports.ConnectionStore
	days        ports.DayStore
	progress    ports.ProgressStore
	jobs        ports.SyncJobs
	wakatime    ports.WakaTime
	now         ports.Clock
	newToken    ports.NewToken
}

var (
	_ ports.Connections = (*Service)(nil)
	_ ports.Tracking    = (*Service)(nil)
)

// New returns a Service.
func New(
	uow ports.UnitOfWork, connections ports.ConnectionStore, days ports.DayStore, progress ports.ProgressStore,
	jobs ports.SyncJobs, wakatime ports.WakaTime, now ports.Clock, newToken ports.NewToken,
) *Service {
	return &Service{
		uow: uow, connections: connections, days: days, progress: progress,
		jobs: jobs, wakatime: wakatime, now: now, newToken: newToken,
	}
}

// patience is how long work that must not be lost goes on after its caller has gone.
const patience = 5 * time.Second

// detached returns a context that outlives ctx for a short while.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), patience)
}

// own is the actor's own account and data.
func own(actor domain.Actor) domain.Subject {
	return domain.Subject{User: actor.UserID, Batch: actor.Batch}
}

func hash(s domain.Secret) [32]byte { return sha256.Sum256([]byte(s.Reveal())) }

// reasonOf returns why WakaTime gave no data; ReasonNone for other errors.
func reasonOf(err error) domain.Reason {
	if up, ok := errors.AsType[*domain.UpstreamError](err); ok {
		return up.Reason
	}
	return domain.ReasonNone
}

// connecting tells a person who is connecting what WakaTime's refusal means for
// them. It keeps err in the chain, so that the edge can raise an alarm.
func connecting(err error) error {
	up, ok := errors.AsType[*domain.UpstreamError](err)
	switch {
	case !ok:
		return err
	case up.Reason == domain.ReasonMisconfig:
		return fmt.Errorf("%w: %w", domain.ErrWakaTimeNotConfigured, err)
	}
	return fmt.Errorf("%w: %w", domain.ErrWakaTimeUnavailable.After(up.RetryAfter), err)
}
