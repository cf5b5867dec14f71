package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgbouncer"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// routes are the ways to reach a database: none is direct.
var routes = []pgbouncer.Mode{"", pgbouncer.Session, pgbouncer.Transaction}

// address returns the URL at which a database is reachable on a route.
func address(t *testing.T, databaseURL string, route pgbouncer.Mode) string {
	t.Helper()
	switch route {
	case pgbouncer.Session:
		return pgbouncer.Start(t, databaseURL, route, 8)
	case pgbouncer.Transaction:
		return pgbouncer.Start(t, databaseURL, route, 2)
	}
	return databaseURL
}

func openPool(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	pool := must(postgres.Open(t.Context(), postgres.Config{URL: domain.Secret(url), MaxConns: 6}))
	t.Cleanup(pool.Close)
	return pool
}

// TestOpen_EnforcesTimeouts reads the timeouts where a query reads them that is in effect, and
// lets one of them expire.
func TestOpen_EnforcesTimeouts(t *testing.T) {
	t.Parallel()
	for _, route := range routes {
		t.Run("route "+string(route), func(t *testing.T) {
			t.Parallel()
			owner := pgtest.New(t)
			// Queries of stores that return the timeouts, as the name of a user.
			build.Exec(t, owner, `CREATE FUNCTION timeouts() RETURNS text LANGUAGE sql AS $$
		SELECT concat_ws(' ', current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')) $$`)
			build.Exec(t, owner, `CREATE FUNCTION name_user() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := timeouts(); RETURN NEW; END $$`)
			build.Exec(t, owner, `CREATE TRIGGER name_user BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION name_user()`)
			pool := openPool(t, address(t, owner.Config().ConnString(), route))
			store := postgres.NewUserStore(pool)
			alone, inUnit := newUser(), newUser()
			inUnit.Email = "unit@school.example"
			if err := store.AddUser(t.Context(), alone, ""); err != nil {
				t.Fatal(err)
			}
			if err := inUnitOfWork(t, pool, func(ctx context.Context) error { return store.AddUser(ctx, inUnit, "") }); err != nil {
				t.Fatal(err)
			}
			for _, id := range []domain.UserID{alone.ID, inUnit.ID} {
				if u, err := store.User(t.Context(), id); err != nil || u.Name != "5s 3s 10s" {
					t.Errorf("the timeouts are %q, %v", u.Name, err)
				}
			}
			u := lockedUser(t, owner)
			if err := store.SaveUser(t.Context(), u); !errors.Is(err, domain.ErrUnavailable) {
				t.Errorf("a write that waits for a lock: %v", err)
			}
		})
	}
}

// TestOpen_LeavesNothingInSharedSessions checks that other clients of the pooler get server
// sessions as they were.
func TestOpen_LeavesNothingInSharedSessions(t *testing.T) {
	t.Parallel()
	owner := pgtest.New(t)
	url := pgbouncer.Start(t, owner.Config().ConnString(), pgbouncer.Transaction, 1)
	pool := openPool(t, url)
	for name, call := range databaseCalls(pool) {
		if err := call(t.Context()); errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	config := must(pgxpool.ParseConfig(url))
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	other := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(other.Close)
	for query, want := range map[string]string{
		`SHOW statement_timeout`:                            "0",
		`SHOW lock_timeout`:                                 "0",
		`SELECT count(*)::text FROM pg_prepared_statements`: "0",
	} {
		var got string
		if err := other.QueryRow(t.Context(), query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", query, got, err, want)
		}
	}
}

func TestOpenDirect_NeedsSessions(t *testing.T) {
	t.Parallel()
	for _, route := range routes {
		t.Run("route "+string(route), func(t *testing.T) {
			t.Parallel()
			pool := must(postgres.OpenDirect(t.Context(), domain.Secret(address(t, pgtest.URL(t), route))))
			t.Cleanup(pool.Close)
			var timeout string
			err := pool.QueryRow(t.Context(), `SHOW statement_timeout`).Scan(&timeout)
			if route == pgbouncer.Transaction {
				if !errors.Is(err, postgres.ErrNoSessions) {
					t.Errorf("got %q, %v", timeout, err)
				}
			} else if err != nil || timeout != "5s" {
				t.Errorf("the statement timeout is %q, %v", timeout, err)
			}
		})
	}
}
