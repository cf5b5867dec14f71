package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/gradus-dev/gradus/db"
	"github.com/gradus-dev/gradus/internal/adapters/internal/riverdb"
)

// versionTable is where goose records the applied migrations. Other programs that use goose
// have the default name, goose_db_version.
const versionTable = "gradus_migrations"

// Migration is one migration of the schema.
type Migration struct {
	Version   int64
	Name      string
	AppliedAt *time.Time // nil if it is pending
}

// Schema reports which migrations are applied. It only reads, so it works with a read-only
// database, and through any connection pooler.
type Schema struct {
	pool       *pgxpool.Pool
	migrations []Migration
	river      int // the latest migration of River
}

// NewSchema returns the Schema of the database of pool.
func NewSchema(pool *pgxpool.Pool) (*Schema, error) {
	files, err := embeddedMigrations()
	if err != nil {
		return nil, err
	}
	return newSchema(pool, files)
}

func embeddedMigrations() (fs.FS, error) { return fs.Sub(db.Migrations, "migrations") }

func newSchema(pool *pgxpool.Pool, files fs.FS) (*Schema, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	s := &Schema{pool: pool}
	for _, name := range names {
		digits, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the name of migration %s has no version: %w", name, err)
		}
		s.migrations = append(s.migrations, Migration{Version: version, Name: name})
	}
	r, err := newRiver(nil)
	if err != nil {
		return nil, err
	}
	versions := r.AllVersions()
	s.river = versions[len(versions)-1].Version
	return s, nil
}

func newRiver(pool *pgxpool.Pool) (*rivermigrate.Migrator[pgx.Tx], error) {
	r, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: riverdb.Schema, Logger: discard})
	if err != nil {
		return nil, fmt.Errorf("read River's migrations: %w", err)
	}
	return r, nil
}

// Status lists all migrations in order.
func (s *Schema) Status(ctx context.Context) ([]Migration, error) {
	applied, err := s.applied(ctx)
	if err != nil {
		return nil, fmt.Errorf("get migration status: %w", err)
	}
	out := slices.Clone(s.migrations)
	for i := range out {
		if at, ok := applied[out[i].Version]; ok {
			out[i].AppliedAt = &at
		}
	}
	return out, nil
}

// applied returns the applied migrations, and when they were applied in UTC.
func (s *Schema) applied(ctx context.Context) (map[int64]time.Time, error) {
	table, err := findVersionTable(ctx, conn(ctx, s.pool))
	if err != nil || table == "" {
		return nil, err
	}
	rows, err := conn(ctx, s.pool).Query(ctx, `SELECT version_id, tstamp FROM `+table)
	if err != nil {
		return nil, err
	}
	applied := map[int64]time.Time{}
	var version int64
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&version, &at}, func() error {
		applied[version] = at.UTC()
		return nil
	})
	return applied, err
}

// Pending reports whether a migration of Gradus or of River is pending.
func (s *Schema) Pending(ctx context.Context) (bool, error) {
	all, err := s.Status(ctx)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(all, func(m Migration) bool { return m.AppliedAt == nil }) {
		return true, nil
	}
	var river int
	err = conn(ctx, s.pool).QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM `+riverdb.Schema+`.river_migration WHERE line = 'main'`).Scan(&river)
	if isMissing(err) {
		return true, nil
	}
	return river < s.river, err
}

// Ready returns an error while migrations are pending.
func (s *Schema) Ready(ctx context.Context) error {
	pending, err := s.Pending(ctx)
	if err == nil && pending {
		err = errors.New("migrations are pending")
	}
	return err
}
