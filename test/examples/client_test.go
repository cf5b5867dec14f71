package examples_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/democlass/classtest"
	"github.com/gradus-dev/gradus/internal/testkit/contract"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// The addresses of the demo, which the examples show; the tests' servers have others.
const (
	demoHost     = "127.0.0.1:8080"
	demoWakaTime = "127.0.0.1:8081"
)

// room is a seeded server.
type room struct {
	*classtest.Server
	toDemo, fromDemo *strings.Replacer
}

func newRoom(t *testing.T) *room {
	t.Helper()
	c := classtest.Start(t)
	var to, from []string
	for _, pair := range [][2]string{{c.Root, demoHost}, {c.CompatURL(), demoWakaTime}} {
		u, err := url.Parse(pair[0])
		if err != nil {
			t.Fatal(err)
		}
		to = append(to, u.Host, pair[1], url.QueryEscape(u.Host), url.QueryEscape(pair[1]))
		from = append(from, pair[1], u.Host, url.QueryEscape(pair[1]), url.QueryEscape(u.Host))
	}
	return &room{c, strings.NewReplacer(to...), strings.NewReplacer(from...)}
}

// shown turns the server's addresses into those that the examples show.
func (r *room) shown(text string) string { return r.toDemo.Replace(text) }

// real undoes shown.
func (r *room) real(text string) string { return r.fromDemo.Replace(text) }

// client asks as one person.
type client struct {
	t        *testing.T
	room     *room
	http     *http.Client
	username string
	token    string
	header   http.Header
}

// as returns the client of somebody who has signed in, or of nobody.
func (r *room) as(t *testing.T, username string) client {
	t.Helper()
	c := client{t: t, room: r, http: contract.Client(t), username: username, header: http.Header{}}
	if username == "" {
		return c
	}
	in := c.send(http.MethodPost, "/auth/login", map[string]any{
		"email": username + "@school.example", "password": testserver.Password,
	}).is(http.StatusOK)
	c.token, _ = in.value(t).(map[string]any)["token"].(string)
	return c
}

// answer is a whole answer, with the addresses that the examples show.
type answer struct {
	t      *testing.T
	asked  string
	status int
	header http.Header
	body   string
}

// send sends a JSON body; nil sends none.
func (c client) send(method, path string, body any) answer {
	c.t.Helper()
	var text string
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		text = string(encoded)
	}
	media := ""
	switch {
	case body != nil && method == http.MethodPatch:
		media = "application/merge-patch+json"
	case body != nil:
		media = "application/json"
	}
	return c.sendText(method, path, media, text)
}

// sendText sends a body as it is.
func (c client) sendText(method, path, media, body string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.room.URL+path, strings.NewReader(c.room.real(body)))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header = c.header.Clone()
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	return c.do(r)
}

// fetch reads an address that is not the API's.
func (c client) fetch(address string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do(r)
}

func (c client) do(r *http.Request) answer {
	c.t.Helper()
	res, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{c.t, r.Method + " " + r.URL.RequestURI(), res.StatusCode, res.Header, c.room.shown(string(text))}
}

// is fails the test unless the answer has a status.
func (a answer) is(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s answered %d, want %d: %s", a.asked, a.status, status, a.body)
	}
	return a
}

// value reads the JSON of the answer; nil when it has no body. Numbers stay as written.
func (a answer) value(t *testing.T) any {
	t.Helper()
	if a.body == "" {
		return nil
	}
	return decode(t, []byte(a.body))
}

func decode(t *testing.T, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}
