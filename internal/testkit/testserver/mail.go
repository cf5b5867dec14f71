package testserver

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakemail"
)

// Inbox is the mail server of a server.
type Inbox struct {
	*fakemail.Server

	read []string // IDs
}

// WithMail returns an option that makes a server send its mail to an inbox. Mails are sent after
// StartWorker.
func WithMail(tb testing.TB) (*Inbox, Option) {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	server := fakemail.New(fakemail.Config{Now: time.Now})
	go func() { _ = server.Serve(l) }()
	tb.Cleanup(func() { _ = server.Close() })
	return &Inbox{Server: server}, func(c *config.Config) {
		c.SMTPURL, c.MailFrom = domain.Secret("smtp://"+l.Addr().String()), "Gradus <gradus@school.example>"
	}
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
