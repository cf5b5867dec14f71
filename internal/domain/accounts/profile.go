package accounts

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Me implements ports.Accounts.
func (s *Service) Me(ctx context.Context, actor domain.Actor) (domain.Me, error) {
	if actor.UserID.IsZero() {
		return domain.Me{}, domain.ErrUnauthenticated
	}
	me, err := s.users.Me(ctx, actor.UserID, actor.Role)
	if errors.Is(err, domain.ErrUserNotFound) {
		return domain.Me{}, domain.ErrUnauthenticated // deleted after authentication
	}
	return me, err
}

// UpdateMe implements ports.Accounts.
func (s *Service) UpdateMe(ctx context.Context, actor domain.Actor, update domain.ProfileUpdate, expected domain.ExpectedVersions) (domain.Me, error) {
	var me domain.Me
	err := s.uow.Do(ctx, actor, ports.Locks{User: actor.UserID}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActAccountUpdate, domain.Subject{User: actor.UserID}); err != nil {
			return domain.NoChange, err
		}
		user, err := s.users.LockedUser(ctx, actor.UserID)
		if err != nil {
			return domain.NoChange, fmt.Errorf("find user: %w", err)
		}
		if err := expected.Check(user.Version); err != nil {
			return domain.NoChange, err
		}
		before := user
		changed, err := user.Update(update)
		if err != nil {
			return domain.NoChange, err
		}
		change := domain.NoChange
		if changed {
			if err := s.users.SaveUser(ctx, user); err != nil {
				return domain.NoChange, fmt.Errorf("save user: %w", err)
			}
			change = domain.Change{Action: domain.ActAccountUpdate, Subject: user.ID.String(), Details: profileChanges(before, user)}
		}
		// Read again: saving increments the version.
		if me, err = s.users.Me(ctx, user.ID, user.Role); err != nil {
			return domain.NoChange, fmt.Errorf("read account: %w", err)
		}
		return change, nil
	})
	if err != nil {
		return domain.Me{}, err
	}
	return me, nil
}

// profileChanges returns the details of the audit entry. It leaves names out: audit
// entries are never removed and would outlive a deleted account.
func profileChanges(before, after domain.User) map[string]any {
	details := map[string]any{}
	if before.Name != after.Name {
		details["name"] = "changed"
	}
	if before.TimeZone != after.TimeZone {
		details["time_zone"] = map[string]any{"from": before.TimeZone, "to": after.TimeZone}
	}
	return details
}
