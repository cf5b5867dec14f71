package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// setReadOnly makes all new sessions of a database read-only, as those of a standby are, or
// ends that.
func setReadOnly(t *testing.T, owner *pgxpool.Pool, on bool) {
	t.Helper()
	build.Exec(t, owner, fmt.Sprintf(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I SET default_transaction_read_only = %t', current_database()); END $$`, on))
}

func TestReady_ReportsAReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	owner := pgtest.New(t)
	pool := openPool(t, owner.Config().ConnString())
	if err := postgres.Ready(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	setReadOnly(t, owner, true)
	pool.Reset()
	if err := postgres.Ready(t.Context(), pool); err == nil || errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	setReadOnly(t, owner, false)
	// The failed check has closed the connections.
	if err := postgres.Ready(t.Context(), pool); err != nil {
		t.Errorf("does not recover: %v", err)
	}
}

func TestPool_LeavesADemotedServer(t *testing.T) {
	t.Parallel()
	owner := pgtest.New(t)
	user := build.User(t, owner)
	setReadOnly(t, owner, true)
	for name, write := range map[string]func(*pgxpool.Pool) error{
		"a write": func(pool *pgxpool.Pool) error {
			return postgres.NewUserStore(pool).SaveUser(t.Context(), user)
		},
		"a unit of work": func(pool *pgxpool.Pool) error {
			return inUnitOfWork(t, pool, func(ctx context.Context) error { return postgres.NewUserStore(pool).SaveUser(ctx, user) })
		},
	} {
		setReadOnly(t, owner, true)
		pool := openPool(t, owner.Config().ConnString())
		if err := write(pool); !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("%s: got %v", name, err)
		}
		setReadOnly(t, owner, false)
		// The connection that has failed is not used again.
		if err := write(pool); err != nil {
			t.Errorf("%s: does not recover: %v", name, err)
		}
	}
}
