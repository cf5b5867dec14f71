package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=totp.go -destination=mock/totp.go -package=mock

// TwoFactor is a driving interface: the second factor of accounts.
type TwoFactor interface {
	// TOTP returns the state of the actor's TOTP.
	// Errors: none.
	TOTP(ctx context.Context, actor domain.Actor) (domain.TOTPStatus, error)
	// StartTOTP starts an enrolment, in place of one that is pending.
	// Errors: ErrTOTPAlreadyEnabled, ErrReauthenticationRequired.
	StartTOTP(ctx context.Context, actor domain.Actor) (domain.TOTPEnrolment, error)
	// EnableTOTP completes the pending enrolment with a code, ends all of the actor's sessions but
	// the one they use, and returns their recovery codes, which are never shown again.
	// Errors: ErrTOTPNotPending, ErrOneTimeCodeWrong.
	EnableTOTP(ctx context.Context, actor domain.Actor, code domain.Secret) ([]domain.Secret, error)
	// DisableTOTP removes the actor's TOTP and recovery codes, or their pending enrolment.
	// Errors: ErrReauthenticationRequired.
	DisableTOTP(ctx context.Context, actor domain.Actor) error
	// RotateRecoveryCodes replaces the actor's recovery codes and returns the new ones, which are
	// never shown again.
	// Errors: ErrTOTPNotEnabled, ErrReauthenticationRequired.
	RotateRecoveryCodes(ctx context.Context, actor domain.Actor) ([]domain.Secret, error)
	// DisableUserTOTP removes the TOTP of a user who lost their app and their recovery codes, and
	// ends their sessions.
	// Errors: ErrForbidden, ErrUserNotFound, ErrReauthenticationRequired.
	DisableUserTOTP(ctx context.Context, actor domain.Actor, user domain.UserID) error
}

// Authenticator is a driven interface: the other side of authenticator apps (RFC 6238).
type Authenticator interface {
	// NewSecret returns a secret for an app that shows it under the name of an account.
	// Errors: none.
	NewSecret(account domain.Email) (domain.TOTPEnrolment, error)
	// Step returns the time step whose code was sent, if it is that of now or a neighbor. It
	// takes as long for a wrong code as for a right one.
	// Errors: none.
	Step(secret, code domain.Secret, now time.Time) (step int64, ok bool)
}

// TOTPStore is a driven interface: it stores the secrets of authenticator apps, and the hashes
// of recovery codes.
type TOTPStore interface {
	// TOTP returns that of a user, enabled or pending, and the number of their recovery codes.
	// Without one, it returns the zero TOTP.
	// Errors: ErrTokenUnreadable (everything but the secret is returned).
	TOTP(ctx context.Context, user domain.UserID) (t domain.TOTP, recoveryCodes int, err error)
	// SaveTOTP stores a new or changed TOTP. The unit of work must have locked the user.
	// Errors: none.
	SaveTOTP(ctx context.Context, t domain.TOTP) error
	// RemoveTOTP removes that of a user and their recovery codes. The unit of work must have
	// locked the user.
	// Errors: none.
	RemoveTOTP(ctx context.Context, user domain.UserID) error
	// ReplaceRecoveryCodes replaces the recovery codes of a user. The unit of work must have
	// locked the user.
	// Errors: none.
	ReplaceRecoveryCodes(ctx context.Context, user domain.UserID, hashes [][32]byte) error
	// UseRecoveryCode removes a recovery code of a user and reports whether it existed.
	// Errors: none.
	UseRecoveryCode(ctx context.Context, user domain.UserID, hash [32]byte) (bool, error)
}

// SignInChallengeStore is a driven interface: it stores challenges under the hash of their
// token, never the token itself.
type SignInChallengeStore interface {
	// AddSignInChallenge stores a challenge, which is valid as long as its user keeps the
	// password that they have now.
	// Errors: none.
	AddSignInChallenge(ctx context.Context, c domain.SignInChallenge, tokenHash [32]byte) error
	// SignInChallenge returns a challenge whose user has not changed their password since.
	// Errors: ErrSignInChallengeInvalid.
	SignInChallenge(ctx context.Context, tokenHash [32]byte) (domain.SignInChallenge, error)
	// SaveWrongCodes stores the number of wrong codes. The unit of work must have locked the user.
	// Errors: none.
	SaveWrongCodes(ctx context.Context, tokenHash [32]byte, wrongCodes int) error
	// RemoveSignInChallenge removes a challenge.
	// Errors: none.
	RemoveSignInChallenge(ctx context.Context, tokenHash [32]byte) error
	// RemoveExpiredSignInChallenges removes those that have expired at now and returns how many.
	// Errors: none.
	RemoveExpiredSignInChallenges(ctx context.Context, now time.Time) (int, error)
}
