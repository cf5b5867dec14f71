package pgtest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestNew_ReturnsASeparateDatabase(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"the first test", "the second test"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			// Fails if the tests share a database.
			if _, err := pool.Exec(t.Context(), `CREATE TABLE mark (n integer)`); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestNew_AppliesTheMigrations(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, table := range []string{"users", "gradus_river.river_job"} {
		var n int
		if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
			t.Errorf("%s: %v", table, err)
		}
	}
}

func TestNew_SetsATimeZoneOtherThanUTC(t *testing.T) {
	t.Parallel()
	var zone string
	if err := pgtest.New(t).QueryRow(t.Context(), `SHOW timezone`).Scan(&zone); err != nil {
		t.Fatal(err)
	}
	if zone != "America/St_Johns" {
		t.Errorf("the time zone is %q", zone)
	}
}

func TestURL_DropsTheDatabaseDespiteOpenConnections(t *testing.T) {
	t.Parallel()
	var pool *pgxpool.Pool
	// Cleanups run in reverse order: this one runs after the drop.
	t.Cleanup(func() {
		defer pool.Close()
		if err := pool.Ping(context.WithoutCancel(t.Context())); err == nil {
			t.Error("the database still exists")
		}
	})
	pool, err := pgxpool.New(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := pool.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// recorder is a testing.TB that records failures and runs its cleanups on demand.
type recorder struct {
	testing.TB
	failed   string
	cleanups []func()
}

func (r *recorder) Cleanup(f func())               { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(format string, a ...any) { r.failed += fmt.Sprintf(format, a...) }
func (r *recorder) end() {
	for _, f := range slices.Backward(r.cleanups) {
		f()
	}
}

func TestNew_FailsATestThatLeavesATransactionOpen(t *testing.T) {
	t.Parallel()
	r := &recorder{TB: t}
	tx, err := pgtest.New(r).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.end()
	if !strings.Contains(r.failed, "1 connections were not released") {
		t.Errorf("the failure is %q", r.failed)
	}
	_ = tx.Rollback(t.Context()) // so the pool can close
}

func TestServe_RejectsAnUnknownKind(t *testing.T) {
	t.Setenv("GRADUS_TEST_POSTGRES", "oracle")
	if _, err := pgtest.Serve(t.Context()); err == nil || !strings.Contains(err.Error(), "auto, container or embedded") {
		t.Errorf("got %v", err)
	}
}
