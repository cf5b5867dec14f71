package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// UnitOfWork runs several writes in one transaction.
//
// To avoid deadlocks, every slice locks in the same order: admins, a user, a batch, its
// registration key, then everything else.
type UnitOfWork interface {
	// Do runs fn in a transaction. Store and job calls that use the ctx passed to fn join
	// it, and it writes the Change that fn returns to the audit log, as done by actor. If
	// fn fails, everything is rolled back. fn may run more than once. It must not access
	// the network or call Do.
	// Errors: those of fn.
	Do(ctx context.Context, actor domain.Actor, fn func(ctx context.Context) (domain.Change, error)) error
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
