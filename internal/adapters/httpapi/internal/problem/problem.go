// Package problem renders every error as RFC 9457 problem details.
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

// DocsPath is where problems are documented, each below it by its code.
const DocsPath = "/problems"

// Writer sends problems.
type Writer struct{ Now ports.Clock }

// Handle is echo's error handler.
func (p Writer) Handle(err error, c echo.Context) {
	if c.Response().Committed {
		exchange.Of(c.Request().Context()).Err = err
		return
	}
	p.Write(c.Response(), c.Request(), err)
}

// Write sends the problem that err is.
func (p Writer) Write(w http.ResponseWriter, r *http.Request, err error) {
	x := exchange.Of(r.Context())
	status, body := Render(err, r.Method)
	if status >= http.StatusInternalServerError {
		x.Err = err
	}
	x.Code = string(body.Code)
	body.Timestamp, body.RequestID, body.Instance = p.Now(), x.RequestID, instance(r.URL)
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
		x.Err = errors.Join(x.Err, err)
	}
}

// Render returns the status and body of an error. What belongs to one request, such as
// its id, is left empty.
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

// transport says which failure of the protocol an error is; ErrInternal if none.
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
			return ErrMalformed // the generated binder cannot read what the validator let through
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &TransportError{http.StatusServiceUnavailable, domain.ErrUnavailable.Code, "This took too long. Try again in a moment."}
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
	path := "/" + strings.TrimLeft(Clip(u.Path, 256), "/") // two slashes would begin a host
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
