package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// ChangeRole implements ports.Accounts.
func (s *Service) ChangeRole(ctx context.Context, actor domain.Actor, id domain.UserID, role domain.Role, expected domain.ExpectedVersions) (domain.User, error) {
	demotes := role != domain.RoleAdmin
	return s.changeUser(ctx, actor, domain.ActUserChangeRole, id, expected, demotes, func(ctx context.Context, user *domain.User) (domain.Change, error) {
		from := user.Role
		changed, err := user.ChangeRole(role)
		if err != nil || !changed {
			return domain.NoChange, err
		}
		if err := s.endRole(ctx, id, from); err != nil {
			return domain.NoChange, err
		}
		if _, err := s.sessions.RemoveSessions(ctx, id); err != nil {
			return domain.NoChange, fmt.Errorf("end sessions: %w", err)
		}
		if _, err := s.tokens.RevokeAPITokens(ctx, id, s.now()); err != nil {
			return domain.NoChange, fmt.Errorf("revoke API tokens: %w", err)
		}
		return domain.Change{
			Action: domain.ActUserChangeRole, Subject: id.String(),
			Details: map[string]any{"role": map[string]any{"from": from, "to": role}},
		}, nil
	})
}

// endRole ends the enrolment or the assignments that came with a role.
func (s *Service) endRole(ctx context.Context, id domain.UserID, role domain.Role) error {
	switch role {
	case domain.RoleStudent:
		if err := s.enrolments.EndEnrolment(ctx, id, domain.EnrolmentDropped); err != nil {
			return fmt.Errorf("end enrolment: %w", err)
		}
	case domain.RoleInstructor:
		if err := s.instructors.RemoveAssignments(ctx, id); err != nil {
			return fmt.Errorf("remove assignments: %w", err)
		}
	case domain.RoleMember, domain.RoleAdmin, domain.RoleSystem, domain.RoleAnyone:
	}
	return nil
}
