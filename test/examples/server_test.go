package examples_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/democlass/classtest"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// The addresses of the demo, which the examples show. The test servers have others.
const (
	demoHost     = "127.0.0.1:8080"
	demoWakaTime = "127.0.0.1:8081"
)

// server is a seeded server.
type server struct {
	*classtest.Server

	toDemo, fromDemo *strings.Replacer
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := classtest.Start(t)
	s.AddConfirmation(t, domain.ConfirmPasswordReset, "ada@school.example", operations.ResetToken)
	s.AddConfirmation(t, domain.ConfirmEmailChange, "ada@school.example", operations.EmailToken, "ada.brandt@school.example")
	s.AddConfirmation(t, domain.ConfirmEmailUndo, "ada@school.example", operations.UndoToken, "ada.b@school.example")
	var to, from []string
	for _, pair := range [][2]string{{s.Root, demoHost}, {s.CompatURL(), demoWakaTime}} {
		u, err := url.Parse(pair[0])
		if err != nil {
			t.Fatal(err)
		}
		to = append(to, u.Host, pair[1], url.QueryEscape(u.Host), url.QueryEscape(pair[1]))
		from = append(from, pair[1], u.Host, url.QueryEscape(pair[1]), url.QueryEscape(u.Host))
	}
	return &server{s, strings.NewReplacer(to...), strings.NewReplacer(from...)}
}

// as returns the client of a user, or of an anonymous caller.
func (s *server) as(t *testing.T, username string) apiclient.Client {
	t.Helper()
	c := s.Client(t)
	if username == "" {
		return c
	}
	return c.As(s.AddSession(t, username+"@school.example"))
}

// send sends a request with the addresses of the demo in its body.
func (s *server) send(t *testing.T, c apiclient.Client, method, path string, body any) apiclient.Response {
	t.Helper()
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		body = s.fromDemo.Replace(string(text))
	}
	return c.Do(apiclient.Request{Method: method, Path: path, Body: body})
}

// read returns what the path returns.
func read(t *testing.T, s *server, c apiclient.Client, path string) any {
	t.Helper()
	return s.value(t, c.Get(path).Expect(http.StatusOK))
}

// value decodes a response with the addresses of the demo; it is nil without a body.
// Numbers stay as they are written.
func (s *server) value(t *testing.T, res apiclient.Response) any {
	t.Helper()
	if len(res.Body) == 0 {
		return nil
	}
	return decode(t, []byte(s.toDemo.Replace(string(res.Body))))
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
