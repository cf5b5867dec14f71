package tracking

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// disconnector implements ports.ConnectionRemover.
type disconnector struct {
	uow         ports.UnitOfWork
	connections ports.ConnectionStore
	wakatime    ports.WakaTime
}

// Disconnect implements ports.Connections.
func (s *Connections) Disconnect(ctx context.Context, actor domain.Actor, expected domain.ExpectedVersions) (domain.Revocation, error) {
	may := func(_ context.Context, actor domain.Actor) error {
		return actor.May(domain.ActWakaTimeDisconnect, own(actor))
	}
	return s.disconnect(ctx, actor, may, actor.UserID, expected)
}

// disconnect checks permission with may and disconnects a user. It removes the row before it
// revokes the tokens: it must work although the server is unavailable or the tokens cannot be
// decrypted.
func (s *disconnector) disconnect(
	ctx context.Context, actor domain.Actor, may func(context.Context, domain.Actor) error, user domain.UserID, expected domain.ExpectedVersions,
) (domain.Revocation, error) {
	var c domain.Connection
	err := s.uow.Do(ctx, actor, ports.Locks{User: user}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := may(ctx, actor); err != nil {
			return domain.NoChange, err
		}
		var err error
		if c, err = s.RemoveConnection(ctx, user, expected); err != nil {
			return domain.NoChange, err
		}
		return domain.Change{Action: domain.ActWakaTimeDisconnect, Subject: user.String(), Details: c.AuditDetails()}, nil
	})
	if err != nil {
		return "", err
	}
	return s.Revoke(ctx, c), nil
}

// RemoveConnection implements ports.ConnectionRemover.
func (s *disconnector) RemoveConnection(ctx context.Context, user domain.UserID, expected domain.ExpectedVersions) (domain.Connection, error) {
	c, err := s.connections.LockConnection(ctx, user)
	if err != nil && !errors.Is(err, domain.ErrTokenUnreadable) {
		return domain.Connection{}, fmt.Errorf("lock connection: %w", err)
	}
	if err := expected.Check(c.Version()); err != nil {
		return domain.Connection{}, err
	}
	if err := s.connections.RemoveConnection(ctx, user); err != nil {
		return domain.Connection{}, fmt.Errorf("remove connection: %w", err)
	}
	return c, nil
}

// Revoke implements ports.ConnectionRemover. A failure is not an error: Gradus has already
// discarded the tokens, so they do no harm.
func (s *disconnector) Revoke(ctx context.Context, c domain.Connection) domain.Revocation {
	token := c.RevocableToken()
	switch {
	case c.Kind == domain.ConnectedByKey:
		return domain.RevocationNotApplicable
	case c.State == domain.NeedsReconnect:
		return domain.RevocationDone // the server has already revoked these tokens
	case token == "":
		return domain.RevocationFailed
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	if err := s.wakatime.Revoke(ctx, token); err != nil {
		return domain.RevocationFailed
	}
	return domain.RevocationDone
}
