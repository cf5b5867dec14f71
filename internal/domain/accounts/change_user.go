package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// changeUser locks a user, checks their version, applies change and saves the user unless
// change returns NoChange. If keepAdmin is set, it also locks all admins and checks that the
// user is not the last one: two admins who demote themselves must not both succeed.
func (s *Service) changeUser(
	ctx context.Context, actor domain.Actor, do domain.Action, id domain.UserID, expected domain.ExpectedVersions, keepAdmin bool,
	change func(ctx context.Context, user *domain.User) (domain.Change, error),
) (domain.User, error) {
	var user domain.User
	err := s.uow.Do(ctx, actor, ports.Locks{Admins: keepAdmin, User: id}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(do, domain.Subject{User: id}); err != nil {
			return domain.NoChange, err
		}
		var admins []domain.UserID
		var err error
		if keepAdmin {
			if admins, err = s.users.LockedAdmins(ctx); err != nil {
				return domain.NoChange, fmt.Errorf("list admins: %w", err)
			}
		}
		if user, err = s.users.LockedUser(ctx, id); err != nil {
			return domain.NoChange, fmt.Errorf("find user: %w", err)
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
