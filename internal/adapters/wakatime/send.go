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

// server is one host that is asked.
type server struct {
	host    string
	breaker circuitbreaker.CircuitBreaker[any]
}

const (
	breakerRate     = 0.5 // of the requests of breakerPeriod, when there are enough of them
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

// query is one request.
type query struct {
	server  *server
	user    domain.UserID // whose limit it counts to; zero for nobody's
	method  string
	url     string
	header  http.Header
	body    string
	maxBody int64
}

// reply is a whole answer.
type reply struct {
	status int
	body   []byte        // read only where the status leaves something to say
	wait   time.Duration // that the server asked for
}

// Failures that are told in words of ours.
var (
	errNoAnswer = errors.New("no answer in time")
	errBroken   = errors.New("the connection broke")
	errOpen     = errors.New("the server failed too often; it is left alone for a while")
	errTooMany  = errors.New("too many requests of ours are waiting")
	errOversize = errors.New("the answer is too large")
	errCut      = errors.New("the answer is cut short")
	errNonsense = errors.New("the answer is not of the form that was expected")
)

// send asks, within the limits and unless the server is known to be down. What every
// endpoint means by the same status is an error already: being throttled, and 5xx.
// Errors: *domain.UpstreamError, or what ended ctx when the caller has gone.
func (c *Client) send(ctx context.Context, q query) (reply, error) {
	if err := c.limits.wait(ctx, q.user); err != nil {
		return reply{}, gone(ctx, &domain.UpstreamError{Reason: domain.ReasonThrottled, Err: errTooMany})
	}
	if !q.server.breaker.TryAcquirePermit() {
		return reply{}, &domain.UpstreamError{
			Reason: domain.ReasonUnavailable, RetryAfter: q.server.breaker.RemainingDelay(), Err: errOpen,
		}
	}
	a, err := c.roundTrip(ctx, q)
	if err == nil {
		err = a.common()
	}
	// A caller who leaves says nothing about the server. Recording it as a success
	// gives the permit back and costs a request or two at worst; as a failure it
	// would let anybody shut the door for everybody.
	err = gone(ctx, err)
	if up, ok := errors.AsType[*domain.UpstreamError](err); ok && up.Reason == domain.ReasonUnavailable {
		q.server.breaker.RecordFailure()
	} else {
		q.server.breaker.RecordSuccess()
	}
	return a, err
}

// gone returns err, unless it only says that the caller has gone.
func gone(ctx context.Context, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("ask WakaTime: %w", ctx.Err())
	}
	return err
}

// roundTrip sends one request. It uses the transport itself, which follows no
// redirects and keeps no cookies.
func (c *Client) roundTrip(ctx context.Context, q query) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, q.method, q.url, strings.NewReader(q.body))
	if err != nil {
		return reply{}, fmt.Errorf("make a request: %w", err)
	}
	req.Header = q.header
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return reply{}, &domain.UpstreamError{Reason: domain.ReasonUnavailable, Err: safe(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	a := reply{status: resp.StatusCode, wait: retryAfter(resp.Header.Get("Retry-After"), c.now())}
	if a.common() != nil || q.method == http.MethodGet && a.status != http.StatusOK {
		return a, nil // the status says it all
	}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, q.maxBody+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return a, &domain.UpstreamError{Reason: domain.ReasonUnavailable, Err: errNoAnswer}
	case err != nil:
		return a, &domain.UpstreamError{Reason: domain.ReasonInvalid, Err: errCut}
	case int64(len(a.body)) > q.maxBody:
		return a, &domain.UpstreamError{Reason: domain.ReasonInvalid, Err: errOversize}
	}
	return a, nil
}

// safe returns what may be told of a failure of the transport. Its errors can quote
// what the server sent, except those of the network, which know addresses only.
func safe(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return errNoAnswer
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op
	}
	return errBroken
}

// common is the error that a status means at every endpoint.
func (a reply) common() error {
	switch {
	case a.status == http.StatusTooManyRequests, a.status == http.StatusFound:
		// WakaTime sometimes redirects instead of answering 429.
		return a.failed(domain.ReasonThrottled)
	case a.status >= http.StatusInternalServerError:
		return a.failed(domain.ReasonUnavailable)
	}
	return nil
}

// refused is the error that a status means at an endpoint of the API.
func (a reply) refused() error {
	switch a.status {
	case http.StatusOK:
		return nil
	case http.StatusAccepted:
		return a.failed(domain.ReasonNotReady)
	case http.StatusUnauthorized:
		return a.failed(domain.ReasonUnauthorized)
	case http.StatusPaymentRequired:
		return a.failed(domain.ReasonPlanLimited)
	case http.StatusForbidden:
		return a.failed(domain.ReasonMissingScope)
	case http.StatusNotFound:
		return a.failed(domain.ReasonUnsupported)
	}
	return a.failed(domain.ReasonInvalid)
}

func (a reply) failed(r domain.Reason) error {
	return &domain.UpstreamError{Reason: r, RetryAfter: a.wait, Err: fmt.Errorf("HTTP status %d", a.status)}
}

func invalid(err error) error { return &domain.UpstreamError{Reason: domain.ReasonInvalid, Err: err} }

// maxWait is the longest that a server can make us wait.
const maxWait = time.Hour

// retryAfter reads a Retry-After header: seconds or a date. What is neither, or is
// past, is 0.
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
