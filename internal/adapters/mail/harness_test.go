package mail_test

import (
	"net"
	"sync"
)

// closer closes the connections of a listener from the server's side.
type closer struct {
	net.Listener

	mu    sync.Mutex
	conns []net.Conn
}

func (c *closer) wrap(l net.Listener) net.Listener {
	c.Listener = l
	return c
}

// Accept implements net.Listener.
func (c *closer) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.conns = append(c.conns, conn)
	}
	return conn, err
}

func (c *closer) closeAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		_ = conn.Close()
	}
}
