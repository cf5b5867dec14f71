package accounts

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Suspend implements ports.Accounts. It removes the user's connection, so that they can
// connect the same upstream account with another Gradus account, and then revokes its
// tokens. It must work although the server is unavailable.
func (s *Service) Suspend(ctx context.Context, actor domain.Actor, id domain.UserID, expected domain.ExpectedVersions) (domain.User, error) {
	var removed *domain.Connection
	user, err := s.changeUser(ctx, actor, domain.ActUserSuspend, id, expected, true, func(ctx context.Context, user *domain.User) (domain.Change, error) {
		removed = nil
		if !user.Suspend(s.now()) {
			return domain.NoChange, nil
		}
		if _, err := s.sessions.RemoveSessions(ctx, id); err != nil {
			return domain.NoChange, fmt.Errorf("end sessions: %w", err)
		}
		if _, err := s.tokens.RevokeAPITokens(ctx, id, s.now()); err != nil {
			return domain.NoChange, fmt.Errorf("revoke API tokens: %w", err)
		}
		change := domain.Change{Action: domain.ActUserSuspend, Subject: id.String()}
		c, err := s.connections.RemoveConnection(ctx, id, nil)
		switch {
		case errors.Is(err, domain.ErrConnectionNotFound):
			return change, nil
		case err != nil:
			return domain.NoChange, err
		}
		removed = &c
		change.Details = map[string]any{"disconnected": c.AuditDetails()}
		return change, nil
	})
	if err == nil && removed != nil {
		s.connections.Revoke(ctx, *removed)
	}
	return user, err
}

// Reinstate implements ports.Accounts.
func (s *Service) Reinstate(ctx context.Context, actor domain.Actor, id domain.UserID, expected domain.ExpectedVersions) (domain.User, error) {
	return s.changeUser(ctx, actor, domain.ActUserReinstate, id, expected, false, func(_ context.Context, user *domain.User) (domain.Change, error) {
		if !user.Reinstate() {
			return domain.NoChange, nil
		}
		return domain.Change{Action: domain.ActUserReinstate, Subject: id.String()}, nil
	})
}
