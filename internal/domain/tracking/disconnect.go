package tracking

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Disconnect implements ports.Connections. It removes the row before it revokes the
// tokens: a user must be able to disconnect although WakaTime is unavailable or the
// tokens cannot be decrypted.
func (s *Connections) Disconnect(ctx context.Context, actor domain.Actor, expected domain.ExpectedVersions) (domain.Revocation, error) {
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
		if err := expected.Check(c.Version()); err != nil {
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
		return domain.RevocationDone, nil // WakaTime has already revoked these tokens
	}
	return s.revoke(ctx, c), nil
}
