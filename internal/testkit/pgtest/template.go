package pgtest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/gradus-dev/gradus/db"
	"github.com/gradus-dev/gradus/internal/adapters/postgres"
)

const (
	templatePrefix = "gradus_template_"
	migrateTimeout = 3 * time.Minute
	// layout changes when Migrator itself creates something else than before.
	layout = "2"
)

func newCluster(root string) (*cluster, error) {
	u, err := url.Parse(root)
	if err != nil {
		return nil, errors.New("TEST_DATABASE_URL is not a URL")
	}
	name, err := templateName()
	if err != nil {
		return nil, err
	}
	c := &cluster{root: u, template: name}
	return c, c.ensureTemplate()
}

// clone creates a database from the template.
func (c *cluster) clone(name string, after ...string) error {
	err := c.copy(c.template, name)
	const missing = "3D000"
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == missing {
		// Another checkout with other migrations has dropped it on a shared server.
		if err := c.ensureTemplate(); err != nil {
			return err
		}
		err = c.copy(c.template, name)
	}
	if err != nil {
		return err
	}
	return c.exec(after...)
}

// copy creates a database from a template without connections.
func (c *cluster) copy(template, name string, after ...string) error {
	// FILE_COPY is two to five times faster than the default, which logs every page.
	return c.exec(append([]string{`CREATE DATABASE ` + name + ` TEMPLATE ` + template + ` STRATEGY FILE_COPY`}, after...)...)
}

func (c *cluster) ensureTemplate() error {
	ctx, cancel := context.WithTimeout(context.Background(), migrateTimeout)
	defer cancel()
	return c.session(ctx, func(conn *pgx.Conn) error {
		// Test binaries run in parallel; the first one migrates. Closing the connection
		// releases the lock.
		if err := execAll(ctx, conn, `SELECT pg_advisory_lock(4711)`); err != nil {
			return err
		}
		var done bool
		err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, c.template).Scan(&done)
		if err != nil || done {
			return err
		}
		if err := c.dropTemplates(ctx, conn); err != nil {
			return err
		}
		// Renamed when it is complete, so an interrupted migration leaves no template.
		draft := c.template + "_draft"
		if err := execAll(ctx, conn, `CREATE DATABASE `+draft); err != nil {
			return err
		}
		if err := migrate(ctx, c.url(draft)); err != nil {
			return err
		}
		// A database with connections cannot be cloned.
		return execAll(ctx, conn,
			`ALTER DATABASE `+draft+` WITH ALLOW_CONNECTIONS false`,
			`ALTER DATABASE `+draft+` RENAME TO `+c.template)
	})
}

// dropTemplates drops the templates of other migrations and of interrupted runs.
func (c *cluster) dropTemplates(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, templatePrefix)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := execAll(ctx, conn, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`); err != nil {
			return err
		}
	}
	return nil
}

func migrate(ctx context.Context, address string) error {
	pool, err := pgxpool.New(ctx, address)
	if err != nil {
		return err
	}
	defer pool.Close()
	m, err := postgres.NewMigrator(ctx, pool)
	if err != nil {
		return err
	}
	_, err = m.Up(ctx)
	return errors.Join(err, m.Close())
}

// templateName returns a name derived from the content of all migrations, River's included.
func templateName() (string, error) {
	content := []byte(layout)
	names, err := fs.Glob(db.Migrations, "migrations/*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		sql, err := fs.ReadFile(db.Migrations, name)
		if err != nil {
			return "", err
		}
		content = fmt.Appendf(content, "%s %d\n%s", name, len(sql), sql)
	}
	river, err := rivermigrate.New(riverpgxv5.New(nil), nil) // in any schema
	if err != nil {
		return "", err
	}
	for _, v := range river.AllVersions() {
		content = fmt.Appendf(content, "%d %d\n%s", v.Version, len(v.SQLUp), v.SQLUp)
	}
	sum := sha256.Sum256(content)
	return fmt.Sprintf("%s%x", templatePrefix, sum[:8]), nil
}
