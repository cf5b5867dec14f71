// Package contract checks the responses that tests receive against the contract.
package contract

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/conformance"
)

// Client returns an HTTP client that fails its test for a response that violates the
// contract. It does not follow redirects. Outside the API it checks problems only.
func Client(tb testing.TB) *http.Client {
	tb.Helper()
	base := &http.Transport{}
	tb.Cleanup(base.CloseIdleConnections)
	return &http.Client{
		Transport:     checker{tb, base},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type checker struct {
	tb   testing.TB
	base http.RoundTripper
}

// RoundTrip sends a request and checks the response, whose body it reads to the end.
func (c checker) RoundTrip(r *http.Request) (*http.Response, error) {
	contract, err := conformance.Ours()
	if err != nil {
		return nil, err
	}
	res, err := c.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if err := cmp.Or(err, res.Body.Close()); err != nil {
		return nil, fmt.Errorf("read the response: %w", err)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	violations := contract.Check(r, conformance.Response{Status: res.StatusCode, Header: res.Header, Body: body})
	if len(violations) > 0 {
		c.tb.Errorf("%s %s returned %d, which violates the contract. Fix the handler; or fix the contract in api/ and run make generate:\n  %s\n%.2000s",
			r.Method, r.URL.Path, res.StatusCode, strings.Join(violations, "\n  "), body)
	}
	return res, nil
}
