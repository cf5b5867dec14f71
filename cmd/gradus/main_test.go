package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// gradus runs a command line and returns its exit code and output.
func gradus(t *testing.T, environment []string, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	code = run(t.Context(), process{environment, strings.NewReader(stdin), &out, &problems}, args)
	return code, out.String(), problems.String()
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		environment []string
		args        []string
		code        int
		stdout      string // a part of it
		stderr      string
	}{
		"help succeeds":                               {nil, []string{"--help"}, exitOK, "gradus demo", ""},
		"help of a command lists its flags":           {nil, []string{"serve", "--help"}, exitOK, "--no-worker", ""},
		"help of the mock describes Prefer":           {nil, []string{"mock", "--help"}, exitOK, "Prefer: code=409", ""},
		"an invalid address fails":                    {nil, []string{"mock", "--listen", "nonsense"}, exitFault, "", "missing port"},
		"version prints the version":                  {nil, []string{"version"}, exitOK, "gradus dev (go1.", ""},
		"the flag for the version":                    {nil, []string{"--version"}, exitOK, "gradus dev (go1.", ""},
		"completion for bash":                         {nil, []string{"completion", "bash"}, exitOK, "activate tab completion for gradus in bash", ""},
		"the code of completion for zsh":              {nil, []string{"completion", "-c", "zsh"}, exitOK, "complete", ""},
		"the code of completion for fish":             {nil, []string{"completion", "-c", "fish"}, exitOK, "complete", ""},
		"openapi prints the contract":                 {nil, []string{"openapi"}, exitOK, "openapi: 3.0.3", ""},
		"a missing command is a usage error":          {nil, nil, exitUsage, "", "expected one of"},
		"an unknown command is a usage error":         {nil, []string{"sreve"}, exitUsage, "", "sreve"},
		"serve requires settings":                     {nil, []string{"serve"}, exitUsage, "", "GRADUS_SECRET_KEYS"},
		"work requires settings":                      {nil, []string{"work"}, exitUsage, "", "GRADUS_DATABASE_URL"},
		"an unknown setting is a usage error":         {[]string{"GRADUS_LISTENN=x"}, []string{"migrate", "status"}, exitUsage, "", "GRADUS_LISTENN"},
		"service links of Kubernetes are no settings": {[]string{"GRADUS_PORT=tcp://10.43.7.1:8080", "GRADUS_SERVICE_HOST=10.43.7.1"}, []string{"migrate", "status"}, exitUsage, "", "invalid settings:\n  - GRADUS_DATABASE_URL: is required"},
		"plain text to a database is a usage error":   {[]string{"GRADUS_DATABASE_URL=postgres://x:secretpw@db.example.org/x"}, []string{"migrate", "status"}, exitUsage, "", "GRADUS_ALLOW_INSECURE=GRADUS_DATABASE_URL"},
		"an unreadable file is a usage error":         {[]string{"GRADUS_DATABASE_URL_FILE=/nowhere/url"}, []string{"migrate", "status"}, exitUsage, "", "GRADUS_DATABASE_URL_FILE: cannot read the file: open /nowhere/url"},
		"an unavailable database fails":               {[]string{"GRADUS_DATABASE_URL=postgres://x:secretpw@127.0.0.1:1/x"}, []string{"migrate", "up"}, exitFault, "", "connection refused"},
		"seed rejects production mode":                {productionWith("postgres://x:y@127.0.0.1:1/x"), []string{"seed"}, exitFault, "", "not for production"},
		"seed --reset rejects production mode":        {productionWith("postgres://x:y@127.0.0.1:1/x"), []string{"seed", "--reset"}, exitFault, "", "not for production"},
		"too few students are a usage error":          {nil, []string{"seed", "--students", "1"}, exitUsage, "", "must be 2 to 1000"},
		"too few days are a usage error":              {nil, []string{"seed", "--days", "1"}, exitUsage, "", "must be 7 to 366"},
		"an invalid date is a usage error":            {nil, []string{"seed", "--until", "2026-02-30"}, exitUsage, "", "2026-02-30"},
		"admin create requires a password":            {productionWith("postgres://x:y@127.0.0.1:1/x"), []string{"admin", "create", "--email", "a@b.example", "--name", "A"}, exitFault, "", "no password"},
		"healthcheck fails without a server":          {nil, []string{"healthcheck", "http://127.0.0.1:1/readyz"}, exitFault, "", "not reachable"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := gradus(t, tt.environment, "", tt.args...)
			if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("code %d, want %d\nstdout: %.400s\nstderr: %s", code, tt.code, stdout, stderr)
			}
			if strings.Contains(stderr, "secretpw") {
				t.Errorf("the error shows the password: %s", stderr)
			}
		})
	}
}

