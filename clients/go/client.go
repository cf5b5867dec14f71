// Package gradus is the client of Gradus's REST API.
//
//	c := gradus.New("https://gradus.school.example/api/v1", gradus.WithToken(token))
//	batch, err := c.GetBatch(ctx, id)
//
// Each operation of the API is a method of [Client]. It answers with the thing itself,
// or with an error, which is an [*Error] when the server refused. Lists also come as
// loops over all their items, such as [Client.AllUsers].
//
// This file is written by hand; gradus.gen.go is made from the API's contract.
package gradus

import (
	"cmp"
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-retryablehttp"
)

// Version is the client's own version.
const Version = "1.0.0"

// longestWait is how long a Retry-After may be for the client to wait it out itself.
const longestWait = 30 * time.Second

const idempotencyKey = "Idempotency-Key"

// Client calls one Gradus server. It is safe for use by several goroutines.
type Client struct {
	base    string
	http    *retryablehttp.Client
	tokens  tokens
	timeout time.Duration
}

// Option sets up a [Client].
type Option func(*Client)

// WithToken signs every request with a session's token, as [Client.SignIn] gives it.
func WithToken(token string) Option {
	return func(c *Client) { c.tokens = tokens{current: token} }
}

// WithTokenSource asks source for a token before the first request that needs one, and
// once more when the server says that it is no good any more.
func WithTokenSource(source func(context.Context) (string, error)) Option {
	return func(c *Client) { c.tokens = tokens{source: source} }
}

// WithHTTPClient sends requests through h: for proxies, certificates, tracing.
func WithHTTPClient(h *http.Client) Option {
	return func(c *Client) { c.http.HTTPClient = h }
}

// WithTimeout says how long a call may take with all its retries. It is 30 seconds
// unless set; 0 leaves it to the call's context.
func WithTimeout(d time.Duration) Option {
	return func(c *Client) { c.timeout = d }
}

// WithRetries says how often a call is tried again, twice unless set, after 429, 503
// and broken connections. Only calls that may be repeated are: reads, PUT, DELETE, and
// creates, which carry an Idempotency-Key. The server's Retry-After is kept to; one
// that is longer than half a minute or than the call has left is not waited for.
func WithRetries(n int) Option {
	return func(c *Client) { c.http.RetryMax = n }
}

// New returns a client of the API at baseURL, which ends in /api/v1.
func New(baseURL string, options ...Option) *Client {
	h := retryablehttp.NewClient()
	h.Logger = nil
	h.RetryMax = 2
	h.RetryWaitMin, h.RetryWaitMax = 250*time.Millisecond, time.Second
	h.CheckRetry = tryAgain
	h.Backoff = retryablehttp.RateLimitLinearJitterBackoff
	h.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c := &Client{base: strings.TrimSuffix(baseURL, "/"), http: h, timeout: 30 * time.Second}
	for _, o := range options {
		o(c)
	}
	return c
}

// RequestOption changes a single call.
type RequestOption func(*call)

// IfMatch lets a change happen only while the thing still has this ETag, and fail with
// [ProblemCodeVersionMismatch] otherwise. [ReadHeader] tells the ETag.
func IfMatch(etag string) RequestOption {
	return func(c *call) { c.header.Set("If-Match", etag) }
}

// IdempotencyKey takes the place of the key that the client makes for each create, to
// repeat one safely from another process.
func IdempotencyKey(key string) RequestOption {
	return func(c *call) { c.header.Set(idempotencyKey, key) }
}

// ReadHeader puts the answer's header into h, also when the server refuses.
func ReadHeader(h *http.Header) RequestOption {
	return func(c *call) { c.answered = h }
}

// Error is a refusal by the server. Find it with errors.AsType[*gradus.Error](err).
type Error struct {
	Status     int            // of HTTP
	Code       ProblemCode    // what went wrong, for the program; empty when it was not Gradus that answered
	Detail     string         // a sentence for the person
	Errors     []FieldProblem // each thing that is wrong with the request
	RequestID  string         // names the request in the server's logs
	RetryAfter time.Duration  // when to try again; 0 when the server does not say
}

