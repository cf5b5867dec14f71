package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// explainConnection returns an error that names the cause of a failed connection to the
// database and the setting to change, in one sentence. It returns other errors as they are.
func explainConnection(environment []string, err error) error {
	failed, ok := errors.AsType[*pgconn.ConnectError](err)
	if !ok {
		return err
	}
	c := failed.Config
	server := net.JoinHostPort(c.Host, fmt.Sprint(c.Port))
	if strings.HasPrefix(c.Host, "/") {
		server = c.Host
	}
	return fmt.Errorf("%s. Check %s", connectionFault(err, server, c), databaseSetting(environment))
}

// databaseSetting names the settings with the address of the database.
func databaseSetting(environment []string) string {
	if slices.ContainsFunc(environment, func(v string) bool { return strings.HasPrefix(v, "GRADUS_DATABASE_DIRECT_URL") }) {
		return "GRADUS_DATABASE_URL and GRADUS_DATABASE_DIRECT_URL"
	}
	return "GRADUS_DATABASE_URL"
}

func connectionFault(err error, server string, c *pgconn.Config) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case "28P01":
			return fmt.Sprintf("the database server %s rejects the password of the user %q", server, c.User)
		case "28000":
			return fmt.Sprintf("the database server %s rejects the user %q: %s", server, c.User, pg.Message)
		case "3D000":
			return fmt.Sprintf("the database server %s has no database %q", server, c.Database)
		}
		return fmt.Sprintf("the database server %s rejects the connection: %s (code %s)", server, pg.Message, pg.Code)
	}
	if fault := tlsFault(err); fault != "" {
		return fmt.Sprintf("the TLS connection to the database server %s fails: %s", server, fault)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Sprintf("the host %q of the database has no address: %s", dns.Name, dns.Err)
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Sprintf("no database server answers at %s: connection refused", server)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return fmt.Sprintf("the database server %s does not answer in time", server)
	}
	return fmt.Sprintf("the connection to the database server %s fails: %v", server, errors.Unwrap(errors.Unwrap(err)))
}

// tlsFault describes an error of TLS and names the parameter to change, or returns "".
func tlsFault(err error) string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &authority):
		return "its certificate is not from a trusted authority; sslrootcert must name the file of its CA"
	case errors.As(err, &host):
		return fmt.Sprintf("its certificate is for another host (%v)", host)
	case errors.As(err, &invalid):
		return fmt.Sprintf("its certificate is invalid (%v)", invalid)
	case errors.As(err, &record), strings.Contains(err.Error(), "server refused TLS"):
		return "the server does not support TLS, which sslmode requires"
	}
	return ""
}
