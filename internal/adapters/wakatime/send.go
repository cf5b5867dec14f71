package wakatime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"github.com/gradus-dev/gradus/internal/domain"
)

// server is a host that receives requests.
type server struct {
	host    string
	breaker circuitbreaker.CircuitBreaker[any]
}

const (
	breakerRate     = 0.5 // of the requests in breakerPeriod, if there are enough of them
	breakerRequests = 10
	breakerPeriod   = time.Minute
	breakerDelay    = 30 * time.Second
)

func newServer(host string) *server {
	return &server{host: host, breaker: circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(breakerRate, breakerRequests, breakerPeriod).
		WithDelay(breakerDelay).
		WithSuccessThreshold(1).
		Build()}
}

// request is an HTTP request.
type request struct {
	server  *server
	user    domain.UserID // whose rate limit applies; zero for none
	method  string
	url     string
	header  http.Header
	body    string
	maxBody int64
}

// response is a complete HTTP response.
type response struct {
	status int
	body   []byte        // read only if the status alone does not decide
	wait   time.Duration // from Retry-After
}

// Errors that replace those of the transport, which can quote the response.
var (
	errTimeout     = errors.New("no response in time")
	errConnection  = errors.New("the connection failed")
	errCircuitOpen = errors.New("the server failed too often; requests are paused")
	errRateLimited = errors.New("too many requests are waiting")
	errOversize    = errors.New("the response is too large")
	errTruncated   = errors.New("the response is truncated")
	errMalformed   = errors.New("the response has an unexpected format")
	errNoDays      = errors.New("the response does not include the requested days")
)

// send sends a request within the rate limits, unless the circuit breaker is open. It
// returns an error for the statuses that mean the same at every endpoint: throttling
// and 5xx.
// Errors: *domain.UpstreamError, or ctx.Err() if the caller cancelled.
func (c *Client) send(ctx context.Context, req request) (response, error) {
	if err := c.limits.wait(ctx, req.user); err != nil {
		return response{}, cancelled(ctx, &domain.UpstreamError{Reason: domain.ReasonThrottled, Err: errRateLimited})
	}
	if !req.server.breaker.TryAcquirePermit() {
		return response{}, &domain.UpstreamError{
			Reason: domain.ReasonUnavailable, RetryAfter: req.server.breaker.RemainingDelay(), Err: errCircuitOpen,
		}
	}
	resp, err := c.roundTrip(ctx, req)
	if err == nil {
		err = resp.commonError()
	}
	// A cancelled request says nothing about the server. Recording it as a success
	// returns the permit and costs a request or two at worst. Recording it as a
	// failure would let any caller open the breaker for everybody.
	err = cancelled(ctx, err)
	if up, ok := errors.AsType[*domain.UpstreamError](err); ok && up.Reason == domain.ReasonUnavailable {
		req.server.breaker.RecordFailure()
	} else {
		req.server.breaker.RecordSuccess()
	}
	return resp, err
}

// cancelled returns err, or an error that says so if the caller cancelled ctx.
func cancelled(ctx context.Context, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("request to WakaTime: %w", ctx.Err())
	}
	return err
}

// roundTrip sends a request. It uses the transport directly, which does not follow
// redirects or store cookies.
func (c *Client) roundTrip(ctx context.Context, req request) (response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	httpReq, err := http.NewRequestWithContext(ctx, req.method, req.url, strings.NewReader(req.body))
	if err != nil {
		return response{}, fmt.Errorf("create request: %w", err)
	}
	httpReq.Header = req.header
	httpReq.Header.Set("Accept", "application/json")
	httpReq.Header.Set("User-Agent", c.cfg.UserAgent)
	httpResp, err := c.transport.RoundTrip(httpReq)
	if err != nil {
		return response{}, &domain.UpstreamError{Reason: domain.ReasonUnavailable, Err: redact(err)}
	}
	defer func() { _ = httpResp.Body.Close() }()
	resp := response{status: httpResp.StatusCode, wait: retryAfter(httpResp.Header.Get("Retry-After"), c.now())}
	if resp.commonError() != nil || req.method == http.MethodGet && resp.status != http.StatusOK {
		return resp, nil // the status alone decides
	}
	resp.body, err = io.ReadAll(io.LimitReader(httpResp.Body, req.maxBody+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return resp, &domain.UpstreamError{Reason: domain.ReasonUnavailable, Err: errTimeout}
	case err != nil:
		return resp, &domain.UpstreamError{Reason: domain.ReasonInvalid, Err: errTruncated}
	case int64(len(resp.body)) > req.maxBody:
		return resp, &domain.UpstreamError{Reason: domain.ReasonInvalid, Err: errOversize}
	}
	return resp, nil
}

// redact returns a transport error that is safe to report. Transport errors can quote
// what the server sent, except network errors, which contain only addresses.
func redact(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errTimeout
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op
	}
	if rejected, ok := errors.AsType[proxyError](err); ok {
		return rejected
	}
	return errConnection
}

// commonError returns the error for statuses that mean the same at every endpoint.
func (r response) commonError() error {
	switch {
	case r.status == http.StatusTooManyRequests, r.status == http.StatusFound:
		// WakaTime sometimes redirects instead of returning 429.
		return r.failed(domain.ReasonThrottled)
	case r.status >= http.StatusInternalServerError:
		return r.failed(domain.ReasonUnavailable)
	}
	return nil
}

// apiError returns the error for the status of an API endpoint, requested with a
// credential of a kind.
func (r response) apiError(kind domain.ConnectionKind) error {
	switch r.status {
	case http.StatusOK:
		return nil
	case http.StatusAccepted:
		return r.failed(domain.ReasonNotReady)
	case http.StatusUnauthorized:
		return r.failed(domain.ReasonUnauthorized)
	case http.StatusPaymentRequired:
		return r.failed(domain.ReasonPlanLimited)
	case http.StatusForbidden:
		if kind == domain.ConnectedByKey {
			return r.failed(domain.ReasonForbidden)
		}
		return r.failed(domain.ReasonMissingScope)
	case http.StatusNotFound:
		return r.failed(domain.ReasonUnsupported)
	}
	return r.failed(domain.ReasonInvalid)
}

func (r response) failed(reason domain.Reason) error {
	return &domain.UpstreamError{Reason: reason, RetryAfter: r.wait, Err: fmt.Errorf("HTTP status %d", r.status)}
}

func invalid(err error) error { return &domain.UpstreamError{Reason: domain.ReasonInvalid, Err: err} }

// maxWait limits Retry-After.
const maxWait = time.Hour

// retryAfter parses a Retry-After header: seconds or a date. It returns 0 for anything
// else and for past dates.
func retryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	seconds, err := strconv.ParseUint(text, 10, 32)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return maxWait
	case err == nil:
		return min(maxWait, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(maxWait, max(0, at.Sub(now)))
	}
	return 0
}
