package testserver

import (
	"context"
	"crypto/sha256"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakemail"
)

// Inbox is the mail server of a server. Mails are sent after StartWorker.
type Inbox struct {
	*fakemail.Server

	url  domain.Secret
	read []string // IDs
}

// newInbox runs a mail server until the test ends.
func newInbox(tb testing.TB) *Inbox {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	server := fakemail.New(fakemail.Config{Now: time.Now})
	go func() { _ = server.Serve(l) }()
	tb.Cleanup(func() { _ = server.Close() })
	return &Inbox{Server: server, url: domain.Secret("smtp://" + l.Addr().String())}
}

// Next waits for the next message to a recipient.
func (i *Inbox) Next(tb testing.TB, recipient string) fakemail.Message {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), eventuallyTimeout)
	defer cancel()
	m, err := i.Wait(ctx, recipient, i.read...)
	if err != nil {
		tb.Fatalf("no message to %s arrived within %v", recipient, eventuallyTimeout)
	}
	i.read = append(i.read, m.ID)
	return m
}

// AddConfirmation inserts a confirmation of a user into the database, which brings an address,
// if one is given.
func (s *Server) AddConfirmation(tb testing.TB, kind domain.ConfirmationKind, email, token string, brings ...string) {
	tb.Helper()
	hash := sha256.Sum256([]byte(token))
	s.Exec(tb, `INSERT INTO confirmations (token_hash, kind, user_id, email, expires_at) SELECT $1, $2, id, $3, $4 FROM users WHERE email = $5`,
		hash[:], string(kind), strings.Join(brings, ""), s.Clock.Now().Add(time.Minute), email)
}
