package accounts

import (
	"context"
	"errors"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// BootstrapAdmin creates the first admin, as promised by ports.Operator.
func (s *Service) BootstrapAdmin(ctx context.Context, actor domain.Actor, r ports.Registration) error {
	users, err := s.Users(ctx, actor, domain.UserFilter{}, domain.PageRequest{Limit: 1})
	if err != nil || len(users.Items) > 0 {
		return err
	}
	_, err = s.CreateUser(ctx, actor, r, domain.RoleAdmin)
	if errors.Is(err, domain.ErrEmailTaken) {
		return nil // another replica, started at the same time, was first
	}
	return err
}
