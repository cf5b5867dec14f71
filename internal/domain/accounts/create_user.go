package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// CreateUser implements ports.Operator.
func (s *Operator) CreateUser(ctx context.Context, actor domain.Actor, r ports.Registration, role domain.Role) (domain.User, error) {
	if err := actor.May(domain.ActUserCreate, domain.Subject{}); err != nil {
		return domain.User{}, err
	}
	user, hash, err := s.newUser(ctx, r)
	if err != nil {
		return domain.User{}, err
	}
	if _, err := user.ChangeRole(role); err != nil {
		return domain.User{}, err
	}
	err = s.uow.Do(ctx, actor, ports.Locks{}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActUserCreate, domain.Subject{}); err != nil {
			return domain.NoChange, err
		}
		if err := s.users.AddUser(ctx, user, hash); err != nil {
			return domain.NoChange, fmt.Errorf("add user: %w", err)
		}
		return domain.Change{Action: domain.ActUserCreate, Subject: user.ID.String(), Details: map[string]any{"role": user.Role}}, nil
	})
	if err != nil {
		return domain.User{}, err
	}
	return user, nil
}
