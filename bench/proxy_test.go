package bench

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
)

// proxy is a proxy between server and database. It counts round trips: Sync messages and
// simple queries.
type proxy struct {
	trips  atomic.Int64
	target string
}

// newProxy starts a proxy and returns it with a database URL that uses it.
func newProxy(b *testing.B, address string) (p *proxy, through string) {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = l.Close() })
	p = &proxy{}
	through, p.target = plain(b, address, l.Addr().String())
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // closed
			}
			go p.pass(client)
		}
	}()
	return p, through
}

// pass forwards a connection until either side closes it.
func (p *proxy) pass(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	// The startup message has no type byte.
	for typed := false; ; typed = true {
		head := make([]byte, 4, 5)
		if typed {
			head = head[:5]
		}
		if _, err := io.ReadFull(client, head); err != nil {
			return
		}
		if typed && (head[0] == 'S' || head[0] == 'Q') {
			p.trips.Add(1)
		}
		rest := int64(binary.BigEndian.Uint32(head[len(head)-4:])) - 4
		if _, err := server.Write(head); err != nil {
			return
		}
		if _, err := io.CopyN(server, client, rest); err != nil {
			return
		}
	}
}

// plain returns the database URL with host instead of its own, and without TLS so that a
// proxy can read the messages.
func plain(b *testing.B, address, host string) (through, target string) {
	b.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	target = u.Host
	q := u.Query()
	q.Set("sslmode", "disable")
	u.Host, u.RawQuery = host, q.Encode()
	return u.String(), target
}
