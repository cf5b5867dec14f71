// Package wiring connects the adapters to the ports. It is the only package that knows
// which adapter implements which port.
package wiring

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/gradus-dev/gradus/internal/adapters/embeddedpg"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/jobs"
	"github.com/gradus-dev/gradus/internal/adapters/limitmetrics"
	"github.com/gradus-dev/gradus/internal/adapters/mail"
	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/adapters/securitylog"
	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// App is the whole program. Nothing runs until the caller serves Handler or starts Worker.
type App struct {
	Handler  httpapi.Handler // the API, its documentation and the probes
	Metrics  *httpapi.Metrics
	Worker   *jobs.Runner
	Schema   *postgres.Schema
	Keys     *postgres.Keys
	Draining *atomic.Bool // set it before stopping, to fail the readiness probe
	UseCases httpapi.UseCases
	Operator ports.Operator
	Planner  ports.Planner
	Syncer   ports.Syncer
}

// WrongKeysError is the error of App.Keys.
type WrongKeysError = postgres.WrongKeysError

// Migrator applies and rolls back migrations.
type Migrator = postgres.Migrator

// Progress is the progress of a Migrator.
type Progress = postgres.Progress

// StartPrivateDatabase starts a Postgres server for this process alone, with its data in
// dir. report receives progress messages for the user.
func StartPrivateDatabase(ctx context.Context, dir string, report func(line string)) (*embeddedpg.Server, error) {
	return embeddedpg.StartExclusive(ctx, embeddedpg.Config{Dir: dir, Report: report})
}

// settings is the configuration of each adapter and slice.
type settings struct {
	HTTP      httpapi.Config
	WakaTime  wakatime.Config
	Secrets   secrets.Config
	Jobs      jobs.Config
	Mail      mail.Config
	Passwords domain.PasswordPolicy
	TOTPRoles domain.TOTPRoles
	Sessions  domain.SessionLifetime
}

func newSettings(c config.Config) (settings, error) {
	http, err := c.HTTP()
	return settings{http, c.WakaTimeClient(), c.Secrets(), c.Jobs(), c.Mail(), c.PasswordPolicy(), c.TOTPRoles(), c.SessionTimeouts()}, err
}

func newPool(ctx context.Context, c config.Config, tracer pgx.QueryTracer) (*pgxpool.Pool, func(), error) {
	cfg := c.Postgres()
	cfg.Tracer = tracer
	pool, err := postgres.Open(ctx, cfg)
	if err != nil {
		return nil, nil, fmt.Errorf("GRADUS_DATABASE_URL: %w", err)
	}
	return pool, pool.Close, nil
}

// newSessionCache returns a cache of sessions, which is off if the clock stands still: its
// sessions would never expire.
func newSessionCache(c config.Config) *postgres.SessionCache {
	if !c.Now.IsZero() {
		return postgres.NewSessionCache(0)
	}
	return postgres.NewSessionCache(postgres.SessionMaxAge)
}

// directPool is the pool of jobs, which need sessions.
type directPool struct{ *pgxpool.Pool }

func newDirectPool(ctx context.Context, c config.Config) (directPool, func(), error) {
	pool, err := postgres.OpenDirect(ctx, c.DirectDatabase())
	if err != nil {
		return directPool{}, nil, fmt.Errorf("GRADUS_DATABASE_DIRECT_URL: %w", err)
	}
	return directPool{pool}, pool.Close, nil
}

func newMigrator(ctx context.Context, pool directPool) (*Migrator, func(), error) {
	m, err := postgres.NewMigrator(ctx, pool.Pool)
	if err != nil {
		return nil, nil, err
	}
	return m, func() { _ = m.Close() }, nil
}

func newInserter(pool directPool, metrics *jobs.Metrics, log *slog.Logger) (*jobs.Inserter, error) {
	return jobs.NewInserter(pool.Pool, metrics, log)
}

func newRunner(pool directPool, workers *river.Workers, cfg jobs.Config, metrics *jobs.Metrics, log *slog.Logger, now ports.Clock) (*jobs.Runner, error) {
	return jobs.NewRunner(pool.Pool, workers, cfg, metrics, log, now)
}

func newDraining() *atomic.Bool { return &atomic.Bool{} }

func newProbes(pool *pgxpool.Pool, schema *postgres.Schema, keys *postgres.Keys, draining *atomic.Bool, worker *jobs.Runner) httpapi.Probes {
	return httpapi.Probes{
		Draining: draining,
		Ready: map[string]httpapi.Probe{
			"database":   func(ctx context.Context) error { return postgres.Ready(ctx, pool) },
			"migrations": schema.Ready,
			"keys":       keys.Ready,
			"worker":     worker.Ready,
		},
	}
}

func newMetrics(pool *pgxpool.Pool, direct directPool, queue *jobs.Metrics, security *securitylog.Log, limits *limitmetrics.Limiter) *httpapi.Metrics {
	return httpapi.NewMetrics(postgres.Collector(pool, "api"), postgres.Collector(direct.Pool, "direct"), queue, security, limits)
}
