package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=confirmations.go -destination=mock/confirmations.go -package=mock

// Confirmations is a driving interface: what people confirm with a link in a mail.
type Confirmations interface {
	// RequestPasswordReset asks for a link to the address of an account whose password was
	// forgotten, and returns the request. Known and unknown addresses, and suspended accounts, cannot be told apart, not
	// even by response time.
	// Errors: ErrInvalid, ErrMailNotConfigured.
	RequestPasswordReset(ctx context.Context, actor domain.Actor, email string, d Device) (domain.ConfirmationRequest, error)
	// ConfirmPasswordReset sets the password of the user to whom a link was sent, and ends all
	// of their sessions. Of several requests with one token, one succeeds.
	// Errors: ErrConfirmationInvalid, ErrPasswordTooShort, ErrPasswordTooLong,
	// ErrPasswordTooCommon, ErrPasswordContainsPersonalInfo, ErrBusy.
	ConfirmPasswordReset(ctx context.Context, actor domain.Actor, token, password domain.Secret) error
	// RequestEmailChange asks for a link to a new address of the actor's account, and returns
	// the request. Whether the address is taken cannot be told from the response or its time.
	// Errors: ErrInvalid, ErrMailNotConfigured, ErrReauthenticationRequired.
	RequestEmailChange(ctx context.Context, actor domain.Actor, email string, d Device) (domain.ConfirmationRequest, error)
	// ConfirmEmailChange replaces the address of the user who requested a link with the one to
	// which it was sent. The old one gets a link to undo that. Of several requests with one
	// token, one succeeds.
	// Errors: ErrConfirmationInvalid, ErrEmailTaken.
	ConfirmEmailChange(ctx context.Context, actor domain.Actor, token domain.Secret) error
	// UndoEmailChange brings back the address to which a link was sent, ends all sessions of
	// the user, makes their password and all other links stop working, and sends a link to set
	// a new password.
	// Errors: ErrConfirmationInvalid, ErrEmailTaken.
	UndoEmailChange(ctx context.Context, actor domain.Actor, token domain.Secret) error
}

// ConfirmationSender is a driving interface: background jobs of confirmations.
type ConfirmationSender interface {
	// SendConfirmation queues the mail with the link that somebody requested, if there is an
	// account for it.
	// Errors: none.
	SendConfirmation(ctx context.Context, r domain.ConfirmationRequest) error
	// RemoveExpiredConfirmations removes expired confirmations and returns how many.
	// Errors: none.
	RemoveExpiredConfirmations(ctx context.Context) (int, error)
}

// ConfirmationQueue is a driven interface: requests that a background job handles, so that the
// response does not depend on whether there is an account.
type ConfirmationQueue interface {
	// EnqueueConfirmation queues a request.
	// Errors: ErrMailNotConfigured.
	EnqueueConfirmation(ctx context.Context, r domain.ConfirmationRequest) error
}

// ConfirmationStore is a driven interface: it stores confirmations under the hash of their token,
// never the token itself.
type ConfirmationStore interface {
	// AddConfirmation stores a confirmation.
	// Errors: none.
	AddConfirmation(ctx context.Context, c domain.Confirmation, tokenHash [32]byte) error
	// Confirmation returns a confirmation of a kind that has not expired at now.
	// Errors: ErrConfirmationInvalid.
	Confirmation(ctx context.Context, kind domain.ConfirmationKind, tokenHash [32]byte, now time.Time) (domain.Confirmation, error)
	// UseConfirmation removes a confirmation of a kind that has not expired at now. Of several
	// callers, one succeeds.
	// Errors: ErrConfirmationInvalid.
	UseConfirmation(ctx context.Context, kind domain.ConfirmationKind, tokenHash [32]byte, now time.Time) error
	// RemoveConfirmations removes all confirmations of a user.
	// Errors: none.
	RemoveConfirmations(ctx context.Context, user domain.UserID) error
	// RemoveExpiredConfirmations removes the confirmations that have expired at now and returns
	// how many.
	// Errors: none.
	RemoveExpiredConfirmations(ctx context.Context, now time.Time) (int, error)
}
