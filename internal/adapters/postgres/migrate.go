package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/rivermigrate"
)

const (
	// migrationLockTimeout limits how long a migration blocks other statements behind the
	// lock that it waits for.
	migrationLockTimeout = 5 * time.Second
	// migrationLock is the advisory lock of migrations. Other programs that use goose have its
	// default, and need not wait.
	migrationLock = 5104719
	// migrationMaxConns are for the lock, for goose, for River, and one to spare.
	migrationMaxConns = 4
	// reportInterval is how often a running migration is reported.
	reportInterval = 10 * time.Second
)

var discard = slog.New(slog.DiscardHandler)

// Progress is the progress of Up.
type Progress struct {
	Name        string // of a migration
	Step, Steps int    // its position among the pending ones, from 1
	Elapsed     time.Duration
	Done        bool
}

// Migrator migrates the schema up and down: goose runs the migrations of Gradus, then
// River those of its own tables. Several replicas can start at once; an advisory lock
// lets one migrate at a time.
//
// It shares the database with other programs: it never reverts their migrations, and drops
// no schema and no extension that it did not create (see shared.go).
type Migrator struct {
	*Schema

	// Report is called when a migration begins and ends, and every 10 seconds while one
	// runs. It may be nil.
	Report func(Progress)

	files fs.FS
	pool  *pgxpool.Pool
	db    *sql.DB
	river *rivermigrate.Migrator[pgx.Tx]
	// derive computes columns of the schema; tests with migrations of their own have none.
	derive func(context.Context, *pgxpool.Pool) error
}

// NewMigrator returns a Migrator on the database of pool. It opens connections of its own,
// which last for a session and have no limit on the duration of a statement. Close it after
// use.
func NewMigrator(ctx context.Context, pool *pgxpool.Pool) (*Migrator, error) {
	files, err := embeddedMigrations()
	if err != nil {
		return nil, err
	}
	m, err := newMigrator(ctx, pool, files)
	if err != nil {
		return nil, err
	}
	m.derive = derive
	return m, nil
}

func newMigrator(ctx context.Context, from *pgxpool.Pool, files fs.FS) (*Migrator, error) {
	config := from.Config()
	config.MaxConns, config.MinConns, config.MinIdleConns = migrationMaxConns, 0, 0
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec // the schema changes
	config.AfterConnect = prepareMigrationSession
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("create connection pool: %w", err)
	}
	schema, err := newSchema(pool, files)
	if err != nil {
		return nil, err
	}
	river, err := newRiver(pool)
	if err != nil {
		return nil, err
	}
	return &Migrator{Schema: schema, files: keepExtensions{files}, pool: pool, db: stdlib.OpenDBFromPool(pool), river: river}, nil
}

// prepareMigrationSession lifts all limits of a session but that of waiting for locks, and
// makes the extensions available that are in other schemas.
func prepareMigrationSession(ctx context.Context, c *pgx.Conn) error {
	if err := requireSession(ctx, c); err != nil {
		return err
	}
	_, err := c.Exec(ctx, `
		SELECT set_config(name, '0', false) FROM pg_settings
		WHERE name IN ('statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout');
		SELECT set_config('lock_timeout', '`+milliseconds(migrationLockTimeout)+`', false), set_config('TimeZone', 'UTC', false);
		SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), quote_ident(n.nspname)), false)
		FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
		WHERE e.extname = '`+extension+`' AND n.nspname <> ALL (current_schemas(false))`)
	if err != nil {
		return fmt.Errorf("prepare a session for migrations: %w", err)
	}
	return nil
}

// Close releases the connections.
func (m *Migrator) Close() error {
	err := m.db.Close()
	m.pool.Close()
	return err
}

// provider returns a new goose.Provider: one remembers that the version table exists.
func (m *Migrator) provider() (*goose.Provider, error) {
	p, err := goose.NewProvider(goose.DialectPostgres, m.db, m.files, goose.WithTableName(versionTable), goose.WithSlog(discard))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}

// Up applies all pending migrations and returns how many of Gradus it applied. It then computes
// the columns that only the program can compute.
func (m *Migrator) Up(ctx context.Context) (int, error) {
	var steps int
	err := m.withLock(ctx, func() error {
		sharedJobs, err := m.claim(ctx)
		if err != nil {
			return err
		}
		if steps, err = m.upAll(ctx); err != nil {
			return err
		}
		if err := m.upRiver(ctx); err != nil {
			return err
		}
		if sharedJobs {
			if err := m.moveJobs(ctx); err != nil {
				return err
			}
		}
		if m.derive == nil {
			return nil
		}
		if err := m.derive(ctx, m.pool); err != nil {
			return fmt.Errorf("compute derived columns: %w", err)
		}
		return nil
	})
	return steps, mapError(err)
}

