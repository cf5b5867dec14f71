package main

import (
	"context"

	"github.com/gradus-dev/gradus/internal/config"
)

type serveCmd struct {
	NoWorker bool `help:"Run the API server only. Run 'gradus work' in another process."`
}

// Run serves until ctx is cancelled.
func (c serveCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(p.environment, config.NeedDatabase, config.NeedSecrets, config.NeedServer)
	if err != nil {
		return err
	}
	log := newLogger(cfg, p.stderr)
	app, closeApp, err := startApp(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer closeApp()
	l, err := listenAll(ctx, cfg)
	if err != nil {
		return err
	}
	return service{cfg: cfg, app: app, log: log, listeners: l, worker: !c.NoWorker}.run(ctx)
}
