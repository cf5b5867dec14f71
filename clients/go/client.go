// Package gradus is the Go client of the Gradus REST API.
//
//	c := gradus.New("https://gradus.school.example/api/v1", gradus.WithToken(token))
//	batch, err := c.GetBatch(ctx, id)
//
// Each operation of the API is a method of [Client]. It returns the response body, or an
// error: an [*Error] if the server rejected the request, or a [*NetworkError] if there was
// no usable response. Methods such as [Client.AllUsers] iterate over all items of a list.
//
// This file is written by hand; gradus.gen.go is generated from the OpenAPI document.
package gradus

import (
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-retryablehttp"
)

// Version is the version of this client.
const Version = "1.0.0"

// longestWait is the longest Retry-After that the client waits for.
const longestWait = 30 * time.Second

const idempotencyKey = "Idempotency-Key"

// Client sends requests to a Gradus server. It is safe for concurrent use.
type Client struct {
	base    string
	http    *retryablehttp.Client
	tokens  tokens
	timeout time.Duration
}

// Option configures a [Client].
type Option func(*Client)

// WithToken sends the token of a session, as returned by [Client.SignIn], with every request.
func WithToken(token string) Option {
	return func(c *Client) { c.tokens = tokens{current: token} }
}

// WithTokenSource calls source for a token before the first request that needs one, and
// again when the server responds 401.
func WithTokenSource(source func(context.Context) (string, error)) Option {
	return func(c *Client) { c.tokens = tokens{source: source} }
}

// WithSession sends the token of a session with every request, and renews it with the refresh
// token of the session when the server responds 401: once for all calls that wait for it. If the
// session has ended, calls fail with an [*Error] whose code is [ProblemCodeRefreshTokenInvalid].
//
// Each refresh token works once. If changed is not nil, it is called with the session before its
// new tokens are used, also after [Client.Reauthenticate], so that programs can store them.
func WithSession(session Session, changed func(Session)) Option {
	return func(c *Client) {
		c.tokens = tokens{session: &session, changed: changed}
		if session.Token != nil {
			c.tokens.current = *session.Token
		}
		if session.RefreshToken != nil {
			c.tokens.source = c.renew
		}
	}
}

// WithHTTPClient sends requests through h, for example to add a proxy, certificates or tracing.
func WithHTTPClient(h *http.Client) Option {
	return func(c *Client) { c.http.HTTPClient = h }
}

// WithTimeout limits the duration of a call, including its retries. The default is 30
// seconds; 0 leaves the limit to the context of the call.
func WithTimeout(d time.Duration) Option {
	return func(c *Client) { c.timeout = d }
}

// WithRetries sets how often a call is retried after 429, 503 and connection errors. The
// default is 2. Only idempotent calls are retried: GET, PUT, DELETE, and creates, which
// send an Idempotency-Key. The client waits as long as Retry-After says, unless that is
// more than 30 seconds or more than the call has left; then it returns the error.
func WithRetries(n int) Option {
	return func(c *Client) { c.http.RetryMax = n }
}

// New returns a client for the API at baseURL, which ends in /api/v1.
func New(baseURL string, options ...Option) *Client {
	h := retryablehttp.NewClient()
	h.Logger = nil
	h.RetryMax = 2
	h.RetryWaitMin, h.RetryWaitMax = 250*time.Millisecond, time.Second
	h.CheckRetry = shouldRetry
	h.Backoff = retryablehttp.RateLimitLinearJitterBackoff
	h.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c := &Client{base: strings.TrimSuffix(baseURL, "/"), http: h, timeout: 30 * time.Second}
	for _, o := range options {
		o(c)
	}
	return c
}

// RequestOption configures a single call.
type RequestOption func(*call)

// IfMatch applies the change only if the resource still has this ETag. Otherwise the call
// fails with [ProblemCodeVersionMismatch]. [ReadHeader] returns the ETag of a resource.
func IfMatch(etag string) RequestOption {
	return func(c *call) { c.header.Set("If-Match", etag) }
}

// IdempotencyKey replaces the key that the client generates for each create, so that
// another process can retry the request safely.
func IdempotencyKey(key string) RequestOption {
	return func(c *call) { c.header.Set(idempotencyKey, key) }
}

// ReadHeader stores the header of the response in h, also if the call fails.
func ReadHeader(h *http.Header) RequestOption {
	return func(c *call) { c.responseHeader = h }
}

// Date is a calendar day without a time zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day of t in the location of t.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// In returns the start of the day in loc.
func (d Date) In(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// String returns the day as YYYY-MM-DD.
func (d Date) String() string { return d.In(time.UTC).Format(time.DateOnly) }

// MarshalText returns the day as YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText parses YYYY-MM-DD.
func (d *Date) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err == nil {
		*d = DateOf(t)
	}
	return err
}

