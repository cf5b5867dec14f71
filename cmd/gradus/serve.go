package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// Limits of the HTTP servers: a slow or huge request must not hold a connection.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
	drainTimeout      = 15 * time.Second
	workerTimeout     = 15 * time.Second
)

type serveCmd struct {
	NoWorker bool `help:"Only answer the API; sync in another process with 'gradus work'."`
}

// Run serves until a signal comes.
func (c serveCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(p.environment, config.NeedDatabase, config.NeedSecrets, config.NeedServer)
	if err != nil {
		return err
	}
	log := logger(cfg, p.stderr)
	app, cleanup, err := start(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer cleanup()
	listeners, err := listen(ctx, cfg)
	if err != nil {
		return err
	}
	return serve(ctx, cfg, app, log, listeners, !c.NoWorker)
}

type workCmd struct{}

// Run works until a signal comes.
func (workCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(p.environment, config.NeedDatabase, config.NeedSecrets, config.NeedServer)
	if err != nil {
		return err
	}
	log := logger(cfg, p.stderr)
	app, cleanup, err := start(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer cleanup()
	if err := app.Worker.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	log.InfoContext(ctx, "working", "workers", cfg.Workers)
	<-ctx.Done()
	return stopWorker(ctx, app)
}

// start wires the program and makes sure that it can work with the database.
func start(ctx context.Context, cfg config.Config, log *slog.Logger) (*wiring.App, func(), error) {
	for _, w := range cfg.Warnings() {
		log.WarnContext(ctx, "setting", "warning", w)
	}
	app, cleanup, err := wiring.NewApp(ctx, cfg, wiring.NewRuntime(cfg), log)
	if err != nil {
		return nil, nil, err
	}
	pending, err := app.Migrator.Pending(ctx)
	if err == nil && pending {
		err = errors.New("the database's schema is older than this program. Run: gradus migrate up")
	}
	if err == nil {
		err = app.BootstrapAdmin(ctx, cfg)
	}
	if err != nil {
		cleanup()
		// Whoever stops the program while it starts has seen no failure, whatever the
		// driver calls a connection that was closed in the middle of a question.
		return nil, nil, cmp.Or(ctx.Err(), err)
	}
	return app, cleanup, nil
}

// listeners are opened before anything else runs, so that a taken port is the
// first thing that a person hears of.
type listeners struct{ api, metrics net.Listener }

func listen(ctx context.Context, cfg config.Config) (listeners, error) {
	var l listeners
	var err error
	if l.api, err = open(ctx, cfg.Listen, "GRADUS_LISTEN"); err != nil {
		return l, err
	}
	if cfg.MetricsListen == "" {
		return l, nil
	}
	if l.metrics, err = open(ctx, cfg.MetricsListen, "GRADUS_METRICS_LISTEN"); err != nil {
		_ = l.api.Close()
	}
	return l, err
}

// open listens on an address; the error names the setting that gave it.
func open(ctx context.Context, address, setting string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w. Set %s to another address", address, err, setting)
	}
	return l, nil
}

// serve answers requests, and works if asked to, until ctx ends. Then it stops in
// order: readiness first, then the requests in flight, then the jobs in flight.
// The caller closes the pools last.
func serve(ctx context.Context, cfg config.Config, app *wiring.App, log *slog.Logger, l listeners, work bool) error {
	if work {
		if err := app.Worker.Start(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("start the worker: %w", err)
		}
	}
	api := server(app.Handler, cfg.RequestTimeout+5*time.Second, log)
	failed := make(chan error, 2)
	go func() { failed <- api.Serve(l.api) }()
	var metrics *http.Server
	if l.metrics != nil {
		metrics = server(app.Metrics.Handler(), 30*time.Second, log)
		go func() { failed <- metrics.Serve(l.metrics) }()
	}
	log.InfoContext(ctx, "listening", "address", l.api.Addr().String(), "worker", work)

	var err error
	select {
	case <-ctx.Done():
		app.Draining.Store(true)
		time.Sleep(cfg.DrainDelay) // load balancers need a moment to see it
	case err = <-failed:
	}
	log.InfoContext(ctx, "stopping")
	err = errors.Join(err, shutdown(ctx, api))
	if work {
		err = errors.Join(err, stopWorker(ctx, app))
	}
	if metrics != nil {
		err = errors.Join(err, shutdown(ctx, metrics))
	}
	return err
}

func server(h http.Handler, write time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      write,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// serveUntilDone serves one thing alone, until ctx ends or serving fails.
func serveUntilDone(ctx context.Context, s *http.Server, l net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return shutdown(ctx, s)
	}
}

// shutdown lets the requests in flight finish, for a while.
func shutdown(ctx context.Context, s *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	return s.Shutdown(ctx)
}

// stopWorker lets the jobs in flight finish, for a while.
func stopWorker(ctx context.Context, app *wiring.App) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), workerTimeout)
	defer cancel()
	return app.Worker.Stop(ctx)
}