func productionWith(url string) []string {
	return []string{"GRADUS_DATABASE_URL=" + url, "GRADUS_SECRET_KEYS=k1:pU3KGCUwux1tEyze1iN7LtkeP3IfyxlxF0SU1kk8nVw=", "GRADUS_PUBLIC_URL=https://gradus.example.org"}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	env := []string{"GRADUS_DATABASE_URL=" + pgtest.URL(t)}
	steps := []struct {
		args []string
		want string
	}{
		{[]string{"migrate", "up"}, "migrations applied: 0"},
		{[]string{"migrate", "down", "--yes"}, "rolled back 0"},
		{[]string{"migrate", "status"}, "pending"},
		{[]string{"migrate", "up"}, "migrations applied: 1"},
	}
	for _, s := range steps {
		code, stdout, stderr := gradus(t, env, "", s.args...)
		if code != exitOK || !strings.Contains(stdout, s.want) {
			t.Fatalf("%v: code %d, %q, %s", s.args, code, stdout, stderr)
		}
	}
}

func TestMigrate_NamesUnknownTimeZones(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.User(t, pool, func(u *domain.User) { u.TimeZone = "Mars/Olympus" })
	build.User(t, pool, func(u *domain.User) { u.TimeZone = "Asia/Kathmandu" })
	env := []string{"GRADUS_DATABASE_URL=" + pool.Config().ConnString()}
	code, stdout, stderr := gradus(t, env, "", "migrate", "up")
	if code != exitOK || !strings.Contains(stdout, `"Mars/Olympus"`) || strings.Contains(stdout, "Kathmandu") {
		t.Errorf("code %d, %q, %s", code, stdout, stderr)
	}
}

func TestServe_RequiresAnUpToDateSchema(t *testing.T) {
	t.Parallel()
	env := append(productionWith(pgtest.URL(t)), "GRADUS_LISTEN="+free(t), "GRADUS_METRICS_LISTEN=off")
	if code, _, stderr := gradus(t, env, "", "migrate", "down", "--yes"); code != exitOK {
		t.Fatal(stderr)
	}
	code, _, stderr := gradus(t, env, "", "serve")
	if code != exitFault || !strings.Contains(stderr, "gradus migrate up") {
		t.Errorf("code %d: %s", code, stderr)
	}
}

func TestServe_NamesTheSettingOfAPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for _, setting := range []string{"GRADUS_LISTEN", "GRADUS_METRICS_LISTEN"} {
		listen := map[string]string{"GRADUS_LISTEN": free(t), "GRADUS_METRICS_LISTEN": free(t)}
		listen[setting] = taken.Addr().String()
		env := productionWith(pgtest.URL(t))
		for k, v := range listen {
			env = append(env, k+"="+v)
		}
		code, _, stderr := gradus(t, env, "", "serve")
		if code != exitFault || !strings.Contains(stderr, "Set "+setting) {
			t.Errorf("%s in use: code %d: %s", setting, code, stderr)
		}
	}
}

