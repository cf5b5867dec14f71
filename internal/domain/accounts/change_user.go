package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// changeUser locks a user, lets change change them, and stores them unless it says
// that there is Nothing to do, or the version is not one that was seen. With keepAdmin it first makes sure that this user is
// not the last admin, under a lock of all admins: two admins who demote each other
// at the same time must not both succeed.
func (s *Service) changeUser(
	ctx context.Context, actor domain.Actor, do domain.Action, id domain.UserID, seen domain.ExpectedVersions, keepAdmin bool,
	change func(ctx context.Context, user *domain.User) (domain.Change, error),
) (domain.User, error) {
	if err := actor.May(do, domain.Subject{User: id}); err != nil {
		return domain.User{}, err
	}
	var user domain.User
	err := s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		var admins []domain.UserID
		var err error
		if keepAdmin {
			if admins, err = s.users.LockAdmins(ctx); err != nil {
				return domain.NoChange, fmt.Errorf("lock admins: %w", err)
			}
		}
		if user, err = s.users.LockUser(ctx, id); err != nil {
			return domain.NoChange, fmt.Errorf("lock user: %w", err)
		}
		if err := seen.Check(user.Version); err != nil {
			return domain.NoChange, err
		}
		if err := domain.CheckLastAdmin(admins, id); err != nil {
			return domain.NoChange, err
		}
		done, err := change(ctx, &user)
		if err != nil || done.Action == "" {
			return done, err
		}
		if err := s.users.SaveUser(ctx, user); err != nil {
			return domain.NoChange, fmt.Errorf("save user: %w", err)
		}
		// Read again, because storing counts the version up.
		if user, err = s.users.User(ctx, id); err != nil {
			return domain.NoChange, fmt.Errorf("read user: %w", err)
		}
		return done, nil
	})
	if err != nil {
		return domain.User{}, err
	}
	return user, nil
}
