package httpapi

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

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

// answerer makes the answers: it refuses what it must, asks the router for the rest,
// and lets no half answer of the API out.
type answerer struct {
	admit    func(*http.Request) error
	router   http.Handler
	problems problems
	check    ResponseCheck
	contract *conformance.Contract // nil when nothing is checked
	log      *slog.Logger
}

func newAnswerer(check ResponseCheck, admit func(*http.Request) error, router http.Handler, p problems, log *slog.Logger) (*answerer, error) {
	a := &answerer{admit: admit, router: router, problems: p, check: cmp.Or(check, CheckOff), log: log}
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
func (a *answerer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !inAPI(r) {
		a.answer(&recorder{ResponseWriter: w}, r)
		return
	}
	h := &held{Head: w.Header().Clone()}
	a.answer(&recorder{ResponseWriter: h}, r)
	err := a.fault(r, h)
	if err != nil {
		a.problems.write(w, r, err)
		return
	}
	h.send(w)
}

// answer runs the layers inside; a panic becomes a problem like any other fault.
func (a *answerer) answer(w *recorder, r *http.Request) {
	if err := a.admit(r); err != nil {
		a.problems.write(w, r, err)
		return
	}
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		err := fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		if w.status == 0 {
			a.problems.write(w, r, err)
		}
		of(r.Context()).err = err
	}()
	a.router.ServeHTTP(w, r)
}

// fault says why an answer cannot go out: it broke off, or it is off the contract.
func (a *answerer) fault(r *http.Request, h *held) error {
	x := of(r.Context())
	if x.err != nil && h.Status < http.StatusInternalServerError {
		return x.err
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
		slog.String("route", x.route),
		slog.Int("status", h.Status),
		slog.String("request_id", x.requestID),
		slog.Any("faults", faults),
	)
	return nil
}

// send lets the answer go.
func (h *held) send(w http.ResponseWriter) {
	clear(w.Header())
	maps.Copy(w.Header(), h.Head)
	status := cmp.Or(h.Status, http.StatusOK)
	if status != http.StatusNoContent && status != http.StatusNotModified {
		w.Header().Set(echo.HeaderContentLength, strconv.Itoa(len(h.Body)))
	}
	w.WriteHeader(status)
	_, _ = w.Write(h.Body) // the recorder tells of a client that is gone
}
