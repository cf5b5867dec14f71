package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

type demoCmd struct{}

// Run shows everything on this machine. Settings that the demo needs are given;
// those of the environment that do not clash stay in force.
func (demoCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(demoEnvironment(p.environment), config.NeedServer)
	if err != nil {
		return err
	}
	cfg = wiring.WithFakeWakaTime(cfg, "http://"+cfg.DemoWakaTimeListen)
	say := func(line string) { printf(p.stdout, "  %s\n", line) }
	printf(p.stdout, "Gradus demo: a class whose coding days arrive by themselves\n")

	// Ports first: a taken one should be the first thing that a person hears of.
	l, err := listen(ctx, cfg)
	if err != nil {
		return err
	}
	fakeListener, err := open(ctx, cfg.DemoWakaTimeListen, "GRADUS_DEMO_WAKATIME_LISTEN")
	if err != nil {
		return err
	}
	db, err := startDatabase(ctx, &cfg, say)
	if err != nil {
		return err
	}
	defer db.stop(context.WithoutCancel(ctx), say)
	return runDemo(ctx, p, cfg, l, fakeListener, say)
}

// demoEnvironment adds what the demo needs to the environment.
func demoEnvironment(environment []string) []string {
	value := func(name, fallback string) string {
		for _, e := range environment {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				return v
			}
		}
		return fallback
	}
	given := []string{
		"GRADUS_MODE=development",
		"GRADUS_INSECURE_COOKIES=true",
		"GRADUS_DRAIN_DELAY=0s",
		"GRADUS_LOG_LEVEL=" + value("GRADUS_LOG_LEVEL", "warn"),
		"GRADUS_LOG_TEXT=" + value("GRADUS_LOG_TEXT", "true"),
		"GRADUS_VALIDATE_RESPONSES=" + value("GRADUS_VALIDATE_RESPONSES", "fail"),
	}
	return append(slices.Clip(environment), given...)
}

func runDemo(ctx context.Context, p process, cfg config.Config, l listeners, fakeListener net.Listener, say func(string)) error {
	log := logger(cfg, p.stderr)
	m, closeMigrator, err := wiring.NewMigrator(ctx, cfg)
	if err != nil {
		return err
	}
	applied, err := m.Up(ctx)
	closeMigrator()
	if err != nil {
		return err
	}
	if applied > 0 {
		say(fmt.Sprintf("%d migrations applied", applied))
	}
	rt := wiring.NewRuntime(cfg)
	app, cleanup, err := wiring.NewApp(ctx, cfg, rt, log)
	if err != nil {
		return err
	}
	defer cleanup()
	class, err := wiring.NewClass(ctx, app, rt, wiring.DefaultPlan(rt.Now()))
	if err != nil {
		return err
	}
	fake := server(class.Fake.Handler(), time.Minute, log)
	go func() { _ = fake.Serve(fakeListener) }()
	defer func() { _ = shutdown(ctx, fake) }()
	made, err := class.Make(ctx, cfg, log, say)
	if err != nil {
		return fmt.Errorf("make the class: %w", err)
	}
	if !made {
		// The class may have slept for days: catch up, and let nobody wait for it.
		if err := class.Enqueue(ctx); err != nil {
			return err
		}
	}
	keys, err := class.Keys(ctx)
	if err != nil {
		return err
	}

	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	done := make(chan error, 1)
	go func() {
		err := serve(ctx, cfg, app, log, l, true)
		stop(err)
		done <- err
	}()
	if made {
		err = showArrival(ctx, class, say)
	} else {
		err = tellCatchingUp(ctx, class, say)
	}
	if err == nil && ctx.Err() == nil {
		err = tell(p.stdout, cfg, class, keys)
	}
	if err != nil {
		stop(err)
	}
	return errors.Join(err, <-done)
}

// tellCatchingUp says that days are still arriving in the background, if they are.
func tellCatchingUp(ctx context.Context, class *wiring.Class, say func(string)) error {
	pr, err := class.Progress(ctx)
	if err == nil && pr.Synced < pr.Connected {
		say(fmt.Sprintf("catching up in the background: %d of %d connected students are in", pr.Synced, pr.Connected))
	}
	return err
}

