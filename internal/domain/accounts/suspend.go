package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Suspend bars a user from signing in, as promised by ports.Accounts.
func (s *Service) Suspend(ctx context.Context, actor domain.Actor, id domain.UserID, seen domain.ExpectedVersions) (domain.User, error) {
	return s.changeUser(ctx, actor, domain.ActUserSuspend, id, seen, true, func(ctx context.Context, user *domain.User) (domain.Change, error) {
		if !user.Suspend(s.now()) {
			return domain.NoChange, nil
		}
		if _, err := s.sessions.RemoveSessions(ctx, id); err != nil {
			return domain.NoChange, fmt.Errorf("end sessions: %w", err)
		}
		return domain.Change{Action: domain.ActUserSuspend, Subject: id.String()}, nil
	})
}

// Reinstate undoes Suspend, as promised by ports.Accounts.
func (s *Service) Reinstate(ctx context.Context, actor domain.Actor, id domain.UserID, seen domain.ExpectedVersions) (domain.User, error) {
	return s.changeUser(ctx, actor, domain.ActUserReinstate, id, seen, false, func(_ context.Context, user *domain.User) (domain.Change, error) {
		if !user.Reinstate() {
			return domain.NoChange, nil
		}
		return domain.Change{Action: domain.ActUserReinstate, Subject: id.String()}, nil
	})
}
