// Package wiring plugs the house together. It is the only package that knows which
// adapter stands behind which port.
package wiring

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/jobs"
	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/adapters/wakatime"
	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// App is the whole program, ready to be started.
type App struct {
	Handler  http.Handler // everything that users reach
	Metrics  *httpapi.Metrics
	Worker   *jobs.Runner
	Migrator *postgres.Migrator
	Draining *atomic.Bool // set it before stopping: readiness goes off
	UseCases httpapi.UseCases
	Syncing  ports.Syncer
}

// Runtime is the program's clock and its sources of randomness.
type Runtime struct {
	Now      ports.Clock
	NewID    ports.NewID
	NewToken ports.NewToken
	NewKey   ports.NewKey
}

// SystemRuntime returns the Runtime of production: the system clock and secure randomness.
func SystemRuntime() Runtime {
	return Runtime{
		// Postgres stores microseconds. With nanoseconds the first response would differ
		// from later ones.
		Now:      func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) },
		NewID:    func() [16]byte { return uuid.Must(uuid.NewV7()) },
		NewToken: secrets.NewToken,
		NewKey:   secrets.NewKey,
	}
}

// NewRuntime returns the system's Runtime, with a fixed clock if the settings ask for one
// (GRADUS_NOW).
func NewRuntime(c config.Config) Runtime {
	if c.Now.IsZero() {
		return SystemRuntime()
	}
	fixed := c.Now.UTC().Truncate(time.Microsecond)
	return SystemRuntime().WithClock(func() time.Time { return fixed })
}

// WithClock returns a copy of rt with another clock.
func (rt Runtime) WithClock(now ports.Clock) Runtime {
	rt.Now = now
	return rt
}

// settings are the adapters' shares of the Config.
type settings struct {
	HTTP      httpapi.Config
	WakaTime  wakatime.Config
	Secrets   secrets.Config
	Jobs      jobs.Config
	Passwords domain.PasswordPolicy
	Sessions  domain.SessionLifetime
}

func newSettings(c config.Config) (settings, error) {
	http, err := c.HTTP()
	if err != nil {
		return settings{}, err
	}
	return settings{
		HTTP:      http,
		WakaTime:  c.WakaTimeClient(),
		Secrets:   c.Secrets(),
		Jobs:      jobs.Config{Workers: c.Workers},
		Passwords: domain.PasswordPolicy{MinLength: c.PasswordMinLength, Common: secrets.CommonPasswords()},
		Sessions:  domain.SessionLifetime{Idle: c.SessionIdle, Absolute: c.SessionLifetime},
	}, nil
}

// Time-outs of the database's own: a statement that takes longer is a fault, and a
// transaction that idles holds locks.
const (
	statementTimeout = 5 * time.Second
	lockTimeout      = 3 * time.Second
	idleTimeout      = 10 * time.Second
	connectTimeout   = 3 * time.Second
)

// newPool makes the pool; its connections are opened when they are needed, so that
// the server starts, and says 503, while the database is away.
func newPool(ctx context.Context, c config.Config) (*pgxpool.Pool, func(), error) {
	cfg, err := pgxpool.ParseConfig(c.DatabaseURL.Reveal())
	if err != nil {
		return nil, nil, errors.New("GRADUS_DATABASE_URL cannot be read") // pgx quotes the address, password included
	}
	cfg.MaxConns = c.DatabaseMaxConns
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.ConnConfig.ConnectTimeout = connectTimeout
	for name, d := range map[string]time.Duration{
		"statement_timeout":                   statementTimeout,
		"lock_timeout":                        lockTimeout,
		"idle_in_transaction_session_timeout": idleTimeout,
	} {
		cfg.ConnConfig.RuntimeParams[name] = fmt.Sprint(d.Milliseconds())
	}
	cfg.ConnConfig.RuntimeParams["application_name"] = "gradus"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, nil, fmt.Errorf("set up the database pool: %w", err)
	}
	return pool, pool.Close, nil
}

func newDraining() *atomic.Bool { return &atomic.Bool{} }

func newProbes(pool *pgxpool.Pool, m *postgres.Migrator, draining *atomic.Bool, worker *jobs.Runner) httpapi.Probes {
	return httpapi.Probes{
		Draining: draining,
		Ready: map[string]httpapi.Probe{
			"database": pool.Ping,
			"migrations": func(ctx context.Context) error {
				pending, err := m.Pending(ctx)
				if err == nil && pending {
					err = errors.New("migrations are pending")
				}
				return err
			},
			"worker": func(context.Context) error {
				if worker.Failed() {
					return errors.New("the worker has stopped")
				}
				return nil
			},
		},
	}
}

func newMetrics(pool *pgxpool.Pool) *httpapi.Metrics {
	gauge := func(name, help string, value func(*pgxpool.Stat) int32) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(value(pool.Stat())) })
	}
	return httpapi.NewMetrics(
		gauge("gradus_database_connections", "Connections of the pool.", (*pgxpool.Stat).TotalConns),
		gauge("gradus_database_connections_used", "Connections at work.", (*pgxpool.Stat).AcquiredConns),
		gauge("gradus_database_connections_max", "Connections that the pool may open.", (*pgxpool.Stat).MaxConns),
	)
}