// showArrival waits for the days of the class and tells how many students are in.
func showArrival(ctx context.Context, class *wiring.Class, say func(string)) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	told := -1
	for {
		pr, err := class.Progress(ctx)
		if err != nil {
			return err
		}
		if pr.Synced == pr.Connected {
			if told >= 0 {
				say(fmt.Sprintf("days of all %d connected students are in", pr.Connected))
			}
			return nil
		}
		if pr.Synced/4 != told/4 || told < 0 {
			say(fmt.Sprintf("days are arriving: %d of %d connected students", pr.Synced, pr.Connected))
			told = pr.Synced
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// facts is what the demo tells people, and scripts by .gradus/demo.json.
type facts struct {
	URL      string          `json:"url"`
	API      string          `json:"api"`
	Docs     string          `json:"docs"`
	Metrics  string          `json:"metrics"`
	WakaTime string          `json:"fake_wakatime"`
	Accounts []wiring.Member `json:"accounts"`
	Keys     []wiring.Key    `json:"registration_keys"`
	// Spare is somebody at the fake WakaTime server who is not in the class.
	Spare wiring.Spare `json:"spare_wakatime_account"`
}

func tell(w io.Writer, cfg config.Config, class *wiring.Class, keys []wiring.Key) error {
	f := facts{
		URL:      cfg.PublicURL,
		API:      cfg.PublicURL + "/api/v1",
		Docs:     cfg.PublicURL + "/docs",
		WakaTime: "http://" + cfg.DemoWakaTimeListen,
		Accounts: class.Members(),
		Keys:     keys,
		Spare:    class.Spare(),
	}
	if cfg.MetricsListen != "" {
		f.Metrics = "http://" + cfg.MetricsListen + "/metrics"
	}
	path := filepath.Join(cfg.DataDir, "demo.json")
	if err := writeJSON(path, f); err != nil {
		return err
	}
	printf(w, "\nReady.\n\n  Reference   %s\n  API         %s\n  Upstream    %s (a fake WakaTime; switch its behaviour there)\n\nSign in with the password %q as\n\n",
		f.Docs, f.API, f.WakaTime, f.Accounts[0].Password)
	for _, a := range f.Accounts {
		printf(w, "  %-11s %-24s %s\n", a.Role, a.Email, a.Story)
	}
	printf(w, `
Try first, in another terminal:

  TOKEN=$(curl -s %[1]s/auth/login -H 'Content-Type: application/json' \
    -d '{"email":"%[2]s","password":"%[3]s"}' | grep -o '"token":"[^"]*"' | cut -d'"' -f4)
  curl -s -H "Authorization: Bearer $TOKEN" %[1]s/batches/%[4]s/progress

The same facts as JSON: %[5]s. Ctrl-C stops everything; the class stays.
`, f.API, f.Accounts[0].Email, f.Accounts[0].Password, keys[0].BatchID, path)
	return nil
}

func writeJSON(path string, v any) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o600)
}

type fakeWakaTimeCmd struct {
	classFlags
	Listen string `default:"127.0.0.1:8081" help:"Where to listen."`
}

// Run serves the fake WakaTime server with the people of the class, until a signal
// comes.
func (c fakeWakaTimeCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(p.environment)
	if err != nil {
		return err
	}
	l, err := open(ctx, c.Listen, "--listen")
	if err != nil {
		return err
	}
	rt := wiring.NewRuntime(cfg)
	plan, err := c.plan(rt.Now())
	if err != nil {
		return err
	}
	s := &http.Server{Handler: wiring.NewFakeWakaTime(plan, rt.Now).Handler(), ReadHeaderTimeout: readHeaderTimeout}
	printf(p.stdout, "fake WakaTime on http://%s (OAuth client %s, secret %s); its front page says what it can do\n",
		l.Addr(), wiring.FakeClientID, wiring.FakeClientSecret)
	return serveUntilDone(ctx, s, l)
}
