package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/contract"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// client asks the API as one person.
type client struct {
	t     *testing.T
	url   string // of the API
	http  *http.Client
	token string
	id    string
	email string
	heard *tape // what was answered; nil when nobody wants to know
	log   *testserver.Log
}

// answer is a whole answer.
type answer struct {
	t      *testing.T
	asked  string
	status int
	header http.Header
	body   []byte
	log    *testserver.Log
}

// problem is what every failure answers with.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code"`
	Instance  string `json:"instance"`
	RequestID string `json:"request_id"`
	Errors    []struct {
		Pointer   string `json:"pointer"`
		Parameter string `json:"parameter"`
		Code      string `json:"code"`
	} `json:"errors"`
}

// obj is a JSON object to send.
type obj = map[string]any

// in returns the client for a subtest.
func (c client) in(t *testing.T) client {
	t.Helper()
	c.t = t
	c.http = contract.Client(t)
	return c
}

// at returns the client at another server with the same database.
func (c client) at(url string) client {
	c.url = url
	return c
}

// as returns a client with another token.
func (c client) as(token string) client {
	c.token = token
	return c
}

// ask sends a request with a JSON body; nil sends none.
func (c client) ask(method, path string, body any) answer {
	c.t.Helper()
	var text io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		text = bytes.NewReader(encoded)
	}
	header := http.Header{}
	switch {
	case body != nil && method == http.MethodPatch:
		header.Set("Content-Type", "application/merge-patch+json")
	case body != nil:
		header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		header.Set("Authorization", "Bearer "+c.token)
	}
	return c.send(method, path, text, header)
}

// send sends a request as it is.
func (c client) send(method, path string, body io.Reader, header http.Header) answer {
	c.t.Helper()
	url := c.url + path
	if strings.HasPrefix(path, "http") {
		url = path
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, url, body)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header = header
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := answer{c.t, method + " " + path, res.StatusCode, res.Header, text, c.log}
	c.heard.record(a)
	return a
}

func (c client) get(path string) answer { c.t.Helper(); return c.ask(http.MethodGet, path, nil) }

func (c client) post(path string, body any) answer {
	c.t.Helper()
	return c.ask(http.MethodPost, path, body)
}

func (c client) put(path string, body any) answer {
	c.t.Helper()
	return c.ask(http.MethodPut, path, body)
}

func (c client) patch(path string, body any) answer {
	c.t.Helper()
	return c.ask(http.MethodPatch, path, body)
}

func (c client) delete(path string) answer { c.t.Helper(); return c.ask(http.MethodDelete, path, nil) }

// is fails the test unless the answer has a status.
func (a answer) is(status int) answer {
	a.t.Helper()
	if a.status != status {
		for line := range strings.Lines(a.log.String()) {
			if id := a.header.Get("X-Request-Id"); id != "" && strings.Contains(line, id) {
				a.t.Log(line) // says what the answer hides
			}
		}
		a.t.Fatalf("%s answered %d, want %d: %s", a.asked, a.status, status, a.body)
	}
	return a
}

// fails fails the test unless the answer is a problem with a status and a code.
func (a answer) fails(status int, code string) problem {
	a.t.Helper()
	a.is(status)
	p := into[problem](a)
	if p.Code != code {
		a.t.Fatalf("%s answered %d %q, want %q: %s", a.asked, a.status, p.Code, code, a.body)
	}
	return p
}

// into decodes the body of an answer.
func into[T any](a answer) T {
	a.t.Helper()
	var v T
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("%s answered what cannot be decoded: %v: %s", a.asked, err, a.body)
	}
	return v
}

// read gets something that is there.
func read[T any](c client, path string) T {
	c.t.Helper()
	return into[T](c.get(path).is(http.StatusOK))
}

// tape keeps answers, for tests that look for secrets in them.
type tape struct {
	mu      sync.Mutex
	answers []answer
}

func (t *tape) record(a answer) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.answers = append(t.answers, a)
}
