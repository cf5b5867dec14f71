// Package house runs the whole server for a test: the real wiring on a database of
// its own, behind a real listener, with the fake WakaTime server as upstream.
package house

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/class"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// The OAuth client of the house.
const (
	ClientID     = "house"
	ClientSecret = "waka_sec_canary"
)

// Password is good enough for everybody in a house.
const Password = "three blue teapots sing"

// Opening is what the clock of a house shows at first: a Wednesday noon in UTC, three
// days after the clocks of America/Chicago went forward. It lies ahead of the real
// time, so that what is put off by the house's clock, such as the retry of a failed
// job, does not run by itself.
var Opening = time.Date(2040, time.March, 14, 12, 0, 0, 0, time.UTC)

// House is a running server.
type House struct {
	URL   string // of the API, with /api/v1
	Root  string // of the server
	App   *wiring.App
	Fake  *fakewaka.Server
	Clock *Clock // of the server and of the fake one
	Log   *Log
	DB    *pgxpool.Pool // on the house's own database
	// DatabaseURL is the address of that database.
	DatabaseURL string
	Config      config.Config
}

// Option changes the settings of a house before it starts.
type Option func(*config.Config)

// Start runs a server until the test ends. Jobs run only after Work.
func Start(tb testing.TB, options ...Option) *House {
	tb.Helper()
	h := &House{Clock: NewClock(Opening), Log: &Log{}, DatabaseURL: pgtest.URL(tb)}
	h.Fake = fakewaka.New(fakewaka.Config{Seed: 1, ClientID: ClientID, ClientSecret: ClientSecret, Now: h.Clock.Now})
	h.open(tb, func(cfg *config.Config) {
		cfg.WakaTime.ClientID, cfg.WakaTime.ClientSecret, cfg.WakaTime.Source = ClientID, ClientSecret, ""
	}, options)
	return h
}

// open serves the fake WakaTime and the program.
func (h *House) open(tb testing.TB, own Option, options []Option) {
	tb.Helper()
	h.openDatabase(tb)
	upstream := httptest.NewServer(h.Fake.Handler())
	tb.Cleanup(upstream.Close)
	// The listener comes first: the settings hold its address.
	server := httptest.NewUnstartedServer(nil)
	cfg, err := class.Config(h.DatabaseURL, "http://"+server.Listener.Addr().String(), upstream.URL)
	if err != nil {
		tb.Fatal(err)
	}
	h.Config = cfg
	h.serve(tb, server, append([]Option{own}, options...))
}

// Replica runs a second server on the database of the house until the test ends, as
// another replica would, or the program after a restart.
func (h *House) Replica(tb testing.TB, options ...Option) *House {
	tb.Helper()
	second := *h
	second.serve(tb, httptest.NewUnstartedServer(nil), options)
	return &second
}

func (h *House) serve(tb testing.TB, server *httptest.Server, options []Option) {
	tb.Helper()
	for _, o := range options {
		o(&h.Config)
	}
	h.App = h.NewApp(tb)
	server.Config.Handler = h.App.Handler
	server.Start()
	tb.Cleanup(server.Close)
	h.Root, h.URL = server.URL, server.URL+"/api/v1"
}

// NewApp wires the program once more on the house's database. It lives until the test
// ends.
func (h *House) NewApp(tb testing.TB) *wiring.App {
	tb.Helper()
	world := class.World(h.Clock.Now)
	log := slog.New(slog.NewJSONHandler(h.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	app, cleanup, err := wiring.NewApp(context.Background(), h.Config, world, log)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(cleanup)
	return app
}

// Work runs the background jobs of the house until the test ends.
func (h *House) Work(tb testing.TB) {
	tb.Helper()
	if err := h.App.Worker.Start(context.Background()); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := h.App.Worker.Stop(ctx); err != nil {
			tb.Errorf("stop the worker: %v", err)
		}
	})
}

// CompatURL is the base URL of the fake server's Wakapi-like API.
func (h *House) CompatURL() string { return h.Config.WakaTime.AllowedBaseURLs[0] }

// Admin makes an admin as the operator would and returns their id; they sign in with
// Password.
func (h *House) Admin(tb testing.TB, email string) string {
	tb.Helper()
	id, err := h.App.CreateAdmin(tb.Context(), wiring.AdminAccount{Email: email, Name: "House Admin", TimeZone: "UTC", Password: Password})
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

const (
	patience = 20 * time.Second
	tick     = 15 * time.Millisecond
)

// Eventually waits until ok is true, and fails the test when that takes too long. what
// says what it waits for.
func Eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(tick) {
		if time.Now().After(deadline) {
			tb.Fatalf("%s: not within %v", what, patience)
		}
	}
}
