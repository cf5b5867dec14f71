package accounts

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// RequestPasswordReset implements ports.Confirmations. It does the same for every address: a
// background job looks up the account.
func (s *Confirmations) RequestPasswordReset(
	ctx context.Context, actor domain.Actor, email string, d ports.Device,
) (domain.ConfirmationRequest, error) {
	address, err := domain.ParseEmail("email", email)
	if err != nil {
		return domain.ConfirmationRequest{}, err
	}
	return s.request(ctx, actor, domain.ConfirmPasswordReset, address, d)
}

// request queues a request of somebody who is not signed in.
func (s *Confirmations) request(
	ctx context.Context, actor domain.Actor, kind domain.ConfirmationKind, to domain.Email, d ports.Device,
) (domain.ConfirmationRequest, error) {
	mail, err := s.countMail(ctx, actor, to, d)
	if err != nil {
		return domain.ConfirmationRequest{}, err
	}
	r := domain.ConfirmationRequest{Kind: kind, Email: to, At: s.deps.Now(), Device: domain.DeviceName(d.UserAgent), Origin: actor.Origin}
	err = s.deps.UnitOfWork.Do(ctx, actor, ports.Locks{}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		if err := s.deps.Queue.EnqueueConfirmation(ctx, r); err != nil {
			return domain.NoChange, fmt.Errorf("queue the request: %w", err)
		}
		return domain.NoChange, nil // the audit log has the link, if there is an account
	})
	if err != nil {
		mail.right(ctx) // nothing will be sent
	}
	return r, err
}

// sendPasswordReset queues the mail with the link, and records who asked for it.
func (s *Confirmations) sendPasswordReset(ctx context.Context, r domain.ConfirmationRequest) error {
	event := domain.SecurityEvent{Kind: domain.EventPasswordResetRequested, Device: r.Device, Origin: r.Origin}
	user, _, err := s.deps.Users.UserByEmail(ctx, r.Email)
	switch {
	case errors.Is(err, domain.ErrUserNotFound):
		event.Reason = "unknown_address"
	case err != nil:
		return fmt.Errorf("find user: %w", err)
	case user.SuspendedAt != nil:
		event.User, event.Reason = user.ID, "suspended"
	default:
		event.User = user.ID
		err = s.addPasswordReset(ctx, user, r)
	}
	if errors.Is(err, domain.ErrUserNotFound) {
		err = nil // nobody to write to
	}
	if err == nil {
		s.deps.Security.Record(ctx, event)
	}
	return err
}

func (s *Confirmations) addPasswordReset(ctx context.Context, user domain.User, r domain.ConfirmationRequest) error {
	token := s.deps.NewToken()
	as := domain.System
	as.Origin = r.Origin
	return s.deps.UnitOfWork.Do(ctx, as, ports.Locks{User: user.ID}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		if err := s.mailPasswordReset(ctx, user, r, token); err != nil {
			return domain.NoChange, err
		}
		return domain.Change{Action: domain.ActPasswordRequestReset, Subject: user.ID.String(), Details: map[string]any{"device": r.Device}}, nil
	})
}

// mailPasswordReset stores a link to set a new password, and queues the mail with it.
func (s *Confirmations) mailPasswordReset(ctx context.Context, user domain.User, r domain.ConfirmationRequest, token domain.Secret) error {
	c := domain.Confirmation{Kind: r.Kind, User: user.ID, ExpiresAt: r.ExpiresAt()}
	if err := s.deps.Confirmations.AddConfirmation(ctx, c, tokenHash(token)); err != nil {
		return fmt.Errorf("add confirmation: %w", err)
	}
	m := domain.Notice(domain.MailPasswordReset, user, r.Origin, r.At)
	m.Token, m.Expires, m.Device = token, c.ExpiresAt, r.Device
	if err := s.deps.Mails.Enqueue(ctx, m); err != nil {
		return fmt.Errorf("queue mail: %w", err)
	}
	return nil
}

// ConfirmPasswordReset implements ports.Confirmations. Hashing is slow, so it runs before the
// unit of work, which holds locks.
func (s *Confirmations) ConfirmPasswordReset(ctx context.Context, actor domain.Actor, token, password domain.Secret) error {
	_, user, err := s.find(ctx, domain.ConfirmPasswordReset, token)
	if err != nil {
		return err
	}
	if err := s.deps.Passwords.Check(password, user.Email, user.Name); err != nil {
		return err
	}
	hash, err := s.deps.Hasher.Hash(ctx, password)
	if err != nil {
		return fmt.Errorf("hash password: %w", err)
	}
	self := domain.Actor{UserID: user.ID, Role: user.Role, Origin: actor.Origin}
	err = s.deps.UnitOfWork.Do(ctx, self, ports.Locks{User: user.ID}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		if err := s.deps.Confirmations.UseConfirmation(ctx, domain.ConfirmPasswordReset, tokenHash(token), s.deps.Now()); err != nil {
			return domain.NoChange, fmt.Errorf("use confirmation: %w", err)
		}
		return s.setPassword(ctx, user, hash, actor.Origin)
	})
	if err != nil {
		return confirmationError("reset password", err)
	}
	s.deps.Security.Record(ctx, domain.SecurityEvent{Kind: domain.EventPasswordReset, User: user.ID, Origin: actor.Origin})
	return nil
}

// setPassword stores the hash of a new password, and ends all sessions and API tokens.
func (s *Confirmations) setPassword(ctx context.Context, user domain.User, hash string, from domain.Origin) (domain.Change, error) {
	if err := s.deps.Hashes.SavePassword(ctx, user.ID, hash); err != nil {
		return domain.NoChange, fmt.Errorf("save password: %w", err)
	}
	ended, err := s.deps.Sessions.RemoveSessions(ctx, user.ID)
	if err != nil {
		return domain.NoChange, fmt.Errorf("end sessions: %w", err)
	}
	revoked, err := s.deps.APITokens.RevokeAPITokens(ctx, user.ID, s.deps.Now())
	if err != nil {
		return domain.NoChange, fmt.Errorf("revoke API tokens: %w", err)
	}
	if err := s.deps.Mails.Enqueue(ctx, domain.Notice(domain.MailPasswordChanged, user, from, s.deps.Now())); err != nil {
		return domain.NoChange, fmt.Errorf("queue the notice: %w", err)
	}
	return domain.Change{Action: domain.ActPasswordReset, Subject: user.ID.String(), Details: map[string]any{
		"sessions_ended": ended, "api_tokens_revoked": revoked,
	}}, nil
}
