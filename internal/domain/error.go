package domain

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Kind classifies errors by how to react to them. Transports map kinds, not codes.
type Kind uint8

// The kinds.
const (
	KindInvalid         Kind = iota + 1 // the request is well-formed but invalid
	KindUnauthenticated                 // the caller is not signed in
	KindForbidden                       // the caller lacks permission
	KindNotFound                        // does not exist, or the actor cannot access it
	KindConflict                        // the request conflicts with the current state
	KindStale                           // the resource has changed since the caller fetched it
	KindTooMany                         // a rate limit is reached; retry later
	KindUnavailable                     // a dependency is unavailable or at capacity; retry later
)

// Error is a failure that the caller can act on. Any other error is an internal error,
// which is logged in full but never shown to callers.
type Error struct {
	Kind       Kind
	Code       string        // stable and machine-readable; documented in api/problems
	Detail     string        // for users: what happened, then what to do
	Fields     []FieldError  // the invalid fields, for KindInvalid only
	RetryAfter time.Duration // when to retry, for KindTooMany and KindUnavailable only; 0 means soon

	// The limit that is reached, for KindTooMany only.
	Limit RateLimit
	Quota Quota
}

// FieldError describes an invalid field of a request by its JSON name.
type FieldError struct{ Field, Code, Detail string }

func (e *Error) Error() string { return e.Code + ": " + e.Detail }

// Is matches errors by code, so a copy made by Withf still matches its sentinel.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Withf returns a copy of e with a more specific detail.
func (e *Error) Withf(format string, args ...any) *Error {
	c := *e
	c.Detail = fmt.Sprintf(format, args...)
	return &c
}

// After returns a copy of e that says when to retry.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// At returns a copy of e for a field.
func (e *Error) At(field string) *Error {
	c := *e
	c.Fields = []FieldError{{Field: field, Code: e.Code, Detail: e.Detail}}
	return &c
}

// Codes lists the codes of all errors, sorted. The API specification publishes exactly these
// codes and the transport's own.
func Codes() []string {
	var codes []string
	for _, e := range Errors() {
		codes = append(codes, e.Code)
	}
	return codes
}

// Errors lists all errors, sorted by code.
func Errors() []*Error {
	return slices.SortedFunc(slices.Values(defined), func(a, b *Error) int { return cmp.Compare(a.Code, b.Code) })
}

// ErrorOf returns the error with a code and the given detail, as it was stored. It is nil for
// the empty code.
func ErrorOf(code, detail string) *Error {
	for _, e := range defined {
		if e.Code == code {
			return e.Withf("%s", detail)
		}
	}
	return nil
}

var defined []*Error

func define(kind Kind, code, detail string) *Error {
	e := &Error{Kind: kind, Code: code, Detail: detail}
	defined = append(defined, e)
	return e
}

// Errors that do not belong to one entity.
var (
	ErrForbidden     = define(KindForbidden, "forbidden", "You do not have permission to do this.")
	ErrInvalid       = define(KindInvalid, "invalid_request", "Some fields of the request are invalid.")
	ErrInvalidCursor = define(KindInvalid, "invalid_cursor", "The cursor was not issued for this list with these filters. Start again without a cursor.")
	ErrUnavailable   = define(KindUnavailable, "unavailable", "A service that Gradus depends on is unavailable. Try again in a moment.")
	ErrBusy          = define(KindUnavailable, "busy", "Too many requests of this kind are in progress. Try again in a moment.")
)

// invalid returns ErrInvalid for one field.
func invalid(field, code, format string, args ...any) *Error {
	c := *ErrInvalid
	c.Detail = fmt.Sprintf(format, args...)
	c.Fields = []FieldError{{Field: field, Code: code, Detail: c.Detail}}
	return &c
}

// AllOf joins the errors of several fields, so that a caller can fix all of them at once.
// It ignores nil errors and returns a single error unchanged. An error that is not an
// *Error is internal, so it takes precedence.
func AllOf(errs ...error) error {
	var found []*Error
	for _, err := range errs {
		e, ok := errors.AsType[*Error](err)
		switch {
		case err == nil:
		case !ok:
			return err
		default:
			found = append(found, e)
		}
	}
	switch len(found) {
	case 0:
		return nil
	case 1:
		return found[0]
	}
	all := *ErrInvalid
	for _, e := range found {
		all.Fields = append(all.Fields, e.Fields...)
	}
	return &all
}
