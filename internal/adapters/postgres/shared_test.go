package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
)

// addRiver creates River's tables in public, as programs have them by default.
func addRiver(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	r := must(rivermigrate.New(riverpgxv5.New(pool), nil))
	if _, err := r.Migrate(t.Context(), rivermigrate.DirectionUp, nil); err != nil {
		t.Fatal(err)
	}
}

// addJobs adds jobs to River's tables in a schema.
func addJobs(t *testing.T, pool *pgxpool.Pool, schema, queue string, kinds ...string) {
	t.Helper()
	for _, kind := range kinds {
		build.Exec(t, pool, `INSERT INTO `+schema+`.river_job (kind, queue, max_attempts, args, state) VALUES ($1, $2, 25, '{"user_id": "x"}', 'available')`, kind, queue)
	}
}

// jobsIn returns the kinds and queues of the jobs in a schema.
func jobsIn(t *testing.T, pool *pgxpool.Pool, schema string) []string {
	t.Helper()
	rows := must(pool.Query(t.Context(), `SELECT concat_ws(' ', kind, queue, state) FROM `+schema+`.river_job ORDER BY 1`))
	return must(pgx.CollectRows(rows, pgx.RowTo[string]))
}

// otherProgram creates what another program with goose, River and pg_trgm has in a database.
func otherProgram(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	build.Exec(t, pool, `CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp DEFAULT now())`)
	build.Exec(t, pool, `INSERT INTO goose_db_version (version_id, is_applied) SELECT n, true FROM generate_series(0, 9) n`)
	build.Exec(t, pool, `CREATE SCHEMA extensions`)
	build.Exec(t, pool, `CREATE EXTENSION pg_trgm SCHEMA extensions`)
	build.Exec(t, pool, `CREATE TABLE notes (text text)`)
	build.Exec(t, pool, `CREATE INDEX ON notes USING gin (text extensions.gin_trgm_ops)`)
	addRiver(t, pool)
	addJobs(t, pool, "public", "default", "mail.send", "tracking.sync")
}

func TestMigrator_SharesADatabase(t *testing.T) {
	t.Parallel()
	pool := emptyDatabase(t)
	otherProgram(t, pool)
	m := newMigrator(t, pool)
	before := describeSchema(t, pool)
	if pending, err := m.Pending(t.Context()); !pending || err != nil {
		t.Fatalf("before Up: pending %t, %v", pending, err)
	}
	steps, err := m.Up(t.Context())
	if err != nil || steps != len(must(m.Status(t.Context()))) {
		t.Fatalf("%d migrations, %v", steps, err)
	}
	if pending, err := m.Pending(t.Context()); pending || err != nil {
		t.Errorf("after Up: pending %t, %v", pending, err)
	}
	if got := jobsIn(t, pool, "gradus_river"); len(got) > 0 {
		t.Errorf("jobs of the other program were taken: %q", got)
	}
	// A search uses the index, whose operator class is not in the search path.
	if _, err := postgres.NewUserStore(pool).ListUsers(t.Context(), domain.UserFilter{Search: "ada"}, domain.PageRequest{Limit: 1}); err != nil {
		t.Error(err)
	}
	for range steps {
		if _, err := m.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if d := diff(before, describeSchema(t, pool)); d != "" {
		t.Errorf("after Up and Down (-before +after):\n%s", d)
	}
	if got, want := jobsIn(t, pool, "public"), []string{"mail.send default available", "tracking.sync default available"}; !slices.Equal(got, want) {
		t.Errorf("the jobs of the other program are %q", got)
	}
}

func TestMigrator_DownKeepsWhatItDidNotCreate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ before, during, keeps string }{
		"an extension that existed":                        {before: `CREATE EXTENSION pg_trgm`, keeps: "extension pg_trgm"},
		"a schema that existed":                            {before: `CREATE SCHEMA gradus_river`, keeps: "schema gradus_river"},
		"an extension that another program uses":           {during: `CREATE TABLE notes (text text); CREATE INDEX ON notes USING gin (text gin_trgm_ops)`, keeps: "extension pg_trgm"},
		"a schema that another program has put a table in": {during: `CREATE TABLE gradus_river.notes (text text)`, keeps: "schema gradus_river"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := emptyDatabase(t)
			build.Exec(t, pool, tc.before)
			m := newMigrator(t, pool)
			steps := must(m.Up(t.Context()))
			build.Exec(t, pool, tc.during)
			for range steps {
				if _, err := m.Down(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			left := describeSchema(t, pool)
			if !slices.Contains(left, tc.keeps) {
				t.Errorf("%s was dropped", tc.keeps)
			}
			for _, s := range left {
				if strings.HasPrefix(s, "column ") && !strings.HasPrefix(s, "column notes.") {
					t.Errorf("left: %s", s)
				}
			}
		})
	}
}

