package postgres

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// UnencryptedHosts returns the hosts to which a connection can be made without TLS. It
// includes those of parameters, of PG* environment variables and of a service file, and
// excludes Unix sockets. Its errors do not contain the URL, which includes the password.
func (c Config) UnencryptedHosts() ([]string, error) {
	pool, err := pgxpool.ParseConfig(c.URL.Reveal())
	if err != nil {
		return nil, withoutURL(err)
	}
	cfg := pool.ConnConfig
	if _, ok := cfg.RuntimeParams["hostaddr"]; ok {
		return nil, errors.New("hostaddr is not supported; write the address as the host")
	}
	var hosts []string
	for _, to := range append([]*pgconn.FallbackConfig{{Host: cfg.Host, Port: cfg.Port, TLSConfig: cfg.TLSConfig}}, cfg.Fallbacks...) {
		network, _ := pgconn.NetworkAddress(to.Host, to.Port)
		if network != "unix" && to.TLSConfig == nil && !slices.Contains(hosts, to.Host) {
			hosts = append(hosts, to.Host)
		}
	}
	return hosts, nil
}

// withoutURL returns the cause of a parse error of pgx, which quotes the URL, if the cause
// is a file such as that of a certificate.
func withoutURL(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path
	}
	return errors.New("it must have the form postgres://user:password@host:port/database?parameter=value, with special characters percent-encoded")
}
