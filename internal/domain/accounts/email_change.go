package accounts

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// RequestEmailChange implements ports.Confirmations. A background job finds out whether the
// address is taken, which is nobody's business but its owner's.
func (s *Confirmations) RequestEmailChange(
	ctx context.Context, actor domain.Actor, email string, d ports.Device,
) (domain.ConfirmationRequest, error) {
	address, err := domain.ParseEmail("email", email)
	if err != nil {
		return domain.ConfirmationRequest{}, err
	}
	mail, err := s.countMail(ctx, actor, address, d)
	if err != nil {
		return domain.ConfirmationRequest{}, err
	}
	r := domain.ConfirmationRequest{
		Kind: domain.ConfirmEmailChange, User: actor.UserID, Email: address, At: s.deps.Now(), Device: domain.DeviceName(d.UserAgent), Origin: actor.Origin,
	}
	err = s.deps.UnitOfWork.Do(ctx, actor, ports.Locks{User: actor.UserID}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActEmailRequestChange, domain.Subject{User: actor.UserID}); err != nil {
			return domain.NoChange, err
		}
		if err := s.deps.Queue.EnqueueConfirmation(ctx, r); err != nil {
			return domain.NoChange, fmt.Errorf("queue the request: %w", err)
		}
		return domain.Change{Action: domain.ActEmailRequestChange, Subject: actor.UserID.String()}, nil
	})
	if err != nil {
		mail.right(ctx) // nothing will be sent
	}
	return r, err
}

// sendEmailChange queues the mail with the link to the new address. If it is that of another
// account, its owner gets a notice instead.
func (s *Confirmations) sendEmailChange(ctx context.Context, r domain.ConfirmationRequest) error {
	user, err := s.deps.Users.User(ctx, r.User)
	if errors.Is(err, domain.ErrUserNotFound) || err == nil && (user.SuspendedAt != nil || user.Email == r.Email) {
		return nil // nothing to change any more
	}
	if err != nil {
		return fmt.Errorf("find user: %w", err)
	}
	owner, _, err := s.deps.Users.UserByEmail(ctx, r.Email)
	if err != nil && !errors.Is(err, domain.ErrUserNotFound) {
		return fmt.Errorf("find the owner of the address: %w", err)
	}
	taken, token := err == nil, s.deps.NewToken()
	return s.deps.UnitOfWork.Do(ctx, domain.System, ports.Locks{User: user.ID}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		if taken {
			return domain.NoChange, s.deps.Mails.Enqueue(ctx, domain.Notice(domain.MailEmailTaken, owner, domain.Origin{}, r.At))
		}
		c := domain.Confirmation{Kind: r.Kind, User: user.ID, Email: r.Email, ExpiresAt: r.ExpiresAt()}
		if err := s.deps.Confirmations.AddConfirmation(ctx, c, tokenHash(token)); err != nil {
			return domain.NoChange, fmt.Errorf("add confirmation: %w", err)
		}
		m := domain.Notice(domain.MailEmailChange, user, domain.Origin{}, r.At)
		m.To, m.Token, m.Expires = r.Email, token, c.ExpiresAt
		return domain.NoChange, s.deps.Mails.Enqueue(ctx, m)
	})
}

