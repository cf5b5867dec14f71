package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Reauthenticate implements ports.Sessions. Of two requests at the same time, one succeeds: the
// other one was sent with a token that is replaced.
func (s *Sessions) Reauthenticate(ctx context.Context, actor domain.Actor, password domain.Secret, d ports.Device) (domain.SignedIn, error) {
	if err := actor.May(domain.ActReauthenticate, domain.Subject{User: actor.UserID}); err != nil {
		return domain.SignedIn{}, err
	}
	user, err := s.deps.Users.User(ctx, actor.UserID)
	if err != nil {
		return domain.SignedIn{}, signedOut(err)
	}
	_, hash, err := s.deps.Users.UserByEmail(ctx, user.Email)
	if err != nil {
		return domain.SignedIn{}, signedOut(err)
	}
	matches, rehashed, err := s.guess(asKnown(ctx, actor), passwordBuckets(actor.UserID), domain.SecurityEvent{
		User: actor.UserID, Device: domain.DeviceName(d.UserAgent), Origin: actor.Origin,
	}, password, hash)
	if err != nil {
		return domain.SignedIn{}, err
	}
	if !matches {
		return domain.SignedIn{}, s.denyAgain(ctx, actor, d)
	}

	in := domain.SignedIn{
		Session: domain.Session{ID: actor.SessionID, User: actor.UserID, AuthenticatedAt: s.now()},
		Token:   s.deps.NewToken(),
	}
	if !d.Cookie {
		in.Session.TokenExpiresAt = s.now().Add(s.deps.Lifetime.Access)
		in.RefreshToken = s.newFamily()
	}
	err = s.deps.UnitOfWork.Do(ctx, actor, ports.Locks{User: actor.UserID}, func(ctx context.Context, current domain.Actor) (domain.Change, error) {
		if err := current.May(domain.ActReauthenticate, domain.Subject{User: actor.UserID}); err != nil {
			return domain.NoChange, err
		}
		// A password that was changed in the meantime proves nothing.
		if err := s.unchanged(ctx, user.Email, hash); err != nil {
			return domain.NoChange, err
		}
		if rehashed != "" {
			if err := s.deps.Hashes.ReplacePasswordHash(ctx, actor.UserID, hash, rehashed); err != nil {
				return domain.NoChange, fmt.Errorf("replace password hash: %w", err)
			}
		}
		var err error
		if in.Session, err = s.deps.Sessions.RenewSession(ctx, in.Session, actor.AuthenticatedAt, tokenHash(in.Token)); err != nil {
			return domain.NoChange, fmt.Errorf("renew session: %w", err)
		}
		if err := s.saveFamily(ctx, in); err != nil {
			return domain.NoChange, err
		}
		if in.Me, err = s.deps.Users.Me(ctx, actor.UserID, current.Role); err != nil {
			return domain.NoChange, fmt.Errorf("read account: %w", err)
		}
		return domain.Change{Action: domain.ActReauthenticate, Subject: actor.SessionID.String()}, nil
	})
	if errors.Is(err, errPasswordChanged) {
		return domain.SignedIn{}, s.denyAgain(ctx, actor, d)
	}
	if err != nil {
		return domain.SignedIn{}, err
	}
	s.deps.Security.Record(ctx, domain.SecurityEvent{
		Kind: domain.EventReauthentication, User: actor.UserID, Device: domain.DeviceName(d.UserAgent), Origin: actor.Origin,
	})
	return in, nil
}

// denyAgain records that somebody with a session does not have its user's password.
func (s *Sessions) denyAgain(ctx context.Context, actor domain.Actor, d ports.Device) error {
	err := s.recordDenial(ctx, actor, actor.UserID, domain.EventReauthenticationFailed, denial(true, false), d)
	return cmp.Or(err, error(domain.ErrCurrentPasswordWrong.At("current_password")))
}

// unchanged returns errPasswordChanged if the user with an address has another password hash.
func (s *Sessions) unchanged(ctx context.Context, email domain.Email, hash string) error {
	_, current, err := s.deps.Users.UserByEmail(ctx, email)
	if err == nil && current != hash {
		err = errPasswordChanged
	}
	return err
}
