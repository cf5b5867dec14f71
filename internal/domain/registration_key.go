package domain

import (
	"strings"
	"time"
)

// Failures of registration keys.
var (
	// ErrRegistrationKeyInvalid is the same for keys that never were, are switched
	// off, have expired or belong to an archived batch, so that guessing tells nothing.
	ErrRegistrationKeyInvalid = define(KindInvalid, "registration_key_invalid", "This registration key is not valid. Ask your instructor for the current one.").At("registration_key")
	ErrBatchFull              = define(KindConflict, "batch_full", "All seats of this batch are taken. Ask your instructor.")
)

// RegistrationKey lets people join a batch. There is one per batch.
type RegistrationKey struct {
	Batch     BatchID
	Key       Secret
	Enabled   bool
	ExpiresAt *time.Time
	Seats     *int // nil means unlimited
	Taken     int  // students enrolled now
	RotatedAt time.Time
	Version   int // grows with every change, but not with who joins
}

// RegistrationKeyUpdate sets fields of a key; nil leaves a field alone, and a pointer
// to nil takes the limit away.
type RegistrationKeyUpdate struct {
	Enabled   *bool
	ExpiresAt **time.Time
	Seats     **int
}

const maxSeats = 100_000

// NewRegistrationKey returns the key of a new batch, switched on and without limits.
func NewRegistrationKey(batch BatchID, key Secret, now time.Time) RegistrationKey {
	return RegistrationKey{Batch: batch, Key: key, Enabled: true, RotatedAt: now, Version: 1}
}

// Update applies e and reports whether it changed anything. Fewer seats than are
// taken are allowed: nobody is put out, and nobody else can join.
// Errors: ErrInvalid.
func (k *RegistrationKey) Update(e RegistrationKeyUpdate) (changed bool, err error) {
	if e.Seats != nil && *e.Seats != nil && (**e.Seats < 1 || **e.Seats > maxSeats) {
		return false, wrong("seats", "out_of_range", "Give 1 to %d seats, or null for no limit.", maxSeats)
	}
	expires, err := e.expiry()
	if err != nil {
		return false, err
	}
	if e.Enabled != nil && *e.Enabled != k.Enabled {
		k.Enabled, changed = *e.Enabled, true
	}
	if e.ExpiresAt != nil && !sameTime(expires, k.ExpiresAt) {
		k.ExpiresAt, changed = expires, true
	}
	if e.Seats != nil && !sameInt(*e.Seats, k.Seats) {
		k.Seats, changed = *e.Seats, true
	}
	if changed {
		k.Version++
	}
	return changed, nil
}

// expiry returns the wanted end as it is kept and answered: in UTC, where an offset can
// move it out of the years that have four digits.
// Errors: ErrInvalid.
func (e RegistrationKeyUpdate) expiry() (*time.Time, error) {
	if e.ExpiresAt == nil || *e.ExpiresAt == nil {
		return nil, nil
	}
	at := (*e.ExpiresAt).UTC().Truncate(time.Microsecond)
	if at.Year() < 1 || at.Year() > 9999 {
		return nil, wrong("expires_at", "out_of_range", "Give a time between the years 1 and 9999 in UTC, or null for no end.")
	}
	return &at, nil
}

// Rotate replaces the key; the old one lets nobody in any more.
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

// Enrol lets a member into the batch of the key at now: it takes a seat, and makes
// them a student.
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

// NormalizeKey returns a registration key as it is looked up: people may type it in
// lower case, with spaces and dashes.
func NormalizeKey(typed string) Secret {
	return Secret(strings.NewReplacer(" ", "", "-", "", "\t", "", "\n", "").Replace(strings.ToUpper(typed)))
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

func sameInt(a, b *int) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
