// Package pgtest provides each test with a PostgreSQL database of its own.
//
// The migrations run once, on a template database that is named after their content. Each
// test gets a clone of that template. The server is the one of TEST_DATABASE_URL, which
// internal/testkit/testdb sets for a whole run. Without it, the test binary starts a
// server when the first test needs one, and Main stops it.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	statementTimeout = time.Minute
	closeTimeout     = 3 * time.Second
	// Tests of several packages run in parallel. Together they must stay below the
	// server's limit.
	maxConns = 8
)

// New returns a pool on a new, migrated database, which is dropped after the test. A test
// that does not release a connection fails instead of hanging.
func New(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	config, err := pgxpool.ParseConfig(URL(tb))
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	config.MaxConns = maxConns
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	tb.Cleanup(func() {
		closed := make(chan struct{})
		go func() { pool.Close(); close(closed) }()
		select {
		case <-closed:
		case <-time.After(closeTimeout):
			tb.Errorf("pgtest: %d connections were not released: close all transactions and rows", pool.Stat().AcquiredConns())
		}
	})
	return pool
}

// URL returns the URL of a new, migrated database. It is dropped after the test, even if
// there are open connections.
func URL(tb testing.TB) string {
	tb.Helper()
	s, err := shared()
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	return database(tb, s, s.clone)
}

// database creates a database and drops it after the test.
func database(tb testing.TB, s *cluster, clone func(name string, after ...string) error) string {
	tb.Helper()
	name := newName()
	// Not UTC, and not a whole hour off: code that ignores time zones fails its tests.
	if err := clone(name, `ALTER DATABASE `+name+` SET timezone TO 'America/St_Johns'`); err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			tb.Errorf("pgtest: %v", err)
		}
	})
	return s.url(name)
}

// Database creates a migrated database for a program that is not a test. drop drops it,
// and stops the server if Database has started it.
func Database() (url string, drop func() error, err error) {
	s, err := shared()
	if err != nil {
		return "", nil, err
	}
	name := newName()
	if err := s.clone(name); err != nil {
		return "", nil, errors.Join(err, stopOwn())
	}
	return s.url(name), func() error {
		return errors.Join(s.exec(`DROP DATABASE `+name+` WITH (FORCE)`), stopOwn())
	}, nil
}

func newName() string { return "test_" + strings.ToLower(rand.Text()) }

// Main runs the tests of a package, stops the server if this binary has started one, and
// exits. Every package that uses New or URL calls it from TestMain.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is like Main but returns the exit code.
func Run(m *testing.M) int {
	code := m.Run()
	if err := errors.Join(dropFilled(), stopOwn()); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return max(code, 1)
	}
	return code
}

var own struct {
	sync.Mutex
	server *Server
}

func stopOwn() error {
	own.Lock()
	defer own.Unlock()
	if own.server == nil {
		return nil
	}
	s := own.server
	own.server = nil
	return s.Stop(context.Background())
}

// shared finds or starts the server and creates the template, once per test binary.
var shared = sync.OnceValues(func() (*cluster, error) {
	root := os.Getenv("TEST_DATABASE_URL")
	if root == "" {
		s, err := Serve(context.Background())
		if err != nil {
			return nil, err
		}
		own.Lock()
		own.server = s
		own.Unlock()
		root = s.URL()
	}
	return newCluster(root)
})

// cluster creates and drops databases, connected to the root database.
type cluster struct {
	root     *url.URL
	template string
}

func (c *cluster) url(database string) string {
	u := *c.root
	u.Path = "/" + database
	return u.String()
}

// exec executes statements one by one. It uses a connection per call instead of a pool, so
// there is nothing to close.
func (c *cluster) exec(statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), statementTimeout)
	defer cancel()
	return c.session(ctx, func(conn *pgx.Conn) error { return execAll(ctx, conn, statements...) })
}

func (c *cluster) session(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, c.root.String())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	return do(conn)
}

func execAll(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}
