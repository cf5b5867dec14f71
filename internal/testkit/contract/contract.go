// Package contract holds the answers that tests get to the API's specification.
package contract

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gradus-dev/gradus/internal/conformance"
)

// Answer is an operation of the specification and a status that it answered with.
type Answer struct {
	OperationID string
	Status      int
}

// Checker is an http.RoundTripper that fails its test when an answer is not what
// the specification promises. Paths outside the API are not looked at, except for
// their problems.
type Checker struct {
	tb   testing.TB
	base http.RoundTripper

	mu   sync.Mutex
	seen map[Answer]bool
}

// Transport returns a Checker of what base answers.
func Transport(tb testing.TB, base http.RoundTripper) *Checker {
	tb.Helper()
	return &Checker{tb: tb, base: base, seen: map[Answer]bool{}}
}

// Client returns a client whose answers are checked. It does not follow redirects.
func Client(tb testing.TB) *http.Client {
	tb.Helper()
	base := &http.Transport{}
	tb.Cleanup(base.CloseIdleConnections)
	return &http.Client{
		Transport:     Transport(tb, base),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// RoundTrip sends r and checks the answer, whose body it reads to the end.
func (c *Checker) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err := cmp.Or(err, resp.Body.Close()); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if faults := c.check(r, resp, body); len(faults) > 0 {
		c.tb.Errorf("%s %s answered %d off the contract; mend the handler, or the contract under api/ and run make generate:\n  %s\n%.2000s",
			r.Method, r.URL.Path, resp.StatusCode, strings.Join(faults, "\n  "), body)
	}
	return resp, nil
}

// Seen lists what was answered to this Checker, sorted.
func (c *Checker) Seen() []Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return sorted(c.seen)
}

var all struct {
	mu   sync.Mutex
	seen map[Answer]bool
}

// Seen lists what was answered to all Checkers of this process, sorted.
func Seen() []Answer {
	all.mu.Lock()
	defer all.mu.Unlock()
	return sorted(all.seen)
}

func sorted(seen map[Answer]bool) []Answer {
	var list []Answer
	for a := range seen {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b Answer) int {
		return cmp.Or(cmp.Compare(a.OperationID, b.OperationID), cmp.Compare(a.Status, b.Status))
	})
	return list
}

func (c *Checker) note(a Answer) {
	c.mu.Lock()
	c.seen[a] = true
	c.mu.Unlock()
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.seen == nil {
		all.seen = map[Answer]bool{}
	}
	all.seen[a] = true
}

// check says what is wrong with an answer.
func (c *Checker) check(r *http.Request, resp *http.Response, body []byte) []string {
	contract, err := conformance.Ours()
	if err != nil {
		return []string{err.Error()}
	}
	if route := contract.Find(r); route != nil {
		c.note(Answer{route.Operation.OperationID, resp.StatusCode})
	}
	return contract.Check(r, conformance.Answer{Status: resp.StatusCode, Header: resp.Header, Body: body})
}
