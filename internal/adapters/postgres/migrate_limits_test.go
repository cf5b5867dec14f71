package postgres_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgbouncer"
)

// slowAndLarge are migrations as a large upgrade has them.
var slowAndLarge = fstest.MapFS{
	"00001_slow.sql": {Data: []byte(`-- +goose Up
CREATE TABLE things (n integer);
INSERT INTO things SELECT generate_series(1, 1000);
SELECT pg_sleep(0.3);

-- +goose Down
DROP TABLE things;
`)},
	"00002_index.sql": {Data: []byte(`-- +goose NO TRANSACTION
-- +goose Up
CREATE INDEX CONCURRENTLY things_n_idx ON things (n);

-- +goose Down
DROP INDEX CONCURRENTLY things_n_idx;
`)},
}

func migratorOf(t *testing.T, pool *pgxpool.Pool, files fstest.MapFS) *postgres.Migrator {
	t.Helper()
	m := must(postgres.NewMigratorOf(t.Context(), pool, files))
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func TestMigrator_HasNoStatementTimeoutAndCreatesIndexesConcurrently(t *testing.T) {
	t.Parallel()
	owner := emptyDatabase(t)
	// Shorter than the first migration: the limits of the role, the database and the server.
	build.Exec(t, owner, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = ''100ms''', current_database()); END $$`)
	build.Exec(t, owner, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET idle_session_timeout = ''100ms''', current_database()); END $$`)
	pool := must(postgres.OpenDirect(t.Context(), domain.Secret(owner.Config().ConnString())))
	t.Cleanup(pool.Close)
	m := migratorOf(t, pool, slowAndLarge)
	if n, err := m.Up(t.Context()); n != 2 || err != nil {
		t.Fatalf("%d migrations, %v", n, err)
	}
	for range 2 {
		if _, err := m.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMigrator_ReportsProgress(t *testing.T) {
	t.Parallel()
	m := migratorOf(t, emptyDatabase(t), slowAndLarge)
	var got []string
	m.Report = func(p postgres.Progress) {
		if (p.Elapsed > 0) != p.Done {
			t.Errorf("%+v", p)
		}
		got = append(got, strings.Join([]string{p.Name, string(rune('0' + p.Step)), string(rune('0' + p.Steps)), map[bool]string{true: "done", false: "begins"}[p.Done]}, " "))
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"00001_slow.sql 1 2 begins", "00001_slow.sql 1 2 done",
		"00002_index.sql 2 2 begins", "00002_index.sql 2 2 done",
		"the tables of River 1 1 begins", "the tables of River 1 1 done",
	}
	if d := diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestMigrator_LimitsWaitsForLocks lets a migration fail rather than block all statements
// behind it.
func TestMigrator_LimitsWaitsForLocks(t *testing.T) {
	t.Parallel()
	pool := emptyDatabase(t)
	m := migratorOf(t, pool, fstest.MapFS{
		"00001_table.sql": slowAndLarge["00001_slow.sql"],
		"00002_timeout.sql": {Data: []byte(`-- +goose Up
CREATE TABLE limits AS SELECT current_setting('lock_timeout') AS lock_timeout;

-- +goose Down
DROP TABLE limits;
`)},
	})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	var limit string
	if err := pool.QueryRow(t.Context(), `SELECT lock_timeout FROM limits`).Scan(&limit); err != nil || limit != "5s" {
		t.Errorf("lock_timeout is %q, %v", limit, err)
	}
}

func TestMigrator_RefusesAPoolerWithoutSessions(t *testing.T) {
	t.Parallel()
	for _, route := range routes {
		t.Run("route "+string(route), func(t *testing.T) {
			t.Parallel()
			pool := must(postgres.OpenDirect(t.Context(), domain.Secret(address(t, emptyURL(t), route))))
			t.Cleanup(pool.Close)
			m := newMigrator(t, pool)
			_, err := m.Up(t.Context())
			if transactions := route == pgbouncer.Transaction; transactions != errors.Is(err, postgres.ErrNoSessions) || !transactions && err != nil {
				t.Errorf("got %v", err)
			}
		})
	}
}
