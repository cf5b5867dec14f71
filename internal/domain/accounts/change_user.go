package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// changeUser locks a user, checks their version, applies change and saves the user unless
// change returns NoChange. If keepAdmin is set, it first locks all admins and checks that
// the user is not the last one: of two admins who demote each other concurrently, only one
// may succeed.
func (s *Service) changeUser(
	ctx context.Context, actor domain.Actor, do domain.Action, id domain.UserID, expected domain.ExpectedVersions, keepAdmin bool,
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
		if err := expected.Check(user.Version); err != nil {
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
		// Read again: saving increments the version.
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
