// Package buffer keeps responses of the API in memory until they are whole.
package buffer

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/conformance"
)

// ResponseCheck says what happens to an answer of the API that is off the contract.
type ResponseCheck string

// The checks of answers. The zero value is CheckOff.
const (
	CheckOff  ResponseCheck = "off"  // nobody looks
	CheckLog  ResponseCheck = "log"  // it is logged, and sent
	CheckFail ResponseCheck = "fail" // it is logged, and a fault is answered in its place
)

// handler makes the answers: it refuses what it must, asks the router for the rest,
// and lets no half answer of the API out.
type handler struct {
	admit    func(*http.Request) error
	router   http.Handler
	problems problem.Writer
	check    ResponseCheck
	contract *conformance.Contract // nil when nothing is checked
	log      *slog.Logger
}

// New returns router with a buffer around it. Requests that admit rejects do not reach it.
func New(check ResponseCheck, admit func(*http.Request) error, router http.Handler, p problem.Writer, log *slog.Logger) (http.Handler, error) {
	a := &handler{admit: admit, router: router, problems: p, check: cmp.Or(check, CheckOff), log: log}
	if a.check == CheckOff {
		return a, nil
	}
	var err error
	a.contract, err = conformance.Ours()
	return a, err
}

// ServeHTTP answers one request. Answers of the API are held until they are whole:
// their length is known then, they can be checked, and what breaks on the way is a
// problem like any other fault. They are as short as a page; what lies beside the API
// may be long, and goes out as it is made.
func (a *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !spec.InAPI(r) {
		a.answer(&exchange.Recorder{ResponseWriter: w}, r)
		return
	}
	h := &Response{Head: w.Header().Clone()}
	a.answer(&exchange.Recorder{ResponseWriter: h}, r)
	err := a.fault(r, h)
	if err != nil {
		a.problems.Write(w, r, err)
		return
	}
	h.Send(w)
}

// answer runs the layers inside; a panic becomes a problem like any other fault.
func (a *handler) answer(w *exchange.Recorder, r *http.Request) {
	if err := a.admit(r); err != nil {
		a.problems.Write(w, r, err)
		return
	}
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		err := fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		if w.Status == 0 {
			a.problems.Write(w, r, err)
		}
		exchange.Of(r.Context()).Err = err
	}()
	a.router.ServeHTTP(w, r)
}

// fault says why an answer cannot go out: it broke off, or it is off the contract.
func (a *handler) fault(r *http.Request, h *Response) error {
	x := exchange.Of(r.Context())
	if x.Err != nil && h.Status < http.StatusInternalServerError {
		return x.Err
	}
	if a.check == CheckOff {
		return nil
	}
	faults := a.contract.Check(r, conformance.Answer{Status: h.Status, Header: h.Head, Body: h.Body})
	if len(faults) == 0 {
		return nil
	}
	if a.check == CheckFail {
		return fmt.Errorf("the answer %d is off the contract: %s", h.Status, strings.Join(faults, "; "))
	}
	a.log.LogAttrs(r.Context(), slog.LevelError, "answer off the contract",
		slog.String("route", x.Route),
		slog.Int("status", h.Status),
		slog.String("request_id", x.RequestID),
		slog.Any("faults", faults),
	)
	return nil
}
