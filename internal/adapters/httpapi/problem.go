package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// statuses is the one place where a domain failure becomes an HTTP status.
var statuses = map[domain.Kind]int{
	domain.KindInvalid:         http.StatusUnprocessableEntity,
	domain.KindUnauthenticated: http.StatusUnauthorized,
	domain.KindForbidden:       http.StatusForbidden,
	domain.KindNotFound:        http.StatusNotFound,
	domain.KindConflict:        http.StatusConflict,
	domain.KindStale:           http.StatusPreconditionFailed,
	domain.KindUnavailable:     http.StatusServiceUnavailable,
}

// transportError is a failure of the protocol, which the domain knows nothing of.
type transportError struct {
	status int
	code   string
	detail string
}

func (e *transportError) Error() string { return e.code + ": " + e.detail }

// With returns a copy of e with another detail.
func (e *transportError) With(detail string) *transportError {
	return &transportError{e.status, e.code, detail}
}

// The failures of the protocol.
var (
	errMalformed       = &transportError{http.StatusBadRequest, "malformed_request", "The request cannot be read."}
	errCrossOrigin     = &transportError{http.StatusForbidden, "cross_origin", "This write comes from another site. Send it from the site itself, or use a bearer token."}
	errNotFound        = &transportError{http.StatusNotFound, "not_found", "There is nothing at this address."}
	errMethod          = &transportError{http.StatusMethodNotAllowed, "method_not_allowed", "This address does not take this method; the Allow header lists those it takes."}
	errNotAcceptable   = &transportError{http.StatusNotAcceptable, "not_acceptable", "Answers are JSON. Accept application/json."}
	errPayloadTooLarge = &transportError{http.StatusRequestEntityTooLarge, "payload_too_large", "The body is too large."}
	errURITooLong      = &transportError{http.StatusRequestURITooLong, "uri_too_long", "The address is too long: at most 8 KiB."}
	errMediaType       = &transportError{http.StatusUnsupportedMediaType, "unsupported_media_type", "This operation does not take a body of this Content-Type."}
	errInternal        = &transportError{http.StatusInternalServerError, "internal", "Something went wrong on our side. The request id helps the operator to find out what."}
)

// transportErrors lists the failures above; the spec publishes their codes with
// the domain's.
var transportErrors = []*transportError{
	errMalformed, errCrossOrigin, errNotFound, errMethod, errNotAcceptable, errPayloadTooLarge, errURITooLong, errMediaType, errInternal,
}

// problems renders every error as RFC 9457 problem details.
type problems struct{ now ports.Clock }

// handle is echo's error handler.
func (p problems) handle(err error, c echo.Context) {
	if c.Response().Committed {
		of(c.Request().Context()).err = err
		return
	}
	p.write(c.Response(), c.Request(), err)
}

// write answers with the problem that err is.
func (p problems) write(w http.ResponseWriter, r *http.Request, err error) {
	x := of(r.Context())
	status, body := problem(err, r.Method)
	if status >= http.StatusInternalServerError {
		x.err = err
	}
	x.code = string(body.Code)
	body.Timestamp, body.RequestID, body.Instance = p.now(), x.requestID, instance(r.URL)
	h := w.Header()
	h.Set(echo.HeaderContentType, "application/problem+json")
	h.Set("Cache-Control", "no-store")
	switch status {
	case http.StatusServiceUnavailable:
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(retryAfter(err)))
	case http.StatusUnauthorized:
		h.Set(echo.HeaderWWWAuthenticate, `Bearer realm="gradus"`)
	case http.StatusRequestEntityTooLarge:
		h.Set(echo.HeaderConnection, "close") // the rest of the body is not worth reading
	}
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		x.err = errors.Join(x.err, err)
	}
}

// problem says what status and body an error has.
func problem(err error, method string) (int, api.Problem) {
	if e, ok := errors.AsType[*domain.Error](err); ok {
		p := details(statuses[e.Kind], e.Code, e.Detail)
		p.Errors = each(e.Fields, func(f domain.FieldError) api.FieldProblem { return located(f, method) })
		return p.Status, p
	}
	if e, ok := errors.AsType[*invalidRequestError](err); ok {
		p := details(http.StatusUnprocessableEntity, domain.ErrInvalid.Code, e.Error())
		p.Errors = e.fields
		return p.Status, p
	}
	t := transport(err)
	return t.status, details(t.status, t.code, t.detail)
}

// transport says which failure of the protocol an error is; errInternal if none.
func transport(err error) *transportError {
	if e, ok := errors.AsType[*transportError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		switch e.Code {
		case http.StatusNotFound:
			return errNotFound
		case http.StatusMethodNotAllowed:
			return errMethod
		case http.StatusBadRequest, http.StatusUnsupportedMediaType:
			return errMalformed // the generated binder cannot read what the validator let through
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &transportError{http.StatusServiceUnavailable, domain.ErrUnavailable.Code, "This took too long. Try again in a moment."}
	}
	return errInternal
}

func details(status int, code, detail string) api.Problem {
	return api.Problem{
		Type:   problemPath + code,
		Title:  http.StatusText(status),
		Status: status,
		Code:   api.ProblemCode(code),
		Detail: detail,
		Errors: []api.FieldProblem{},
	}
}

// located says where a wrong field is: the domain names it, and the method decides
// whether that is a pointer into the body or a parameter.
func located(f domain.FieldError, method string) api.FieldProblem {
	out := api.FieldProblem{Code: f.Code, Detail: f.Detail}
	switch method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		out.Pointer = new("/" + f.Field)
	default:
		out.Parameter = &f.Field
	}
	return out
}

// instance writes the path that was asked for as a URI reference of bounded length.
func instance(u *url.URL) string {
	path := "/" + strings.TrimLeft(clip(u.Path, 256), "/") // two slashes would begin a host
	return (&url.URL{Path: path}).EscapedPath()
}

// retryAfter is when to try again, in whole seconds, at least one.
func retryAfter(err error) int {
	wait := time.Second
	if e, ok := errors.AsType[*domain.Error](err); ok {
		wait = max(wait, e.RetryAfter)
	}
	return int(math.Ceil(wait.Seconds()))
}
