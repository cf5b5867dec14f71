package postgres_test

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgbouncer"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// staleStatements are changes that prepared statements do not survive.
var staleStatements = map[string]string{
	"the type of a column": `ALTER TABLE users ALTER name TYPE varchar(100)`,
	"the type of the key":  `ALTER TABLE users ALTER version TYPE bigint`,
}

// onEachConnection runs fn once on every connection of a pool.
func onEachConnection(t *testing.T, pool *pgxpool.Pool, fn func(*pgxpool.Conn)) {
	t.Helper()
	var all []*pgxpool.Conn
	for range pool.Config().MaxConns {
		all = append(all, must(pool.Acquire(t.Context())))
	}
	for _, c := range all {
		fn(c)
		c.Release()
	}
}

func TestStaleStatements_AreSentAgain(t *testing.T) {
	t.Parallel()
	for what, change := range staleStatements {
		for _, route := range []pgbouncer.Mode{"", pgbouncer.Session} {
			t.Run(what+" "+string(route), func(t *testing.T) {
				t.Parallel()
				owner := pgtest.New(t)
				user := build.User(t, owner)
				pool := openPool(t, address(t, owner.Config().ConnString(), route))
				store := postgres.NewUserStore(pool)
				calls := map[string]func(context.Context) error{
					"reading": func(ctx context.Context) error { _, err := store.User(ctx, user.ID); return err },
					"writing": func(ctx context.Context) error { return store.SaveUser(ctx, user) },
					"a unit of work": func(context.Context) error {
						return inUnitOfWork(t, pool, func(ctx context.Context) error {
							u, err := store.User(ctx, user.ID)
							if err != nil {
								return err
							}
							return store.SaveUser(ctx, u)
						})
					},
				}
				for name, call := range calls {
					t.Run(name, func(t *testing.T) {
						// All connections prepare the statements.
						var wg sync.WaitGroup
						for range 4 * pool.Config().MaxConns {
							wg.Go(func() {
								if err := call(t.Context()); err != nil {
									t.Error(err)
								}
							})
						}
						wg.Wait()
						build.Exec(t, owner, change)
						for range 4 * pool.Config().MaxConns {
							wg.Go(func() {
								if err := call(t.Context()); err != nil {
									t.Errorf("after the change: %v", err)
								}
							})
						}
						wg.Wait()
						onEachConnection(t, pool, func(c *pgxpool.Conn) {
							if _, err := c.Exec(t.Context(), `DEALLOCATE ALL`); err != nil {
								t.Error(err)
							}
						})
						if err := call(t.Context()); err != nil {
							t.Errorf("after the statements were deallocated: %v", err)
						}
						build.Exec(t, owner, `ALTER TABLE users ALTER name TYPE text, ALTER version TYPE integer`)
					})
				}
			})
		}
	}
}
