package mail_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/mail"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakemail"
)

var at = time.Date(2026, 11, 29, 4, 0, 0, 0, time.UTC)

func passwordChanged(n byte) domain.Mail {
	return domain.Mail{ID: domain.MailID{n}, Kind: domain.MailPasswordChanged, To: "ada@school.example", Name: "Ada <b>O'Brien</b>", At: at, Address: "192.0.2.1"}
}

// serve runs a mail server until the test ends, and returns it with its address.
func serve(t *testing.T, cfg fakemail.Config, wrap func(net.Listener) net.Listener) (*fakemail.Server, string) {
	t.Helper()
	cfg.Now = time.Now
	s := fakemail.New(cfg)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if wrap != nil {
		l = wrap(l)
	}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return s, address
}

func sender(t *testing.T, url string, roots *x509.CertPool) *mail.Sender {
	t.Helper()
	s, closeSender, err := mail.New(mail.Config{
		URL: domain.Secret(url), From: "Gradus <gradus@school.example>", PublicURL: "https://gradus.school.example", LinksURL: "https://gradus.school.example/account", RootCAs: roots,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeSender)
	return s
}

func TestSend_MessageIsReadableAsTextAndAsHTML(t *testing.T) {
	t.Parallel()
	server, address := serve(t, fakemail.Config{}, nil)
	if err := sender(t, "smtp://"+address, nil).Send(t.Context(), passwordChanged(1)); err != nil {
		t.Fatal(err)
	}
	all := server.Messages("ada@school.example")
	if len(all) != 1 {
		t.Fatalf("the inbox has %d messages, want 1", len(all))
	}
	got := all[0]
	for header, want := range map[string]string{
		"From": `"Gradus" <gradus@school.example>`, "To": "<ada@school.example>", "Subject": "Your Gradus password was changed",
		"Message-Id": "<01000000-0000-0000-0000-000000000000@school.example>", "Auto-Submitted": "auto-generated",
		"Date": "Sun, 29 Nov 2026 04:00:00 +0000", "List-Unsubscribe": "",
	} {
		if value := got.Header.Get(header); value != want {
			t.Errorf("the header %s is %q, want %q", header, value, want)
		}
	}
	for _, want := range []string{"Hello Ada <b>O'Brien</b>,\n\nThe password of your account", "  Time:     29 November 2026 at 04:00 UTC\n  Address:  192.0.2.1\n\nIf it was you"} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, got.Text)
		}
	}
	for line := range strings.Lines(got.Text) {
		if len(line) > 80 {
			t.Errorf("the line %q is too long for a terminal", line)
		}
	}
	if !strings.Contains(got.HTML, "<p>Hello Ada &lt;b&gt;O&#39;Brien&lt;/b&gt;,</p>") {
		t.Errorf("the HTML does not escape the name:\n%s", got.HTML)
	}
	for _, remote := range []string{"<img", "<link", "<script", "src=", "url("} {
		if strings.Contains(got.HTML, remote) {
			t.Errorf("the HTML contains %s", remote)
		}
	}
}

func TestSend_RepeatedMailHasTheSameMessageID(t *testing.T) {
	t.Parallel()
	server, address := serve(t, fakemail.Config{}, nil)
	s := sender(t, "smtp://"+address, nil)
	for range 2 {
		if err := s.Send(t.Context(), passwordChanged(1)); err != nil {
			t.Fatal(err)
		}
	}
	all := server.Messages("")
	if a, b := all[0].Header.Get("Message-Id"), all[1].Header.Get("Message-Id"); a != b {
		t.Errorf("the message IDs are %s and %s", a, b)
	}
}

