package bench

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/testkit/school"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// newApp returns the handler of the whole server on the database at address.
func newApp(b *testing.B, address string, tracer pgx.QueryTracer) http.Handler {
	b.Helper()
	cfg, err := config.Load([]string{
		"GRADUS_MODE=development", "GRADUS_RATE_LIMITS=read=1000,write=1000", "GRADUS_DATABASE_URL=" + address, "GRADUS_SECRET_KEYS=bench:" + strings.Repeat("A", 43) + "=",
	}, config.NeedDatabase)
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	rt := wiring.SystemRuntime().WithClock(func() time.Time { return noon.Add(time.Since(began)) })
	rt.Tracer = tracer
	app, closeApp, err := wiring.NewApp(b.Context(), cfg, rt, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(closeApp)
	return app.Handler
}

// env is a server with a school, and the bare handler beside it.
type env struct {
	school  school.School
	handler http.Handler // of the API, with a handler that only executes SELECT 1
	bare    target       // the latter
	url     string
	pool    *pgxpool.Pool
	client  *http.Client
}

func newEnv(b *testing.B, s school.School, address string) *env {
	b.Helper()
	pool, err := pgxpool.New(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	mux := http.NewServeMux()
	e := &env{school: s, handler: mux, bare: target{path: "/bare"}, pool: pool}
	mux.Handle("/", newApp(b, address, nil))
	mux.HandleFunc("/bare", func(w http.ResponseWriter, r *http.Request) {
		var one int
		if err := pool.QueryRow(r.Context(), `SELECT 1`).Scan(&one); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintf(w, "{\"one\":%d}\n", one)
	})
	server := httptest.NewServer(mux)
	b.Cleanup(server.Close)
	e.url = server.URL
	e.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
	b.Cleanup(e.client.CloseIdleConnections)
	return e
}

// send sends a request over the network and reports how long it took.
func (e *env) send(t target) (time.Duration, error) {
	req, err := http.NewRequest(http.MethodGet, e.url+t.path, http.NoBody)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+t.token)
	began := time.Now()
	res, err := e.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(res.Body)
		return 0, fmt.Errorf("GET %s: %s\n%s", t.path, res.Status, text)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return time.Since(began), err
}
