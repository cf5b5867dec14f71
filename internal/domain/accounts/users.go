package accounts

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Users implements ports.Accounts.
func (s *Service) Users(ctx context.Context, actor domain.Actor, f domain.UserFilter, page domain.PageRequest) (domain.Page[domain.User], error) {
	if err := actor.May(domain.ActUserRead, domain.Subject{}); err != nil {
		return domain.Page[domain.User]{}, err
	}
	return s.users.ListUsers(ctx, f, page)
}

// User implements ports.Accounts.
func (s *Service) User(ctx context.Context, actor domain.Actor, id domain.UserID) (domain.User, error) {
	if err := actor.May(domain.ActUserRead, domain.Subject{User: id}); err != nil {
		return domain.User{}, err
	}
	return s.users.User(ctx, id)
}
