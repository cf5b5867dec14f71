package postgres_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// emptyURL returns the URL of a database without tables.
func emptyURL(t *testing.T) string {
	t.Helper()
	host := pgtest.New(t)
	name := "bare_" + strings.ToLower(rand.Text())
	build.Exec(t, host, `CREATE DATABASE `+name+` TEMPLATE template0`)
	t.Cleanup(func() { build.Exec(t, host, `DROP DATABASE `+name+` WITH (FORCE)`) })
	u := must(url.Parse(host.Config().ConnString()))
	u.Path = "/" + name
	return u.String()
}

// emptyDatabase returns a pool on a database without tables.
func emptyDatabase(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := must(pgxpool.New(t.Context(), emptyURL(t)))
	t.Cleanup(pool.Close)
	return pool
}

func newMigrator(t *testing.T, pool *pgxpool.Pool) *postgres.Migrator {
	t.Helper()
	m := must(postgres.NewMigrator(t.Context(), pool))
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// describeSchema describes everything in the database that a migration can create.
func describeSchema(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `
		WITH schemas AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
		SELECT 'schema ' || nspname FROM schemas
		UNION ALL SELECT format('column %s.%s %s %s null:%s identity:%s default:%s', c.relname, a.attname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.attidentity, pg_get_expr(d.adbin, d.adrelid))
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
		WHERE c.relnamespace IN (SELECT oid FROM schemas) AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'p')
		UNION ALL SELECT format('constraint %s %s', conrelid::regclass, conname) || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace IN (SELECT oid FROM schemas)
		UNION ALL SELECT format('options of %s: %s', relname, reloptions) FROM pg_class WHERE relnamespace IN (SELECT oid FROM schemas) AND reloptions IS NOT NULL
		UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname IN (SELECT nspname FROM schemas)
		UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p WHERE pronamespace IN (SELECT oid FROM schemas) AND prokind = 'f'
		    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
		UNION ALL SELECT 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql'
		UNION ALL SELECT format('type %s %s', typname, (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)) FROM pg_type t WHERE typtype = 'e'
		UNION ALL SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname IN (SELECT nspname FROM schemas)
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	return must(pgx.CollectRows(rows, pgx.RowTo[string]))
}

func TestMigrator_UpDownUpRestoresTheSchema(t *testing.T) {
	t.Parallel()
	pool := emptyDatabase(t)
	m := newMigrator(t, pool)
	before := describeSchema(t, pool)
	steps, err := m.Up(t.Context())
	if err != nil || steps == 0 {
		t.Fatalf("%d migrations, %v", steps, err)
	}
	first := describeSchema(t, pool)
	for _, table := range []string{"users", "sessions", "audit_entries", "batches", "enrolments", "registration_keys", "days", "river_job", "river_leader", "river_queue"} {
		if !slices.ContainsFunc(first, func(s string) bool { return strings.HasPrefix(s, "column "+table+".") }) {
			t.Errorf("table %s does not exist", table)
		}
	}

	applied := must(m.Status(t.Context()))
	if len(applied) != steps {
		t.Errorf("%d migrations are applied, want %d", len(applied), steps)
	}
	for _, want := range slices.Backward(applied) {
		reverted, err := m.Down(t.Context())
		if err != nil {
			t.Fatalf("migration %d: %v", want.Version, err)
		}
		if reverted.Version != want.Version || reverted.Name == "" {
			t.Errorf("reverted %+v, want migration %d", reverted, want.Version)
		}
	}
	if d := diff(before, describeSchema(t, pool)); d != "" {
		t.Errorf("left after reverting all migrations:\n%s", d)
	}
	if _, err := m.Down(t.Context()); err == nil {
		t.Error("Down without a migration succeeded")
	}
	if again, err := m.Up(t.Context()); again != steps || err != nil {
		t.Fatalf("%d migrations, %v; want %d", again, err, steps)
	}
	if d := diff(first, describeSchema(t, pool)); d != "" {
		t.Errorf("the schema differs after up, down, up:\n%s", d)
	}
}

func TestMigrator_EveryMigrationIsReversible(t *testing.T) {
	t.Parallel()
	pool := emptyDatabase(t)
	m := newMigrator(t, pool)
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := describeSchema(t, pool)
	for depth := 1; depth <= len(must(m.Status(t.Context()))); depth++ {
		for range depth {
			if _, err := m.Down(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := m.Up(t.Context()); n != depth || err != nil {
			t.Fatalf("%d migrations, %v; want %d", n, err, depth)
		}
		if d := diff(want, describeSchema(t, pool)); d != "" {
			t.Fatalf("%d down and up again:\n%s", depth, d)
		}
	}
}

// Indexes of large tables are built without a transaction, so an interrupted migration leaves
// some of them behind.
func TestMigrator_RepeatsAnInterruptedMigration(t *testing.T) {
	t.Parallel()
	pool := emptyDatabase(t)
	m := newMigrator(t, pool)
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := describeSchema(t, pool)
	revert := func() {
		t.Helper()
		for reverted := (postgres.Migration{}); reverted.Version != 11; {
			var err error
			if reverted, err = m.Down(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, left := range [][]string{
		{`CREATE UNIQUE INDEX days_covering_key ON days (user_id, day)`},
		{`CREATE INDEX enrolments_covering_idx ON enrolments (batch_id)`},
		{`CREATE INDEX enrolments_covering_idx ON enrolments (batch_id)`, `DROP INDEX enrolments_batch_name_idx`},
	} {
		revert()
		for _, statement := range left {
			build.Exec(t, pool, statement)
		}
		if _, err := m.Up(t.Context()); err != nil {
			t.Fatalf("after %q: %v", left, err)
		}
		if d := diff(want, describeSchema(t, pool)); d != "" {
			t.Errorf("after %q:\n%s", left, d)
		}
	}
}

func TestMigrator_ReportsPendingMigrations(t *testing.T) {
	t.Parallel()
	m := newMigrator(t, emptyDatabase(t))
	check := func(when string, applied int, pending bool) {
		t.Helper()
		if got, err := m.Pending(t.Context()); got != pending || err != nil {
			t.Errorf("%s: pending %t, %v", when, got, err)
		}
		if err := m.Ready(t.Context()); (err != nil) != pending || (pending && err.Error() != "migrations are pending") {
			t.Errorf("%s: Ready: %v", when, err)
		}
		n := 0
		for i, s := range must(m.Status(t.Context())) {
			if s.Version != int64(i+1) || !strings.HasPrefix(s.Name, fmt.Sprintf("%05d_", i+1)) {
				t.Errorf("%s: migration %d is %+v", when, i, s)
			}
			if s.AppliedAt != nil {
				n++
				if s.AppliedAt.Location() != time.UTC || time.Since(*s.AppliedAt) > time.Hour {
					t.Errorf("%s: migration %d was applied at %v", when, i, s.AppliedAt)
				}
			}
		}
		if n != applied {
			t.Errorf("%s: %d migrations applied, want %d", when, n, applied)
		}
	}
	check("before Up", 0, true)
	steps := must(m.Up(t.Context()))
	check("after Up", steps, false)
	if n, err := m.Up(t.Context()); n != 0 || err != nil {
		t.Errorf("second Up: %d steps, %v", n, err)
	}
	if _, err := m.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("after Down", steps-1, true)
}

func TestMigrator_ConcurrentUpsApplyOnce(t *testing.T) {
	t.Parallel()
	pool := emptyDatabase(t)
	var steps [3]int
	errs := concurrently(3, func(i int) error {
		m, err := postgres.NewMigrator(t.Context(), pool)
		if err != nil {
			return err
		}
		steps[i], err = m.Up(t.Context())
		return errors.Join(err, m.Close())
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if total := steps[0] + steps[1] + steps[2]; total != len(must(newMigrator(t, pool).Status(t.Context()))) {
		t.Errorf("%v migrations", steps)
	}
}

func TestMigrator_ReturnsFailures(t *testing.T) {
	t.Parallel()
	pool := emptyDatabase(t)
	build.Exec(t, pool, `CREATE TABLE batches (id integer)`)
	m := newMigrator(t, pool)
	if _, err := m.Up(t.Context()); err == nil || !strings.Contains(err.Error(), `"batches" already exists`) {
		t.Errorf("got %v", err)
	}
	// The earlier migrations are applied, and the lock is released.
	build.Exec(t, pool, `DROP TABLE batches`)
	if _, err := m.Up(t.Context()); err != nil {
		t.Error(err)
	}
}
