package accounts

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Me returns the actor's own account, as promised by ports.Accounts.
func (s *Service) Me(ctx context.Context, actor domain.Actor) (domain.Me, error) {
	if actor.UserID.IsZero() {
		return domain.Me{}, domain.ErrUnauthenticated
	}
	me, err := s.users.Me(ctx, actor.UserID)
	if errors.Is(err, domain.ErrUserNotFound) {
		return domain.Me{}, domain.ErrUnauthenticated // removed since the request came in
	}
	return me, err
}

// UpdateMe changes the actor's own account, as promised by ports.Accounts.
func (s *Service) UpdateMe(ctx context.Context, actor domain.Actor, e domain.ProfileUpdate, seen domain.ExpectedVersions) (domain.Me, error) {
	if err := actor.May(domain.ActAccountEdit, domain.Subject{User: actor.UserID}); err != nil {
		return domain.Me{}, err
	}
	var me domain.Me
	err := s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		user, err := s.users.LockUser(ctx, actor.UserID)
		if err != nil {
			return domain.NoChange, fmt.Errorf("lock user: %w", err)
		}
		if err := seen.Check(user.Version); err != nil {
			return domain.NoChange, err
		}
		before := user
		changed, err := user.Update(e)
		if err != nil {
			return domain.NoChange, err
		}
		change := domain.NoChange
		if changed {
			if err := s.users.SaveUser(ctx, user); err != nil {
				return domain.NoChange, fmt.Errorf("save user: %w", err)
			}
			change = domain.Change{Action: domain.ActAccountEdit, Subject: user.ID.String(), Details: profileChanges(before, user)}
		}
		// Read again, because storing counts the version up.
		if me, err = s.users.Me(ctx, user.ID); err != nil {
			return domain.NoChange, fmt.Errorf("read account: %w", err)
		}
		return change, nil
	})
	if err != nil {
		return domain.Me{}, err
	}
	return me, nil
}

// profileChanges tells the audit log that a name changed, but not the name: entries
// are never removed, and would outlive an erased account.
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
