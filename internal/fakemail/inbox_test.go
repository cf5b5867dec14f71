package fakemail_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/fakemail"
)

const message = "From: Gradus <gradus@school.example>\r\nTo: ada@school.example\r\nSubject: =?UTF-8?q?Gr=C3=BC=C3=9Fe?=\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nOpen https://gradus.example/account#token=3Dabc now.\r\n" +
	"--b\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n<script>alert(1)</script>\r\n--b--\r\n"

// start runs a mail server and its inbox, and sends n messages to it.
func start(t *testing.T, n int) (*fakemail.Server, *httptest.Server) {
	t.Helper()
	s := fakemail.New(fakemail.Config{Now: time.Now})
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	for range n {
		if err := smtp.SendMail(l.Addr().String(), nil, "gradus@school.example", []string{"ada@school.example"}, []byte(message)); err != nil {
			t.Fatal(err)
		}
	}
	inbox := httptest.NewServer(s.Handler())
	t.Cleanup(inbox.Close)
	return s, inbox
}

type response struct {
	status int
	header http.Header
	body   string
}

func get(t *testing.T, url string, host string) response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{res.StatusCode, res.Header, string(body)}
}

func TestInbox_ShowsAMessage(t *testing.T) {
	t.Parallel()
	_, inbox := start(t, 1)
	for path, want := range map[string]string{
		"/":                  `<a href="messages/1">Grüße</a>`,
		"/messages/1":        `<a href="https://gradus.example/account#token=abc">`,
		"/messages/1/text":   "Open https://gradus.example/account#token=abc now.",
		"/messages/1/html":   "<script>alert(1)</script>",
		"/messages/1/source": "Content-Transfer-Encoding: quoted-printable",
	} {
		if res := get(t, inbox.URL+path, ""); res.status != http.StatusOK || !strings.Contains(res.body, want) {
			t.Errorf("%s returned %d without %q:\n%s", path, res.status, want, res.body)
		}
	}
	if res := get(t, inbox.URL+"/messages/2", ""); res.status != http.StatusNotFound {
		t.Errorf("an unknown message returned %d, want 404", res.status)
	}
}

func TestInbox_ListsMessagesAsJSON(t *testing.T) {
	t.Parallel()
	_, inbox := start(t, 1)
	for query, want := range map[string]int{"": 1, "?to=ada@school.example": 1, "?to=bob@school.example": 0} {
		body := get(t, inbox.URL+"/messages"+query, "").body
		var got []fakemail.Message
		if err := json.Unmarshal([]byte(body), &got); err != nil || len(got) != want {
			t.Fatalf("messages%s returned %s, want %d", query, body, want)
		}
		if want == 1 && (got[0].Subject != "Grüße" || got[0].Link("token=") != "https://gradus.example/account#token=abc") {
			t.Errorf("messages%s returned %s", query, body)
		}
	}
}

// A message is not trusted: it can contain what users typed.
func TestInbox_MessagesCannotRunScripts(t *testing.T) {
	t.Parallel()
	_, inbox := start(t, 1)
	header := get(t, inbox.URL+"/messages/1/html", "").header
	policy := header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "sandbox; default-src 'none'") || strings.Contains(policy, "script") || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", header)
	}
}

// A page of another site can make its name resolve to this machine.
func TestInbox_IsReadableOnlyByTheNamesOfThisMachine(t *testing.T) {
	t.Parallel()
	_, inbox := start(t, 1)
	for host, want := range map[string]int{
		"localhost:8082": 200, "127.0.0.1": 200, "[::1]:8082": 200, "[::1]": 200, "evil.example": 421, "192.0.2.1:8082": 421, "localhost.evil.example": 421,
	} {
		if res := get(t, inbox.URL+"/messages", host); res.status != want {
			t.Errorf("the host %s returned %d, want %d", host, res.status, want)
		}
	}
}

func TestServer_KeepsTheNewestMessages(t *testing.T) {
	t.Parallel()
	s, _ := start(t, 501)
	all := s.Messages("")
	if len(all) != 500 || all[0].ID != "2" || all[499].ID != "501" {
		t.Errorf("the inbox has %d messages, from %s", len(all), all[0].ID)
	}
	s.Clear()
	if n := len(s.Messages("")); n != 0 {
		t.Errorf("the inbox has %d messages after it was cleared", n)
	}
}
