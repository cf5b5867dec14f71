package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// startDatabase starts a private Postgres server, unless the settings name a database.
func (d *demo) startDatabase(ctx context.Context) (stop func(), err error) {
	if d.cfg.DatabaseURL != "" {
		d.say("using the database of GRADUS_DATABASE_URL")
		return func() {}, nil
	}
	private, err := wiring.StartPrivateDatabase(ctx, filepath.Join(d.cfg.DataDir, "postgres"), d.sayLine)
	if err != nil {
		return nil, fmt.Errorf("start a private Postgres in GRADUS_DATA_DIR: %w", err)
	}
	d.cfg.DatabaseURL = domain.Secret(private.URL())
	return func() {
		if err := private.Stop(context.WithoutCancel(ctx)); err != nil {
			d.say("Postgres did not stop cleanly: %v", err)
		}
	}, nil
}
