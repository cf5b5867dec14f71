package cost_test

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
)

// tables are those of the program.
const tables = `SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'm') AND n.nspname IN ('public', 'gradus_river')`

func list(ctx context.Context, c *pgx.Conn, sql string) ([]string, error) {
	rows, err := c.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// withoutAutovacuum turns autovacuum off, so that it happens at no time of its own choosing.
func withoutAutovacuum(ctx context.Context, c *pgx.Conn) error {
	names, err := list(ctx, c, tables)
	for _, name := range names {
		_, e := c.Exec(ctx, `ALTER TABLE `+name+` SET (autovacuum_enabled = off)`)
		err = errors.Join(err, e)
	}
	return err
}

// vacuum removes dead rows of tables, or of all, collects statistics, and marks all pages as
// visible to everybody. Pages that another session of the database may still see differently,
// such as an autovacuum of the catalogs, are left, so it repeats.
func vacuum(ctx context.Context, c *pgx.Conn, names ...string) error {
	for range 20 {
		if _, err := c.Exec(ctx, `VACUUM (FREEZE, ANALYZE) `+strings.Join(names, ", ")); err != nil {
			return err
		}
		left, err := list(ctx, c, tables+` AND c.relallvisible < c.relpages`)
		if err != nil || len(left) == 0 {
			return err
		}
	}
	return errors.New("VACUUM leaves pages that are not visible to everybody: another session holds a snapshot")
}
