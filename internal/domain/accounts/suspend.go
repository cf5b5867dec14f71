package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Suspend implements ports.Accounts.
func (s *Service) Suspend(ctx context.Context, actor domain.Actor, id domain.UserID, expected domain.ExpectedVersions) (domain.User, error) {
	return s.changeUser(ctx, actor, domain.ActUserSuspend, id, expected, true, func(ctx context.Context, user *domain.User) (domain.Change, error) {
		if !user.Suspend(s.now()) {
			return domain.NoChange, nil
		}
		if _, err := s.sessions.RemoveSessions(ctx, id); err != nil {
			return domain.NoChange, fmt.Errorf("end sessions: %w", err)
		}
		return domain.Change{Action: domain.ActUserSuspend, Subject: id.String()}, nil
	})
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
