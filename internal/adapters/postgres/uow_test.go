package postgres_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func countRows(t *testing.T, pool *pgxpool.Pool) (users, entries int) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM audit_entries)`).Scan(&users, &entries)
	if err != nil {
		t.Fatal(err)
	}
	return users, entries
}

func TestUnitOfWork_IsAtomic(t *testing.T) {
	t.Parallel()
	errFailed := errors.New("failed")
	change := domain.Change{Action: domain.ActUserCreate, Subject: "x"}
	for name, tc := range map[string]struct {
		change         domain.Change
		err            error
		users, entries int
	}{
		"a change is committed and recorded":     {change, nil, 1, 1},
		"NoChange is committed without an entry": {domain.NoChange, nil, 1, 0},
		"an error rolls back":                    {change, errFailed, 0, 0},
		"a failed audit entry rolls back":        {domain.Change{Action: "a", Subject: "\x00"}, domain.ErrInvalid, 0, 0},
		"invalid audit details roll back":        {domain.Change{Action: "a", Details: map[string]any{"x": func() {}}}, nil, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			store := postgres.NewUserStore(pool)
			err := unitOfWork(pool).Do(t.Context(), domain.System, ports.Locks{}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
				if err := store.AddUser(ctx, newUser(), ""); err != nil {
					return domain.NoChange, err
				}
				if errors.Is(tc.err, errFailed) {
					return tc.change, errFailed
				}
				return tc.change, nil
			})
			if tc.err != nil && !errors.Is(err, tc.err) || (err == nil) != (tc.users == 1) {
				t.Errorf("got %v", err)
			}
			if users, entries := countRows(t, pool); users != tc.users || entries != tc.entries {
				t.Errorf("%d users and %d audit entries, want %d and %d", users, entries, tc.users, tc.entries)
			}
		})
	}
}

func TestUnitOfWork_RollsBackOnPanic(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	func() {
		defer func() { _ = recover() }()
		_ = inUnitOfWork(t, pool, func(ctx context.Context) error {
			if err := postgres.NewUserStore(pool).AddUser(ctx, newUser(), ""); err != nil {
				t.Error(err)
			}
			panic("failed")
		})
	}()
	if users, _ := countRows(t, pool); users != 0 {
		t.Errorf("%d users", users)
	}
}

func TestUnitOfWork_RejectsNesting(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	err := inUnitOfWork(t, pool, func(ctx context.Context) error {
		return unitOfWork(pool).Do(ctx, domain.System, ports.Locks{}, func(context.Context, domain.Actor) (domain.Change, error) {
			t.Error("the nested function ran")
			return domain.NoChange, nil
		})
	})
	if err == nil {
		t.Error("want an error")
	}
}

// pgError returns an error of Postgres.
func pgError(code string) error { return &pgconn.PgError{Code: code, Message: "failed"} }

func TestUnitOfWork_RetriesSerializationFailures(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fail     func(attempt int) error
		attempts int
		want     error
	}{
		"the first attempt succeeds":            {func(int) error { return nil }, 1, nil},
		"the second attempt succeeds":           {func(n int) error { return map[bool]error{true: pgError("40001")}[n == 1] }, 2, nil},
		"the third attempt succeeds":            {func(n int) error { return map[bool]error{true: pgError("40P01")}[n < 3] }, 3, nil},
		"three failures return unavailable":     {func(int) error { return pgError("40P01") }, 3, domain.ErrUnavailable},
		"other database errors are not retried": {func(int) error { return pgError("23505") }, 1, pgError("23505")},
		"domain errors are not retried":         {func(int) error { return domain.ErrEmailTaken }, 1, domain.ErrEmailTaken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			attempts := 0
			err := inUnitOfWork(t, pool, func(ctx context.Context) error {
				attempts++
				if err := postgres.NewUserStore(pool).AddUser(ctx, newUser(), ""); err != nil {
					t.Error(err)
				}
				return tc.fail(attempts)
			})
			if attempts != tc.attempts {
				t.Errorf("%d attempts, want %d", attempts, tc.attempts)
			}
			pg, ok := errors.AsType[*pgconn.PgError](tc.want)
			if !ok && !errors.Is(err, tc.want) || ok && !sameCode(err, pg) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
			want := 0
			if tc.want == nil {
				want = 1
			}
			if users, _ := countRows(t, pool); users != want {
				t.Errorf("%d users, want %d", users, want)
			}
		})
	}
}

func sameCode(err error, want *pgconn.PgError) bool {
	got, ok := errors.AsType[*pgconn.PgError](err)
	return ok && got.Code == want.Code && !errors.Is(err, domain.ErrUnavailable)
}

func TestUnitOfWork_DoesNotRetryAfterCancellation(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	attempts := 0
	err := unitOfWork(pgtest.New(t)).Do(ctx, domain.System, ports.Locks{}, func(context.Context, domain.Actor) (domain.Change, error) {
		attempts++
		cancel()
		return domain.NoChange, pgError("40001")
	})
	if attempts != 1 || !errors.Is(err, context.Canceled) || errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("%d attempts, %v", attempts, err)
	}
}

func TestUnitOfWork_ResolvesDeadlocks(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewBatchStore(pool, build.Clock)
	batches := []domain.BatchID{build.Batch(t, pool).ID, build.Batch(t, pool).ID}
	var both sync.WaitGroup
	both.Add(2)
	var attempts atomic.Int32
	errs := concurrently(2, func(i int) error {
		first := true
		return inUnitOfWork(t, pool, func(ctx context.Context) error {
			attempts.Add(1)
			if _, err := store.LockBatch(ctx, batches[i]); err != nil {
				return err
			}
			if first {
				first = false
				both.Done()
				both.Wait()
			}
			b, err := store.LockBatch(ctx, batches[1-i])
			if err != nil {
				return err
			}
			return store.SaveBatch(ctx, b)
		})
	})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if n := attempts.Load(); n < 3 {
		t.Errorf("%d attempts, want a deadlock", n)
	}
}
