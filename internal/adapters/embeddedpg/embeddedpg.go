// Package embeddedpg runs a private PostgreSQL server for trials and tests.
//
// The server outlives the process that started it: after a crash, the next Start
// attaches to it. A data directory is never deleted or overwritten.
package embeddedpg

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

// Errors of Start. The messages say what to do.
var (
	// ErrVersion means that the data belongs to a major version that is not installed.
	ErrVersion = errors.New("the data belongs to another version of PostgreSQL")
	// ErrNotData means that the data directory is not one that PostgreSQL can start from.
	ErrNotData = errors.New("not a PostgreSQL data directory")
	// ErrPortTaken means that another program is listening on Config.Port.
	ErrPortTaken = errors.New("the port is in use by another program")
	// ErrNoBinaries means that no usable PostgreSQL is installed and none could be downloaded.
	ErrNoBinaries = errors.New("no usable PostgreSQL")
	// ErrUnreachable means that the account that must run the server cannot access its
	// directory.
	ErrUnreachable = errors.New("the directory is not accessible")
)

const (
	role         = "gradus"
	oldestMajor  = 15
	startTimeout = 60 * time.Second
	stopTimeout  = 60 * time.Second
	pollEvery    = 20 * time.Millisecond
)

// Config configures a server. Only Dir is required.
type Config struct {
	// Dir contains the data, the password, the log and downloaded binaries.
	Dir string
	// Port is the port on 127.0.0.1. 0 selects a free one and stores it in Dir.
	Port uint16
	// Settings are server settings, such as fsync = off. They do not apply to a
	// server that is already running.
	Settings map[string]string
	// Report receives one-line messages about long operations and surprises. It may
	// be nil.
	Report func(string)
	// Cache is a directory for downloaded binaries, shared by several servers. It
	// defaults to Dir.
	Cache string
	// Download ignores the binaries installed on this machine.
	Download bool
	// Repository is the Maven repository to download from. It defaults to Maven
	// Central.
	Repository string
}

func (c Config) quiet() Config {
	c.Report = func(string) {}
	return c
}

// Server is a running PostgreSQL server.
type Server struct {
	location location
	password string
	port     uint16
	attached bool
	release  func() // releases the claim, if there is one
}

// Start attaches to the server of c.Dir if it is running, and starts it otherwise. It
// creates the data directory and the database if they do not exist. It waits for
// another process that is starting or stopping the same server.
// Errors: ErrVersion, ErrNotData, ErrPortTaken, ErrNoBinaries, ErrUnreachable.
func Start(ctx context.Context, c Config) (*Server, error) {
	if c.Report == nil {
		c = c.quiet()
	}
	p, err := findLocation(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("embedded postgres: %w", err)
	}
	unlock, err := p.lock(ctx)
	if err != nil {
		return nil, fmt.Errorf("embedded postgres: %w", err)
	}
	defer unlock()
	s, err := attach(ctx, p)
	if s == nil && err == nil {
		s, err = launch(ctx, c, p)
	}
	if err == nil {
		// Needed on a running server, too: the process that started it may have been
		// killed before this step.
		err = s.ensureDatabase(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("embedded postgres: %w", err)
	}
	return s, nil
}

// StartExclusive is like Start, but claims c.Dir until Stop, for a process that does not
// share the server. Without the claim, the first of two processes to exit would stop the
// other's server.
// Errors: ErrClaimed, and those of Start.
func StartExclusive(ctx context.Context, c Config) (*Server, error) {
	release, err := Claim(c.Dir)
	if err != nil {
		return nil, err
	}
	s, err := Start(ctx, c)
	if err != nil {
		release()
		return nil, err
	}
	s.release = release
	return s, nil
}

// URL returns the connection string of the database "gradus", including the password.
func (s *Server) URL() string { return s.url(role) }

// Attached reports whether Start attached to a running server. Its settings and port are
// then those that it was started with.
func (s *Server) Attached() bool { return s.attached }

// Dir returns the directory in use. It differs from Config.Dir if that was not
// accessible.
func (s *Server) Dir() string { return s.location.dir }

// StopAt stops the server of c.Dir if it is running, regardless of which process started
// it.
func StopAt(ctx context.Context, c Config) error {
	if !exists(c.Dir) {
		return nil
	}
	p, err := findLocation(ctx, c.quiet())
	if err != nil {
		return fmt.Errorf("embedded postgres: stop: %w", err)
	}
	return (&Server{location: p}).Stop(ctx)
}

// Stop shuts the server down in fast mode, which closes open connections, and waits until
// it has stopped. It also stops a server that Start attached to. Stopping a stopped
// server is not an error.
func (s *Server) Stop(ctx context.Context) error {
	if s.release != nil {
		defer s.release()
	}
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	unlock, err := s.location.lock(ctx)
	if err != nil {
		return fmt.Errorf("embedded postgres: stop: %w", err)
	}
	defer unlock()
	pm, ok := s.location.postmaster()
	if !ok || !pm.isRunning(ctx) {
		return nil
	}
	if err := interrupt(pm.pid); err != nil {
		return fmt.Errorf("embedded postgres: stop: %w", err)
	}
	err = poll(ctx, func() (bool, error) {
		now, ok := s.location.postmaster()
		return !ok || now.pid != pm.pid || !now.isRunning(ctx), nil
	})
	if err != nil {
		return fmt.Errorf("embedded postgres: the server did not stop in time: %w", err)
	}
	return nil
}

func (s *Server) url(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(role, s.password),
		Host:     "127.0.0.1:" + strconv.Itoa(int(s.port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// checkDataDir returns an error unless the server on the port serves this data
// directory.
func (s *Server) checkDataDir(ctx context.Context) error {
	c, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	var data string
	if err := c.QueryRow(ctx, `SHOW data_directory`).Scan(&data); err != nil {
		return err
	}
	if filepath.Clean(data) != s.location.data() {
		return fmt.Errorf("the server on port %d serves %s", s.port, data)
	}
	return nil
}

func (s *Server) ensureDatabase(ctx context.Context) error {
	c, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	var found bool
	err = c.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, role).Scan(&found)
	if err != nil || found {
		return err
	}
	_, err = c.Exec(ctx, `CREATE DATABASE `+role)
	return err
}

// poll calls done repeatedly until it returns true or ctx ends.
func poll(ctx context.Context, done func() (bool, error)) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
