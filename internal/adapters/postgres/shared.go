package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/gradus-dev/gradus/internal/adapters/internal/riverdb"
)

// Other programs can use the same database. A comment marks the extension and the schema that
// a Migrator created, so that Down drops only these.

const (
	extension = "pg_trgm"
	// createdBy is part of the comments.
	createdBy = "created by gradus migrate"
)

// claim prepares the database for the first migration: it takes over the tables of earlier
// versions, and creates what is missing. sharedJobs tells that jobs of Gradus are still among
// those of another program.
func (m *Migrator) claim(ctx context.Context) (sharedJobs bool, err error) {
	err = pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error {
		if err := createOnce(ctx, tx, `SELECT FROM pg_extension WHERE extname = '`+extension+`'`,
			`CREATE EXTENSION `+extension,
			`COMMENT ON EXTENSION `+extension+` IS 'text similarity measurement and index searching based on trigrams (`+createdBy+`)'`,
		); err != nil {
			return err
		}
		if err := createOnce(ctx, tx, `SELECT FROM pg_namespace WHERE nspname = '`+riverdb.Schema+`'`,
			`CREATE SCHEMA `+riverdb.Schema,
			`COMMENT ON SCHEMA `+riverdb.Schema+` IS 'Jobs of Gradus (`+createdBy+`)'`,
		); err != nil {
			return err
		}
		sharedJobs, err = m.adopt(ctx, tx)
		return err
	})
	return sharedJobs, err
}

// createOnce executes statements if a query returns no row.
func createOnce(ctx context.Context, tx pgx.Tx, exists string, create ...string) error {
	var found bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (`+exists+`)`).Scan(&found); err != nil || found {
		return err
	}
	for _, sql := range create {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// unclaim drops what claim created, unless something of another program depends on it.
func (m *Migrator) unclaim(ctx context.Context) error {
	if _, err := m.pool.Exec(ctx, `DROP TABLE `+versionTable); err != nil {
		return fmt.Errorf("drop the version table: %w", err)
	}
	for sql, created := range map[string]string{
		`DROP EXTENSION ` + extension:   `SELECT FROM pg_extension WHERE extname = '` + extension + `' AND obj_description(oid, 'pg_extension') LIKE '%` + createdBy + `%'`,
		`DROP SCHEMA ` + riverdb.Schema: `SELECT FROM pg_namespace WHERE nspname = '` + riverdb.Schema + `' AND obj_description(oid, 'pg_namespace') LIKE '%` + createdBy + `%'`,
	} {
		var ours bool
		if err := m.pool.QueryRow(ctx, `SELECT EXISTS (`+created+`)`).Scan(&ours); err != nil {
			return err
		}
		if !ours {
			continue
		}
		const dependentObjects = "2BP01"
		_, err := m.pool.Exec(ctx, sql)
		if pg, ok := errors.AsType[*pgconn.PgError](err); err != nil && (!ok || pg.Code != dependentObjects) {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// isMissing reports whether a table or its schema does not exist.
func isMissing(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == "42P01" || pg.Code == "3F000")
}

// keepExtensions are migrations that do not drop the extension: it may have existed before.
// unclaim drops it. A migration that was released is never edited, so this one is changed
// when it is read.
type keepExtensions struct{ fs.FS }

// Open implements fs.FS.
func (k keepExtensions) Open(name string) (fs.File, error) {
	f, err := k.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	sql, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return migrationFile{bytes.NewReader(bytes.Replace(sql, []byte("DROP EXTENSION "+extension+";"), nil, 1)), info}, nil
}

// migrationFile is a migration that was read.
type migrationFile struct {
	*bytes.Reader

	info fs.FileInfo
}

// Stat implements fs.File.
func (f migrationFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close implements fs.File.
func (migrationFile) Close() error { return nil }
