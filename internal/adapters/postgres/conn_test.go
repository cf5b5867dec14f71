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
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMapError_MapsPostgresCodes(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	// Postgres raises the code in the name.
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
		"57014": domain.ErrUnavailable, // statement timeout
		"55P03": domain.ErrUnavailable, // lock timeout
		"25006": domain.ErrUnavailable, // a read-only standby
		"40001": domain.ErrUnavailable, // serialization failure outside a unit of work
		"40P01": domain.ErrUnavailable, // deadlock
		"22021": domain.ErrInvalid,     // text that no column can store
		"22P05": domain.ErrInvalid,     // untranslatable character
		"23502": nil,                   // not null
		"42P01": nil,                   // no such table
		"42501": nil,                   // no privilege
		"57000": nil,                   // operator intervention of another kind
		"XX000": nil,                   // internal error
		"P0001": nil,
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			u := newUser()
			u.Name = code
			err := postgres.NewUserStore(pool).AddUser(t.Context(), u, "")
			if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != code {
				t.Fatalf("the error of Postgres is not wrapped: %v", err)
			}
			for _, e := range []error{domain.ErrUnavailable, domain.ErrInvalid} {
				if got := errors.Is(err, e); got != errors.Is(want, e) {
					t.Errorf("%v: %t", e, got)
				}
			}
		})
	}
}

// databaseCalls returns a call for each way to use a connection.
func databaseCalls(pool *pgxpool.Pool) map[string]func(context.Context) error {
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
			_, err := postgres.NewStudentStore(pool, build.Clock).ListStudents(ctx, allBatches, domain.StudentFilter{}, domain.PageRequest{Limit: 1})
			return err
		},
		"writing": func(ctx context.Context) error {
			return postgres.NewBatchStore(pool, build.Clock).SaveBatch(ctx, domain.Batch{TimeZone: domain.UTC})
		},
		"a unit of work": func(ctx context.Context) error {
			return unitOfWork(pool).Do(ctx, domain.System, ports.Locks{}, func(context.Context, domain.Actor) (domain.Change, error) { return domain.NoChange, nil })
		},
		"a unit of work with an audit entry": func(ctx context.Context) error {
			return unitOfWork(pool).Do(ctx, domain.System, ports.Locks{}, func(context.Context, domain.Actor) (domain.Change, error) {
				return domain.Change{Action: domain.ActBatchCreate}, nil
			})
		},
	}
}

func TestMapError_ServerIsUnreachable(t *testing.T) {
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
	for name, call := range databaseCalls(pool) {
		err := call(t.Context())
		e, ok := errors.AsType[*domain.Error](err)
		if !errors.Is(err, domain.ErrUnavailable) || !ok || e.RetryAfter != time.Second {
			t.Errorf("%s: got %v, want ErrUnavailable with RetryAfter", name, err)
		}
	}
	migrator := must(postgres.NewMigrator(t.Context(), pool))
	t.Cleanup(func() { _ = migrator.Close() })
	if err := migrator.Ready(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("Ready: %v", err)
	}
	if _, err := migrator.Up(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("Up: %v", err)
	}
}

func TestMapError_ConnectionIsRejected(t *testing.T) {
	t.Parallel()
	config := pgtest.New(t).Config()
	config.ConnConfig.Database = "no_such_database"
	pool := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(pool.Close)
	for name, call := range databaseCalls(pool) {
		if err := call(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMapError_ConnectionIsTerminated(t *testing.T) {
	t.Parallel()
	other := pgtest.New(t)
	config := other.Config()
	config.MaxConns = 1
	// Otherwise the pool would detect it on a slow machine.
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	pool := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(pool.Close)
	for name, call := range databaseCalls(pool) {
		var pid int
		if err := pool.QueryRow(t.Context(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			t.Fatal(err)
		}
		// Waits until the session has ended.
		var gone bool
		if err := other.QueryRow(t.Context(), `SELECT pg_terminate_backend($1, 10000)`, pid).Scan(&gone); err != nil || !gone {
			t.Fatal(gone, err)
		}
		if err := call(t.Context()); !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if err := call(t.Context()); errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("%s: does not recover: %v", name, err)
		}
	}
}

// lockedUser returns a user who stays locked until the test ends.
func lockedUser(t *testing.T, pool *pgxpool.Pool) domain.User {
	t.Helper()
	u := build.User(t, pool)
	tx := must(pool.Begin(t.Context()))
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	if _, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended(id::text, 0)) FROM users FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestMapError_Timeouts(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"statement_timeout", "lock_timeout"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			other := pgtest.New(t)
			u := lockedUser(t, other)
			config := other.Config()
			config.ConnConfig.RuntimeParams[setting] = "50ms"
			pool := must(pgxpool.NewWithConfig(t.Context(), config))
			t.Cleanup(pool.Close)
			store := postgres.NewUserStore(pool)
			if err := store.SaveUser(t.Context(), u); !errors.Is(err, domain.ErrUnavailable) {
				t.Errorf("writing: %v", err)
			}
			err := inUnitOfWorkOn(t, pool, u.ID, func(context.Context) error { return nil })
			if !errors.Is(err, domain.ErrUnavailable) {
				t.Errorf("locking: %v", err)
			}
		})
	}
}

func TestMapError_TimeoutWhileReadingRows(t *testing.T) {
	t.Parallel()
	other := pgtest.New(t)
	batch := build.Batch(t, other).ID
	config := other.Config()
	config.MaxConns = 1
	config.ConnConfig.RuntimeParams["statement_timeout"] = "50ms"
	pool := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(pool.Close)
	store := postgres.NewInstructorStore(pool)
	// The statement is now prepared, so the next failure comes with the rows.
	if _, err := store.ListInstructors(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	tx := must(other.Begin(t.Context()))
	t.Cleanup(func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) })
	if _, err := tx.Exec(t.Context(), `LOCK batch_instructors`); err != nil {
		t.Fatal(err)
	}
	if _, err := store.ListInstructors(t.Context(), batch); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestMapError_CallerDeadline(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u := lockedUser(t, pool)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := postgres.NewUserStore(pool).SaveUser(ctx, u); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestMapError_CancelledCallIsNotUnavailable(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	t.Cleanup(func() { _ = l.Close() })
	silent := must(pgxpool.New(t.Context(), "postgres://gradus@"+l.Addr().String()+"/gradus?sslmode=disable"))
	t.Cleanup(silent.Close)
	for server, pool := range map[string]*pgxpool.Pool{"a working server": pgtest.New(t), "a silent server": silent} {
		for name, call := range databaseCalls(pool) {
			if err := call(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, domain.ErrUnavailable) {
				t.Errorf("%s, %s: %v", server, name, err)
			}
		}
	}
}

func TestMapError_CancelledDial(t *testing.T) {
	t.Parallel()
	dialError := &net.OpError{Op: "dial", Err: context.Canceled}
	err := inUnitOfWork(t, pgtest.New(t), func(context.Context) error { return dialError })
	if !errors.Is(err, context.Canceled) || errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestMapError_CancelledWait(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u := lockedUser(t, pool)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- postgres.NewUserStore(pool).SaveUser(ctx, u) }()
	waitForLocks(t, pool)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}
