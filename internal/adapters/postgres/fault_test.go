package postgres_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestFault_tellsADatabaseThatIsDownFromAWrongQuery(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	// Postgres itself raises what the name says.
	build.Exec(t, pool, `CREATE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'on demand' USING ERRCODE = NEW.name; END $$`)
	build.Exec(t, pool, `CREATE TRIGGER raise BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION raise()`)
	for code, want := range map[string]error{
		"08006": domain.ErrUnavailable, // connection failure
		"53100": domain.ErrUnavailable, // disk full
		"53200": domain.ErrUnavailable, // out of memory
		"53300": domain.ErrUnavailable, // too many connections
		"57P01": domain.ErrUnavailable, // shut down by an operator
		"57P02": domain.ErrUnavailable, // crashed
		"57P03": domain.ErrUnavailable, // starting up
		"57014": domain.ErrUnavailable, // statement time-out
		"55P03": domain.ErrUnavailable, // lock time-out
		"25006": domain.ErrUnavailable, // a read-only standby
		"40001": domain.ErrUnavailable, // lost a race, and nobody tries again
		"40P01": domain.ErrUnavailable,
		"22021": domain.ErrInvalid, // text that no column holds
		"22P05": domain.ErrInvalid,
		"23502": nil, // not null
		"42P01": nil, // no such table
		"42501": nil, // no right
		"57000": nil, // operator intervention of another kind
		"XX000": nil, // internal error
		"P0001": nil,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			u := newUser()
			u.Name = code
			err := postgres.NewUserStore(pool).AddUser(t.Context(), u, "")
			if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != code {
				t.Fatalf("Postgres' own error is lost: %v", err)
			}
			for _, e := range []error{domain.ErrUnavailable, domain.ErrInvalid} {
				if got := errors.Is(err, e); got != errors.Is(want, e) {
					t.Errorf("%v: %t", e, got)
				}
			}
		})
	}
}

// calls is one call for each way into the database.
func calls(pool *pgxpool.Pool) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"reading a row": func(ctx context.Context) error {
			_, err := postgres.NewUserStore(pool).User(ctx, newUser().ID)
			return err
		},
		"reading a session": func(ctx context.Context) error {
			_, _, _, err := sessionStore(pool, build.Now).Session(ctx, token("x"))
			return err
		},
		"reading rows": func(ctx context.Context) error {
			_, err := postgres.NewStudentStore(pool, build.Clock).ListStudents(ctx, everybody, domain.StudentFilter{}, domain.PageRequest{Limit: 1})
			return err
		},
		"writing": func(ctx context.Context) error {
			return postgres.NewBatchStore(pool, build.Clock).SaveBatch(ctx, domain.Batch{TimeZone: domain.UTC})
		},
		"a unit of work": func(ctx context.Context) error {
			return unitOfWork(pool).Do(ctx, admin, func(context.Context) (domain.Change, error) { return domain.NoChange, nil })
		},
		"recording": func(ctx context.Context) error {
			return unitOfWork(pool).Do(ctx, admin, func(context.Context) (domain.Change, error) {
				return domain.Change{Action: domain.ActBatchCreate}, nil
			})
		},
	}
}

func TestFault_serverThatIsGone(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	pool := must(pgxpool.New(t.Context(), "postgres://gradus@"+address+"/gradus?sslmode=disable"))
	t.Cleanup(pool.Close)
	for name, call := range calls(pool) {
		err := call(t.Context())
		e, ok := errors.AsType[*domain.Error](err)
		if !errors.Is(err, domain.ErrUnavailable) || !ok || e.RetryAfter != time.Second {
			t.Errorf("%s: got %v, want ErrUnavailable with a time to try again", name, err)
		}
	}
	migrator := must(postgres.NewMigrator(pool))
	t.Cleanup(func() { _ = migrator.Close() })
	if _, err := migrator.Pending(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("Pending: %v", err)
	}
	if _, err := migrator.Up(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("Up: %v", err)
	}
}

