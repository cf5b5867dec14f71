// Package bench measures the read models with 10,000 students and a year of days each. It
// sends requests to the whole server, and compares them with a handler that only executes
// SELECT 1.
//
//	make bench
//
// It uses a database of its own, or that of GRADUS_BENCH_DATABASE_URL, which must be empty
// and keeps the data.
//
// All results are from the median round. On a shared machine, only the ratios, whose two
// sides are measured alternately, and the counts are reliable.
package bench

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/wiring"
)

const (
	students = 10_000
	days     = 365
	rounds   = 9   // of all candidates, alternately
	requests = 100 // per candidate and round
	goal     = 5 * time.Millisecond
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// candidate is a request to measure.
type candidate struct {
	name  string
	url   func(base string, s school, rnd *rand.Rand) string
	goal  bool
	p50   []time.Duration // by round
	p95   []time.Duration
	ratio []float64 // of p50 to that of SELECT 1
	trips float64
	bytes int
}

func candidates() []*candidate {
	one := func(ids []uuid.UUID, rnd *rand.Rand) string { return ids[rnd.IntN(len(ids))].String() }
	api := func(path string) func(string, school, *rand.Rand) string {
		return func(base string, s school, rnd *rand.Rand) string {
			return base + "/api/v1" + strings.NewReplacer("{batch}", one(s.batches, rnd), "{student}", one(s.students, rnd)).Replace(path)
		}
	}
	return []*candidate{
		{name: "bare SELECT 1", url: func(base string, _ school, _ *rand.Rand) string { return base + "/bare" }},
		{name: "own account", url: api("/me")},
		{name: "batch progress, 25 x 30 days", url: api("/batches/{batch}/progress?limit=25"), goal: true},
		{name: "batch coverage, 25 x 30 days", url: api("/batches/{batch}/coverage")},
		{name: "students, a page of 25", url: api("/students?limit=25"), goal: true},
		{name: "students of a batch", url: api("/students?limit=25&batch_id={batch}")},
		{name: "dashboard", url: api("/admin/dashboard"), goal: true},
		{name: "a student's 30 days with details", url: api("/students/{student}/days")},
	}
}

func BenchmarkReadModels(b *testing.B) {
	address, own := os.LookupEnv("GRADUS_BENCH_DATABASE_URL")
	if !own {
		address = pgtest.URL(b)
	}
	pool, err := pgxpool.New(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	if own {
		migrate(b, pool)
	}
	began := time.Now()
	s := load(b, pool)
	loaded := time.Since(began)
	token := signIn(b, pool)

	for range b.N {
		list := candidates()
		direct, stop := serve(b, pool, address)
		measure(b, list, direct, s, token)
		stop()
		count(b, list, pool, address, s, token)
		report(b, pool, list, loaded)
	}
	b.ReportMetric(0, "ns/op") // hides the time of the whole run
}

func migrate(b *testing.B, pool *pgxpool.Pool) {
	b.Helper()
	m, err := postgres.NewMigrator(b.Context(), pool)
	if err != nil {
		b.Fatal(err)
	}
	_, err = m.Up(b.Context())
	if err = errors.Join(err, m.Close()); err != nil {
		b.Fatal(err)
	}
}

// serve starts the server on the database at address, with the SELECT 1 handler.
func serve(b *testing.B, pool *pgxpool.Pool, address string) (base string, stop func()) {
	b.Helper()
	cfg, err := config.Load([]string{
		"GRADUS_MODE=development", "GRADUS_DATABASE_URL=" + address, "GRADUS_SECRET_KEYS=bench:" + strings.Repeat("A", 43) + "=",
	}, config.NeedDatabase)
	if err != nil {
		b.Fatal(err)
	}
	app, closeApp, err := wiring.NewApp(b.Context(), cfg, wiring.SystemRuntime(), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", app.Handler)
	mux.HandleFunc("/bare", func(w http.ResponseWriter, r *http.Request) {
		var one int
		if err := pool.QueryRow(r.Context(), `SELECT 1`).Scan(&one); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintf(w, "{\"one\":%d}\n", one)
	})
	server := httptest.NewServer(mux)
	return server.URL, func() { server.Close(); closeApp() }
}

// measure measures all candidates alternately.
func measure(b *testing.B, list []*candidate, base string, s school, token string) {
	b.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	for round := range rounds + 1 {
		for _, c := range list {
			times := make([]time.Duration, requests)
			for i := range times {
				times[i], c.bytes = get(b, c.url(base, s, rnd), token)
			}
			if round == 0 {
				continue // warm-up
			}
			c.p50, c.p95 = append(c.p50, quantile(times, 0.5)), append(c.p95, quantile(times, 0.95))
			c.ratio = append(c.ratio, float64(c.p50[round-1])/float64(list[0].p50[round-1]))
		}
	}
}

// count counts the round trips to the database of each candidate, with a proxy.
func count(b *testing.B, list []*candidate, pool *pgxpool.Pool, address string, s school, token string) {
	b.Helper()
	p, through := newProxy(b, address)
	base, stop := serve(b, pool, through)
	defer stop()
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, c := range list[1:] {
		const some = 50
		for range some { // prepares the statements of each connection
			get(b, c.url(base, s, rnd), token)
		}
		before := p.trips.Load()
		for range some {
			get(b, c.url(base, s, rnd), token)
		}
		c.trips = float64(p.trips.Load()-before) / some
	}
	list[0].trips = 1
}

func get(b *testing.B, address, token string) (took time.Duration, size int) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	began := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	took = time.Since(began)
	if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != http.StatusOK {
		b.Fatalf("GET %s: %s %v\n%s", address, res.Status, err, body)
	}
	return took, len(body)
}

// signIn inserts a session of an admin and returns its token.
func signIn(b *testing.B, pool *pgxpool.Pool) (token string) {
	b.Helper()
	token = strings.Repeat("b", 43)
	hash := sha256.Sum256([]byte(token))
	exec(b, pool, `WITH admin AS (
			INSERT INTO users (id, email, name, role, password_hash, created_at)
			VALUES (gen_random_uuid(), 'admin@example.edu', 'Admin', 'admin', 'none', now()) RETURNING id
		)
		INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at)
		SELECT gen_random_uuid(), id, $1, 'bench', now(), now(), now() + interval '1 day' FROM admin`, hash[:])
	return token
}

func report(b *testing.B, pool *pgxpool.Pool, list []*candidate, loaded time.Duration) {
	b.Helper()
	var version string
	var heap, index float64
	err := pool.QueryRow(b.Context(), `SELECT version(), pg_table_size('days') / count(*)::float8, pg_indexes_size('days') / count(*)::float8 FROM days`).Scan(&version, &heap, &index)
	if err != nil {
		b.Fatal(err)
	}
	fmt.Printf("\n%s\n%d students x %d days, loaded in %.0f s; %.0f bytes per student and day: %.0f of data, %.0f of indexes\n\n",
		version[:strings.Index(version+" on", " on")], students, days, loaded.Seconds(), heap+index, heap, index)
	fmt.Printf("%-32s %9s %9s %12s %12s %9s\n", "", "p50", "p95", "x bare p50", "round trips", "bytes")
	for _, c := range list {
		p50, p95, ratio := quantile(c.p50, 0.5), quantile(c.p95, 0.5), quantile(c.ratio, 0.5)
		verdict := ""
		switch {
		case c.goal && p95 > goal:
			verdict = fmt.Sprintf("  over %v", goal)
		case c.goal:
			verdict = fmt.Sprintf("  within %v", goal)
		}
		fmt.Printf("%-32s %6.2f ms %6.2f ms %12.1f %12.2f %9d%s\n", c.name, ms(p50), ms(p95), ratio, c.trips, c.bytes, verdict)
		b.ReportMetric(ratio, strings.NewReplacer(" ", "-", ",", "").Replace(c.name)+"/bare")
	}
	fmt.Println()
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func quantile[N cmp.Ordered](numbers []N, q float64) N {
	sorted := slices.Sorted(slices.Values(numbers))
	return sorted[int(q*float64(len(sorted)-1))]
}

func exec(b *testing.B, pool *pgxpool.Pool, sql string, args ...any) {
	b.Helper()
	if _, err := pool.Exec(context.WithoutCancel(b.Context()), sql, args...); err != nil {
		b.Fatalf("%v\n%s", err, sql)
	}
}

func ids(b *testing.B, pool *pgxpool.Pool, sql string) []uuid.UUID {
	b.Helper()
	rows, err := pool.Query(b.Context(), sql)
	if err != nil {
		b.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		b.Fatal(err)
	}
	return out
}

// plain returns the database URL with host instead of its own, and without TLS so that a
// proxy can read the messages.
func plain(b *testing.B, address, host string) (through, target string) {
	b.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	target = u.Host
	q := u.Query()
	q.Set("sslmode", "disable")
	u.Host, u.RawQuery = host, q.Encode()
	return u.String(), target
}
