package tracking

import (
	"context"
	"errors"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Connection returns the actor's own connection, as promised by ports.Connections.
func (s *Service) Connection(ctx context.Context, actor domain.Actor) (domain.Connection, error) {
	c, err := s.connections.Connection(ctx, actor.UserID)
	switch {
	case errors.Is(err, domain.ErrConnectionNotFound):
		return domain.Connection{User: actor.UserID, State: domain.NotConnected}, nil
	case errors.Is(err, domain.ErrTokenUnreadable):
		return c, nil // everything that is shown is there
	}
	return c, err
}
