package tracking

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Disconnect removes the actor's connection, as promised by ports.Connections. The
// row goes first: a connection that somebody wants to be rid of must not stay
// because WakaTime is down or its tokens cannot be read.
func (s *Service) Disconnect(ctx context.Context, actor domain.Actor, seen domain.ExpectedVersions) (domain.Revocation, error) {
	if err := actor.May(domain.ActWakaTimeDisconnect, own(actor)); err != nil {
		return "", err
	}
	var c domain.Connection
	err := s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		var err error
		c, err = s.connections.LockConnection(ctx, actor.UserID)
		if err != nil && !errors.Is(err, domain.ErrTokenUnreadable) {
			return domain.NoChange, fmt.Errorf("lock connection: %w", err)
		}
		if err := seen.Check(c.Version()); err != nil {
			return domain.NoChange, err
		}
		if err := s.connections.RemoveConnection(ctx, actor.UserID); err != nil {
			return domain.NoChange, fmt.Errorf("remove connection: %w", err)
		}
		return domain.Change{Action: domain.ActWakaTimeDisconnect, Subject: actor.UserID.String(), Details: map[string]any{
			"kind": c.Kind, "account": c.Account.Username,
		}}, nil
	})
	switch {
	case err != nil:
		return "", err
	case c.Kind == domain.ConnectedByKey:
		return domain.RevocationNotApplicable, nil
	case c.State == domain.NeedsReconnect:
		return domain.RevocationDone, nil // WakaTime ended these tokens itself
	}
	return s.revoke(ctx, c), nil
}
