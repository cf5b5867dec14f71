package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

const workerTimeout = 15 * time.Second

// startApp opens the app and prepares its database: it checks the schema and creates the
// first admin.
func startApp(ctx context.Context, cfg config.Config, log *slog.Logger) (app *wiring.App, closeApp func(), err error) {
	log.InfoContext(ctx, "starting", "version", version)
	for _, w := range cfg.Warnings() {
		log.WarnContext(ctx, "setting", "warning", w)
	}
	for _, feature := range cfg.FeaturesOff() {
		log.InfoContext(ctx, "a feature is off", "feature", feature)
	}
	if host := cfg.ProxyHost(); host != "" {
		log.InfoContext(ctx, "requests to WakaTime use the proxy of HTTPS_PROXY", "proxy", host)
	}
	app, closeApp, err = wiring.NewApp(ctx, cfg, wiring.NewRuntime(cfg), log)
	if err != nil {
		return nil, nil, err
	}
	if err := prepareDatabase(ctx, cfg, app); err != nil {
		closeApp()
		// Treat a cancelled start as success: the driver reports the closed connection as an
		// error of its own.
		return nil, nil, cmp.Or(ctx.Err(), err)
	}
	return app, closeApp, nil
}

func prepareDatabase(ctx context.Context, cfg config.Config, app *wiring.App) error {
	pending, err := app.Schema.Pending(ctx)
	if err != nil {
		return err
	}
	if pending {
		return errors.New("the database schema is out of date. Run: gradus migrate up")
	}
	if err := app.Keys.Prepare(ctx); err != nil {
		return explainKeys(err)
	}
	return bootstrapAdmin(ctx, cfg, app)
}

// explainKeys says what to do about wrong keys.
func explainKeys(err error) error {
	wrong, ok := errors.AsType[wiring.WrongKeysError](err)
	if !ok {
		return err
	}
	return fmt.Errorf("%w. Add the key that sealed them to the list. If it is lost, run: gradus admin accept-keys", wrong)
}

func startWorker(ctx context.Context, app *wiring.App) error {
	if err := app.Worker.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	return nil
}

// stopWorker waits for running jobs, up to a timeout.
func stopWorker(ctx context.Context, app *wiring.App) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), workerTimeout)
	defer cancel()
	return app.Worker.Stop(ctx)
}
