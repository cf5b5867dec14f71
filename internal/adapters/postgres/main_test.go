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
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func unitOfWork(pool *pgxpool.Pool) *postgres.UnitOfWork {
	return postgres.NewUnitOfWork(pool, postgres.NewSessionCache(0), build.Clock, build.ID, build.Lifetime)
}

// inUnitOfWork runs fn in a unit of work without an audit entry.
func inUnitOfWork(t *testing.T, pool *pgxpool.Pool, fn func(ctx context.Context) error) error {
	t.Helper()
	return inUnitOfWorkOn(t, pool, domain.UserID{}, fn)
}

// inUnitOfWorkOn is inUnitOfWork with a lock of a user.
func inUnitOfWorkOn(t *testing.T, pool *pgxpool.Pool, user domain.UserID, fn func(ctx context.Context) error) error {
	t.Helper()
	return unitOfWork(pool).Do(t.Context(), domain.System, ports.Locks{User: user}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		return domain.NoChange, fn(ctx)
	})
}

// must returns v and panics on an error.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// listAll returns the items of all pages of a list.
func listAll[T any](t *testing.T, limit int, list func(domain.PageRequest) (domain.Page[T], error)) []T {
	t.Helper()
	var all []T
	req := domain.PageRequest{Limit: limit}
	for {
		p, err := list(req)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Items) > limit {
			t.Fatalf("page of %d items, want at most %d", len(p.Items), limit)
		}
		all = append(all, p.Items...)
		if p.Next == "" {
			return all
		}
		req.After = p.Next
	}
}

// noDevices is a ports.DeviceTokens that knows no device.
type noDevices struct{}

func (noDevices) NewDeviceToken(domain.UserID) domain.Secret                   { return "" }
func (noDevices) OpenDeviceToken(domain.UserID, domain.Secret) (device string) { return "" }

// sealer is a ports.Sealer whose output shows the plain text, row and column.
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

// tracer records every query.
type tracer struct {
	mu      sync.Mutex
	queries []pgx.TraceQueryStartData
}

// traced returns a second pool on the same database, and its tracer.
func traced(t *testing.T, pool *pgxpool.Pool) (*pgxpool.Pool, *tracer) {
	t.Helper()
	tr := &tracer{}
	config := pool.Config()
	config.ConnConfig.Tracer = tr
	p, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, tr
}

// TraceQueryStart implements pgx.QueryTracer.
func (tr *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.queries = append(tr.queries, q)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// take returns the queries since the last call.
func (tr *tracer) take() []pgx.TraceQueryStartData {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	queries := tr.queries
	tr.queries = nil
	return queries
}

// plan returns the plan of the only query since the last call.
func (tr *tracer) plan(t *testing.T, pool *pgxpool.Pool) string {
	t.Helper()
	queries := tr.take()
	if len(queries) != 1 {
		t.Fatalf("%d round trips, want 1", len(queries))
	}
	rows, err := pool.Query(t.Context(), "EXPLAIN "+queries[0].SQL, queries[0].Args...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// rejectSeqScans fails if a plan reads a whole table.
func rejectSeqScans(t *testing.T, plan string, tables ...string) {
	t.Helper()
	for _, table := range tables {
		if strings.Contains(plan, "Seq Scan on "+table) {
			t.Errorf("the plan scans %s:\n%s", table, plan)
		}
	}
}

// joinNames returns the names of items as one text.
func joinNames[T any](items []T, name func(T) string) string {
	var out []string
	for _, i := range items {
		out = append(out, name(i))
	}
	return strings.Join(out, ", ")
}

// waitForLocks returns when a session waits for a lock.
func waitForLocks(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	for {
		var n int
		err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
	}
}

// concurrently runs fn n times at once and returns the errors.
func concurrently(n int, fn func(i int) error) []error {
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

// countErrors counts errors by the code of kinds or else by their text, and nil as "ok".
func countErrors(errs []error, kinds ...*domain.Error) map[string]int {
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

// diff is cmp.Diff that also compares locations: stores return times in UTC.
func diff(want, got any, opts ...cmp.Option) string {
	exact := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) && a.Location() == b.Location() })
	return cmp.Diff(want, got, append(opts, exact)...)
}
