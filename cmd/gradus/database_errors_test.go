package main

import (
	"crypto/tls"
	"encoding/pem"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// The servers of these tests get as far as the fault: Postgres servers with passwords and
// certificates would need a cluster of their own.
func TestConnectionErrors_NamePasswordsAndCertificates(t *testing.T) {
	t.Parallel()
	certificate, authority := testCertificate(t)
	withTLS := func(c net.Conn) {
		_ = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate}}).Handshake()
	}
	tests := map[string]struct {
		host, query string
		serve       func(net.Conn)
		want        string
	}{
		"a wrong password": {
			"127.0.0.1", "sslmode=disable",
			func(c net.Conn) {
				b := pgproto3.NewBackend(c, c)
				if _, err := b.ReceiveStartupMessage(); err == nil {
					b.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: `password authentication failed for user "gradus"`})
					_ = b.Flush()
				}
			},
			`rejects the password of the user "gradus". Check GRADUS_DATABASE_URL`,
		},
		"a certificate of an unknown authority": {"127.0.0.1", "sslmode=verify-full", afterSSLRequest(withTLS), "sslrootcert must name the file of its CA"},
		"a certificate for another host":        {"localhost", "sslmode=verify-full&sslrootcert=" + authority, afterSSLRequest(withTLS), "its certificate is for another host"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			go func() {
				for c, err := l.Accept(); err == nil; c, err = l.Accept() {
					tt.serve(c)
					_ = c.Close()
				}
			}()
			_, port, _ := net.SplitHostPort(l.Addr().String())
			env := productionWith("postgres://gradus:secretpw@" + net.JoinHostPort(tt.host, port) + "/gradus?" + tt.query)
			code, _, stderr := gradus(t, env, "", "migrate", "status")
			if code != exitFault || !strings.Contains(stderr, tt.want) || strings.Contains(stderr, "secretpw") {
				t.Errorf("code %d: %s", code, stderr)
			}
		})
	}
}

// afterSSLRequest accepts the request for TLS that precedes the handshake.
func afterSSLRequest(serve func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := pgproto3.NewBackend(c, c).ReceiveStartupMessage(); err != nil {
			return
		}
		if _, err := c.Write([]byte("S")); err == nil {
			serve(c)
		}
	}
}

// testCertificate returns a certificate for 127.0.0.1, and the file of its authority.
func testCertificate(t *testing.T) (certificate tls.Certificate, authority string) {
	t.Helper()
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	authority = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(authority, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return s.TLS.Certificates[0], authority
}
