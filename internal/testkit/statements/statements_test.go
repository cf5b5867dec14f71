package statements_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/statements"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// request sends a request to a handler that records its statements.
func request(t *testing.T, r *statements.Recorder, do func(context.Context) error) statements.Record {
	t.Helper()
	h := r.Handler(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		if err := do(req.Context()); err != nil {
			t.Error(err)
		}
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	return r.Take()
}

func tracedPool(t *testing.T) (*pgxpool.Pool, *statements.Recorder) {
	t.Helper()
	r := &statements.Recorder{}
	cfg, err := pgxpool.ParseConfig(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	cfg.ConnConfig.Tracer = r
	cfg.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool, r
}

func TestRecorder_RecordsRequestsOnly(t *testing.T) {
	t.Parallel()
	pool, r := tracedPool(t)
	query := func(ctx context.Context) error {
		_, err := pool.Exec(ctx, "-- name: GetOne :one\nSELECT $1::int", pgx.QueryExecModeCacheStatement, 1)
		return err
	}
	batch := func(ctx context.Context) error {
		b := &pgx.Batch{}
		b.Queue("SELECT 1")
		b.Queue("SELECT $1::text", "a")
		return pool.SendBatch(ctx, b).Close()
	}
	if got := request(t, &statements.Recorder{}, query); got.Trips != 0 {
		t.Errorf("statements before the first call of Take were recorded: %+v", got)
	}
	r.Take()
	if err := query(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := r.Take(); got.Trips != 0 || len(got.Statements) != 0 {
		t.Errorf("a statement outside of requests was recorded: %+v", got)
	}
	for name, tt := range map[string]struct {
		do    func(context.Context) error
		names string
		trips int
	}{
		"a query":   {query, "GetOne", 1},
		"a batch":   {batch, "SELECT, SELECT", 1},
		"a request": {func(context.Context) error { return nil }, "", 0},
		"statements after the caller left": {
			func(ctx context.Context) error { return query(context.WithoutCancel(ctx)) }, "GetOne", 1,
		},
	} {
		request(t, r, tt.do) // prepares the statements
		got := request(t, r, tt.do)
		if got.Names() != tt.names || got.Trips != tt.trips || got.Prepares != 0 {
			t.Errorf("%s: %s in %d round trips, want %s in %d", name, got.Names(), got.Trips, tt.names, tt.trips)
		}
		for _, s := range got.Statements {
			if strings.Contains(s.SQL, "$1") != (len(s.Args) == 1) {
				t.Errorf("%s has the arguments %v", s.SQL, s.Args)
			}
		}
	}
	first := request(t, r, func(ctx context.Context) error {
		_, err := pool.Exec(ctx, "SELECT $1::int + 1", pgx.QueryExecModeCacheStatement, 1)
		return err
	})
	if first.Trips != 1 || first.Prepares != 1 {
		t.Errorf("a statement that is prepared first takes %d round trips and %d to prepare it, want 1 and 1", first.Trips, first.Prepares)
	}
}

// skewed is a table in which nearly all rows have the same kind.
const skewed = `CREATE TABLE skewed (kind integer, filler text);
INSERT INTO skewed SELECT CASE WHEN n <= 10 THEN n ELSE 0 END, repeat('x', 100) FROM generate_series(1, 20000) n;
CREATE INDEX ON skewed (kind);
VACUUM (ANALYZE) skewed`

func skewedConn(t *testing.T) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.WithoutCancel(t.Context())) })
	for sql := range strings.SplitSeq(skewed, ";") {
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func explain(t *testing.T, c *pgx.Conn, mode statements.Mode, sql string, args ...any) statements.Plan {
	t.Helper()
	p, err := statements.Explain(t.Context(), c, statements.Statement{SQL: sql, Args: args}, mode)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestExplain_TellsThePlansApart(t *testing.T) {
	t.Parallel()
	c := skewedConn(t)
	// A generic plan assumes a typical kind, of which there are few rows. A custom one knows.
	const count = `SELECT count(filler) FROM skewed WHERE kind = $1`
	generic, custom := explain(t, c, statements.Generic, count, 0), explain(t, c, statements.Custom, count, 0)
	rare := explain(t, c, statements.Custom, count, 3)
	if got := custom.LargeScans(1000); !slices.Equal(got, []string{"skewed"}) {
		t.Errorf("the custom plan scans %q: %+v", got, custom)
	}
	if custom.LargeScans(20_000) != nil || rare.LargeScans(0) != nil {
		t.Errorf("scans of %v and %v were reported", custom.Scans, rare.Scans)
	}
	if custom.Buffers < 200 || generic.Buffers < custom.Buffers || rare.Buffers > 5 {
		t.Errorf("buffers: generic %d, custom %d, rare %d", generic.Buffers, custom.Buffers, rare.Buffers)
	}
	if custom.Rows != 20_000 || rare.Rows != 1 {
		t.Errorf("rows: custom %d, rare %d", custom.Rows, rare.Rows)
	}
	// The same each time.
	if again := explain(t, c, statements.Custom, count, 3); again.Buffers != rare.Buffers {
		t.Errorf("%d buffers, then %d", rare.Buffers, again.Buffers)
	}
}

func TestExplain_CountsRowsThatAFilterRemoves(t *testing.T) {
	t.Parallel()
	p := explain(t, skewedConn(t), statements.Custom, `SELECT kind FROM skewed WHERE filler = $1`, "y")
	if p.Rows != 20_000 {
		t.Errorf("%d rows", p.Rows)
	}
}

func TestExplain_TakesArgumentsOfEveryType(t *testing.T) {
	t.Parallel()
	c := skewedConn(t)
	now := time.Date(2026, 3, 8, 1, 59, 59, 123456000, time.UTC)
	explain(t, c, statements.Generic, `SELECT 1 / (CASE WHEN $1::uuid[] = ARRAY[$2::uuid] AND $3::timestamptz = '2026-03-08 01:59:59.123456+00' AND $4::text IS NULL
		AND $5::bytea = '\x00ff' AND $6::text = 'it''s \' AND $7::date = '2026-03-08' AND $8::float8 = 0.1 AND $9::bool THEN 1 ELSE 0 END)`,
		[][16]byte{{1}}, [16]byte{1}, now, (*string)(nil), []byte{0, 255}, `it's \`, now, 0.1, true)
}

func TestExplain_ChangesNothing(t *testing.T) {
	t.Parallel()
	c := skewedConn(t)
	p := explain(t, c, statements.Generic, `DELETE FROM skewed WHERE kind = $1`, 3)
	var left int
	if err := c.QueryRow(t.Context(), `SELECT count(*) FROM skewed WHERE kind = 3`).Scan(&left); err != nil || left != 1 || p.Rows != 1 {
		t.Errorf("%d rows are left, %v; the plan read %d", left, err, p.Rows)
	}
}

func TestExplain_NamesTheStatementThatFails(t *testing.T) {
	t.Parallel()
	c := skewedConn(t)
	for range 2 { // the connection stays usable
		_, err := statements.Explain(t.Context(), c, statements.Statement{SQL: "-- name: Divide :one\nSELECT 1 / $1::int", Args: []any{0}}, statements.Custom)
		if err == nil || !strings.Contains(err.Error(), "explain Divide") || !strings.Contains(err.Error(), "division by zero") {
			t.Errorf("got %v", err)
		}
	}
}

func TestText_ShowsThePlan(t *testing.T) {
	t.Parallel()
	text, err := statements.Text(t.Context(), skewedConn(t), statements.Statement{SQL: `SELECT * FROM skewed WHERE kind = $1`, Args: []any{3}}, statements.Custom)
	if err != nil || !strings.Contains(text, "skewed_kind_idx") || !strings.Contains(text, "Buffers:") {
		t.Errorf("%v:\n%s", err, text)
	}
}
