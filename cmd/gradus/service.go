package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// service is the API server with its metrics and, if worker is set, the background worker.
type service struct {
	cfg       config.Config
	app       *wiring.App
	log       *slog.Logger
	listeners listeners
	worker    bool
}

// run serves until ctx is cancelled or a server fails. Then it stops in order: it fails the
// readiness probe, waits for open requests, and waits for running jobs. The caller closes
// the app afterwards.
func (s service) run(ctx context.Context) error {
	if s.worker {
		if err := startWorker(ctx, s.app); err != nil {
			return err
		}
	}
	failed := make(chan error, 2)
	api := newHTTPServer(s.app.Handler, s.cfg.RequestTimeout+5*time.Second, s.log)
	go func() { failed <- api.Serve(s.app.Handler.On(s.listeners.api)) }()
	var metrics *http.Server
	if s.listeners.metrics != nil {
		metrics = newHTTPServer(s.app.Metrics.Handler(), 30*time.Second, s.log)
		go func() { failed <- metrics.Serve(s.listeners.metrics) }()
	}
	s.log.InfoContext(ctx, "listening", "address", s.listeners.api.Addr().String(), "worker", s.worker)

	var err error
	select {
	case <-ctx.Done():
		s.app.Draining.Store(true)
		time.Sleep(s.cfg.DrainDelay) // until load balancers have noticed
	case err = <-failed:
	}
	s.log.InfoContext(ctx, "stopping")
	return errors.Join(err, s.stop(ctx, api, metrics))
}

func (s service) stop(ctx context.Context, api, metrics *http.Server) error {
	err := shutdown(ctx, api)
	if s.worker {
		err = errors.Join(err, stopWorker(ctx, s.app))
	}
	if metrics != nil {
		err = errors.Join(err, shutdown(ctx, metrics))
	}
	return err
}