func TestSend_ReusesTheConnection(t *testing.T) {
	t.Parallel()
	server, address := serve(t, fakemail.Config{}, nil)
	s := sender(t, "smtp://"+address, nil)
	for n := range byte(5) {
		if err := s.Send(t.Context(), passwordChanged(n)); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.Connections(); n != 1 || len(server.Messages("")) != 5 {
		t.Errorf("%d messages took %d connections, want 5 over one", len(server.Messages("")), n)
	}
}

// A server closes connections whenever it likes, such as when it restarts.
func TestSend_DialsAgainAfterTheServerClosedTheConnection(t *testing.T) {
	t.Parallel()
	conns := &closer{}
	server, address := serve(t, fakemail.Config{}, conns.wrap)
	s := sender(t, "smtp://"+address, nil)
	for n := range byte(2) {
		if err := s.Send(t.Context(), passwordChanged(n)); err != nil {
			t.Fatal(err)
		}
		conns.closeAll()
	}
	if n := len(server.Messages("")); n != 2 {
		t.Errorf("%d messages arrived, want 2", n)
	}
}

func TestSend_Failures(t *testing.T) {
	t.Parallel()
	server, address := serve(t, fakemail.Config{}, nil)
	s := sender(t, "smtp://"+address, nil)
	for name, tt := range map[string]struct {
		code int
		want domain.MailFailure
	}{
		"a permanent rejection of the recipient is final": {550, domain.MailRejected},
		"a temporary rejection is retried":                {450, domain.MailDelayed},
	} {
		m := passwordChanged(1)
		m.To = domain.Email(strings.ReplaceAll(name, " ", "-") + "@school.example")
		server.Refuse(string(m.To), tt.code)
		err := s.Send(t.Context(), m)
		if failed, ok := errors.AsType[*domain.MailError](err); !ok || failed.Failure != tt.want || strings.Contains(err.Error(), "@") {
			t.Errorf("%s: Send returned %v, want a failure without the address: %q", name, err, tt.want)
		}
	}
	if err := s.Send(t.Context(), passwordChanged(2)); err != nil {
		t.Errorf("the next mail failed: %v", err)
	}
	unknown := passwordChanged(1)
	unknown.Kind = "from_the_future"
	for name, err := range map[string]error{
		"a kind of a newer version":        s.Send(t.Context(), unknown),
		"a server that does not answer":    sender(t, "smtp://127.0.0.1:1", nil).Send(t.Context(), passwordChanged(1)),
		"without the settings of a server": sender(t, "", nil).Send(t.Context(), passwordChanged(1)),
	} {
		if failed, ok := errors.AsType[*domain.MailError](err); !ok || failed.Final() {
			t.Errorf("%s: Send returned %v, want an error that is not final", name, err)
		}
	}
}

// certificate returns a certificate of 127.0.0.1 and example.com, and who trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s.TLS, roots
}

func TestSend_SignsInOverTLS(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t)
	for name, tt := range map[string]struct {
		password string
		roots    *x509.CertPool
		sent     bool
	}{
		"with the password":                      {"p@ss/word", roots, true},
		"not with another password":              {"wrong", roots, false},
		"not with a certificate of someone else": {"p@ss/word", x509.NewCertPool(), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			implicit := func(l net.Listener) net.Listener { return tls.NewListener(l, cert) }
			server, address := serve(t, fakemail.Config{User: "gradus", Password: "p@ss/word"}, implicit)
			url := "smtps://gradus:" + strings.NewReplacer("@", "%40", "/", "%2F").Replace(tt.password) + "@" + address

			err := sender(t, url, tt.roots).Send(t.Context(), passwordChanged(1))

			if n := len(server.Messages("")); (err == nil) != tt.sent || (n == 1) != tt.sent {
				t.Errorf("Send returned %v, and the inbox has %d messages", err, n)
			}
			if failed, _ := errors.AsType[*domain.MailError](err); failed != nil && failed.Final() {
				t.Errorf("Send returned %v, which the operator could fix", err)
			}
			if err != nil && strings.Contains(err.Error(), tt.password) {
				t.Errorf("the error has the password: %v", err)
			}
		})
	}
}

// Another machine could be anyone, so nothing is sent to it without TLS.
func TestSend_RequiresTLSUnlessTheServerIsLocal(t *testing.T) {
	t.Parallel()
	server, address := serve(t, fakemail.Config{}, nil)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	// This name resolves to this machine, but it is not one of its names.
	err = sender(t, "smtp://0.0.0.0:"+port, nil).Send(t.Context(), passwordChanged(1))
	if failed, ok := errors.AsType[*domain.MailError](err); !ok || failed.Final() || len(server.Messages("")) > 0 {
		t.Errorf("Send returned %v, and the inbox has %d messages", err, len(server.Messages("")))
	}
}

func TestSend_StartsTLS(t *testing.T) {
	t.Parallel()
	cert, roots := certificate(t)
	server, address := serve(t, fakemail.Config{TLS: cert}, nil)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	s := sender(t, "smtp://example.com:"+port, roots)
	mail.DialTo(s, address)
	if err := s.Send(t.Context(), passwordChanged(1)); err != nil || len(server.Messages("")) != 1 {
		t.Errorf("Send returned %v, and the inbox has %d messages", err, len(server.Messages("")))
	}
}
