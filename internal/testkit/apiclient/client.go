// Package apiclient is the HTTP client of all black-box tests. It sends requests to a
// Gradus API at any URL, on behalf of one caller, and knows the flows that tests share:
// registering, signing in, joining a batch, connecting to WakaTime and paging.
//
// A Client is a value: each method that changes something about the requests, such as As
// or IfMatch, returns a changed copy.
package apiclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Object is a JSON object.
type Object = map[string]any

// Session is the session of a user. The zero value is that of an anonymous caller.
type Session struct {
	Token, ID, Email, Role string

	RefreshToken string // empty for a session with one token
}

// Client sends requests on behalf of one caller and fails its test on errors of the
// transport.
type Client struct {
	Session

	URL string // of the API, including /api/v1
	// Header is sent with every request, besides the headers that the request needs.
	Header http.Header
	// Context, if set, cancels the requests. It is derived from that of the test.
	Context context.Context
	// Observe, if set, receives every response.
	Observe func(Response)
	// Now is the server's clock, if it is not the system's.
	Now func() time.Time
	// Log, if set, returns what the server logged about a request. It is shown when a
	// response is unexpected.
	Log func(requestID string) string

	tb      testing.TB
	newHTTP func(testing.TB) *http.Client
	http    *http.Client
}

// New returns a client of an anonymous caller. newHTTP creates the HTTP client of a test:
// Plain, or one that checks all responses against the contract.
func New(tb testing.TB, url string, newHTTP func(testing.TB) *http.Client) Client {
	tb.Helper()
	return Client{URL: url, Now: time.Now, tb: tb, newHTTP: newHTTP, http: newHTTP(tb)}
}

// Plain returns an HTTP client that does not follow redirects.
func Plain(tb testing.TB) *http.Client {
	tb.Helper()
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// In returns the client for a subtest.
func (c Client) In(tb testing.TB) Client {
	tb.Helper()
	c.tb, c.http = tb, c.newHTTP(tb)
	return c
}

// At returns the client for another server.
func (c Client) At(url string) Client {
	c.URL = url
	return c
}

// As returns the client for another caller.
func (c Client) As(s Session) Client {
	c.Session = s
	return c
}

// Anonymous returns the client without a session.
func (c Client) Anonymous() Client { return c.As(Session{}) }

// With returns a client that also sends the header.
func (c Client) With(name, value string) Client {
	c.Header = maps.Clone(c.Header)
	if c.Header == nil {
		c.Header = http.Header{}
	}
	c.Header.Set(name, value)
	return c
}

// IfMatch returns a client whose requests apply only to the version with the ETag.
func (c Client) IfMatch(etag string) Client { return c.With("If-Match", etag) }

// IdempotencyKey returns a client whose requests can be retried with the key.
func (c Client) IdempotencyKey(key string) Client { return c.With("Idempotency-Key", key) }

// Request is a request to the API.
type Request struct {
	Method string
	Path   string // below the URL of the API, or an absolute URL
	// Body is encoded as JSON. Strings and bytes are sent as they are; nil sends no body.
	Body any
	// MediaType is that of the body. By default, it is the JSON type of the method.
	MediaType string
	// Header overrides the headers of the client.
	Header http.Header
}

// Do sends a request.
func (c Client) Do(r Request) Response {
	c.tb.Helper()
	res, err := c.Try(r)
	if err != nil {
		c.tb.Fatalf("%s %s: %v", r.Method, r.Path, err)
	}
	return res
}

// Try sends a request to a server that may be unavailable.
func (c Client) Try(r Request) (Response, error) {
	req, err := c.build(r)
	if err != nil {
		return Response{}, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Response{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return Response{}, err
	}
	out := Response{
		Method: r.Method, Path: r.Path, Status: res.StatusCode, Header: res.Header, Body: body, tb: c.tb, log: c.Log,
	}
	if c.Observe != nil {
		c.Observe(out)
	}
	return out, nil
}

func (c Client) build(r Request) (*http.Request, error) {
	body, err := encode(r.Body)
	if err != nil {
		return nil, err
	}
	url := r.Path
	if !strings.HasPrefix(url, "http") {
		url = c.URL + r.Path
	}
	ctx := c.Context
	if ctx == nil {
		ctx = c.tb.Context()
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, url, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", mediaType(r))
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	maps.Copy(req.Header, c.Header)
	maps.Copy(req.Header, r.Header)
	return req, nil
}

func encode(body any) (io.Reader, error) {
	switch b := body.(type) {
	case nil:
		return nil, nil //nolint:nilnil // no body
	case []byte:
		return bytes.NewReader(b), nil
	case string:
		return strings.NewReader(b), nil
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return nil, fmt.Errorf("encode the body: %w", err)
		}
		return bytes.NewReader(text), nil
	}
}

func mediaType(r Request) string {
	switch {
	case r.MediaType != "":
		return r.MediaType
	case r.Method == http.MethodPatch:
		return "application/merge-patch+json"
	default:
		return "application/json"
	}
}

// Get sends a GET request.
func (c Client) Get(path string) Response {
	c.tb.Helper()
	return c.Do(Request{Method: http.MethodGet, Path: path})
}

// Post sends a POST request; nil sends no body.
func (c Client) Post(path string, body any) Response {
	c.tb.Helper()
	return c.Do(Request{Method: http.MethodPost, Path: path, Body: body})
}

// Put sends a PUT request; nil sends no body.
func (c Client) Put(path string, body any) Response {
	c.tb.Helper()
	return c.Do(Request{Method: http.MethodPut, Path: path, Body: body})
}

// Patch sends a PATCH request with a JSON merge patch.
func (c Client) Patch(path string, body any) Response {
	c.tb.Helper()
	return c.Do(Request{Method: http.MethodPatch, Path: path, Body: body})
}

// Delete sends a DELETE request.
func (c Client) Delete(path string) Response {
	c.tb.Helper()
	return c.Do(Request{Method: http.MethodDelete, Path: path})
}