// An admin created on the command line can sign in to a server with the same settings. A
// second admin with the same address is rejected.
func TestAdminCreate(t *testing.T) {
	t.Parallel()
	listen := free(t)
	env := append(productionWith(pgtest.URL(t)), "GRADUS_LISTEN="+listen, "GRADUS_METRICS_LISTEN="+free(t), "GRADUS_DRAIN_DELAY=0s")
	create := []string{"admin", "create", "--email", "Mira@School.example", "--name", "Mira Okafor", "--time-zone", "America/Chicago"}
	const password = "seven quiet paper boats"
	if code, stdout, stderr := gradus(t, env, password+"\n", create...); code != exitOK || !strings.Contains(stdout, "created admin") {
		t.Fatalf("code %d: %s%s", code, stdout, stderr)
	}
	if code, _, stderr := gradus(t, env, password, create...); code != exitFault || !strings.Contains(stderr, "already") {
		t.Errorf("a second time: code %d: %s", code, stderr)
	}
	if code, _, stderr := gradus(t, env, "short", create...); code != exitFault || !strings.Contains(stderr, "at least 15") {
		t.Errorf("a short password: code %d: %s", code, stderr)
	}

	stop, _ := background(t, env, "serve")
	base := "http://" + listen
	await(t, func() error {
		if code, _, stderr := gradus(t, env, "", "healthcheck", base+"/readyz"); code != exitOK {
			return fmt.Errorf("healthcheck: %s", stderr)
		}
		return nil
	})
	mira := signIn(t, base, "mira@school.example", password)
	zone := apiclient.Get[struct {
		Name string `json:"time_zone"`
	}](mira, "/me")
	if mira.Role != "admin" || zone.Name != "America/Chicago" {
		t.Errorf("signed in as %+v in %s", mira.Session, zone.Name)
	}
	if code, out := stop(); code != exitOK {
		t.Errorf("serve ended with %d: %s", code, out)
	}
}

func TestBootstrapAdmin(t *testing.T) {
	t.Parallel()
	url, listen := pgtest.URL(t), free(t)
	env := append(productionWith(url), "GRADUS_LISTEN="+listen, "GRADUS_METRICS_LISTEN=off", "GRADUS_DRAIN_DELAY=0s",
		"GRADUS_BOOTSTRAP_ADMIN_EMAIL=first@school.example", "GRADUS_BOOTSTRAP_ADMIN_PASSWORD=seven quiet paper boats")
	for range 2 { // the second start creates no user
		stop, output := background(t, env, "work")
		await(t, func() error {
			if !strings.Contains(output(), `"working"`) {
				return fmt.Errorf("not working yet: %s", output())
			}
			return nil
		})
		if n := count(t, url, `SELECT count(*) FROM users`); n != 1 {
			t.Errorf("there are %d users", n)
		}
		if code, out := stop(); code != exitOK {
			t.Fatalf("work ended with %d: %s", code, out)
		}
	}
	short := append(productionWith(pgtest.URL(t)), "GRADUS_BOOTSTRAP_ADMIN_EMAIL=first@school.example", "GRADUS_BOOTSTRAP_ADMIN_PASSWORD=short")
	if code, _, stderr := gradus(t, short, "", "work"); code != exitFault || !strings.Contains(stderr, "GRADUS_BOOTSTRAP_ADMIN") {
		t.Errorf("a bad password: code %d: %s", code, stderr)
	}
}