func (e *Error) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "gradus: %d %s: %s", e.Status, e.Code, e.Detail)
	for _, f := range e.Errors {
		if where := cmp.Or(f.Pointer, f.Parameter); where != nil {
			fmt.Fprintf(&s, " [%s: %s]", *where, f.Detail)
		}
	}
	if e.RequestID != "" {
		fmt.Fprintf(&s, " (request %s)", e.RequestID)
	}
	return s.String()
}

// Date is a calendar day of no particular time zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day of t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// In returns the moment when the day begins in loc.
func (d Date) In(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// String returns the day as YYYY-MM-DD.
func (d Date) String() string { return d.In(time.UTC).Format(time.DateOnly) }

// MarshalText returns the day as YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
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
	anonymous    bool // needs no token
	keyed        bool // takes an Idempotency-Key

	header   http.Header
	answered *http.Header
}

// repeatable reports whether sending it twice does what sending it once does.
func (c call) repeatable() bool {
	return c.method != http.MethodPost && c.method != http.MethodPatch || c.header.Get(idempotencyKey) != ""
}

// send calls an operation that answers with a T.
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
	resp, err := c.signed(ctx, op)
	if err != nil {
		return nil, fmt.Errorf("gradus: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if op.answered != nil {
		*op.answered = resp.Header
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, refusal(resp)
	}
	out := new(T)
	if resp.StatusCode == http.StatusNoContent {
		return out, nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return nil, fmt.Errorf("gradus: read the answer of %s %s: %w", op.method, op.path, err)
	}
	return out, nil
}

// signed sends op with a token, and once more with a new one when the old one is dead.
func (c *Client) signed(ctx context.Context, op call) (*http.Response, error) {
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
	ctx = context.WithValue(ctx, repeatableKey{}, op.repeatable())
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

type repeatableKey struct{}

// tryAgain is the client's retry policy.
func tryAgain(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if repeatable, _ := ctx.Value(repeatableKey{}).(bool); !repeatable {
		return false, nil
	}
	if err != nil {
		return retryablehttp.DefaultRetryPolicy(ctx, resp, err)
	}
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return false, nil
	}
	patience := longestWait
	if deadline, ok := ctx.Deadline(); ok {
		patience = min(patience, time.Until(deadline)) //nolint:forbidigo // a client's clock is the real one
	}
	return retryAfter(resp) <= patience, nil
}

// refusal reads a failure, whoever it comes from.
func refusal(resp *http.Response) error {
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("gradus: read the answer: %w", err)
	}
	e := &Error{Status: resp.StatusCode, Detail: http.StatusText(resp.StatusCode), RetryAfter: retryAfter(resp)}
	var p Problem
	if json.Unmarshal(text, &p) == nil && p.Code != "" {
		e.Code, e.Detail, e.Errors, e.RequestID = p.Code, p.Detail, p.Errors, p.RequestID
	}
	return e
}

// retryAfter reads the header in both its forms.
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

// tokens keeps the token that a source gave until it is dead.
type tokens struct {
	source func(context.Context) (string, error)

	mu      sync.Mutex
	current string
}

// get returns a token that is not the dead one, if there is a source to ask.
func (t *tokens) get(ctx context.Context, dead string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.source == nil || t.current != dead {
		return t.current, nil
	}
	token, err := t.source(ctx)
	if err != nil {
		return "", fmt.Errorf("ask for a token: %w", err)
	}
	if token == "" {
		return "", errors.New("ask for a token: the source gave none")
	}
	t.current = token
	return token, nil
}

// pages loops over the items of a list, asking for a page when it is needed.
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

// setQuery sets a parameter, if it was given.
func setQuery[T any](q url.Values, name string, value *T) {
	if value != nil {
		q.Set(name, text(*value))
	}
}

// escape makes a value a part of a path.
func escape(value any) string { return url.PathEscape(text(value)) }

func text(value any) string {
	if m, ok := value.(encoding.TextMarshaler); ok {
		if b, err := m.MarshalText(); err == nil {
			return string(b)
		}
	}
	return fmt.Sprint(value)
}
