package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const (
	// timeout limits dialing and each message. A job can take a minute.
	timeout = 20 * time.Second
	// idle is how long a connection is kept for the next mail. It is shorter than timeout, whose
	// deadline stays set on the connection.
	idle = 5 * time.Second
)

// Sender implements ports.Mailer.
type Sender struct {
	from   *netmail.Address
	texts  *texts
	client *gomail.Client // nil without a mail server

	// turn is taken to use what follows. It is a channel because a mutex cannot wait with a
	// context.
	turn chan struct{}
	conn *smtp.Client // nil if there is none
	sent int          // messages
}

var _ ports.Mailer = (*Sender)(nil)

// New returns a Sender, and a function that closes its connection.
func New(cfg Config) (*Sender, func(), error) {
	s := &Sender{turn: make(chan struct{}, 1)}
	if !cfg.On() {
		return s, func() {}, nil
	}
	var err error
	if s.from, err = cfg.Sender(); err != nil {
		return nil, nil, fmt.Errorf("sender of mails: %w", err)
	}
	if s.client, err = newClient(cfg); err != nil {
		return nil, nil, err
	}
	if s.texts, err = newTexts(cfg.PublicURL, cfg.LinksURL); err != nil {
		return nil, nil, err
	}
	return s, s.close, nil
}

// newClient returns a client that sends nothing without TLS, unless the server is on this
// machine.
func newClient(cfg Config) (*gomail.Client, error) {
	server, err := cfg.Server()
	if err != nil {
		return nil, fmt.Errorf("address of the mail server: %w", err)
	}
	options := []gomail.Option{
		gomail.WithPort(server.Port), gomail.WithTimeout(timeout),
		gomail.WithTLSConfig(&tls.Config{ServerName: server.Host, MinVersion: tls.VersionTLS12, RootCAs: cfg.RootCAs}),
	}
	switch {
	case server.TLS:
		options = append(options, gomail.WithSSL())
	case server.Loopback():
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if server.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(server.User), gomail.WithPassword(server.Password.Reveal()))
	}
	client, err := gomail.NewClient(server.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("set up the mail client: %w", err)
	}
	return client, nil
}

// errNoServer is the error of mails that were queued when there was a mail server.
var errNoServer = errors.New("no mail server is configured")

// Send implements ports.Mailer. Mails that follow each other share a connection.
func (s *Sender) Send(ctx context.Context, m domain.Mail) error {
	if s.client == nil {
		return &domain.MailError{Failure: domain.MailDelayed, Err: errNoServer}
	}
	msg, err := s.message(m)
	if err != nil {
		return &domain.MailError{Failure: domain.MailDelayed, Err: err} // the template may be that of a newer version
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return &domain.MailError{Failure: domain.MailDelayed, Err: ctx.Err()}
	}
	if err := s.sendMessage(ctx, msg); err != nil {
		s.hangUp()
		return &domain.MailError{Failure: failure(err), Err: withoutRecipient(err)}
	}
	s.sent++
	sent := s.sent
	time.AfterFunc(idle, func() { s.closeIdle(sent) })
	return nil
}

// sendMessage sends a message over the open connection, or over a new one if there is none or
// the server has closed it.
func (s *Sender) sendMessage(ctx context.Context, msg *gomail.Msg) error {
	if s.conn != nil {
		err := s.client.SendWithSMTPClient(s.conn, msg)
		if sendErr, ok := errors.AsType[*gomail.SendError](err); !ok || sendErr.Reason != gomail.ErrConnCheck {
			return delivered(msg, err)
		}
		s.hangUp()
	}
	var err error
	if s.conn, err = s.client.DialToSMTPClientWithContext(ctx); err != nil {
		return fmt.Errorf("connect to the mail server: %w", err)
	}
	return delivered(msg, s.client.SendWithSMTPClient(s.conn, msg))
}

// delivered returns err, unless the server has accepted the message and only what followed
// failed: sending it again would be worse.
func delivered(msg *gomail.Msg, err error) error {
	if msg.IsDelivered() {
		return nil
	}
	return err
}

// failure tells whether a retry could help. A server that rejects the sender or the sign-in does
// so because of settings, which the operator can fix.
func failure(err error) domain.MailFailure {
	sendErr, ok := errors.AsType[*gomail.SendError](err)
	if !ok || sendErr.ErrorCode() < 500 {
		return domain.MailDelayed
	}
	if r := sendErr.Reason; r == gomail.ErrSMTPRcptTo || r == gomail.ErrSMTPData || r == gomail.ErrSMTPDataClose {
		return domain.MailRejected
	}
	return domain.MailDelayed
}

// withoutRecipient replaces an error whose text can name the recipient: it ends up in logs.
func withoutRecipient(err error) error {
	sendErr, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return err
	}
	return fmt.Errorf("%s: the server answered %d %s", sendErr.Reason, sendErr.ErrorCode(), sendErr.EnhancedStatusCode())
}

// message returns the message of a mail. Nothing that people typed becomes part of a header,
// except the address of the recipient, which has been validated.
func (s *Sender) message(m domain.Mail) (*gomail.Msg, error) {
	text, err := s.texts.render(m)
	if err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	if err := msg.To(string(m.To)); err != nil {
		return nil, fmt.Errorf("recipient of mail %s: %w", m.ID, err)
	}
	msg.Subject(text.subject)
	_, host, _ := strings.Cut(s.from.Address, "@") // New has validated it
	msg.SetMessageIDWithValue(m.ID.String() + "@" + host)
	msg.SetDateWithValue(m.At)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office replies
	msg.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	msg.SetBodyString(gomail.TypeTextPlain, text.plain)
	msg.AddAlternativeString(gomail.TypeTextHTML, text.html)
	return msg, nil
}

// closeIdle closes the connection if no mail followed the one with the number sent.
func (s *Sender) closeIdle(sent int) {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	if s.sent == sent {
		s.hangUp()
	}
}

func (s *Sender) close() {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.hangUp()
}

// hangUp closes the connection, if there is one. It ignores errors: nothing depends on them.
func (s *Sender) hangUp() {
	if s.conn != nil {
		_ = s.client.CloseWithSMTPClient(s.conn)
		s.conn = nil
	}
}
