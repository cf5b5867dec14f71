package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/adapters/embeddedpg"
)

// settings trade durability for speed: tests create and drop many small databases.
var settings = map[string]string{
	"fsync":              "off",
	"synchronous_commit": "off",
	"full_page_writes":   "off",
	"max_connections":    "300",
}

// Server is a PostgreSQL server that was started for tests.
type Server struct {
	url  string
	kind string
	stop func(context.Context) error
}

// URL returns the URL of a database whose role can create databases.
func (s *Server) URL() string { return s.url }

// Kind describes the server, for example "PostgreSQL 17.12 in a container
// (postgres:17-alpine)".
func (s *Server) Kind() string { return s.kind }

// Stop stops the server and deletes its data.
func (s *Server) Stop(ctx context.Context) error { return s.stop(ctx) }

// Serve starts the server selected by GRADUS_TEST_POSTGRES: container, embedded, or auto,
// which is a container if one can be started and else the embedded server.
func Serve(ctx context.Context) (*Server, error) {
	switch want := os.Getenv("GRADUS_TEST_POSTGRES"); want {
	case "container":
		return serveContainer(ctx)
	case "embedded":
		return serveEmbedded(ctx)
	case "", "auto":
		s, err := serveContainer(ctx)
		if err == nil {
			return s, nil
		}
		e, err2 := serveEmbedded(ctx)
		if err2 != nil {
			return nil, errors.Join(err, err2)
		}
		reason, _, _ := strings.Cut(err.Error(), "\n")
		e.kind += "; no container: " + reason
		return e, nil
	default:
		return nil, fmt.Errorf("GRADUS_TEST_POSTGRES must be auto, container or embedded, not %q", want)
	}
}

// Version returns the version of a server, for example "PostgreSQL 17.12".
func Version(ctx context.Context, address string) (string, error) {
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return "", err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	var v string
	if err := c.QueryRow(ctx, `SHOW server_version`).Scan(&v); err != nil {
		return "", err
	}
	v, _, _ = strings.Cut(v, " ")
	return "PostgreSQL " + v, nil
}

const embeddedPrefix = "gradus-pgtest-"

func serveEmbedded(ctx context.Context) (*Server, error) {
	parents := tempDirs(os.TempDir())
	sweep(ctx, parents)
	dir, err := os.MkdirTemp(parents[0], embeddedPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, err
	}
	// If this process is root, the server runs as another user, who needs access.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	s, err := embeddedpg.Start(ctx, embeddedpg.Config{Dir: dir, Cache: cacheDir(), Settings: settings, Report: report})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	stop := func(ctx context.Context) error { return errors.Join(s.Stop(ctx), os.RemoveAll(dir)) }
	version, err := Version(ctx, s.URL())
	if err != nil {
		return nil, errors.Join(err, stop(ctx))
	}
	return &Server{url: s.URL(), kind: version + ", embedded", stop: stop}, nil
}

// cacheDir returns the directory for downloaded binaries. If this process is root, the
// server runs as another user, who cannot read root's home.
func cacheDir() string {
	home, err := os.UserCacheDir()
	if err != nil || os.Geteuid() == 0 {
		home = "/var/cache"
	}
	return filepath.Join(home, "gradus")
}

// sweep stops the servers of test binaries that were killed.
func sweep(ctx context.Context, parents []string) {
	var dirs []string
	for _, parent := range parents {
		found, _ := fs.Glob(os.DirFS(parent), embeddedPrefix+"*") // a constant pattern
		for _, name := range found {
			dirs = append(dirs, filepath.Join(parent, name))
		}
	}
	for _, dir := range dirs {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), embeddedPrefix), "-")
		n, err := strconv.Atoi(pid)
		if err != nil || isAlive(n) {
			continue
		}
		if err := embeddedpg.StopAt(ctx, embeddedpg.Config{Dir: dir}); err == nil {
			_ = os.RemoveAll(dir)
		}
	}
}

func isAlive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, syscall.EPERM)
}

func report(line string) { fmt.Fprintln(os.Stderr, "pgtest:", line) }
