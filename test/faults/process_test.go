// Package faults_test kills and starves the real binary and looks at what is left.
package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/embeddedpg"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	_ "github.com/gradus-dev/gradus/internal/wiring" // see binary
)

const password = "three blue teapots sing"

// binary builds the program once. What the compiler reads is no part of the key under
// which Go caches the result of a test: the import of wiring and a look at the command
// itself make this test run again when the program has changed.
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
	out, err := exec.Command("go", "build", "-o", path, "github.com/gradus-dev/gradus/cmd/gradus").CombinedOutput()
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

// world is a database server of its own, the fake WakaTime, and the settings of the
// program between them.
type world struct {
	path        string
	database    *embeddedpg.Server
	config      embeddedpg.Config
	fake        *fakewaka.Server
	environment []string
	api         string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{path: path, fake: fakewaka.New(fakewaka.Config{Seed: 7, ClientID: "faults", ClientSecret: "waka_sec_faults"})}
	upstream := httptest.NewServer(w.fake.Handler())
	t.Cleanup(upstream.Close)
	w.config = embeddedpg.Config{Dir: publicDir(t), Report: func(line string) { t.Log(line) }}
	w.startDatabase(t)
	t.Cleanup(func() { _ = w.database.Stop(context.Background()) })

	listen := freeAddress(t)
	w.api = "http://" + listen + "/api/v1"
	w.environment = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(),
		"GRADUS_MODE=development", "GRADUS_LISTEN=" + listen, "GRADUS_METRICS_LISTEN=off", "GRADUS_DRAIN_DELAY=0s", "GRADUS_INSECURE_COOKIES=true",
		"GRADUS_DATABASE_URL=" + w.database.URL(),
		"GRADUS_WAKATIME_CLIENT_ID=faults", "GRADUS_WAKATIME_CLIENT_SECRET=waka_sec_faults",
		"GRADUS_WAKATIME_API_URL=" + upstream.URL + "/api/v1", "GRADUS_WAKATIME_OAUTH_URL=" + upstream.URL + "/oauth",
		"GRADUS_BOOTSTRAP_ADMIN_EMAIL=admin@school.example", "GRADUS_BOOTSTRAP_ADMIN_PASSWORD=" + password,
	}
	cmd := exec.CommandContext(t.Context(), path, "migrate", "up")
	cmd.Env = w.environment
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("migrate up: %v\n%s", err, out)
	}
	return w
}

// publicDir is a temporary folder that the unprivileged user of Postgres can reach,
// which t.TempDir's is not.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gradus-faults") //nolint:usetesting // as said above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (w *world) startDatabase(t *testing.T) {
	t.Helper()
	var err error
	if w.database, err = embeddedpg.Start(t.Context(), w.config); err != nil {
		t.Fatal(err)
	}
}

// serve starts the program and waits until it is ready. It is killed at the end.
func (w *world) serve(t *testing.T) *exec.Cmd {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(w.path, "serve")
	cmd.Env = w.environment
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the program's log:\n%s", log.String())
		}
	})
	eventually(t, 20*time.Second, "the program is ready", func() error {
		_, err := w.get("", strings.TrimSuffix(w.api, "/api/v1")+"/readyz", nil)
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

// eventually polls until check is content.
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

func (w *world) get(token, address string, into any) (int, error) {
	return w.send(http.MethodGet, token, address, "", into)
}

func (w *world) post(token, path, body string, into any) (int, error) {
	return w.send(http.MethodPost, token, w.api+path, body, into)
}

func (w *world) send(method, token, address, body string, into any) (int, error) {
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return res.StatusCode, err
	}
	if res.StatusCode >= 300 {
		return res.StatusCode, fmt.Errorf("%s: %s", res.Status, b)
	}
	if into == nil {
		return res.StatusCode, nil
	}
	return res.StatusCode, json.Unmarshal(b, into)
}

// student joins a fresh batch and connects as login; it returns their token.
func (w *world) student(t *testing.T, login string) string {
	t.Helper()
	var in struct{ Token string }
	must(t)(w.post("", "/auth/login", `{"email":"admin@school.example","password":"`+password+`"}`, &in))
	admin := in.Token
	today := time.Now().UTC()
	var batch struct{ ID string }
	must(t)(w.post(admin, "/batches", fmt.Sprintf(`{"name":"Faults","starts_on":%q,"ends_on":%q,"time_zone":"America/Chicago"}`,
		today.AddDate(0, 0, -90).Format(time.DateOnly), today.AddDate(0, 0, 90).Format(time.DateOnly)), &batch))
	var key struct{ Key string }
	must(t)(w.get(admin, w.api+"/batches/"+batch.ID+"/registration-key", &key))
	must(t)(w.post("", "/auth/register", fmt.Sprintf(`{"email":%q,"name":"Ada Brandt","password":%q,"registration_key":%q}`,
		login+"@school.example", password, key.Key), &in))
	var auth struct {
		AuthorizationURL string `json:"authorization_url"`
	}
	must(t)(w.post(in.Token, "/me/wakatime/authorization", "", &auth))
	back := consent(t, auth.AuthorizationURL, login)
	must(t)(w.post(in.Token, "/me/wakatime/callback", fmt.Sprintf(`{"code":%q,"state":%q}`, back.Get("code"), back.Get("state")), nil))
	return in.Token
}

func consent(t *testing.T, address, login string) url.Values {
	t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(address + "&login=" + login)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	back, err := res.Location()
	if err != nil {
		t.Fatal(err)
	}
	return back.Query()
}

func must(t *testing.T) func(int, error) {
	t.Helper()
	return func(_ int, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// interrupt is what Ctrl-C sends.
var interrupt os.Signal = os.Interrupt

var errNotYet = errors.New("not yet")
