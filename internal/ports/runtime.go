package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// UnitOfWork runs several writes in one transaction.
//
// To avoid deadlocks, every unit of work locks in the same order: admins, the actor and the
// user of Locks by ID, a batch, its registration key, everything else, and the audit log. Do
// takes the first two, and store methods that need one of these locks fail without it.
type UnitOfWork interface {
	// Do runs fn in a transaction. Store and job calls that use the ctx passed to fn join
	// it, and it writes the Change that fn returns to the audit log, as done by actor. If
	// fn fails, everything is rolled back. fn may run more than once. It must not access
	// the network or call Do.
	//
	// Before fn, Do takes locks and reads the actor again: since the request arrived, their
	// session may have ended, and their role, enrolment or assignments may have changed. fn
	// receives the current actor and decides what they may do. Their rights stay the same
	// until the unit of work ends.
	// Errors: ErrUnauthenticated, ErrSessionExpired, ErrAPITokenInvalid, those of fn.
	Do(ctx context.Context, actor domain.Actor, locks Locks, fn func(ctx context.Context, actor domain.Actor) (domain.Change, error)) error
}

// Locks are what a unit of work locks besides its actor, before it reads them. Until it
// ends, other units of work with the same locks wait.
type Locks struct {
	// Admins is set before an admin may be demoted or suspended.
	Admins bool
	// User is the user whose role, sessions, enrolment, assignments or connection may change,
	// who can be the actor. Units of work by the user wait, too. Zero locks no user.
	User domain.UserID
}

// Clock returns the current time in UTC.
type Clock func() time.Time

// NewID returns a new time-ordered UUID.
type NewID func() [16]byte

// NewToken returns 256 random bits as 43 characters of URL-safe text.
type NewToken func() domain.Secret

// NewKey returns at least 128 random bits as uppercase letters and digits that are easy
// to type.
type NewKey func() domain.Secret

// Sealer encrypts secrets at rest. A sealed secret can be opened only with the keys, and
// only for the row and column it was sealed for.
type Sealer interface {
	// Seal encrypts plain for one row (the ID of its owner) and column.
	// Errors: none.
	Seal(plain domain.Secret, row, column string) ([]byte, error)
	// Open decrypts what Seal returned for the same row and column.
	// Errors: ErrTokenUnreadable.
	Open(sealed []byte, row, column string) (domain.Secret, error)
}