func TestFakeWakaTime(t *testing.T) {
	t.Parallel()
	listen := free(t)
	stop, _ := background(t, nil, "fake-wakatime", "--listen", listen)
	await(t, func() error {
		res, err := http.Get("http://" + listen + "/_fake/people")
		if err != nil {
			return err
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		if !bytes.Contains(b, []byte(`"ada"`)) {
			return fmt.Errorf("people %s: %w", b, err)
		}
		return nil
	})
	if code, out := stop(); code != exitOK {
		t.Errorf("ended with %d: %s", code, out)
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	dir, listen := t.TempDir(), free(t)
	env := []string{
		"GRADUS_DATABASE_URL=" + pgtest.URL(t), "GRADUS_DATA_DIR=" + dir, "GRADUS_LISTEN=" + listen,
		"GRADUS_METRICS_LISTEN=" + free(t), "GRADUS_DEMO_WAKATIME_LISTEN=" + free(t), "GRADUS_DEMO_MAIL_LISTEN=" + free(t),
	}
	for round := range 2 {
		stop, _ := background(t, env, "demo")
		path := filepath.Join(dir, "demo.json")
		var printed facts
		await(t, func() error {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return json.Unmarshal(b, &printed)
		})
		if len(printed.Members) != 12 || len(printed.Keys) != 2 || printed.API != "http://"+listen+"/api/v1" {
			t.Errorf("round %d: printed %+v", round, printed)
		}
		// The examples of the documentation contain this batch and this key.
		if k := printed.Keys[0]; k.BatchID != "019b76da-cf10-79bc-93a3-009581188fa7" || k.Key != "GO5MNYOJDKZUUC5VAX3ZWHSY7X" {
			t.Errorf("round %d: the batch is %+v", round, k)
		}
		res, err := http.Get(printed.Mail + "/messages")
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != http.StatusOK {
			t.Errorf("round %d: the inbox returned %d", round, res.StatusCode)
		}
		in := signIn(t, "http://"+listen, printed.Members[0].Email, printed.Members[0].Password)
		if in.Role != "admin" {
			t.Errorf("round %d: signed in as %+v", round, in.Session)
		}
		code, out := stop()
		if code != exitOK || !strings.Contains(out, "Try this") {
			t.Errorf("round %d: ended with %d: %s", round, code, out)
		}
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
	if n := count(t, strings.TrimPrefix(env[0], "GRADUS_DATABASE_URL="), `SELECT count(*) FROM days WHERE state = 'ok'`); n < 700 {
		t.Errorf("only %d days were fetched", n)
	}
}

func TestDemo_ValidatesResponsesByDefault(t *testing.T) {
	t.Parallel()
	logged := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(logged, []byte("log\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		environment []string
		want        httpapi.ResponseCheck
	}{
		{nil, httpapi.CheckFail},
		{[]string{"GRADUS_VALIDATE_RESPONSES=log"}, httpapi.CheckLog},
		{[]string{"GRADUS_VALIDATE_RESPONSES=off"}, httpapi.CheckOff},
		{[]string{"GRADUS_VALIDATE_RESPONSES="}, httpapi.CheckFail},
		{[]string{"GRADUS_VALIDATE_RESPONSES_FILE=" + logged}, httpapi.CheckLog},
		{[]string{"GRADUS_MODE=production", "GRADUS_DRAIN_DELAY_FILE=" + logged}, httpapi.CheckFail},
	} {
		cfg, err := config.Load(demoEnvironment(tt.environment), config.NeedServer)
		if err != nil || cfg.ValidateResponses != tt.want || cfg.Mode != config.Development {
			t.Errorf("%v: %q, %v", tt.environment, cfg.ValidateResponses, err)
		}
	}
}

// signIn signs a user in at a server and returns the client of their session.
func signIn(t *testing.T, base, email, password string) apiclient.Client {
	t.Helper()
	return apiclient.New(t, base+"/api/v1", apiclient.Plain).SignIn(email, password)
}

// background runs a command until stop, which cancels it and waits. output returns what
// it has printed so far.
func background(t *testing.T, environment []string, args ...string) (stop func() (int, string), output func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var out safeBuffer
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, process{environment, strings.NewReader(""), &out, &out}, args) }()
	stop = sync.OnceValues(func() (int, string) {
		cancel()
		return <-ended, out.String()
	})
	t.Cleanup(func() { _, _ = stop() })
	return stop, out.String
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func await(t *testing.T, check func() error) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Millisecond)
	}
}

func count(t *testing.T, url, sql string) (n int) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	if err := c.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func free(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
