package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// TwoFactor implements ports.TwoFactor.
type TwoFactor struct {
	uow      ports.UnitOfWork
	users    ports.UserStore
	sessions ports.ActiveSessionStore
	totp     ports.TOTPStore
	codes    ports.Authenticator
	required domain.TOTPRoles
	mails    ports.MailQueue
	now      ports.Clock
	newKey   ports.NewKey
}

var _ ports.TwoFactor = (*TwoFactor)(nil)

// NewTwoFactor returns a TwoFactor.
func NewTwoFactor(
	uow ports.UnitOfWork, users ports.UserStore, sessions ports.ActiveSessionStore, totp ports.TOTPStore, codes ports.Authenticator,
	required domain.TOTPRoles, mails ports.MailQueue, now ports.Clock, newKey ports.NewKey,
) *TwoFactor {
	return &TwoFactor{uow: uow, users: users, sessions: sessions, totp: totp, codes: codes, required: required, mails: mails, now: now, newKey: newKey}
}

// TOTP implements ports.TwoFactor.
func (s *TwoFactor) TOTP(ctx context.Context, actor domain.Actor) (domain.TOTPStatus, error) {
	if err := actor.May(domain.ActTOTPRead, domain.Subject{User: actor.UserID}); err != nil {
		return domain.TOTPStatus{}, err
	}
	t, recoveryCodes, err := s.totp.TOTP(ctx, actor.UserID)
	if err != nil && !errors.Is(err, domain.ErrTokenUnreadable) { // the secret is not shown
		return domain.TOTPStatus{}, err
	}
	status := domain.TOTPStatus{State: domain.TOTPOff, Required: slices.Contains(s.required, actor.Role)}
	switch {
	case t.Enabled():
		status.State, status.ConfirmedAt, status.RecoveryCodes = domain.TOTPOn, t.ConfirmedAt, recoveryCodes
	case !t.User.IsZero():
		status.State = domain.TOTPPending
	}
	return status, nil
}

// StartTOTP implements ports.TwoFactor.
func (s *TwoFactor) StartTOTP(ctx context.Context, actor domain.Actor) (domain.TOTPEnrolment, error) {
	user, err := s.users.User(ctx, actor.UserID)
	if err != nil {
		return domain.TOTPEnrolment{}, signedOut(err)
	}
	enrolment, err := s.codes.NewSecret(user.Email)
	if err != nil {
		return domain.TOTPEnrolment{}, fmt.Errorf("create secret: %w", err)
	}
	err = s.change(ctx, actor, domain.ActTOTPStart, func(ctx context.Context, actor domain.Actor, t domain.TOTP) (domain.Change, error) {
		if t.Enabled() {
			return domain.NoChange, domain.ErrTOTPAlreadyEnabled
		}
		if err := s.totp.SaveTOTP(ctx, domain.NewTOTP(actor.UserID, enrolment.Secret, s.now())); err != nil {
			return domain.NoChange, fmt.Errorf("save TOTP: %w", err)
		}
		return domain.Change{Action: domain.ActTOTPStart, Subject: actor.UserID.String()}, nil
	})
	if err != nil {
		return domain.TOTPEnrolment{}, err
	}
	return enrolment, nil
}

