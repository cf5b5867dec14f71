//go:build wireinject

package wiring

import (
	"context"
	"log/slog"

	"github.com/google/wire"

	"github.com/gradus-dev/gradus/internal/config"
)

// NewApp builds an App and everything below it. It connects to the database only
// when something asks it.
func NewApp(ctx context.Context, cfg config.Config, rt Runtime, log *slog.Logger) (*App, func(), error) {
	panic(wire.Build(runtime, stores, outside, useCases, server, wire.Struct(new(App), "*")))
}
