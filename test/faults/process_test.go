// Package faults_test kills the binary and stops its database, and checks that it recovers.
package faults_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/embeddedpg"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	_ "github.com/gradus-dev/gradus/internal/wiring" // see binary
)

// binary builds the program once. Go's cache of test results does not depend on what the
// compiler reads. The import of wiring and reading the sources of the command make the tests
// run again after a change of the program.
var binary = sync.OnceValues(func() (string, error) {
	sources, err := filepath.Glob("../../cmd/gradus/*.go")
	if err != nil {
		return "", err
	}
	for _, s := range sources {
		if _, err := os.ReadFile(s); err != nil {
			return "", err
		}
	}
	dir, err := os.MkdirTemp("", "gradus-faults")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "gradus")
	build := exec.Command("go", "build", "-o", path, "github.com/gradus-dev/gradus/cmd/gradus")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // like `make build`, whose packages are cached
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// env is a database server, a fake WakaTime server, and the settings of a program that uses
// both.
type env struct {
	path        string
	database    *embeddedpg.Server
	config      embeddedpg.Config
	fake        *fakewaka.Server
	environment []string
	client      apiclient.Client
}

func newEnv(t *testing.T) *env {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	e := &env{path: path, fake: fakewaka.New(fakewaka.Config{Seed: 7, ClientID: "faults", ClientSecret: "waka_sec_faults"})}
	upstream := httptest.NewServer(e.fake.Handler())
	t.Cleanup(upstream.Close)
	e.config = embeddedpg.Config{Dir: publicDir(t), Report: func(line string) { t.Log(line) }}
	e.startDatabase(t)
	t.Cleanup(func() { _ = e.database.Stop(context.Background()) })

	listen := freeAddress(t)
	e.client = apiclient.New(t, "http://"+listen+"/api/v1", apiclient.Plain)
	e.environment = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(),
		"GRADUS_MODE=development", "GRADUS_LISTEN=" + listen, "GRADUS_METRICS_LISTEN=off", "GRADUS_DRAIN_DELAY=0s", "GRADUS_INSECURE_COOKIES=true", "GRADUS_RATE_LIMITS=off",
		"GRADUS_DATABASE_URL=" + e.database.URL(),
		"GRADUS_WAKATIME_CLIENT_ID=faults", "GRADUS_WAKATIME_CLIENT_SECRET=waka_sec_faults",
		"GRADUS_WAKATIME_API_URL=" + upstream.URL + "/api/v1", "GRADUS_WAKATIME_OAUTH_URL=" + upstream.URL + "/oauth",
		"GRADUS_BOOTSTRAP_ADMIN_EMAIL=admin@school.example", "GRADUS_BOOTSTRAP_ADMIN_PASSWORD=" + apiclient.Password,
	}
	cmd := exec.CommandContext(t.Context(), path, "migrate", "up")
	cmd.Env = e.environment
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("migrate up: %v\n%s", err, out)
	}
	return e
}

// publicDir returns a temporary folder that the unprivileged user of Postgres can access,
// unlike that of t.TempDir.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gradus-faults") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (e *env) startDatabase(t *testing.T) {
	t.Helper()
	var err error
	if e.database, err = embeddedpg.Start(t.Context(), e.config); err != nil {
		t.Fatal(err)
	}
}

// serve starts the program and waits until it is ready. The program is killed at the end of
// the test.
func (e *env) serve(t *testing.T) *exec.Cmd {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(e.path, "serve")
	cmd.Env = e.environment
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the program logged:\n%s", log.String())
		}
	})
	eventually(t, 20*time.Second, "the program is ready", func() error {
		res, err := e.client.Try(apiclient.Request{Method: http.MethodGet, Path: strings.TrimSuffix(e.client.URL, "/api/v1") + "/readyz"})
		if err == nil && !res.OK() {
			err = fmt.Errorf("%d: %s", res.Status, res.Body)
		}
		return err
	})
	return cmd
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// eventually polls until check returns no error.
func eventually(t *testing.T, limit time.Duration, what string, check func() error) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s: %v", limit, what, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// expect returns an error unless a read of the caller's account returns the status.
func expect(c apiclient.Client, want int) error {
	res, err := c.Try(apiclient.Request{Method: http.MethodGet, Path: "/me"})
	if err != nil {
		return err
	}
	if res.Status != want {
		return fmt.Errorf("GET /me returned %d: %s", res.Status, res.Body)
	}
	return nil
}

// admin signs in the admin whom the settings create.
func (e *env) admin() apiclient.Client {
	return e.client.SignIn("admin@school.example", apiclient.Password)
}

// student registers a student in a new batch, connects them to a user of WakaTime and
// returns their client.
func (e *env) student(username string) apiclient.Client {
	admin, today := e.admin(), time.Now().UTC()
	batch := admin.CreateBatch(apiclient.Object{
		"name": "Faults", "time_zone": "America/Chicago",
		"starts_on": today.AddDate(0, 0, -90).Format(time.DateOnly), "ends_on": today.AddDate(0, 0, 90).Format(time.DateOnly),
	})
	student := e.client.Register(apiclient.Registration(username, admin.RegistrationKey(batch)))
	student.ConnectByOAuth(username)
	return student
}

// interrupt is the signal of Ctrl-C.
var interrupt os.Signal = os.Interrupt

var errNotYet = errors.New("not yet")
