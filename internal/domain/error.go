package domain

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Kind says which reaction an Error calls for. Transports map kinds, never codes.
type Kind uint8

// The kinds.
const (
	KindInvalid         Kind = iota + 1 // the request can be read and is wrong
	KindUnauthenticated                 // nobody is signed in
	KindForbidden                       // somebody is, and may not
	KindNotFound                        // absent, or not visible to the actor
	KindConflict                        // right request, wrong moment
	KindStale                           // it has changed since the caller looked
	KindUnavailable                     // something we need is down or full; try later
)

// Error is a failure the caller can act on. Any other error is a fault of ours:
// it is logged in full and shown to nobody.
type Error struct {
	Kind       Kind
	Code       string        // stable and machine-readable; explained in api/problems
	Detail     string        // one sentence, safe to show to a person
	Fields     []FieldError  // what to mend, on KindInvalid only
	RetryAfter time.Duration // when to try again, on KindUnavailable only; 0 means soon
}

// FieldError points at one wrong field of a request by its JSON name.
type FieldError struct{ Field, Code, Detail string }

func (e *Error) Error() string { return e.Code + ": " + e.Detail }

// Is matches errors by code, so a copy made by Withf still matches its sentinel.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Withf returns a copy of e that says more in its detail.
func (e *Error) Withf(format string, args ...any) *Error {
	c := *e
	c.Detail = fmt.Sprintf(format, args...)
	return &c
}

// After returns a copy of e that says when to try again.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// At returns a copy of e that points at a field.
func (e *Error) At(field string) *Error {
	c := *e
	c.Fields = []FieldError{{Field: field, Code: e.Code, Detail: e.Detail}}
	return &c
}

// Codes lists every code the domain can answer with, sorted.
// The API specification must publish exactly this list and the transport's own.
func Codes() []string {
	var codes []string
	for _, e := range Errors() {
		codes = append(codes, e.Code)
	}
	return codes
}

// Errors lists every failure that the domain can answer with, sorted by code.
func Errors() []*Error {
	return slices.SortedFunc(slices.Values(defined), func(a, b *Error) int { return cmp.Compare(a.Code, b.Code) })
}

var defined []*Error

func define(kind Kind, code, detail string) *Error {
	e := &Error{Kind: kind, Code: code, Detail: detail}
	defined = append(defined, e)
	return e
}

// Failures that belong to no single noun.
var (
	ErrForbidden     = define(KindForbidden, "forbidden", "You may not do this.")
	ErrInvalid       = define(KindInvalid, "invalid_request", "Some fields of the request are wrong.")
	ErrInvalidCursor = define(KindInvalid, "invalid_cursor", "This cursor was not issued for this list and these filters.")
	ErrUnavailable   = define(KindUnavailable, "unavailable", "Something that Gradus needs is down. Try again in a moment.")
	ErrBusy          = define(KindUnavailable, "busy", "Too many requests of this kind at once. Try again in a moment.")
)

// wrong is ErrInvalid for one field.
func wrong(field, code, format string, args ...any) *Error {
	c := *ErrInvalid
	c.Detail = fmt.Sprintf(format, args...)
	c.Fields = []FieldError{{Field: field, Code: code, Detail: c.Detail}}
	return &c
}

// allOf joins what is wrong with several fields, so that a caller can mend all of
// them at once. Nil errors are dropped; one error stays what it is; an error that
// is no *Error wins, because it is a fault.
func allOf(errs ...error) error {
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
