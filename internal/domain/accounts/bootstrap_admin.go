package accounts

import (
	"context"
	"errors"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// BootstrapAdmin implements ports.Operator.
func (s *Operator) BootstrapAdmin(ctx context.Context, actor domain.Actor, r ports.Registration) error {
	if err := actor.May(domain.ActUserCreate, domain.Subject{}); err != nil {
		return err
	}
	users, err := s.users.ListUsers(ctx, domain.UserFilter{}, domain.PageRequest{Limit: 1})
	if err != nil || len(users.Items) > 0 {
		return err
	}
	_, err = s.CreateUser(ctx, actor, r, domain.RoleAdmin)
	if errors.Is(err, domain.ErrEmailTaken) {
		return nil // another replica, started at the same time, was first
	}
	return err
}
