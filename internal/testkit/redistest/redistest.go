// Package redistest provides tests with a real Redis or Valkey server: that of TEST_REDIS_URL, or
// else a redis-server or valkey-server on the PATH, or else a container.
package redistest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/testcontainers/testcontainers-go"
	tcredis "github.com/testcontainers/testcontainers-go/modules/redis"
)

const (
	defaultImage = "valkey/valkey:8-alpine"
	startTimeout = 2 * time.Minute
)

// server is the server that all tests of a binary share.
var server struct {
	sync.Mutex
	url  string
	stop func()
}

// Main runs the tests of a package and stops the server.
func Main(m *testing.M) {
	code := m.Run()
	server.Lock()
	if server.stop != nil {
		server.stop()
	}
	os.Exit(code)
}

// URL returns the URL of a server. Tests share it, so their keys must differ.
func URL(tb testing.TB) string {
	tb.Helper()
	server.Lock()
	defer server.Unlock()
	if server.url == "" {
		server.url, server.stop = mustStart(tb)
	}
	return server.url
}

// New returns the URL of a server that is stopped when the test ends, for packages that do not
// use Main.
func New(tb testing.TB) string {
	tb.Helper()
	url, stop := mustStart(tb)
	tb.Cleanup(stop)
	return url
}

func mustStart(tb testing.TB) (url string, stop func()) {
	tb.Helper()
	url, stop, err := start(context.Background())
	if err != nil {
		tb.Fatalf("this test needs Redis or Valkey: install one (apt-get install valkey-server or redis-server), start Docker, or set TEST_REDIS_URL: %v", err)
	}
	return url, stop
}

func start(ctx context.Context) (url string, stop func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if url := os.Getenv("TEST_REDIS_URL"); url != "" {
		return url, func() {}, ready(ctx, url)
	}
	image := os.Getenv("GRADUS_TEST_REDIS_IMAGE")
	for _, program := range []string{"valkey-server", "redis-server"} {
		if path, err := exec.LookPath(program); err == nil && image == "" {
			return startProcess(ctx, path)
		}
	}
	if image == "" {
		image = defaultImage
	}
	return startContainer(ctx, image)
}

func startProcess(ctx context.Context, path string) (url string, stop func(), err error) {
	dir, err := os.MkdirTemp("", "redistest")
	if err != nil {
		return "", nil, err
	}
	remove := func() { _ = os.RemoveAll(dir) }
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		remove()
		return "", nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	cmd := exec.Command(path, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", dir, "--loglevel", "warning")
	if err := cmd.Start(); err != nil {
		remove()
		return "", nil, fmt.Errorf("start %s: %w", path, err)
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		remove()
	}
	url = "redis://127.0.0.1:" + port
	if err := ready(ctx, url); err != nil {
		stop()
		return "", nil, err
	}
	return url, stop, nil
}

func startContainer(ctx context.Context, image string) (url string, stop func(), err error) {
	c, err := tcredis.Run(ctx, image)
	stop = func() { _ = testcontainers.TerminateContainer(c, testcontainers.StopTimeout(0)) }
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("start a container of %s: %w", image, err)
	}
	if url, err = c.ConnectionString(ctx); err == nil {
		err = ready(ctx, url)
	}
	if err != nil {
		stop()
		return "", nil, err
	}
	return url, stop, nil
}

// ready waits until a server responds.
func ready(ctx context.Context, url string) error {
	o, err := goredis.ParseURL(url)
	if err != nil {
		return err
	}
	client := goredis.NewClient(o)
	defer func() { _ = client.Close() }()
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	for {
		if err = client.Ping(ctx).Err(); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the server does not respond: %w", err), ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