// asLegacy changes a migrated database to what earlier versions created.
func asLegacy(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	m := newMigrator(t, pool)
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	for must(lastApplied(t, m)) > 6 {
		if _, err := m.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	build.Exec(t, pool, `ALTER TABLE gradus_migrations RENAME TO goose_db_version`)
	build.Exec(t, pool, `ALTER TABLE goose_db_version RENAME CONSTRAINT gradus_migrations_pkey TO goose_db_version_pkey`)
	build.Exec(t, pool, `ALTER SEQUENCE gradus_migrations_id_seq RENAME TO goose_db_version_id_seq`)
	build.Exec(t, pool, `DROP SCHEMA gradus_river CASCADE`)
	addRiver(t, pool)
}

func lastApplied(t *testing.T, m *postgres.Migrator) (last int64, err error) {
	t.Helper()
	all, err := m.Status(t.Context())
	for _, s := range all {
		if s.AppliedAt != nil {
			last = s.Version
		}
	}
	return last, err
}

func TestMigrator_TakesOverTheTablesOfEarlierVersions(t *testing.T) {
	t.Parallel()
	const foreignVersion = `INSERT INTO goose_db_version (version_id, is_applied) VALUES (20260101120000, true)`
	for name, tc := range map[string]struct {
		kinds            []string // of jobs
		change           string
		moved, left      []string // jobs
		versions, rivers bool     // whether the tables remain in public
	}{
		"of Gradus alone": {
			kinds: []string{"tracking.sync", "accounts.sweep"},
			moved: []string{"accounts.sweep gradus available", "tracking.sync gradus available"},
		},
		"shared with another program": {
			kinds: []string{"tracking.sync", "mail.send"}, change: foreignVersion,
			moved: []string{"tracking.sync gradus available"}, left: []string{"mail.send default available"},
			versions: true, rivers: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := emptyDatabase(t)
			asLegacy(t, pool)
			addJobs(t, pool, "public", "default", tc.kinds...)
			build.Exec(t, pool, tc.change)
			m := newMigrator(t, pool)
			if last, err := lastApplied(t, m); last != 6 || err != nil {
				t.Fatalf("before Up, migration %d is the last, %v", last, err)
			}
			if n, err := m.Up(t.Context()); err != nil || n != len(must(m.Status(t.Context())))-6 {
				t.Fatalf("%d migrations, %v", n, err)
			}
			if pending, err := m.Pending(t.Context()); pending || err != nil {
				t.Errorf("pending %t, %v", pending, err)
			}
			if d := diff(tc.moved, jobsIn(t, pool, "gradus_river")); d != "" {
				t.Errorf("the jobs of Gradus:\n%s", d)
			}
			if tc.rivers {
				if d := diff(tc.left, jobsIn(t, pool, "public")); d != "" {
					t.Errorf("the jobs of the other program:\n%s", d)
				}
			}
			var versions, rivers bool
			err := pool.QueryRow(t.Context(), `SELECT to_regclass('goose_db_version') IS NOT NULL, to_regclass('public.river_job') IS NOT NULL`).Scan(&versions, &rivers)
			if err != nil || versions != tc.versions || rivers != tc.rivers {
				t.Errorf("goose_db_version remains: %t, river_job: %t, %v", versions, rivers, err)
			}
		})
	}
}

// TestMigrator_CreatesTheSchemaOfNewInstallations compares an upgraded database with a new one.
func TestMigrator_CreatesTheSchemaOfNewInstallations(t *testing.T) {
	t.Parallel()
	fresh, upgraded := emptyDatabase(t), emptyDatabase(t)
	asLegacy(t, upgraded)
	for _, pool := range []*pgxpool.Pool{fresh, upgraded} {
		if _, err := newMigrator(t, pool).Up(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if d := diff(describeSchema(t, fresh), describeSchema(t, upgraded)); d != "" {
		t.Errorf("the upgraded schema (+) differs from a new one (-):\n%s", d)
	}
}
