// Package pgbouncer runs PgBouncer in front of the database of a test. It needs the program
// pgbouncer, of the Debian package of that name.
package pgbouncer

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Mode is the pool mode of PgBouncer.
type Mode string

// The modes.
const (
	Session     Mode = "session"
	Transaction Mode = "transaction"
)

const startTimeout = 15 * time.Second

// Start runs PgBouncer until the test ends, and returns the URL at which it serves the
// database of databaseURL. Up to poolSize connections share the server.
func Start(tb testing.TB, databaseURL string, mode Mode, poolSize int) string {
	tb.Helper()
	program := find(tb)
	server, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		tb.Fatal(err)
	}
	port := freePort(tb)
	config := filepath.Join(tb.TempDir(), "pgbouncer.ini")
	if err := os.WriteFile(config, []byte(settings(server, mode, poolSize, port)), 0o600); err != nil {
		tb.Fatal(err)
	}
	var log bytes.Buffer
	c := exec.Command(program, config)
	c.Stdout, c.Stderr = &log, &log
	if err := c.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if tb.Failed() {
			tb.Logf("PgBouncer:\n%s", log.String())
		}
	})
	address := url.URL{Scheme: "postgres", User: url.User(server.User), Host: net.JoinHostPort("127.0.0.1", port), Path: "/" + server.Database, RawQuery: "sslmode=disable"}
	awaitStart(tb, address.String())
	return address.String()
}

// find returns the path of PgBouncer. Only continuous integration demands it.
func find(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} { // not on the PATH of every Debian user
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "PgBouncer is not installed. Run: apt-get install pgbouncer"
	if os.Getenv("CI") == "" {
		tb.Skip(missing)
	}
	tb.Fatal(missing)
	return ""
}

func settings(server *pgx.ConnConfig, mode Mode, poolSize int, port string) string {
	target := fmt.Sprintf("%s = host=%s port=%d user=%s", server.Database, server.Host, server.Port, server.User)
	if server.Password != "" {
		target += " password=" + server.Password
	}
	lines := []string{
		"[databases]",
		target,
		"[pgbouncer]",
		"listen_addr = 127.0.0.1",
		"listen_port = " + port,
		"unix_socket_dir =",
		"auth_type = any", // the test is the only client
		"pool_mode = " + string(mode),
		fmt.Sprintf("default_pool_size = %d", poolSize),
	}
	if os.Geteuid() == 0 {
		lines = append(lines, "user = nobody") // PgBouncer refuses to run as root
	}
	return strings.Join(lines, "\n") + "\n"
}

// freePort returns a port that no process listens on.
func freePort(tb testing.TB) string {
	tb.Helper()
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	return port
}

// awaitStart waits until PgBouncer accepts connections.
func awaitStart(tb testing.TB, address string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, address)
		if err == nil {
			_ = c.Close(ctx)
			return
		}
		select {
		case <-ctx.Done():
			tb.Fatalf("PgBouncer did not start: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
