// Package ports holds every socket of the hexagon, one file per slice.
//
// In each file, driving interfaces are what the use cases offer to transports, and
// driven interfaces are what they need from the world. Methods document the domain
// errors they return; any other error is a fault. ErrUnavailable can come from
// every method that reaches the database and is not repeated.
package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// UnitOfWork makes several writes one.
//
// Every slice takes locks in one order, so that no two of them wait for each other:
// admins, a user, a batch, its registration key, then the rest.
type UnitOfWork interface {
	// Do runs fn in one transaction. Store and job calls made with the ctx that
	// fn receives take part in it, and the Change that fn returns is written to
	// the audit log in it, as done by actor. An error rolls everything back. fn
	// may run more than once, and must not call the network. A call of Do inside fn fails.
	Do(ctx context.Context, actor domain.Actor, fn func(ctx context.Context) (domain.Change, error)) error
}

// Clock returns the current time, in UTC.
type Clock func() time.Time

// NewID returns a fresh time-ordered UUID.
type NewID func() [16]byte

// NewToken returns 256 fresh random bits as 43 characters of URL-safe text.
type NewToken func() domain.Secret

// NewKey returns at least 128 fresh random bits as upper-case letters and digits
// that a person can type.
type NewKey func() domain.Secret

// Sealer keeps secrets at rest: what it seals only the holder of the keys can open,
// and only in the same row and column.
type Sealer interface {
	// Seal encrypts plain for one row (the id of its owner) and column.
	// Errors: none.
	Seal(plain domain.Secret, row, column string) ([]byte, error)
	// Open undoes Seal.
	// Errors: ErrTokenUnreadable.
	Open(sealed []byte, row, column string) (domain.Secret, error)
}
