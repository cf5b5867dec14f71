package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
)

// The limits of all HTTP servers. Slow and huge requests must not hold a connection.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
	drainTimeout      = 15 * time.Second
)

type listeners struct{ api, metrics net.Listener } // metrics may be nil

func listenAll(ctx context.Context, cfg config.Config) (l listeners, err error) {
	if l.api, err = listen(ctx, cfg.Listen, "GRADUS_LISTEN"); err != nil || cfg.MetricsListen == "" {
		return l, err
	}
	if l.metrics, err = listen(ctx, cfg.MetricsListen, "GRADUS_METRICS_LISTEN"); err != nil {
		_ = l.api.Close()
	}
	return l, err
}

// listen listens on a TCP address. The error names the setting or flag of that address.
func listen(ctx context.Context, address, setting string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w. Set %s to another address", address, err, setting)
	}
	return l, nil
}

func newHTTPServer(h http.Handler, writeTimeout time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,

		// The handler answers OPTIONS *, too: net/http would do so without our headers.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// serveUntilDone serves until ctx is cancelled or the server fails.
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

// shutdown waits for open requests, up to a timeout.
func shutdown(ctx context.Context, s *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	return s.Shutdown(ctx)
}
