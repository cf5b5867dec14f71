package contract_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
)

// Sessions end by themselves.
func testExpired(t *testing.T) {
	t.Helper()
	s := build(t)
	s.room.Clock.Advance(s.room.Config.SessionLifetime)
	s.each(signedIn, func(op operation, caller person) {
		s.refused(op.OperationID, caller, s.plain(op, caller), "session_expired")
	})
}

// Without its database the server says so, and nothing else.
func testWithoutDatabase(t *testing.T) {
	t.Helper()
	line := &line{}
	t.Cleanup(line.cut)
	s := build(t, func(c *config.Config) { c.DatabaseURL = domain.Secret(line.to(t, c.DatabaseURL.Reveal())) })
	line.cut()
	s.each(every, func(op operation, caller person) {
		if op.public() {
			caller = person{}
		}
		a := s.refused(op.OperationID, caller, s.plain(op, caller), "unavailable")
		if a.header.Get("Retry-After") == "" {
			s.errorf("%s answered 503 and not when to try again", op.OperationID)
		}
	})
}

// line carries connections to the database until it is cut.
type line struct {
	mu    sync.Mutex
	parts []io.Closer
	down  bool
}

// to returns the address of a database by way of the line.
func (l *line) to(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	door, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.keep(door)
	target := u.Host
	u.Host = door.Addr().String()
	go func() {
		for {
			in, err := door.Accept()
			if err != nil {
				return // cut
			}
			out, err := new(net.Dialer).DialContext(context.Background(), "tcp", target)
			if err != nil {
				_ = in.Close()
				continue
			}
			l.keep(in)
			l.keep(out)
			go carry(in, out)
			go carry(out, in)
		}
	}()
	return u.String()
}

func carry(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.Close()
}

func (l *line) keep(c io.Closer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		_ = c.Close()
		return
	}
	l.parts = append(l.parts, c)
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	for _, c := range l.parts {
		_ = c.Close()
	}
}

// Too many who sign in at once are asked to come again.
func testCrowd(t *testing.T) {
	t.Helper()
	s := build(t, func(c *config.Config) { c.HashConcurrency = 1 })
	for _, id := range []string{"SignIn", "Register"} {
		const people = 60
		var crowd sync.WaitGroup
		for range people {
			crowd.Go(func() {
				body := application("")
				if id == "SignIn" {
					body = obj{"email": body["email"], "password": password}
				}
				s.do(id, person{}, call{body: body})
			})
		}
		crowd.Wait()
	}
}

// A fault of the server's own tells nothing but its request.
func testFault(t *testing.T) {
	t.Helper()
	s := build(t)
	s.room.Exec(t, `ALTER TABLE batches RENAME COLUMN description TO blurb`)
	s.refused("ListBatches", s.people["admin"], call{}, "internal")
}
