package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Confirmations implements ports.Confirmations and ports.ConfirmationSender.
type Confirmations struct{ deps ConfirmationDeps }

var (
	_ ports.Confirmations      = (*Confirmations)(nil)
	_ ports.ConfirmationSender = (*Confirmations)(nil)
)

// ConfirmationDeps holds what Confirmations depends on.
type ConfirmationDeps struct {
	UnitOfWork    ports.UnitOfWork
	Users         ports.UserStore
	Emails        ports.EmailStore
	Confirmations ports.ConfirmationStore
	Queue         ports.ConfirmationQueue
	Mails         ports.MailQueue
	Sessions      ports.ActiveSessionStore
	APITokens     ports.APITokenRevoker
	Hasher        ports.PasswordHasher
	Hashes        ports.PasswordStore
	Limiter       ports.RateLimiter
	Security      ports.SecurityLog
	Passwords     domain.PasswordPolicy
	Now           ports.Clock
	NewToken      ports.NewToken
}

// NewConfirmations returns Confirmations.
func NewConfirmations(d ConfirmationDeps) *Confirmations { return &Confirmations{deps: d} }

// RemoveExpiredConfirmations implements ports.ConfirmationSender. Nobody loses access, so it
// needs no permission and no audit entry.
func (s *Confirmations) RemoveExpiredConfirmations(ctx context.Context) (int, error) {
	return s.deps.Confirmations.RemoveExpiredConfirmations(ctx, s.deps.Now())
}

// accountMails limits the mails to one address that others can ask for, whether it has an account
// or not.
var accountMails = domain.RateLimit{Name: "mails_of_an_account", Burst: 5, Every: 15 * time.Minute}

// countMail counts a mail to an address. The caller gives it back if it sends nothing.
// Errors: ErrRateLimited.
func (s *Confirmations) countMail(ctx context.Context, actor domain.Actor, to domain.Email, d ports.Device) (guess, error) {
	mails := guesses{limiter: s.deps.Limiter, security: s.deps.Security}
	event := domain.SecurityEvent{User: actor.UserID, Device: domain.DeviceName(d.UserAgent), Origin: actor.Origin}
	return mails.begin(ctx, []bucket{{accountMails, keyOf("mail", string(to))}}, event)
}

// SendConfirmation implements ports.ConfirmationSender.
func (s *Confirmations) SendConfirmation(ctx context.Context, r domain.ConfirmationRequest) error {
	switch r.Kind {
	case domain.ConfirmPasswordReset:
		return s.sendPasswordReset(ctx, r)
	case domain.ConfirmEmailChange:
		return s.sendEmailChange(ctx, r)
	case domain.ConfirmEmailUndo: // is never requested
	}
	return fmt.Errorf("unknown kind of confirmation: %s", r.Kind)
}

// find returns a confirmation and its user, who must not be suspended.
func (s *Confirmations) find(ctx context.Context, kind domain.ConfirmationKind, token domain.Secret) (domain.Confirmation, domain.User, error) {
	if len(token) != tokenLength {
		return domain.Confirmation{}, domain.User{}, domain.ErrConfirmationInvalid.At("token")
	}
	c, err := s.deps.Confirmations.Confirmation(ctx, kind, tokenHash(token), s.deps.Now())
	if err != nil {
		return domain.Confirmation{}, domain.User{}, confirmationError("find confirmation", err)
	}
	user, err := s.deps.Users.User(ctx, c.User)
	if err == nil && user.SuspendedAt != nil {
		err = domain.ErrConfirmationInvalid
	}
	if err != nil {
		return domain.Confirmation{}, domain.User{}, confirmationError("find user", err)
	}
	return c, user, nil
}

// confirmationError returns the error of somebody with a token. The user may have been suspended
// or deleted in the meantime, which is nobody's business.
func confirmationError(what string, err error) error {
	for _, hidden := range []error{domain.ErrConfirmationInvalid, domain.ErrUserNotFound, domain.ErrUnauthenticated} {
		if errors.Is(err, hidden) {
			return domain.ErrConfirmationInvalid.At("token")
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}
