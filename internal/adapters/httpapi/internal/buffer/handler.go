// Package buffer holds API responses in memory until they are complete.
package buffer

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/conformance"
)

// ResponseCheck says what happens to an API response that violates the contract.
type ResponseCheck string

// The zero value is CheckOff.
const (
	CheckOff  ResponseCheck = "off"  // do not check
	CheckLog  ResponseCheck = "log"  // log the violations and send the response
	CheckFail ResponseCheck = "fail" // log the violations and send a 500 instead
)

// handler runs the router and buffers its API responses.
type handler struct {
	precheck func(*http.Request) error
	router   http.Handler
	problems problem.Writer
	check    ResponseCheck
	contract *conformance.Contract // nil if check is CheckOff
	log      *slog.Logger
}

// New returns router with a response buffer. Requests that precheck rejects do not reach
// the router.
func New(check ResponseCheck, precheck func(*http.Request) error, router http.Handler, p problem.Writer, log *slog.Logger) (http.Handler, error) {
	b := &handler{precheck: precheck, router: router, problems: p, check: cmp.Or(check, CheckOff), log: log}
	if b.check == CheckOff {
		return b, nil
	}
	var err error
	b.contract, err = conformance.Ours()
	return b, err
}

// ServeHTTP buffers the response to an API request until it is complete: then its length is
// known, it can be checked against the contract, and an error along the way can still
// become a problem. API responses are at most one page long. Documents may be long, so they
// are not buffered.
func (b *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !spec.InAPI(r) {
		b.serve(&exchange.Recorder{ResponseWriter: w}, r)
		return
	}
	before := headersOf(w.Header())
	response := responses.Get().(*recorded)
	defer response.free()
	response.Head, response.ResponseWriter = w.Header(), &response.Response
	b.serve(&response.Recorder, r)
	if err := b.checkResponse(r, &response.Response); err != nil {
		before.restore(w.Header())
		b.problems.Write(w, r, err)
		return
	}
	response.write(w)
}

// recorded is a response in memory with the writer that the router sees.
type recorded struct {
	exchange.Recorder
	Response
}

// responses has recorded responses that are used again, because their bodies are most of what a
// request allocates.
var responses = sync.Pool{New: func() any { return new(recorded) }}

const maxKept = 512 << 10 // bytes of a body that is used again; a year of days has some 300,000

// free makes a response available for other requests.
func (r *recorded) free() {
	body := r.Body[:0]
	if cap(body) > maxKept {
		body = nil
	}
	*r = recorded{Response: Response{Body: body}}
	responses.Put(r)
}

// serve runs the router and turns a panic into a problem.
func (b *handler) serve(w *exchange.Recorder, r *http.Request) {
	if err := b.precheck(r); err != nil {
		b.problems.Write(w, r, err)
		return
	}
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		err := fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		if w.Status == 0 {
			b.problems.Write(w, r, err)
		}
		exchange.Of(r.Context()).Err = err
	}()
	b.router.ServeHTTP(w, r)
}

// checkResponse returns an error if a response must not be sent: because it is incomplete,
// or because it violates the contract.
func (b *handler) checkResponse(r *http.Request, response *Response) error {
	x := exchange.Of(r.Context())
	if x.Err != nil && response.Status < http.StatusInternalServerError {
		return x.Err
	}
	if b.check == CheckOff {
		return nil
	}
	violations := b.contract.Check(r, conformance.Response{Status: response.Status, Header: response.Head, Body: response.Body})
	if len(violations) == 0 {
		return nil
	}
	if b.check == CheckFail {
		return fmt.Errorf("response %d violates the contract: %s", response.Status, strings.Join(violations, "; "))
	}
	b.log.LogAttrs(r.Context(), slog.LevelError, "response violates the contract",
		slog.String("route", x.Route),
		slog.Int("status", response.Status),
		slog.String("request_id", x.RequestID),
		slog.Any("violations", violations),
	)
	return nil
}