// upAll applies the pending migrations of Gradus one by one.
func (m *Migrator) upAll(ctx context.Context) (steps int, err error) {
	p, err := m.provider()
	if err != nil {
		return 0, err
	}
	pending, err := m.pending(ctx)
	if err != nil {
		return 0, err
	}
	for i, name := range pending {
		err := m.reporting(Progress{Name: name, Step: i + 1, Steps: len(pending)}, func() (time.Duration, error) {
			done, err := p.UpByOne(ctx)
			if err != nil {
				return 0, err
			}
			return done.Duration, nil
		})
		if err != nil {
			return i, fmt.Errorf("migrate up: %w", err)
		}
	}
	return len(pending), nil
}

// pending returns the names of the pending migrations.
func (m *Migrator) pending(ctx context.Context) ([]string, error) {
	all, err := m.Status(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range all {
		if s.AppliedAt == nil {
			names = append(names, s.Name)
		}
	}
	return names, nil
}

// upRiver applies River's pending migrations.
func (m *Migrator) upRiver(ctx context.Context) error {
	state, err := m.river.Validate(ctx, nil)
	if err != nil {
		return fmt.Errorf("check River's tables: %w", err)
	}
	if state.OK {
		return nil
	}
	err = m.reporting(Progress{Name: "the tables of River", Step: 1, Steps: 1}, func() (time.Duration, error) {
		done, err := m.river.Migrate(ctx, rivermigrate.DirectionUp, nil)
		if err != nil {
			return 0, err
		}
		var took time.Duration
		for _, v := range done.Versions {
			took += v.Duration
		}
		return took, nil
	})
	if err != nil {
		return fmt.Errorf("migrate River's tables: %w", err)
	}
	return nil
}

// reporting runs a migration, which returns how long it took, and reports its progress.
func (m *Migrator) reporting(p Progress, migrate func() (time.Duration, error)) (err error) {
	report := m.Report
	if report == nil {
		report = func(Progress) {}
	}
	report(p)
	ticks := time.NewTicker(reportInterval)
	defer ticks.Stop()
	var took time.Duration
	done := make(chan struct{})
	go func() {
		defer close(done)
		took, err = migrate()
	}()
	for {
		select {
		case <-ticks.C:
			p.Elapsed += reportInterval
			report(p)
		case <-done:
			if err == nil {
				p.Elapsed, p.Done = took, true
				report(p)
			}
			return err
		}
	}
}

// Down reverts the latest migration. Reverting the first also removes everything else that
// Up created.
func (m *Migrator) Down(ctx context.Context) (Migration, error) {
	var reverted Migration
	err := m.withLock(ctx, func() (err error) {
		if _, err := m.claim(ctx); err != nil {
			return err
		}
		if reverted, err = m.latest(ctx); err != nil {
			return err
		}
		first := reverted.Version == m.migrations[0].Version
		if first {
			if err := m.removeRiver(ctx); err != nil {
				return err
			}
		}
		p, err := m.provider()
		if err != nil {
			return err
		}
		if _, err := p.Down(ctx); err != nil {
			return fmt.Errorf("migrate down: %w", err)
		}
		if first {
			return m.unclaim(ctx)
		}
		return nil
	})
	return reverted, mapError(err)
}

// latest returns the latest applied migration.
func (m *Migrator) latest(ctx context.Context) (Migration, error) {
	all, err := m.Status(ctx)
	if err != nil {
		return Migration{}, err
	}
	for _, s := range slices.Backward(all) {
		if s.AppliedAt != nil {
			return s, nil
		}
	}
	return Migration{}, errors.New("nothing to revert: no migration is applied")
}

func (m *Migrator) removeRiver(ctx context.Context) error {
	_, err := m.river.Migrate(ctx, rivermigrate.DirectionDown, &rivermigrate.MigrateOpts{TargetVersion: -1})
	if err != nil {
		return fmt.Errorf("remove River's tables: %w", err)
	}
	return nil
}

// Reset deletes everything of Gradus in the database, the audit log included, and applies all
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
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(migrationLock), lock.WithLockTimeout(1, 3600))
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
