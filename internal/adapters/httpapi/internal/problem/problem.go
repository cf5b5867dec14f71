// Package problem renders errors as RFC 9457 problem details.
package problem

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
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// statuses is the only mapping of domain errors to HTTP statuses.
var statuses = map[domain.Kind]int{
	domain.KindInvalid:         http.StatusUnprocessableEntity,
	domain.KindUnauthenticated: http.StatusUnauthorized,
	domain.KindForbidden:       http.StatusForbidden,
	domain.KindNotFound:        http.StatusNotFound,
	domain.KindConflict:        http.StatusConflict,
	domain.KindStale:           http.StatusPreconditionFailed,
	domain.KindTooMany:         http.StatusTooManyRequests,
	domain.KindUnavailable:     http.StatusServiceUnavailable,
}

// DocsPath is where problems are documented. DocsPath/<code> is the type of a problem.
const DocsPath = "/problems"

// Writer writes problems.
type Writer struct{ Now ports.Clock }

// Handle is echo's error handler.
func (p Writer) Handle(err error, c echo.Context) {
	if c.Response().Committed {
		exchange.Of(c.Request().Context()).Err = err
		return
	}
	p.Write(c.Response(), c.Request(), err)
}

// Write responds with the problem for err.
func (p Writer) Write(w http.ResponseWriter, r *http.Request, err error) {
	x := exchange.Of(r.Context())
	status, body := Render(err, r.Method)
	if status >= http.StatusInternalServerError {
		x.Err = err
	}
	x.Code = string(body.Code)
	body.Timestamp, body.RequestID = p.Now(), x.RequestID
	body.Type, body.Instance = x.Prefix+body.Type, x.Prefix+instance(r.URL)
	h := w.Header()
	h.Set(echo.HeaderContentType, "application/problem+json")
	h.Set("Cache-Control", "no-store")
	switch status {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(retryAfter(err)))
	case http.StatusUnauthorized:
		h.Set(echo.HeaderWWWAuthenticate, `Bearer realm="gradus"`)
	case http.StatusRequestEntityTooLarge:
		h.Set(echo.HeaderConnection, "close") // rather than read the rest of the body
	}
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		x.Err = errors.Join(x.Err, err)
	}
}

// Render returns the status and the problem for err. Fields that depend on the request,
// such as its ID, are left empty.
func Render(err error, method string) (int, api.Problem) {
	if e, ok := errors.AsType[*domain.Error](err); ok {
		p := details(statuses[e.Kind], e.Code, e.Detail)
		for _, f := range e.Fields {
			p.Errors = append(p.Errors, located(f, method))
		}
		return p.Status, p
	}
	if e, ok := errors.AsType[*ValidationError](err); ok {
		p := details(http.StatusUnprocessableEntity, domain.ErrInvalid.Code, e.Error())
		p.Errors = e.Fields
		return p.Status, p
	}
	t := transport(err)
	return t.Status, details(t.Status, t.Code, t.Detail)
}

// transport returns the TransportError for err, or ErrInternal.
func transport(err error) *TransportError {
	if e, ok := errors.AsType[*TransportError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		switch e.Code {
		case http.StatusNotFound:
			return ErrNotFound
		case http.StatusMethodNotAllowed:
			return ErrMethodNotAllowed
		case http.StatusBadRequest, http.StatusUnsupportedMediaType:
			return ErrMalformed // the generated binder rejects what the validator accepted
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &TransportError{http.StatusServiceUnavailable, domain.ErrUnavailable.Code, "The request timed out. Retry it in a moment."}
	}
	return ErrInternal
}

func details(status int, code, detail string) api.Problem {
	return api.Problem{
		Type:   DocsPath + "/" + code,
		Title:  http.StatusText(status),
		Status: status,
		Code:   api.ProblemCode(code),
		Detail: detail,
		Errors: []api.FieldProblem{},
	}
}

// located converts an invalid field of the domain. The method decides whether it is a
// part of the body or a parameter.
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

// instance returns the path of the request as a URI reference of bounded length.
func instance(u *url.URL) string {
	path := "/" + strings.TrimLeft(Clip(u.Path, 256), "/") // two slashes would start a host
	return (&url.URL{Path: path}).EscapedPath()
}

// retryAfter returns the value of Retry-After: whole seconds, at least 1.
func retryAfter(err error) int {
	wait := time.Second
	if e, ok := errors.AsType[*domain.Error](err); ok {
		wait = max(wait, e.RetryAfter)
	}
	return int(math.Ceil(wait.Seconds()))
}
