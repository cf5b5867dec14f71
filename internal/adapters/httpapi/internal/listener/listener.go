// Package listener answers requests that net/http rejects before a handler sees them, such
// as malformed ones. By itself, net/http writes a fixed text to the connection, without the
// headers and the problem that every response should have, and offers no way to change it
// (https://go.dev/issue/25116).
package listener

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/buffer"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Answers responds to requests that net/http rejects.
type Answers struct {
	Handler func(problem error) http.Handler // responds with a problem
	Now     ports.Clock
}

// On returns a listener whose connections send these answers.
func (a Answers) On(l net.Listener) net.Listener { return listener{l, a} }

type listener struct {
	net.Listener

	answers Answers
}

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		return &conn{tcp, l.answers}, nil
	}
	return c, nil
}

// conn replaces what net/http writes by itself. It keeps the other methods of a TCPConn:
// without CloseWrite, a client that is still sending would not see the response.
type conn struct {
	*net.TCPConn

	answers Answers
}

// Write implements net.Conn. net/http writes each of its own responses in a single call.
func (c *conn) Write(p []byte) (int, error) {
	rejected := rejection(p)
	if rejected == nil {
		return c.TCPConn.Write(p)
	}
	if err := c.answers.write(c.TCPConn, c.RemoteAddr(), rejected); err != nil {
		return 0, err
	}
	return len(p), nil
}

// write writes the response for a problem of a request that was never parsed.
func (a Answers) write(to io.Writer, client net.Addr, rejected error) error {
	r := &http.Request{
		Method: "UNKNOWN", URL: &url.URL{Path: "/"}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: http.NoBody, RemoteAddr: client.String(),
	}
	recorded := &buffer.Response{Head: http.Header{}}
	a.Handler(rejected).ServeHTTP(recorded, r)
	recorded.Head.Set("Date", a.Now().UTC().Format(http.TimeFormat))
	var text bytes.Buffer
	response := &http.Response{
		StatusCode: recorded.Status, ProtoMajor: 1, ProtoMinor: 1, Header: recorded.Head,
		Body: io.NopCloser(bytes.NewReader(recorded.Body)), ContentLength: int64(len(recorded.Body)), Close: true,
	}
	if err := response.Write(&text); err != nil {
		return err
	}
	_, err := to.Write(text.Bytes())
	return err
}

// What net/http writes: the headers of all its texts, and the status line of the only
// response without one, to an unknown Expect header.
const (
	ownHeaders        = "Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
	expectationFailed = "417 Expectation Failed"
)

// rejection returns the problem for a response of net/http's own, or nil for those of our
// handlers, which never start with these headers.
func rejection(p []byte) error {
	rest, ok := bytes.CutPrefix(p, []byte("HTTP/1.1 "))
	if !ok || len(rest) == 0 || rest[0] < '4' {
		return nil
	}
	line, rest, _ := bytes.Cut(rest, []byte("\r\n"))
	status := string(line)
	if status == expectationFailed {
		return problem.ErrMalformed.With("The value of the Expect header is not supported. Leave the header out, or send 100-continue.")
	}
	if !bytes.HasPrefix(rest, []byte(ownHeaders)) {
		return nil
	}
	code, text, _ := strings.Cut(status, " ")
	switch _, reason, found := strings.Cut(text, ": "); {
	case code == "431":
		return problem.ErrHeadersTooLarge
	case code == "501":
		return problem.ErrMalformed.With("The Transfer-Encoding of the request is not supported. Use chunked, or send a Content-Length.")
	case found:
		return problem.ErrMalformed.With("The request is not valid HTTP: " + reason + ".")
	}
	return problem.ErrMalformed.With("The request is not valid HTTP. Check its URL, its headers, and how its body is framed.")
}
