// Package fakemail is a mail server for tests and demonstrations: a real SMTP server that
// delivers to an inbox in memory instead of to people, and a page that shows the inbox.
package fakemail

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Config configures a Server.
type Config struct {
	TLS            *tls.Config // for STARTTLS, and required to send; nil: plain connections
	User, Password string      // required to send; empty: anyone can
	Now            func() time.Time
}

const (
	// capacity is the number of messages that the inbox keeps. A new one replaces the oldest.
	capacity = 500
	maxBytes = 1 << 20
)

// Server is a mail server. It is safe for concurrent use.
type Server struct {
	cfg  Config
	smtp *smtp.Server

	mu          sync.Mutex
	messages    []Message // the oldest first
	last        int       // ID
	refused     map[string]int
	connections int
}

// New returns a Server with an empty inbox.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg, refused: map[string]int{}}
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.connections++
		return &session{server: s, conn: c, signedIn: cfg.User == ""}, nil
	}))
	s.smtp.Domain, s.smtp.TLSConfig = "fakemail", cfg.TLS
	s.smtp.MaxMessageBytes, s.smtp.MaxRecipients = maxBytes, 10
	s.smtp.ReadTimeout, s.smtp.WriteTimeout = time.Minute, time.Minute
	s.smtp.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

// Serve accepts SMTP connections until Close.
func (s *Server) Serve(l net.Listener) error { return s.smtp.Serve(l) }

// Close closes all connections.
func (s *Server) Close() error {
	if err := s.smtp.Close(); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
		return err
	}
	return nil
}

// Refuse makes the server reject a recipient with a code such as 550, or accept them again with 0.
func (s *Server) Refuse(recipient string, code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused[recipient] = code
}

// Connections returns how many connections were opened.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Messages returns the messages to a recipient, or all if it is empty, the oldest first.
func (s *Server) Messages(recipient string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []Message{}
	for _, m := range s.messages {
		if recipient == "" || m.To == recipient {
			found = append(found, m)
		}
	}
	return found
}

// Wait returns the first message to a recipient that it has and done does not list, as soon as
// it arrives.
func (s *Server) Wait(ctx context.Context, recipient string, done ...string) (Message, error) {
	seen := map[string]bool{}
	for _, id := range done {
		seen[id] = true
	}
	for {
		for _, m := range s.Messages(recipient) {
			if !seen[m.ID] {
				return m, nil
			}
		}
		select {
		case <-ctx.Done():
			return Message{}, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Clear empties the inbox.
func (s *Server) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = nil
}

func (s *Server) deliver(to, raw string) error {
	m, err := parse(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "The message is not valid: " + err.Error()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	m.ID, m.To, m.ReceivedAt = strconv.Itoa(s.last), to, s.cfg.Now().UTC()
	s.messages = append(s.messages, m)
	if len(s.messages) > capacity {
		s.messages = s.messages[1:]
	}
	return nil
}

// session is an SMTP session.
type session struct {
	server   *Server
	conn     *smtp.Conn
	signedIn bool
	to       []string
}

var _ smtp.AuthSession = (*session)(nil)

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.server.cfg.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.server.cfg.User || password != s.server.cfg.Password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(string, *smtp.MailOptions) error {
	if _, encrypted := s.conn.TLSConnectionState(); s.server.cfg.TLS != nil && !encrypted {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Must issue a STARTTLS command first"}
	}
	if !s.signedIn {
		return smtp.ErrAuthRequired
	}
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if code := s.server.refused[to]; code != 0 {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: "The mailbox is not available"}
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for _, to := range s.to {
		if err := s.server.deliver(to, string(raw)); err != nil {
			return err
		}
	}
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.to = nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }
