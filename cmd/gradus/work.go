package main

import (
	"context"

	"github.com/gradus-dev/gradus/internal/config"
)

type workCmd struct{}

// Run works jobs until ctx is cancelled.
func (workCmd) Run(ctx context.Context, p process) error {
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
	if err := startWorker(ctx, app); err != nil {
		return err
	}
	log.InfoContext(ctx, "working", "workers", cfg.Workers)
	<-ctx.Done()
	return stopWorker(ctx, app)
}
