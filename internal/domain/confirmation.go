package domain

import "time"

// Errors of confirmations.
var (
	ErrConfirmationInvalid = define(KindInvalid, "confirmation_invalid", "The link has expired, or was used already. Request another one.")
	ErrMailNotConfigured   = define(KindConflict, "mail_not_configured", "This server cannot send mail. Ask an admin of your school for help.")
)

// ConfirmationKind is what a Confirmation allows. Kinds are stored: never rename one.
type ConfirmationKind string

// The kinds.
const (
	ConfirmPasswordReset ConfirmationKind = "password_reset" // set a new password
	ConfirmEmailChange   ConfirmationKind = "email_change"   // replace the address
	ConfirmEmailUndo     ConfirmationKind = "email_undo"     // bring the old address back
)

// How long the links of each kind work.
const (
	passwordResetLifetime = 30 * time.Minute
	emailChangeLifetime   = 24 * time.Hour
	emailUndoLifetime     = 7 * 24 * time.Hour
)

// Confirmation is a link in a mail, which proves that its reader has the mailbox. It can be used
// once.
type Confirmation struct {
	Kind      ConfirmationKind
	User      UserID
	Email     Email // the address that it brings; empty for a password reset
	ExpiresAt time.Time
}

// NewEmailUndo returns a confirmation that brings back the address that a user has at now.
func NewEmailUndo(u User, now time.Time) Confirmation {
	return Confirmation{Kind: ConfirmEmailUndo, User: u.ID, Email: u.Email, ExpiresAt: now.Add(emailUndoLifetime)}
}

// ConfirmationRequest is a request for a link to an address.
type ConfirmationRequest struct {
	Kind   ConfirmationKind
	User   UserID // who is signed in; zero if nobody is
	Email  Email
	At     time.Time
	Device string // user agent of the request
	Origin Origin
}

// ExpiresAt returns when the link stops working.
func (r ConfirmationRequest) ExpiresAt() time.Time {
	if r.Kind == ConfirmEmailChange {
		return r.At.Add(emailChangeLifetime)
	}
	return r.At.Add(passwordResetLifetime)
}
