package tracking

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// disconnector removes connections.
type disconnector struct {
	uow         ports.UnitOfWork
	connections ports.ConnectionStore
	wakatime    ports.WakaTime
}

// Disconnect implements ports.Connections.
func (s *Connections) Disconnect(ctx context.Context, actor domain.Actor, expected domain.ExpectedVersions) (domain.Revocation, error) {
	if err := actor.May(domain.ActWakaTimeDisconnect, own(actor)); err != nil {
		return "", err
	}
	return s.disconnect(ctx, actor, actor.UserID, expected)
}

// disconnect removes the row before it revokes the tokens: it must work although the server
// is unavailable or the tokens cannot be decrypted.
func (s *disconnector) disconnect(ctx context.Context, actor domain.Actor, user domain.UserID, expected domain.ExpectedVersions) (domain.Revocation, error) {
	var c domain.Connection
	err := s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		var err error
		c, err = s.connections.LockConnection(ctx, user)
		if err != nil && !errors.Is(err, domain.ErrTokenUnreadable) {
			return domain.NoChange, fmt.Errorf("lock connection: %w", err)
		}
		if err := expected.Check(c.Version()); err != nil {
			return domain.NoChange, err
		}
		if err := s.connections.RemoveConnection(ctx, user); err != nil {
			return domain.NoChange, fmt.Errorf("remove connection: %w", err)
		}
		return domain.Change{Action: domain.ActWakaTimeDisconnect, Subject: user.String(), Details: map[string]any{
			"kind": c.Kind, "server": c.Account.Server, "account": c.Account.Username,
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

// revoke revokes a connection's tokens at WakaTime if it can. A failure is not an error:
// Gradus has already discarded the tokens, so they do no harm.
func (s *disconnector) revoke(ctx context.Context, c domain.Connection) domain.Revocation {
	token := c.RevocableToken()
	if token == "" {
		return domain.RevocationFailed
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	if err := s.wakatime.Revoke(ctx, token); err != nil {
		return domain.RevocationFailed
	}
	return domain.RevocationDone
}
