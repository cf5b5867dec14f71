package domain

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Errors of registration keys.
var (
	// ErrRegistrationKeyInvalid is returned for unknown, disabled and expired keys and keys
	// of archived batches alike, so that guessing reveals nothing.
	ErrRegistrationKeyInvalid = define(KindInvalid, "registration_key_invalid", "The registration key is not valid. Ask your instructor for the current one.").At("registration_key")
	ErrBatchFull              = define(KindConflict, "batch_full", "The batch is full. Ask your instructor for a seat.")
)

// RegistrationKey lets users join a batch. Each batch has one.
type RegistrationKey struct {
	Batch     BatchID
	Key       Secret
	Enabled   bool
	ExpiresAt *time.Time
	Seats     *int // nil: unlimited
	Taken     int  // currently enrolled students
	RotatedAt time.Time
	Version   int // incremented with every change, but not when a student joins
}

// RegistrationKeyUpdate sets fields of a key; nil leaves a field unchanged, and a pointer to
// nil removes the limit.
type RegistrationKeyUpdate struct {
	Enabled   *bool
	ExpiresAt **time.Time
	Seats     **int
}

const maxSeats = 100_000

// NewRegistrationKey returns the key of a new batch, enabled and without limits.
func NewRegistrationKey(batch BatchID, key Secret, now time.Time) RegistrationKey {
	return RegistrationKey{Batch: batch, Key: key, Enabled: true, RotatedAt: now, Version: 1}
}

// Update applies u and reports whether it changed anything. There may be fewer seats than
// are taken: nobody is removed, but nobody else can join.
// Errors: ErrInvalid.
func (k *RegistrationKey) Update(u RegistrationKeyUpdate) (changed bool, err error) {
	var noSeats error
	if u.Seats != nil && *u.Seats != nil && (**u.Seats < 1 || **u.Seats > maxSeats) {
		noSeats = invalid("seats", "out_of_range", "The number of seats must be 1 to %d, or null for no limit.", maxSeats)
	}
	expires, err := u.expiry()
	if err := AllOf(noSeats, err); err != nil {
		return false, err
	}
	if u.Enabled != nil && *u.Enabled != k.Enabled {
		k.Enabled, changed = *u.Enabled, true
	}
	if u.ExpiresAt != nil && !sameTime(expires, k.ExpiresAt) {
		k.ExpiresAt, changed = expires, true
	}
	if u.Seats != nil && !sameInt(*u.Seats, k.Seats) {
		k.Seats, changed = *u.Seats, true
	}
	if changed {
		k.Version++
	}
	return changed, nil
}

// expiry returns the new expiry in UTC.
// Errors: ErrInvalid.
func (u RegistrationKeyUpdate) expiry() (*time.Time, error) {
	if u.ExpiresAt == nil || *u.ExpiresAt == nil {
		return nil, nil
	}
	at := (*u.ExpiresAt).UTC().Truncate(time.Microsecond)
	if !TimeInRange(at) {
		return nil, invalid("expires_at", "out_of_range", "The expiry must be in the years %d to %d in UTC, or null for no expiry.", MinDay.Date().Year(), MaxDay.Date().Year())
	}
	return &at, nil
}

// Rotate replaces the key; the old one stops working.
func (k *RegistrationKey) Rotate(key Secret, now time.Time) {
	k.Key, k.RotatedAt = key, now
	k.Version++
}

// TakeSeat takes a seat at now.
// Errors: ErrRegistrationKeyInvalid, ErrBatchFull.
func (k *RegistrationKey) TakeSeat(now time.Time) error {
	switch {
	case !k.Enabled, k.ExpiresAt != nil && !now.Before(*k.ExpiresAt):
		return ErrRegistrationKeyInvalid
	case k.Seats != nil && k.Taken >= *k.Seats:
		return ErrBatchFull
	}
	k.Taken++
	return nil
}

// Enrol enrols a member in the batch of the key at now: it takes a seat and makes them a
// student.
// Errors: ErrForbidden, ErrAlreadyEnrolled, ErrRegistrationKeyInvalid, ErrBatchFull.
func (k *RegistrationKey) Enrol(u *User, id EnrolmentID, now time.Time) (Enrolment, error) {
	student := *u
	if err := student.Enrol(); err != nil {
		return Enrolment{}, err
	}
	if err := k.TakeSeat(now); err != nil {
		return Enrolment{}, err
	}
	*u = student
	return Enrolment{ID: id, User: u.ID, Batch: k.Batch, Status: EnrolmentActive, EnrolledAt: now}, nil
}

// NormalizeKey returns the form of a registration key that lookups use: users may type it in
// lowercase, with spaces, dashes and what else text fields and chats add.
func NormalizeKey(typed string) Secret {
	return Secret(strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf) {
			return -1
		}
		return r
	}, norm.NFKC.String(typed))))
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

func sameInt(a, b *int) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
