package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var admin = domain.Actor{Role: domain.RoleAdmin}

func unitOfWork(pool *pgxpool.Pool) *postgres.UnitOfWork {
	return postgres.NewUnitOfWork(pool, build.Clock, build.ID)
}

// within runs fn in a unit of work that records nothing.
func within(t *testing.T, pool *pgxpool.Pool, fn func(ctx context.Context) error) error {
	t.Helper()
	return unitOfWork(pool).Do(t.Context(), admin, func(ctx context.Context) (domain.Change, error) {
		return domain.NoChange, fn(ctx)
	})
}

// must returns v, which came without an error.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// walk reads a list page by page to its end.
func walk[T any](t *testing.T, limit int, list func(domain.PageRequest) (domain.Page[T], error)) []T {
	t.Helper()
	var all []T
	req := domain.PageRequest{Limit: limit}
	for {
		p, err := list(req)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Items) > limit {
			t.Fatalf("a page of %d items, want at most %d", len(p.Items), limit)
		}
		all = append(all, p.Items...)
		if p.Next == "" {
			return all
		}
		req.After = p.Next
	}
}

// sealer seals so that a test can see what was sealed, for which row and column.
type sealer struct{}

func (sealer) Seal(plain domain.Secret, row, column string) ([]byte, error) {
	return []byte("sealed:" + row + ":" + column + ":" + plain.Reveal()), nil
}

func (sealer) Open(sealed []byte, row, column string) (domain.Secret, error) {
	text, ok := strings.CutPrefix(string(sealed), "sealed:"+row+":"+column+":")
	if !ok {
		return "", domain.ErrTokenUnreadable
	}
	return domain.Secret(text), nil
}

// spy sees every query that goes to Postgres.
type spy struct {
	mu   sync.Mutex
	seen []pgx.TraceQueryStartData
}

// watched returns a second pool on the same database, and a spy on it.
func watched(t *testing.T, pool *pgxpool.Pool) (*pgxpool.Pool, *spy) {
	t.Helper()
	s := &spy{}
	config := pool.Config()
	config.ConnConfig.Tracer = s
	p, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, s
}

// TraceQueryStart implements pgx.QueryTracer.
func (s *spy) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, q)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*spy) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// take returns the queries since the last call.
func (s *spy) take() []pgx.TraceQueryStartData {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.seen
	s.seen = nil
	return seen
}

// plan returns Postgres' plan of the one query since the last call.
func (s *spy) plan(t *testing.T, pool *pgxpool.Pool) string {
	t.Helper()
	seen := s.take()
	if len(seen) != 1 {
		t.Fatalf("%d round trips, want 1", len(seen))
	}
	rows, err := pool.Query(t.Context(), "EXPLAIN "+seen[0].SQL, seen[0].Args...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// refuseScans fails if a plan reads a whole table.
func refuseScans(t *testing.T, plan string, tables ...string) {
	t.Helper()
	for _, table := range tables {
		if strings.Contains(plan, "Seq Scan on "+table) {
			t.Errorf("the plan reads all of %s:\n%s", table, plan)
		}
	}
}

// names returns the names of a list, for comparing.
func names[T any](items []T, name func(T) string) string {
	var out []string
	for _, i := range items {
		out = append(out, name(i))
	}
	return strings.Join(out, ", ")
}

// waiting returns when so many sessions wait for a lock in Postgres.
func waiting(t *testing.T, pool *pgxpool.Pool, want int) {
	t.Helper()
	for {
		var n int
		err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n >= want {
			return
		}
	}
}

// together runs fn n times at once and returns the errors.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// tally counts errors by their text, nil as "ok".
func tally(errs []error, kinds ...*domain.Error) map[string]int {
	counts := map[string]int{}
	for _, err := range errs {
		switch i := slices.IndexFunc(kinds, func(k *domain.Error) bool { return errors.Is(err, k) }); {
		case err == nil:
			counts["ok"]++
		case i >= 0:
			counts[kinds[i].Code]++
		default:
			counts[fmt.Sprint(err)]++
		}
	}
	return counts
}

// diff is cmp.Diff, but times must be in the same zone: the stores promise UTC.
func diff(want, got any, opts ...cmp.Option) string {
	exact := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) && a.Location() == b.Location() })
	return cmp.Diff(want, got, append(opts, exact)...)
}
