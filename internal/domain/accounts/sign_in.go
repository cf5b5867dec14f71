package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// errPasswordChanged means that the password was reset or hashed again while it was verified.
var errPasswordChanged = errors.New("the password changed")

// SignIn implements ports.Sessions. Every attempt with the same password costs one lookup and
// the same number of password verifications, so that the response time does not reveal which
// addresses have an account.
func (s *Sessions) SignIn(ctx context.Context, actor domain.Actor, email string, password domain.Secret, d ports.Device) (domain.SignIn, error) {
	address, err := domain.ParseEmail("email", email)
	if err != nil {
		address = "" // matches no user
	}
	user, hash, err := s.deps.Users.UserByEmail(ctx, address)
	if err != nil && !errors.Is(err, domain.ErrUserNotFound) {
		return domain.SignIn{}, fmt.Errorf("find user: %w", err)
	}
	known := err == nil
	if !known {
		hash = ""
	}
	device := s.knownDevice(user.ID, d)
	if device != "" {
		ctx = ports.WithHashClient(ctx, ports.HashClient{Key: device, Known: true})
	}
	counted := signInBuckets(cmp.Or(string(address), email), device, actor.Origin)
	matches, rehashed, err := s.guess(ctx, counted, domain.SecurityEvent{
		User: user.ID, Device: domain.DeviceName(d.UserAgent), Origin: actor.Origin,
	}, password, hash)
	if err != nil {
		return domain.SignIn{}, err
	}
	if !known || !matches || user.SuspendedAt != nil {
		return domain.SignIn{}, s.deny(ctx, actor, user.ID, denial(known, matches), d)
	}

	var result domain.SignIn
	// Locked, because a concurrent suspension or a new password ends the sessions it finds, and
	// must not miss this one. The actor has no session yet.
	self := domain.Actor{UserID: user.ID, Role: user.Role, Origin: actor.Origin}
	err = s.deps.UnitOfWork.Do(ctx, self, ports.Locks{User: user.ID}, func(ctx context.Context, self domain.Actor) (domain.Change, error) {
		if err := s.unchanged(ctx, address, hash); err != nil {
			return domain.NoChange, err
		}
		if rehashed != "" {
			if err := s.deps.Hashes.ReplacePasswordHash(ctx, user.ID, hash, rehashed); err != nil {
				return domain.NoChange, fmt.Errorf("replace password hash: %w", err)
			}
		}
		pending, err := s.challenge(ctx, user.ID, d)
		if err != nil || pending != nil {
			result = domain.SignIn{Pending: pending}
			return domain.NoChange, err
		}
		in, change, err := s.begin(ctx, self, d, map[string]any{})
		result = domain.SignIn{SignedIn: in}
		return change, err
	})
	if errors.Is(err, errPasswordChanged) {
		return s.SignIn(ctx, actor, email, password, d)
	}
	if errors.Is(err, domain.ErrUnauthenticated) || errors.Is(err, domain.ErrUserNotFound) {
		return domain.SignIn{}, s.deny(ctx, actor, user.ID, denial(true, true), d) // suspended or deleted in the meantime
	}
	if err != nil {
		return domain.SignIn{}, err
	}
	if result.Pending == nil {
		s.recordSignIn(ctx, result.SignedIn, actor.Origin)
	}
	return result, nil
}

// denial returns why a sign-in is denied. Only the logs have the reason.
func denial(known, matches bool) string {
	switch {
	case !known:
		return "unknown_address"
	case !matches:
		return "wrong_password"
	}
	return "suspended"
}

// deny records that somebody could not sign in to an account, and returns the error that tells
// them nothing else.
func (s *Sessions) deny(ctx context.Context, actor domain.Actor, user domain.UserID, reason string, d ports.Device) error {
	return cmp.Or(s.recordDenial(ctx, actor, user, domain.EventSignInFailed, reason, d), error(domain.ErrInvalidCredentials))
}

// recordDenial records in both logs that somebody could not prove that they are a user.
func (s *Sessions) recordDenial(
	ctx context.Context, actor domain.Actor, user domain.UserID, kind domain.SecurityEventKind, reason string, d ports.Device,
) error {
	device, subject := domain.DeviceName(d.UserAgent), "unknown"
	if !user.IsZero() {
		subject = user.String()
	}
	err := s.deps.UnitOfWork.Do(ctx, actor, ports.Locks{}, func(context.Context, domain.Actor) (domain.Change, error) {
		return domain.Change{Action: domain.ActSessionDeny, Subject: subject, Details: map[string]any{"reason": reason, "device": device}}, nil
	})
	if err != nil {
		return fmt.Errorf("record the denial: %w", err)
	}
	s.deps.Security.Record(ctx, domain.SecurityEvent{Kind: kind, User: user, Device: device, Reason: reason, Origin: actor.Origin})
	return nil
}

// guess is verify with a limit on wrong passwords.
func (s *Sessions) guess(
	ctx context.Context, counted []bucket, event domain.SecurityEvent, sent domain.Secret, hash string,
) (matches bool, rehashed string, err error) {
	attempt, err := s.guesses.begin(ctx, counted, event)
	if err != nil {
		return false, "", err
	}
	matches, rehashed, err = s.verify(ctx, sent, hash)
	if err != nil || matches {
		attempt.right(ctx)
	}
	return matches, rehashed, err
}

// verify reports whether a password matches a hash. A hash of an older program can be that of
// the password as it was sent; verify then returns the hash of its normal form.
func (s *Sessions) verify(ctx context.Context, sent domain.Secret, hash string) (matches bool, rehashed string, err error) {
	password := domain.NormalizePassword(sent)
	matches, err = s.deps.Hasher.Verify(ctx, password, hash)
	if err != nil {
		return false, "", fmt.Errorf("verify password: %w", err)
	}
	if matches || sent == password {
		return matches, "", nil
	}
	if matches, err = s.deps.Hasher.Verify(ctx, sent, hash); err != nil {
		return false, "", fmt.Errorf("verify password as sent: %w", err)
	}
	if !matches {
		return false, "", nil
	}
	if rehashed, err = s.deps.Hasher.Hash(ctx, password); err != nil {
		return false, "", fmt.Errorf("hash password: %w", err)
	}
	return true, rehashed, nil
}

// SignOut implements ports.Sessions.
func (s *Sessions) SignOut(ctx context.Context, actor domain.Actor) error {
	return s.deps.UnitOfWork.Do(ctx, actor, ports.Locks{User: actor.UserID}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActSessionEnd, domain.Subject{User: actor.UserID}); err != nil {
			return domain.NoChange, err
		}
		if err := s.deps.Sessions.RemoveSession(ctx, actor.SessionID); err != nil {
			return domain.NoChange, fmt.Errorf("remove session: %w", err)
		}
		return domain.Change{Action: domain.ActSessionEnd, Subject: actor.SessionID.String()}, nil
	})
}
