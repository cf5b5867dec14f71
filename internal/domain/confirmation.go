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
)

// passwordResetLifetime is how long the link in a mail about a forgotten password works.
const passwordResetLifetime = 30 * time.Minute

// Confirmation is a link in a mail, which proves that its reader has the mailbox. It can be used
// once.
type Confirmation struct {
	Kind      ConfirmationKind
	User      UserID
	ExpiresAt time.Time
}

// ConfirmationRequest is the request of somebody who is not signed in for a link to an address.
type ConfirmationRequest struct {
	Kind   ConfirmationKind
	Email  Email
	At     time.Time
	Device string // user agent of the request
	Origin Origin
}

// ExpiresAt returns when the link stops working.
func (r ConfirmationRequest) ExpiresAt() time.Time { return r.At.Add(passwordResetLifetime) }
