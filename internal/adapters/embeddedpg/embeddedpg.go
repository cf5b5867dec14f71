// Package embeddedpg runs a private PostgreSQL server for trials and tests.
//
// The server outlives the process that started it: after a crash the next Start
// finds it again. A data directory is never deleted and never overwritten.
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

// What Start may refuse. The error's text says what to do about it.
var (
	// ErrVersion means that the data belong to a major version that is not installed here.
	ErrVersion = errors.New("the data belong to another version of PostgreSQL")
	// ErrNotData means that the data directory holds something that PostgreSQL cannot start from.
	ErrNotData = errors.New("not a PostgreSQL data directory")
	// ErrPortTaken means that another program listens on Config.Port.
	ErrPortTaken = errors.New("the port is taken by another program")
	// ErrNoBinaries means that no PostgreSQL was found here and none could be downloaded.
	ErrNoBinaries = errors.New("no PostgreSQL to run")
	// ErrUnreachable means that the account that must run the server cannot enter its folder.
	ErrUnreachable = errors.New("the folder is out of reach")
)

const (
	role         = "gradus"
	oldestMajor  = 15
	startTimeout = 60 * time.Second
	stopTimeout  = 60 * time.Second
	pollEvery    = 20 * time.Millisecond
)

// Config says where the server lives. Only Dir is required.
type Config struct {
	// Dir holds the data, the password, the log and downloaded binaries.
	Dir string
	// Port is the port on 127.0.0.1. 0 takes a free one and remembers it in Dir.
	Port uint16
	// Settings are server settings, such as fsync = off. They do not reach a server that runs already.
	Settings map[string]string
	// Report is told in one line what takes long or may surprise. It may be nil.
	Report func(string)
	// Cache keeps downloaded binaries for several servers. Empty keeps them in Dir.
	Cache string
	// Download leaves out the binaries of this machine.
	Download bool
	// Repository is the Maven repository of the download. Empty is Maven Central.
	Repository string
}

func (c Config) quiet() Config {
	c.Report = func(string) {}
	return c
}

// Server is a running PostgreSQL server.
type Server struct {
	place    place
	password string
	port     uint16
	attached bool
	release  func() // of the claim, if there is one
}

// Start attaches to the server of c.Dir if it runs, else starts it, making the data
// directory and the database first if there are none. It waits for another process
// that is starting or stopping the same server.
// Errors: ErrVersion, ErrNotData, ErrPortTaken, ErrNoBinaries, ErrUnreachable.
func Start(ctx context.Context, c Config) (*Server, error) {
	if c.Report == nil {
		c = c.quiet()
	}
	p, err := findPlace(ctx, c)
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
		// Also on a running server: whoever started it may have been killed before this.
		err = s.ensureDatabase(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("embedded postgres: %w", err)
	}
	return s, nil
}

// StartExclusive is Start for a process that does not share the server: it claims c.Dir
// until Stop. Without the claim, the first of two processes to end would stop the server
// of the other.
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

// URL is the address of the database "gradus", password included.
func (s *Server) URL() string { return s.url(role) }

// Attached tells whether Start found the server running. Its settings and its port
// are then those of whoever started it.
func (s *Server) Attached() bool { return s.attached }

// Dir is the folder in use. It differs from Config.Dir if that one was out of reach.
func (s *Server) Dir() string { return s.place.dir }

// StopAt stops the server of c.Dir if one runs, whoever started it.
func StopAt(ctx context.Context, c Config) error {
	if !exists(c.Dir) {
		return nil
	}
	p, err := findPlace(ctx, c.quiet())
	if err != nil {
		return fmt.Errorf("embedded postgres: stop: %w", err)
	}
	return (&Server{place: p}).Stop(ctx)
}

// Stop ends the server by a fast shutdown, which cuts open connections, and waits for
// the end. It also stops a server that Start attached to. A stopped server is no error.
func (s *Server) Stop(ctx context.Context) error {
	if s.release != nil {
		defer s.release()
	}
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	unlock, err := s.place.lock(ctx)
	if err != nil {
		return fmt.Errorf("embedded postgres: stop: %w", err)
	}
	defer unlock()
	pm, ok := s.place.postmaster()
	if !ok || !pm.runs(ctx) {
		return nil
	}
	if err := interrupt(pm.pid); err != nil {
		return fmt.Errorf("embedded postgres: stop: %w", err)
	}
	err = poll(ctx, func() (bool, error) {
		now, ok := s.place.postmaster()
		return !ok || now.pid != pm.pid || !now.runs(ctx), nil
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

// isOurs tells whether the server that answers on the port serves this data directory.
func (s *Server) isOurs(ctx context.Context) error {
	c, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	var data string
	if err := c.QueryRow(ctx, `SHOW data_directory`).Scan(&data); err != nil {
		return err
	}
	if filepath.Clean(data) != s.place.data() {
		return fmt.Errorf("port %d is answered by the server of %s", s.port, data)
	}
	return nil
}

func (s *Server) ensureDatabase(ctx context.Context) error {
	c, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	var there bool
	err = c.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, role).Scan(&there)
	if err != nil || there {
		return err
	}
	_, err = c.Exec(ctx, `CREATE DATABASE `+role)
	return err
}

// poll asks again and again until done or the end of ctx.
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