// ConfirmEmailChange implements ports.Confirmations. The mail to the old address goes out with
// the change, so that a thief who can confirm the new one cannot keep it quiet.
func (s *Confirmations) ConfirmEmailChange(ctx context.Context, actor domain.Actor, token domain.Secret) error {
	c, user, err := s.find(ctx, domain.ConfirmEmailChange, token)
	if err != nil {
		return err
	}
	undo := s.deps.NewToken()
	err = s.use(ctx, actor, user, c, token, func(ctx context.Context) (domain.Change, error) {
		if user, err = s.deps.Users.LockedUser(ctx, c.User); err != nil {
			return domain.NoChange, fmt.Errorf("read user: %w", err)
		}
		changed := user
		changed.Email = c.Email
		if err := s.deps.Emails.SaveEmail(ctx, changed); err != nil {
			return domain.NoChange, fmt.Errorf("save address: %w", err)
		}
		back := domain.NewEmailUndo(user, s.deps.Now())
		if err := s.deps.Confirmations.AddConfirmation(ctx, back, tokenHash(undo)); err != nil {
			return domain.NoChange, fmt.Errorf("add confirmation: %w", err)
		}
		m := domain.Notice(domain.MailEmailChanged, user, actor.Origin, s.deps.Now())
		m.Token, m.Expires, m.Object = undo, back.ExpiresAt, string(c.Email)
		if err := s.deps.Mails.Enqueue(ctx, m); err != nil {
			return domain.NoChange, fmt.Errorf("queue mail: %w", err)
		}
		return domain.Change{Action: domain.ActEmailChange, Subject: user.ID.String()}, nil
	})
	if err == nil {
		s.deps.Security.Record(ctx, domain.SecurityEvent{Kind: domain.EventEmailChanged, User: user.ID, Origin: actor.Origin})
	}
	return err
}

// UndoEmailChange implements ports.Confirmations. Who changed the address knows the password, so
// it stops working, and the owner gets a link to set a new one.
func (s *Confirmations) UndoEmailChange(ctx context.Context, actor domain.Actor, token domain.Secret) error {
	c, user, err := s.find(ctx, domain.ConfirmEmailUndo, token)
	if err != nil {
		return err
	}
	reset := s.deps.NewToken()
	err = s.use(ctx, actor, user, c, token, func(ctx context.Context) (domain.Change, error) {
		if user, err = s.deps.Users.LockedUser(ctx, c.User); err != nil {
			return domain.NoChange, fmt.Errorf("read user: %w", err)
		}
		user.Email = c.Email
		if err := s.deps.Emails.SaveEmail(ctx, user); err != nil {
			return domain.NoChange, fmt.Errorf("save address: %w", err)
		}
		const none = "" // matches no password
		if err := s.deps.Hashes.SavePassword(ctx, user.ID, none); err != nil {
			return domain.NoChange, fmt.Errorf("remove password: %w", err)
		}
		if err := s.deps.Confirmations.RemoveConfirmations(ctx, user.ID); err != nil {
			return domain.NoChange, fmt.Errorf("remove other links: %w", err)
		}
		ended, err := s.deps.Sessions.RemoveSessions(ctx, user.ID)
		if err != nil {
			return domain.NoChange, fmt.Errorf("end sessions: %w", err)
		}
		revoked, err := s.deps.APITokens.RevokeAPITokens(ctx, user.ID, s.deps.Now())
		if err != nil {
			return domain.NoChange, fmt.Errorf("revoke API tokens: %w", err)
		}
		r := domain.ConfirmationRequest{Kind: domain.ConfirmPasswordReset, Email: user.Email, At: s.deps.Now(), Origin: actor.Origin}
		if err := s.mailPasswordReset(ctx, user, r, reset); err != nil {
			return domain.NoChange, err
		}
		return domain.Change{Action: domain.ActEmailUndoChange, Subject: user.ID.String(), Details: map[string]any{
			"sessions_ended": ended, "api_tokens_revoked": revoked,
		}}, nil
	})
	if err == nil {
		s.deps.Security.Record(ctx, domain.SecurityEvent{Kind: domain.EventEmailChangeUndone, User: user.ID, Origin: actor.Origin})
	}
	return err
}

// use runs fn in a unit of work of the owner of a link, in which it uses the link up.
func (s *Confirmations) use(
	ctx context.Context, actor domain.Actor, user domain.User, c domain.Confirmation, token domain.Secret,
	fn func(context.Context) (domain.Change, error),
) error {
	self := domain.Actor{UserID: user.ID, Role: user.Role, Origin: actor.Origin}
	err := s.deps.UnitOfWork.Do(ctx, self, ports.Locks{User: user.ID}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		if err := s.deps.Confirmations.UseConfirmation(ctx, c.Kind, tokenHash(token), s.deps.Now()); err != nil {
			return domain.NoChange, fmt.Errorf("use confirmation: %w", err)
		}
		return fn(ctx)
	})
	if err != nil {
		return confirmationError("use a link", err)
	}
	return nil
}
