package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/gradus-dev/gradus/db"
)

// Migration is one migration of the schema.
type Migration struct {
	Version   int64
	Name      string
	AppliedAt *time.Time // nil if it is pending
}

// Migrator migrates the schema up and down: goose runs the migrations of Gradus, then
// River those of its own tables. Several replicas can start at once; an advisory lock
// lets one migrate at a time.
type Migrator struct {
	db    *sql.DB
	goose *goose.Provider
	river *rivermigrate.Migrator[pgx.Tx]
}

// NewMigrator returns a Migrator on pool. Close it after use.
func NewMigrator(pool *pgxpool.Pool) (*Migrator, error) {
	files, err := fs.Sub(db.Migrations, "migrations")
	if err != nil {
		return nil, err
	}
	connections := stdlib.OpenDBFromPool(pool)
	g, err := goose.NewProvider(goose.DialectPostgres, connections, files, goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	r, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("read River's migrations: %w", err)
	}
	return &Migrator{db: connections, goose: g, river: r}, nil
}

// Close releases the connections.
func (m *Migrator) Close() error { return m.goose.Close() }

// Up applies all pending migrations and returns how many of Gradus it applied.
func (m *Migrator) Up(ctx context.Context) (int, error) {
	var steps int
	err := m.withLock(ctx, func() error {
		done, err := m.goose.Up(ctx)
		if err != nil {
			return fmt.Errorf("migrate up: %w", err)
		}
		steps = len(done)
		if _, err := m.river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("migrate River's tables: %w", err)
		}
		return nil
	})
	return steps, mapError(err)
}

// Down reverts the latest migration. Reverting the first also removes River's tables.
func (m *Migrator) Down(ctx context.Context) (Migration, error) {
	var reverted Migration
	err := m.withLock(ctx, func() error {
		done, err := m.goose.Down(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return errors.New("nothing to revert: no migration is applied")
		}
		if err != nil {
			return fmt.Errorf("migrate down: %w", err)
		}
		reverted = Migration{Version: done.Source.Version, Name: done.Source.Path}
		version, err := m.goose.GetDBVersion(ctx)
		if err != nil || version > 0 {
			return err
		}
		if _, err := m.river.Migrate(ctx, rivermigrate.DirectionDown, &rivermigrate.MigrateOpts{TargetVersion: -1}); err != nil {
			return fmt.Errorf("remove River's tables: %w", err)
		}
		return nil
	})
	return reverted, mapError(err)
}

// Reset deletes everything in the database, the audit log included, and applies all
// migrations again.
func (m *Migrator) Reset(ctx context.Context) error {
	steps, err := m.Status(ctx)
	if err != nil {
		return err
	}
	// Rolling back is the only way: the audit log rejects every other deletion.
	for _, s := range steps {
		if s.AppliedAt == nil {
			continue
		}
		if _, err := m.Down(ctx); err != nil {
			return err
		}
	}
	_, err = m.Up(ctx)
	return err
}

// withLock runs fn while no other process migrates. It polls for the lock instead of
// waiting in Postgres, because CREATE INDEX CONCURRENTLY waits for all transactions that
// wait there.
func (m *Migrator) withLock(ctx context.Context, fn func() error) (err error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return err
	}
	c, err := m.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	if err := locker.SessionLock(ctx, c); err != nil {
		return fmt.Errorf("wait for another migration: %w", err)
	}
	// Even if ctx is cancelled: a pooled connection would keep the lock.
	defer func() { err = errors.Join(err, locker.SessionUnlock(context.WithoutCancel(ctx), c)) }()
	return fn()
}

// Status lists all migrations in order.
func (m *Migrator) Status(ctx context.Context) ([]Migration, error) {
	steps, err := m.goose.Status(ctx)
	if err != nil {
		return nil, mapError(fmt.Errorf("get migration status: %w", err))
	}
	out := make([]Migration, len(steps))
	for i, s := range steps {
		out[i] = Migration{Version: s.Source.Version, Name: s.Source.Path}
		if s.State == goose.StateApplied {
			out[i].AppliedAt = new(s.AppliedAt.UTC())
		}
	}
	return out, nil
}

// Pending reports whether a migration is pending.
func (m *Migrator) Pending(ctx context.Context) (bool, error) {
	pending, err := m.goose.HasPending(ctx)
	return pending, mapError(err)
}

// Ready returns an error while migrations are pending.
func (m *Migrator) Ready(ctx context.Context) error {
	pending, err := m.Pending(ctx)
	if err == nil && pending {
		err = errors.New("migrations are pending")
	}
	return err
}
