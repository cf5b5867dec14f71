//go:build wireinject

package wiring

import (
	"context"
	"log/slog"

	"github.com/google/wire"

	"github.com/gradus-dev/gradus/internal/config"
)

// NewApp builds the app. It does not connect to the database: connections are opened on
// demand.
func NewApp(ctx context.Context, cfg config.Config, rt Runtime, log *slog.Logger) (*App, func(), error) {
	panic(wire.Build(database, runtime, stores, adapters, useCases, server, wire.Struct(new(App), "*")))
}

// NewMigrator builds what the migrate commands need.
func NewMigrator(ctx context.Context, cfg config.Config) (*Migrator, func(), error) {
	panic(wire.Build(newDirectPool, newMigrator))
}