// EnableTOTP implements ports.TwoFactor.
func (s *TwoFactor) EnableTOTP(ctx context.Context, actor domain.Actor, code domain.Secret) ([]domain.Secret, error) {
	var recoveryCodes []domain.Secret
	err := s.change(ctx, actor, domain.ActTOTPEnable, func(ctx context.Context, actor domain.Actor, t domain.TOTP) (domain.Change, error) {
		if t.User.IsZero() || t.Enabled() {
			return domain.NoChange, domain.ErrTOTPNotPending
		}
		typed, _ := domain.ParseOneTimeCode(code)
		step, ok := s.codes.Step(t.Secret, typed, s.now())
		if !ok {
			return domain.NoChange, domain.ErrOneTimeCodeWrong
		}
		if err := t.Confirm(step, s.now()); err != nil {
			return domain.NoChange, err
		}
		if err := s.totp.SaveTOTP(ctx, t); err != nil {
			return domain.NoChange, fmt.Errorf("save TOTP: %w", err)
		}
		var err error
		if recoveryCodes, err = s.newRecoveryCodes(ctx, actor.UserID); err != nil {
			return domain.NoChange, err
		}
		if err := s.notify(ctx, actor, domain.MailTOTPEnabled); err != nil {
			return domain.NoChange, err
		}
		return s.endOthers(ctx, actor, domain.ActTOTPEnable)
	})
	if err != nil {
		return nil, err
	}
	return recoveryCodes, nil
}

// DisableTOTP implements ports.TwoFactor.
func (s *TwoFactor) DisableTOTP(ctx context.Context, actor domain.Actor) error {
	return s.change(ctx, actor, domain.ActTOTPDisable, func(ctx context.Context, actor domain.Actor, t domain.TOTP) (domain.Change, error) {
		if t.User.IsZero() {
			return domain.NoChange, nil
		}
		if err := s.totp.RemoveTOTP(ctx, actor.UserID); err != nil {
			return domain.NoChange, fmt.Errorf("remove TOTP: %w", err)
		}
		if t.Enabled() {
			if err := s.notify(ctx, actor, domain.MailTOTPDisabled); err != nil {
				return domain.NoChange, err
			}
		}
		return s.endOthers(ctx, actor, domain.ActTOTPDisable)
	})
}

// RotateRecoveryCodes implements ports.TwoFactor.
func (s *TwoFactor) RotateRecoveryCodes(ctx context.Context, actor domain.Actor) ([]domain.Secret, error) {
	var recoveryCodes []domain.Secret
	err := s.change(ctx, actor, domain.ActRecoveryCodesRotate, func(ctx context.Context, actor domain.Actor, t domain.TOTP) (domain.Change, error) {
		if !t.Enabled() {
			return domain.NoChange, domain.ErrTOTPNotEnabled
		}
		var err error
		if recoveryCodes, err = s.newRecoveryCodes(ctx, actor.UserID); err != nil {
			return domain.NoChange, err
		}
		return domain.Change{Action: domain.ActRecoveryCodesRotate, Subject: actor.UserID.String()}, s.notify(ctx, actor, domain.MailRecoveryCodesRotated)
	})
	if err != nil {
		return nil, err
	}
	return recoveryCodes, nil
}

// DisableUserTOTP implements ports.TwoFactor.
func (s *TwoFactor) DisableUserTOTP(ctx context.Context, actor domain.Actor, user domain.UserID) error {
	return s.uow.Do(ctx, actor, ports.Locks{User: user}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(domain.ActUserDisableTOTP, domain.Subject{User: user}); err != nil {
			return domain.NoChange, err
		}
		found, err := s.users.LockedUser(ctx, user)
		if err != nil {
			return domain.NoChange, fmt.Errorf("find user: %w", err)
		}
		disabler := totpDisabler{s.totp, s.sessions, s.mails, s.now}
		change, _, err := disabler.disable(ctx, found)
		return change, err
	})
}

// notify tells the actor what happened to their account.
func (s *TwoFactor) notify(ctx context.Context, actor domain.Actor, kind domain.MailKind) error {
	user, err := s.users.LockedUser(ctx, actor.UserID)
	if err != nil {
		return fmt.Errorf("find user: %w", err)
	}
	if err := s.mails.Enqueue(ctx, domain.Notice(kind, user, actor.Origin, s.now())); err != nil {
		return fmt.Errorf("enqueue notice: %w", err)
	}
	return nil
}

// sessionRemover ends sessions: ports.SessionStore or ports.ActiveSessionStore.
type sessionRemover interface {
	RemoveSessions(ctx context.Context, user domain.UserID) (int, error)
}

