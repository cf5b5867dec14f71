package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// database is what the demo works on: the operator's, or a private server.
type database struct{ private *wiring.PrivateDatabase }

// startDatabase starts a private Postgres unless the settings name a database, and
// puts its address into cfg.
func startDatabase(ctx context.Context, cfg *config.Config, say func(string)) (database, error) {
	if cfg.DatabaseURL != "" {
		say("using the database of GRADUS_DATABASE_URL")
		return database{}, nil
	}
	private, err := wiring.StartPrivateDatabase(ctx, filepath.Join(cfg.DataDir, "postgres"), say)
	if err != nil {
		return database{}, fmt.Errorf("start a private Postgres: %w", err)
	}
	cfg.DatabaseURL = private.URL()
	return database{private}, nil
}

func (d database) stop(ctx context.Context, say func(string)) {
	if d.private == nil {
		return
	}
	if err := d.private.Stop(ctx); err != nil {
		say("Postgres did not stop cleanly: " + err.Error())
	}
}
