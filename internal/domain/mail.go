package domain

import (
	"fmt"
	"time"
)

// MailID identifies a Mail.
type MailID = ID[Mail]

// MailKind says what a mail is about. Kinds are stored with queued mails: never rename one.
type MailKind string

// The kinds. All of them are about the security of an account, so nobody can unsubscribe from
// them: see Unsubscribable. The template of a kind has its name.
const (
	MailPasswordChanged MailKind = "password_changed"
	MailPasswordReset   MailKind = "password_reset"
	MailEmailChange     MailKind = "email_change"  // to the new address
	MailEmailChanged    MailKind = "email_changed" // to the old one
	MailEmailTaken      MailKind = "email_taken"   // to the owner of an address that somebody else entered
	MailNewDevice       MailKind = "new_device"
	MailSessionLimit    MailKind = "session_limit"
	MailAPITokenCreated MailKind = "api_token_created"

	MailTOTPEnabled          MailKind = "totp_enabled"
	MailTOTPDisabled         MailKind = "totp_disabled"
	MailRecoveryCodesRotated MailKind = "recovery_codes_rotated"
)

// mailKinds lists all kinds, and whether people can unsubscribe from them.
var mailKinds = map[MailKind]bool{
	MailPasswordChanged: false,
	MailPasswordReset:   false,
	MailEmailChange:     false,
	MailEmailChanged:    false,
	MailEmailTaken:      false,
	MailNewDevice:       false,
	MailSessionLimit:    false,
	MailAPITokenCreated: false,

	MailTOTPEnabled:          false,
	MailTOTPDisabled:         false,
	MailRecoveryCodesRotated: false,
}

// MailKinds lists all kinds in no particular order.
func MailKinds() []MailKind {
	kinds := make([]MailKind, 0, len(mailKinds))
	for k := range mailKinds {
		kinds = append(kinds, k)
	}
	return kinds
}

// Unsubscribable reports whether people can unsubscribe from mails of this kind. Such mails have
// the header List-Unsubscribe.
func (k MailKind) Unsubscribable() bool { return mailKinds[k] }

// Mail is a message to one person. Its text comes from the template of its kind alone, and
// everything in it that people typed was validated by its type or by ParseName.
type Mail struct {
	ID      MailID // set by the queue; the Message-ID derives from it
	Kind    MailKind
	User    UserID // whose account it is about; zero if there is none yet
	To      Email
	Name    string    // of the owner of the account, to greet them; empty if the owner is not known
	At      time.Time // when it happened
	Token   Secret    // in the link; empty for a mail without a link
	Expires time.Time // when the link stops working; zero for a mail without a link
	Device  string    // user agent of the request; empty if it does not matter
	Address string    // IP address of the request; empty if it does not matter
	Object  string    // what it is about, such as another address; empty if the kind says it all
}

// Notice returns a mail that tells a user what happened to their account.
func Notice(kind MailKind, u User, from Origin, now time.Time) Mail {
	return Mail{Kind: kind, User: u.ID, To: u.Email, Name: u.Name, At: now, Address: from.Address}
}

// mailDeadline is how long sending a mail is retried.
const mailDeadline = 24 * time.Hour

// Overdue reports whether it is too late to send the mail: a day after it happened, or when its
// link has expired.
func (m Mail) Overdue(now time.Time) bool {
	return !now.Before(m.At.Add(mailDeadline)) || !m.Expires.IsZero() && !now.Before(m.Expires)
}

// MailFailure is why a mail was not sent.
type MailFailure string

// The failures. All but the first are final.
const (
	MailDelayed  MailFailure = "delayed"  // will be retried
	MailRejected MailFailure = "rejected" // the mail server rejected the recipient or the message
	MailOverdue  MailFailure = "overdue"  // could not be sent in time
)

// MailError is a mail that was not sent.
type MailError struct {
	Failure MailFailure
	Err     error
}

func (e *MailError) Error() string { return fmt.Sprintf("mail %s: %v", e.Failure, e.Err) }

func (e *MailError) Unwrap() error { return e.Err }

// Final reports whether the mail will not be sent.
func (e *MailError) Final() bool { return e.Failure != MailDelayed }