func TestFault_refusedSignIn(t *testing.T) {
	t.Parallel()
	config := pgtest.New(t).Config()
	config.ConnConfig.Database = "no_such_database"
	pool := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(pool.Close)
	for name, call := range calls(pool) {
		if err := call(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFault_connectionThatWasCut(t *testing.T) {
	t.Parallel()
	other := pgtest.New(t)
	config := other.Config()
	config.MaxConns = 1
	// Else the pool would find out by itself, on a slow machine.
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	pool := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(pool.Close)
	for name, call := range calls(pool) {
		var pid int
		if err := pool.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			t.Fatal(err)
		}
		// It waits until the session is gone.
		var gone bool
		if err := other.QueryRow(t.Context(), `SELECT pg_terminate_backend($1, 10000)`, pid).Scan(&gone); err != nil || !gone {
			t.Fatal(gone, err)
		}
		if err := call(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if err := call(t.Context()); errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("%s: does not heal: %v", name, err)
		}
	}
}

// locked holds a lock on a user until the test is over.
func locked(t *testing.T, pool *pgxpool.Pool) domain.User {
	t.Helper()
	u := build.User(t, pool)
	tx := must(pool.Begin(t.Context()))
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	if _, err := tx.Exec(t.Context(), `SELECT FROM users FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestFault_whatTakesTooLong(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"statement_timeout", "lock_timeout"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			other := pgtest.New(t)
			u := locked(t, other)
			config := other.Config()
			config.ConnConfig.RuntimeParams[setting] = "50ms"
			pool := must(pgxpool.NewWithConfig(t.Context(), config))
			t.Cleanup(pool.Close)
			store := postgres.NewUserStore(pool)
			if err := store.SaveUser(t.Context(), u); !errors.Is(err, domain.ErrUnavailable) {
				t.Errorf("writing: %v", err)
			}
			err := within(t, pool, func(ctx context.Context) error {
				_, err := store.LockUser(ctx, u.ID)
				return err
			})
			if !errors.Is(err, domain.ErrUnavailable) {
				t.Errorf("locking: %v", err)
			}
		})
	}
}

func TestFault_rowsThatTakeTooLong(t *testing.T) {
	t.Parallel()
	other := pgtest.New(t)
	config := other.Config()
	config.MaxConns = 1
	config.ConnConfig.RuntimeParams["statement_timeout"] = "50ms"
	pool := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(pool.Close)
	store := postgres.NewInstructorStore(pool)
	// Prepared by now: the next failure comes with the rows.
	if _, err := store.ListInstructors(t.Context(), domain.BatchID{}); err != nil {
		t.Fatal(err)
	}
	tx := must(other.Begin(t.Context()))
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	if _, err := tx.Exec(t.Context(), `LOCK batch_instructors`); err != nil {
		t.Fatal(err)
	}
	if _, err := store.ListInstructors(t.Context(), domain.BatchID{}); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestFault_deadlineOfTheCaller(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u := locked(t, pool)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := postgres.NewUserStore(pool).SaveUser(ctx, u); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestFault_callerWhoLeavesIsNoFault(t *testing.T) {
	t.Parallel()
	gone, leave := context.WithCancel(t.Context())
	leave()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	t.Cleanup(func() { _ = l.Close() })
	silent := must(pgxpool.New(t.Context(), "postgres://gradus@"+l.Addr().String()+"/gradus?sslmode=disable"))
	t.Cleanup(silent.Close)
	for server, pool := range map[string]*pgxpool.Pool{"a server that works": pgtest.New(t), "a server that is silent": silent} {
		for name, call := range calls(pool) {
			if err := call(gone); !errors.Is(err, context.Canceled) || errors.Is(err, domain.ErrUnavailable) {
				t.Errorf("%s, %s: %v", server, name, err)
			}
		}
	}
}

func TestFault_callerWhoLeavesWhileDialling(t *testing.T) {
	t.Parallel()
	broken := &net.OpError{Op: "dial", Err: context.Canceled}
	err := within(t, pgtest.New(t), func(context.Context) error { return broken })
	if !errors.Is(err, context.Canceled) || errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestFault_callerWhoLeavesWhileWaiting(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u := locked(t, pool)
	ctx, leave := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- postgres.NewUserStore(pool).SaveUser(ctx, u) }()
	waiting(t, pool, 1)
	leave()
	if err := <-done; !errors.Is(err, context.Canceled) || errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}
