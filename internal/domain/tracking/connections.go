package tracking

import (
	"context"
	"errors"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Connections implements ports.Connections and ports.AuthorizationCleaner.
type Connections struct {
	uow            ports.UnitOfWork
	connections    ports.ConnectionStore
	authorizations ports.AuthorizationStore
	jobs           ports.SyncJobs
	wakatime       ports.WakaTime
	now            ports.Clock
	newToken       ports.NewToken
}

var (
	_ ports.Connections          = (*Connections)(nil)
	_ ports.AuthorizationCleaner = (*Connections)(nil)
)

// NewConnections returns Connections.
func NewConnections(
	uow ports.UnitOfWork, connections ports.ConnectionStore, authorizations ports.AuthorizationStore,
	jobs ports.SyncJobs, wakatime ports.WakaTime, now ports.Clock, newToken ports.NewToken,
) *Connections {
	return &Connections{
		uow: uow, connections: connections, authorizations: authorizations, jobs: jobs, wakatime: wakatime,
		now: now, newToken: newToken,
	}
}

// Connection implements ports.Connections.
func (s *Connections) Connection(ctx context.Context, actor domain.Actor) (domain.Connection, error) {
	c, err := s.connections.Connection(ctx, actor.UserID)
	switch {
	case errors.Is(err, domain.ErrConnectionNotFound):
		return domain.Connection{User: actor.UserID, State: domain.NotConnected}, nil
	case errors.Is(err, domain.ErrTokenUnreadable):
		return c, nil // only the secrets are missing, and nobody sees those
	}
	return c, err
}

// RemoveExpiredAuthorizations implements ports.AuthorizationCleaner. An expired flow
// cannot be completed, so removing it needs no permission and no audit entry.
func (s *Connections) RemoveExpiredAuthorizations(ctx context.Context) (int, error) {
	return s.authorizations.RemoveExpiredAuthorizations(ctx, s.now())
}
