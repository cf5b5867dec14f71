package problem

import (
	"net/http"

	"github.com/gradus-dev/gradus/internal/domain"
)

// TransportError is an error of the HTTP layer rather than of the domain.
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

// The errors of the HTTP layer.
var (
	ErrMalformed        = &TransportError{http.StatusBadRequest, "malformed_request", "The request cannot be parsed. Check its syntax."}
	ErrCrossOrigin      = &TransportError{http.StatusForbidden, "cross_origin", "This write comes from another origin. Send it from the server's own origin, or use a bearer token."}
	ErrNotFound         = &TransportError{http.StatusNotFound, "not_found", "There is nothing at this path. Check it against the API reference."}
	ErrMethodNotAllowed = &TransportError{http.StatusMethodNotAllowed, "method_not_allowed", "This path does not support this method. Use one of those in the Allow header."}
	ErrNotAcceptable    = &TransportError{http.StatusNotAcceptable, "not_acceptable", "Responses are JSON. Accept application/json."}
	ErrPayloadTooLarge  = &TransportError{http.StatusRequestEntityTooLarge, "payload_too_large", "The body is too large."}
	ErrURITooLong       = &TransportError{http.StatusRequestURITooLong, "uri_too_long", "The URL is too long. Use at most 8 KiB."}
	ErrMediaType        = &TransportError{http.StatusUnsupportedMediaType, "unsupported_media_type", "This operation does not support the Content-Type of the body."}
	ErrCredentials      = &TransportError{http.StatusBadRequest, "multiple_credentials", "The request has more than one credential. Send either a bearer token or the session cookie. A script that uses a token on a page of this host must fetch with credentials: \"omit\"."}
	ErrHeadersTooLarge  = &TransportError{http.StatusRequestHeaderFieldsTooLarge, "headers_too_large", "The headers of the request are too large. Send less; a browser sends all cookies of the host."}
	ErrInternal         = &TransportError{http.StatusInternalServerError, "internal", "An internal error occurred. Report the request ID to the operator."}
)

// transportErrors lists the errors above. The contract publishes their codes along with
// those of the domain.
var transportErrors = []*TransportError{
	ErrMalformed, ErrCrossOrigin, ErrNotFound, ErrMethodNotAllowed, ErrNotAcceptable,
	ErrPayloadTooLarge, ErrURITooLong, ErrMediaType, ErrCredentials, ErrHeadersTooLarge, ErrInternal,
}

// ByCode returns every error that a problem can report, by code.
func ByCode() map[string]error {
	all := map[string]error{}
	for _, e := range domain.Errors() {
		all[e.Code] = e
	}
	for _, e := range transportErrors {
		all[e.Code] = e
	}
	return all
}
