package problem

import (
	"net/http"

	"github.com/gradus-dev/gradus/internal/domain"
)

// TransportError is a failure of the protocol, which the domain knows nothing of.
type TransportError struct {
	Status int
	Code   string
	Detail string
}

func (e *TransportError) Error() string { return e.Code + ": " + e.Detail }

// With returns a copy of e with another detail.
func (e *TransportError) With(detail string) *TransportError {
	return &TransportError{e.Status, e.Code, detail}
}

// The failures of the protocol.
var (
	ErrMalformed        = &TransportError{http.StatusBadRequest, "malformed_request", "The request cannot be read."}
	ErrCrossOrigin      = &TransportError{http.StatusForbidden, "cross_origin", "This write comes from another site. Send it from the site itself, or use a bearer token."}
	ErrNotFound         = &TransportError{http.StatusNotFound, "not_found", "There is nothing at this address."}
	ErrMethodNotAllowed = &TransportError{http.StatusMethodNotAllowed, "method_not_allowed", "This address does not take this method; the Allow header lists those it takes."}
	ErrNotAcceptable    = &TransportError{http.StatusNotAcceptable, "not_acceptable", "Answers are JSON. Accept application/json."}
	ErrPayloadTooLarge  = &TransportError{http.StatusRequestEntityTooLarge, "payload_too_large", "The body is too large."}
	ErrURITooLong       = &TransportError{http.StatusRequestURITooLong, "uri_too_long", "The address is too long: at most 8 KiB."}
	ErrMediaType        = &TransportError{http.StatusUnsupportedMediaType, "unsupported_media_type", "This operation does not take a body of this Content-Type."}
	ErrInternal         = &TransportError{http.StatusInternalServerError, "internal", "Something went wrong on our side. The request id helps the operator to find out what."}
)

// TransportErrors returns the failures above. The contract publishes their codes with
// the domain's.
func TransportErrors() []*TransportError {
	return []*TransportError{
		ErrMalformed, ErrCrossOrigin, ErrNotFound, ErrMethodNotAllowed, ErrNotAcceptable,
		ErrPayloadTooLarge, ErrURITooLong, ErrMediaType, ErrInternal,
	}
}

// ByCode returns all failures that a response may have, by their codes.
func ByCode() map[string]error {
	all := map[string]error{}
	for _, e := range domain.Errors() {
		all[e.Code] = e
	}
	for _, e := range TransportErrors() {
		all[e.Code] = e
	}
	return all
}