// call is one call of an operation.
type call struct {
	method, path string
	query        url.Values
	contentType  string
	body         any
	anonymous    bool                 // needs no token
	keyed        bool                 // accepts an Idempotency-Key
	accepted     func() acceptedError // for 202 Accepted, if its body is not the result

	header         http.Header
	responseHeader *http.Header
}

// repeatable reports whether the call can be sent again although the server may have applied
// it. With If-Match, the retry would report the caller's own change as that of somebody else.
func (c call) repeatable() bool {
	etag := c.header.Get("If-Match")
	return c.idempotent() && (etag == "" || etag == "*")
}

// idempotent reports whether sending the call twice has the same effect as sending it once.
func (c call) idempotent() bool {
	return c.method != http.MethodPost && c.method != http.MethodPatch || c.header.Get(idempotencyKey) != ""
}

// send calls an operation that returns a T.
func send[T any](ctx context.Context, c *Client, op call, options []RequestOption) (*T, error) {
	op.header = http.Header{}
	if op.keyed {
		op.header.Set(idempotencyKey, uuid.NewString())
	}
	for _, o := range options {
		o(&op)
	}
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	resp, err := c.authorized(ctx, op)
	if err != nil {
		return nil, networkError(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if op.responseHeader != nil {
		*op.responseHeader = resp.Header
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, responseError(resp)
	}
	out := new(T)
	if resp.StatusCode == http.StatusNoContent {
		return out, nil
	}
	if resp.StatusCode == http.StatusAccepted && op.accepted != nil {
		pending := op.accepted()
		if err := decode(op, resp, pending.body()); err != nil {
			return nil, err
		}
		return nil, pending
	}
	if err := decode(op, resp, out); err != nil {
		return nil, err
	}
	if session, ok := any(out).(*Session); ok && !op.anonymous {
		c.tokens.replace(*session)
	}
	return out, nil
}

func decode(op call, resp *http.Response, out any) error {
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return responseFault(fmt.Errorf("decode the response of %s %s: %w", op.method, op.path, err))
	}
	return nil
}

// authorized sends op with a token, and again with a new token after a 401.
func (c *Client) authorized(ctx context.Context, op call) (*http.Response, error) {
	if op.anonymous {
		return c.do(ctx, op, "")
	}
	token, err := c.tokens.get(ctx, "")
	if err != nil {
		return nil, err
	}
	resp, err := c.do(ctx, op, token)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || c.tokens.source == nil {
		return resp, err
	}
	_ = resp.Body.Close()
	if token, err = c.tokens.get(ctx, token); err != nil {
		return nil, err
	}
	return c.do(ctx, op, token)
}

func (c *Client) do(ctx context.Context, op call, token string) (*http.Response, error) {
	address := c.base + op.path
	if len(op.query) > 0 {
		address += "?" + op.query.Encode()
	}
	var body any
	if op.body != nil {
		text, err := json.Marshal(op.body)
		if err != nil {
			return nil, err
		}
		body = text
	}
	ctx = context.WithValue(ctx, callKey{}, op)
	req, err := retryablehttp.NewRequestWithContext(ctx, op.method, address, body)
	if err != nil {
		return nil, err
	}
	for name := range op.header {
		req.Header.Set(name, op.header.Get(name))
	}
	req.Header.Set("Accept", "application/json, application/problem+json")
	req.Header.Set("User-Agent", "gradus-go/"+Version+" (api "+APIVersion+")")
	if op.body != nil {
		req.Header.Set("Content-Type", op.contentType)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return c.http.Do(req)
}

type callKey struct{}

// shouldRetry is the retry policy of the client.
func shouldRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	op, _ := ctx.Value(callKey{}).(call)
	if !op.idempotent() || err != nil && !op.repeatable() {
		return false, nil
	}
	if err != nil {
		return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	}
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return false, nil
	}
	wait := longestWait
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)) //nolint:forbidigo // a client's clock is the real one
	}
	return retryAfter(resp) <= wait, nil
}

// retryAfter parses the header, which holds seconds or a date.
func retryAfter(resp *http.Response) time.Duration {
	value := resp.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at)) //nolint:forbidigo // a client's clock is the real one
	}
	return 0
}

// pages iterates over the items of a list and fetches each page when it is needed.
func pages[T any](page func(after *string) ([]T, *string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var after *string
		for {
			items, next, err := page(after)
			if err != nil {
				yield(*new(T), err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if next == nil {
				return
			}
			after = next
		}
	}
}

// optional returns a body, or nothing for a nil pointer.
func optional[T any](body *T) any {
	if body == nil {
		return nil
	}
	return body
}

// setQuery sets a parameter unless value is nil.
func setQuery[T any](q url.Values, name string, value *T) {
	if value != nil {
		q.Set(name, text(*value))
	}
}

// escape returns a value as a path segment.
func escape(value any) string { return url.PathEscape(text(value)) }

func text(value any) string {
	if m, ok := value.(encoding.TextMarshaler); ok {
		if b, err := m.MarshalText(); err == nil {
			return string(b)
		}
	}
	return fmt.Sprint(value)
}
