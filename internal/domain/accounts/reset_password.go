package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// ResetPassword implements ports.Operator. Hashing is slow, so it runs before the unit of
// work, which holds locks.
func (s *Operator) ResetPassword(ctx context.Context, actor domain.Actor, email string, password domain.Secret) (domain.User, int, error) {
	if err := actor.May(domain.ActUserResetPassword, domain.Subject{}); err != nil {
		return domain.User{}, 0, err
	}
	address, err := domain.ParseEmail("email", email)
	if err != nil {
		return domain.User{}, 0, err
	}
	user, _, err := s.users.UserByEmail(ctx, address)
	if err != nil {
		return domain.User{}, 0, fmt.Errorf("find user: %w", err)
	}
	hash, err := s.newHash(ctx, password, user)
	if err != nil {
		return domain.User{}, 0, err
	}
	ended := 0
	err = s.uow.Do(ctx, actor, ports.Locks{User: user.ID}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActUserResetPassword, domain.Subject{User: user.ID}); err != nil {
			return domain.NoChange, err
		}
		if err := s.hashes.SavePassword(ctx, user.ID, hash); err != nil {
			return domain.NoChange, fmt.Errorf("save password: %w", err)
		}
		if ended, err = s.sessions.RemoveSessions(ctx, user.ID); err != nil {
			return domain.NoChange, fmt.Errorf("end sessions: %w", err)
		}
		revoked, err := s.tokens.RevokeAPITokens(ctx, user.ID, s.now())
		if err != nil {
			return domain.NoChange, fmt.Errorf("revoke API tokens: %w", err)
		}
		return domain.Change{Action: domain.ActUserResetPassword, Subject: user.ID.String(), Details: map[string]any{
			"sessions_ended": ended, "api_tokens_revoked": revoked,
		}}, nil
	})
	if err != nil {
		return domain.User{}, 0, err
	}
	return user, ended, nil
}

func (s *Operator) newHash(ctx context.Context, password domain.Secret, user domain.User) (string, error) {
	if err := s.passwords.Check(password, user.Email, user.Name); err != nil {
		return "", err
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}
