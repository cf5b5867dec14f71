package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/democlass"
	"github.com/gradus-dev/gradus/internal/wiring"
)

type demoCmd struct{}

// Run runs the server with everything that it depends on, and a class, until ctx is
// cancelled.
func (demoCmd) Run(ctx context.Context, p process) error {
	d, err := newDemo(p)
	if err != nil {
		return err
	}
	d.printHeader()
	// Listen first, to fail at once if a port is in use.
	if err := d.listen(ctx); err != nil {
		return err
	}
	stopDatabase, err := d.startDatabase(ctx)
	if err != nil {
		return err
	}
	defer stopDatabase()
	if err := d.migrate(ctx); err != nil {
		return err
	}
	closeApp, err := d.openApp(ctx)
	if err != nil {
		return err
	}
	defer closeApp()
	stopFake := d.serveFakeWakaTime(ctx)
	defer stopFake()
	stopMail := d.serveFakeMail(ctx)
	defer stopMail()
	if err := d.createClass(ctx); err != nil {
		return err
	}
	return d.serve(ctx)
}

// demo is the state of a running demo.
type demo struct {
	out                         io.Writer
	cfg                         config.Config
	log                         *slog.Logger
	listeners                   listeners
	fakeListener                net.Listener
	smtpListener, inboxListener net.Listener // of the fake mail server
	app                         *wiring.App
	class                       *democlass.Class
	created                     bool // by this run
}

func newDemo(p process) (*demo, error) {
	cfg, err := config.Load(demoEnvironment(p.environment), config.NeedServer)
	if err != nil {
		return nil, err
	}
	cfg = democlass.WithFakeWakaTime(cfg, "http://"+cfg.DemoWakaTimeListen)
	return &demo{out: p.stdout, cfg: cfg, log: newLogger(cfg, p.stderr)}, nil
}

// demoEnvironment returns the environment with the settings of the demo. Some of them are
// only defaults.
func demoEnvironment(environment []string) []string {
	fixed := []string{
		"GRADUS_MODE=development", "GRADUS_INSECURE_COOKIES=true", "GRADUS_DRAIN_DELAY=0s",
		"GRADUS_SMTP_URL=", "GRADUS_MAIL_FROM=", // the demo has a mail server of its own
	}
	defaults := []string{"GRADUS_LOG_LEVEL=warn", "GRADUS_LOG_TEXT=true", "GRADUS_VALIDATE_RESPONSES=fail"}
	// setBy reports whether a variable, or the one that names a file, has the setting of s.
	setBy := func(variable, s string) bool {
		name, _, _ := strings.Cut(s, "=")
		v, value, _ := strings.Cut(variable, "=")
		return value != "" && (v == name || v == name+"_FILE")
	}
	out := slices.DeleteFunc(slices.Clone(environment), func(variable string) bool {
		return slices.ContainsFunc(fixed, func(s string) bool { return setBy(variable, s) })
	})
	for _, s := range defaults {
		if !slices.ContainsFunc(out, func(variable string) bool { return setBy(variable, s) }) {
			out = append(out, s)
		}
	}
	return append(out, fixed...)
}

func (d *demo) listen(ctx context.Context) (err error) {
	if d.listeners, err = listenAll(ctx, d.cfg); err != nil {
		return err
	}
	if d.fakeListener, err = listen(ctx, d.cfg.DemoWakaTimeListen, "GRADUS_DEMO_WAKATIME_LISTEN"); err != nil {
		return err
	}
	return d.listenMail(ctx)
}

func (d *demo) migrate(ctx context.Context) error {
	m, closeMigrator, err := wiring.NewMigrator(ctx, d.cfg)
	if err != nil {
		return err
	}
	defer closeMigrator()
	applied, err := m.Up(ctx)
	if applied > 0 {
		d.say("migrations applied: %d", applied)
	}
	return err
}

// openApp opens the app and finds the class in its database.
func (d *demo) openApp(ctx context.Context) (closeApp func(), err error) {
	rt := wiring.NewRuntime(d.cfg)
	d.app, closeApp, err = wiring.NewApp(ctx, d.cfg, rt, d.log)
	if err != nil {
		return nil, err
	}
	d.class, err = democlass.New(ctx, d.app, rt, democlass.DefaultPlan(rt.Now()))
	if err != nil {
		closeApp()
		return nil, err
	}
	return closeApp, nil
}

func (d *demo) serveFakeWakaTime(ctx context.Context) (stop func()) {
	s := newHTTPServer(d.class.Fake.Handler(), time.Minute, d.log)
	go func() { _ = s.Serve(d.fakeListener) }()
	return func() { _ = shutdown(ctx, s) }
}

// createClass creates the class. If it exists, its days may be out of date, so it enqueues
// a sync.
func (d *demo) createClass(ctx context.Context) (err error) {
	d.created, err = d.class.Create(ctx, democlass.CreateParams{Config: d.cfg, Log: d.log, Report: d.sayLine})
	if err != nil {
		return fmt.Errorf("create the class: %w", err)
	}
	if d.created {
		return nil
	}
	return d.class.RequestSync(ctx)
}

// serve runs the server until ctx is cancelled, and prints the progress of the first sync
// and how to use the demo.
func (d *demo) serve(ctx context.Context) error {
	summary, err := d.class.Summary(ctx)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	done := make(chan error, 1)
	go func() {
		err := service{cfg: d.cfg, app: d.app, log: d.log, listeners: d.listeners, worker: true}.run(ctx)
		stop(err)
		done <- err
	}()
	err = d.printProgress(ctx)
	if err == nil && ctx.Err() == nil {
		err = d.printUsage(summary)
	}
	if err != nil {
		stop(err)
	}
	return errors.Join(err, <-done)
}
