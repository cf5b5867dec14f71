// Package mail sends mails with SMTP.
package mail

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Config configures a Sender.
type Config struct {
	URL       domain.Secret // of the mail server; empty: none
	From      string        // the sender, with or without a name
	PublicURL string        // of Gradus
	LinksURL  string        // below which the pages are that links lead to

	RootCAs *x509.CertPool // nil: those of the system
}

// On reports whether there is a mail server.
func (c Config) On() bool { return c.URL != "" }

// Server is the address of a mail server, and how to sign in to it.
type Server struct {
	Host     string
	Port     int
	TLS      bool // from the start; otherwise with STARTTLS
	User     string
	Password domain.Secret
}

// defaultPorts are those of message submission: RFC 8314.
var defaultPorts = map[string]int{"smtp": 587, "smtps": 465}

var errServerURL = errors.New("must have the form smtps://user:password@host:465, or smtp:// for STARTTLS")

// Server parses the URL. Its errors do not quote it, because it contains a password.
func (c Config) Server() (Server, error) {
	u, err := url.Parse(c.URL.Reveal())
	if err != nil || u.Hostname() == "" || defaultPorts[u.Scheme] == 0 || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return Server{}, errServerURL
	}
	s := Server{Host: u.Hostname(), Port: defaultPorts[u.Scheme], TLS: u.Scheme == "smtps", User: u.User.Username()}
	password, ok := u.User.Password()
	if ok != (s.User != "") {
		return Server{}, errors.New("must have both a user and a password, or neither")
	}
	s.Password = domain.Secret(password)
	if u.Port() != "" {
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || port == 0 {
			return Server{}, errors.New("has an invalid port: it must be 1 to 65535")
		}
		s.Port = int(port)
	}
	return s, nil
}

// Loopback reports whether the server is on this machine, so that nobody can read along.
func (s Server) Loopback() bool {
	ip := net.ParseIP(s.Host)
	return s.Host == "localhost" || ip != nil && ip.IsLoopback()
}

// Sender parses the sender.
func (c Config) Sender() (*netmail.Address, error) {
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, errors.New(`must be an address, such as gradus@example.org or "Gradus <gradus@example.org>"`)
	}
	if _, err := domain.ParseEmail("from", from.Address); err != nil {
		return nil, fmt.Errorf("has an invalid address: %w", err)
	}
	return from, nil
}
