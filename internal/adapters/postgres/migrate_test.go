package postgres_test

import (
	"crypto/rand"
	"errors"
	"fmt"
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

// bare returns a pool on a database without any table of ours.
func bare(t *testing.T) *pgxpool.Pool {
	t.Helper()
	host := pgtest.New(t)
	name := "bare_" + strings.ToLower(rand.Text())
	build.Exec(t, host, `CREATE DATABASE `+name+` TEMPLATE template0`)
	t.Cleanup(func() { build.Exec(t, host, `DROP DATABASE `+name+` WITH (FORCE)`) })
	config := host.Config()
	config.ConnConfig.Database = name
	pool := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(pool.Close)
	return pool
}

func migratorOn(t *testing.T, pool *pgxpool.Pool) *postgres.Migrator {
	t.Helper()
	m := must(postgres.NewMigrator(pool))
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// schema describes everything in the database that a migration makes.
func schema(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), `
		SELECT format('column %s.%s %s %s null:%s identity:%s default:%s', c.relname, a.attname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.attidentity, pg_get_expr(d.adbin, d.adrelid))
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
		WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'p')
		UNION ALL SELECT format('constraint %s %s', conrelid::regclass, conname) || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
		UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
		    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
		UNION ALL SELECT 'extension ' || extname FROM pg_extension WHERE extname <> 'plpgsql'
		UNION ALL SELECT format('type %s %s', typname, (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid)) FROM pg_type t WHERE typtype = 'e'
		UNION ALL SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = 'public'
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	all := must(pgx.CollectRows(rows, pgx.RowTo[string]))
	// Goose's own list of what it did stays.
	return slices.DeleteFunc(all, func(s string) bool { return strings.Contains(s, "goose_db_version") })
}

func TestMigrator_upDownUpGivesTheSameSchema(t *testing.T) {
	t.Parallel()
	pool := bare(t)
	m := migratorOn(t, pool)
	before := schema(t, pool)
	steps, err := m.Up(t.Context())
	if err != nil || steps == 0 {
		t.Fatalf("%d steps, %v", steps, err)
	}
	first := schema(t, pool)
	for _, table := range []string{"users", "sessions", "audit_entries", "batches", "enrolments", "registration_keys", "days", "river_job", "river_leader", "river_queue"} {
		if !slices.ContainsFunc(first, func(s string) bool { return strings.HasPrefix(s, "column "+table+".") }) {
			t.Errorf("there is no table %s", table)
		}
	}

	for n := range steps {
		undone, err := m.Down(t.Context())
		if err != nil {
			t.Fatalf("step %d: %v", n, err)
		}
		if undone.Version != int64(steps-n) || undone.Name == "" {
			t.Errorf("undone %+v, want step %d", undone, steps-n)
		}
	}
	if d := diff(before, schema(t, pool)); d != "" {
		t.Errorf("something is left after the last step down:\n%s", d)
	}
	if _, err := m.Down(t.Context()); err == nil {
		t.Error("one step more than there is: no error")
	}
	if again, err := m.Up(t.Context()); again != steps || err != nil {
		t.Fatalf("%d steps, %v; want %d", again, err, steps)
	}
	if d := diff(first, schema(t, pool)); d != "" {
		t.Errorf("up, down, up is not up:\n%s", d)
	}
}

func TestMigrator_everyStepGoesDownAndUpAgain(t *testing.T) {
	t.Parallel()
	pool := bare(t)
	m := migratorOn(t, pool)
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := schema(t, pool)
	for depth := 1; depth <= len(must(m.Status(t.Context()))); depth++ {
		for range depth {
			if _, err := m.Down(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := m.Up(t.Context()); n != depth || err != nil {
			t.Fatalf("%d steps, %v; want %d", n, err, depth)
		}
		if d := diff(want, schema(t, pool)); d != "" {
			t.Fatalf("%d down and up again:\n%s", depth, d)
		}
	}
}

func TestMigrator_tellsWhatIsPending(t *testing.T) {
	t.Parallel()
	m := migratorOn(t, bare(t))
	check := func(when string, applied int, pending bool) {
		t.Helper()
		if got, err := m.Pending(t.Context()); got != pending || err != nil {
			t.Errorf("%s: pending %t, %v", when, got, err)
		}
		n := 0
		for i, s := range must(m.Status(t.Context())) {
			if s.Version != int64(i+1) || !strings.HasPrefix(s.Name, fmt.Sprintf("%05d_", i+1)) {
				t.Errorf("%s: step %d is %+v", when, i, s)
			}
			if s.AppliedAt != nil {
				n++
				if s.AppliedAt.Location() != time.UTC || time.Since(*s.AppliedAt) > time.Hour {
					t.Errorf("%s: step %d was applied at %v", when, i, s.AppliedAt)
				}
			}
		}
		if n != applied {
			t.Errorf("%s: %d steps applied, want %d", when, n, applied)
		}
	}
	check("at first", 0, true)
	steps := must(m.Up(t.Context()))
	check("after up", steps, false)
	if n, err := m.Up(t.Context()); n != 0 || err != nil {
		t.Errorf("up again: %d steps, %v", n, err)
	}
	if _, err := m.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	check("after one down", steps-1, true)
}

func TestMigrator_severalAtOnce(t *testing.T) {
	t.Parallel()
	pool := bare(t)
	var steps [3]int
	errs := together(3, func(i int) error {
		m, err := postgres.NewMigrator(pool)
		if err != nil {
			return err
		}
		steps[i], err = m.Up(t.Context())
		return errors.Join(err, m.Close())
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if total := steps[0] + steps[1] + steps[2]; total != len(must(migratorOn(t, pool).Status(t.Context()))) {
		t.Errorf("%v steps", steps)
	}
}

func TestMigrator_doesNotHideAFailure(t *testing.T) {
	t.Parallel()
	pool := bare(t)
	build.Exec(t, pool, `CREATE TABLE batches (id integer)`)
	m := migratorOn(t, pool)
	if _, err := m.Up(t.Context()); err == nil || !strings.Contains(err.Error(), `"batches" already exists`) {
		t.Errorf("got %v", err)
	}
	// What came before it is done, and the lock is free again.
	build.Exec(t, pool, `DROP TABLE batches`)
	if _, err := m.Up(t.Context()); err != nil {
		t.Error(err)
	}
}
