package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// DisableTOTP implements ports.Operator.
func (s *Operator) DisableTOTP(ctx context.Context, actor domain.Actor, email string) (user domain.User, found bool, err error) {
	if err := actor.May(domain.ActUserDisableTOTP, domain.Subject{}); err != nil {
		return domain.User{}, false, err
	}
	address, err := domain.ParseEmail("email", email)
	if err != nil {
		return domain.User{}, false, err
	}
	if user, _, err = s.users.UserByEmail(ctx, address); err != nil {
		return domain.User{}, false, fmt.Errorf("find user: %w", err)
	}
	err = s.uow.Do(ctx, actor, ports.Locks{User: user.ID}, func(ctx context.Context, actor domain.Actor) (change domain.Change, err error) {
		if err := actor.May(domain.ActUserDisableTOTP, domain.Subject{User: user.ID}); err != nil {
			return domain.NoChange, err
		}
		disabler := totpDisabler{s.totp, s.sessions, s.mails, s.now}
		change, found, err = disabler.disable(ctx, user)
		return change, err
	})
	if err != nil {
		return domain.User{}, false, err
	}
	return user, found, nil
}
