package accounts

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Refresh implements ports.Sessions. It has no audit entry, because nobody gets access who did
// not have it; the reuse of a token, which ends the session, has one.
func (s *Sessions) Refresh(ctx context.Context, actor domain.Actor, text domain.Secret, d ports.Device) (domain.SignedIn, error) {
	token, err := domain.ParseRefreshToken(text)
	if err != nil {
		return domain.SignedIn{}, err
	}
	session, role, err := s.deps.RefreshTokens.SessionOfFamily(ctx, tokenHash(token.Family))
	if err != nil {
		return domain.SignedIn{}, fmt.Errorf("find the session of a refresh token: %w", err)
	}
	var in domain.SignedIn
	self := domain.Actor{UserID: session.User, Role: role, SessionID: session.ID, Origin: actor.Origin}
	err = s.deps.UnitOfWork.Do(ctx, self, ports.Locks{User: session.User}, func(ctx context.Context, self domain.Actor) (domain.Change, error) {
		var change domain.Change
		if in, change, err = s.renew(ctx, token); err != nil || change.Action != "" {
			return change, err
		}
		if in.Me, err = s.deps.Users.Me(ctx, self.UserID, self.Role); err != nil {
			return domain.NoChange, fmt.Errorf("read account: %w", err)
		}
		return domain.NoChange, nil
	})
	switch {
	case errors.Is(err, domain.ErrUnauthenticated), errors.Is(err, domain.ErrSessionExpired), errors.Is(err, domain.ErrUserNotFound):
		return domain.SignedIn{}, domain.ErrRefreshTokenInvalid // it ended in the meantime, or a while ago
	case err != nil:
		return domain.SignedIn{}, err
	case in.RefreshToken.IsZero():
		s.deps.Security.Record(ctx, domain.SecurityEvent{
			Kind: domain.EventRefreshTokenReused, User: session.User, Device: domain.DeviceName(d.UserAgent), Origin: actor.Origin,
		})
		return domain.SignedIn{}, domain.ErrRefreshTokenInvalid
	}
	return in, nil
}

// renew returns the session of a refresh token with the tokens that replace it. If the token was
// replaced before, it ends the session and returns no tokens, because nobody can tell which of
// those who have had the token stole it.
func (s *Sessions) renew(ctx context.Context, token domain.RefreshToken) (domain.SignedIn, domain.Change, error) {
	none := domain.SignedIn{}
	family, session, err := s.deps.RefreshTokens.LockedTokenFamily(ctx, tokenHash(token.Family))
	if err != nil {
		return none, domain.NoChange, fmt.Errorf("read refresh token: %w", err)
	}
	use, salt := family.Use(tokenHash(token.Text()), s.now()), family.Salt
	switch use {
	case domain.RefreshReused:
		if err := s.deps.Sessions.RemoveSession(ctx, session.ID); err != nil {
			return none, domain.NoChange, fmt.Errorf("remove session: %w", err)
		}
		return none, domain.Change{Action: domain.ActSessionEndReused, Subject: session.ID.String()}, nil
	case domain.RefreshRotates:
		salt = s.deps.NewToken()
	case domain.RefreshRepeats:
	}
	access, next, err := token.Successors(salt)
	if err != nil {
		return none, domain.NoChange, fmt.Errorf("derive tokens: %w", err)
	}
	if use == domain.RefreshRotates {
		now := s.now()
		family.Rotate(tokenHash(next.Text()), salt, now)
		session.LastSeenAt = now
		session.RenewToken(now, s.deps.Lifetime)
		if err := s.deps.RefreshTokens.RotateTokens(ctx, family, session, tokenHash(access)); err != nil {
			return none, domain.NoChange, fmt.Errorf("rotate tokens: %w", err)
		}
	}
	return domain.SignedIn{Session: session, Token: access, RefreshToken: next}, domain.NoChange, nil
}