// totpDisabler removes the TOTP of users for them.
type totpDisabler struct {
	totp     ports.TOTPStore
	sessions sessionRemover
	mails    ports.MailQueue
	now      ports.Clock
}

// disable removes the TOTP of a user and reports whether there was one. Whoever has their app may
// have their other devices, too, so their sessions end. The unit of work has locked the user.
func (d totpDisabler) disable(ctx context.Context, user domain.User) (_ domain.Change, found bool, _ error) {
	t, _, err := d.totp.TOTP(ctx, user.ID)
	if err != nil && !errors.Is(err, domain.ErrTokenUnreadable) {
		return domain.NoChange, false, fmt.Errorf("read TOTP: %w", err)
	}
	if t.User.IsZero() {
		return domain.NoChange, false, nil
	}
	if err := d.totp.RemoveTOTP(ctx, user.ID); err != nil {
		return domain.NoChange, false, fmt.Errorf("remove TOTP: %w", err)
	}
	ended, err := d.sessions.RemoveSessions(ctx, user.ID)
	if err != nil {
		return domain.NoChange, false, fmt.Errorf("end sessions: %w", err)
	}
	if t.Enabled() {
		// The address would be that of the admin.
		if err := d.mails.Enqueue(ctx, domain.Notice(domain.MailTOTPDisabled, user, domain.Origin{}, d.now())); err != nil {
			return domain.NoChange, false, fmt.Errorf("enqueue notice: %w", err)
		}
	}
	return domain.Change{Action: domain.ActUserDisableTOTP, Subject: user.ID.String(), Details: map[string]any{"sessions_ended": ended}}, true, nil
}

// change runs fn with the actor's TOTP in a unit of work that locks the actor, if they have
// permission.
func (s *TwoFactor) change(
	ctx context.Context, actor domain.Actor, do domain.Action, fn func(context.Context, domain.Actor, domain.TOTP) (domain.Change, error),
) error {
	return s.uow.Do(ctx, actor, ports.Locks{User: actor.UserID}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := actor.May(do, domain.Subject{User: actor.UserID}); err != nil {
			return domain.NoChange, err
		}
		t, _, err := s.totp.TOTP(ctx, actor.UserID)
		// Without the secret, no code is right; it can only be replaced or removed.
		if err != nil && !errors.Is(err, domain.ErrTokenUnreadable) {
			return domain.NoChange, fmt.Errorf("read TOTP: %w", err)
		}
		return fn(ctx, actor, t)
	})
}

// newRecoveryCodes replaces the recovery codes of a user. The hashes need neither salt nor key
// stretching, because the codes are 125 random bits.
func (s *TwoFactor) newRecoveryCodes(ctx context.Context, user domain.UserID) ([]domain.Secret, error) {
	codes := make([]domain.Secret, domain.RecoveryCodes)
	hashes := make([][32]byte, len(codes))
	for i := range codes {
		codes[i] = domain.NewRecoveryCode(s.newKey())
		code, _ := domain.ParseOneTimeCode(codes[i])
		hashes[i] = tokenHash(code)
	}
	if err := s.totp.ReplaceRecoveryCodes(ctx, user, hashes); err != nil {
		return nil, fmt.Errorf("replace recovery codes: %w", err)
	}
	return codes, nil
}

// endOthers ends the sessions of the actor that started with other factors.
func (s *TwoFactor) endOthers(ctx context.Context, actor domain.Actor, done domain.Action) (domain.Change, error) {
	n, err := s.sessions.RemoveOtherSessions(ctx, actor.UserID, actor.SessionID)
	if err != nil {
		return domain.NoChange, fmt.Errorf("end sessions: %w", err)
	}
	return domain.Change{Action: done, Subject: actor.UserID.String(), Details: map[string]any{"sessions_ended": n}}, nil
}
