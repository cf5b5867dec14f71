// Package testserver runs the whole server for a test: the real wiring on a database of
// its own, behind a real listener, with the fake WakaTime server as upstream.
package testserver

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

// The OAuth client of the server.
const (
	ClientID     = "house"
	ClientSecret = "waka_sec_canary"
)

// Password is good enough for everybody in a server.
const Password = "three blue teapots sing"

// StartTime is what the clock of a server shows at first: a Wednesday noon in UTC, three
// days after the clocks of America/Chicago went forward. It lies ahead of the real
// time, so that what is put off by the server's clock, such as the retry of a failed
// job, does not run by itself.
var StartTime = time.Date(2040, time.March, 14, 12, 0, 0, 0, time.UTC)

// Server is a running server.
type Server struct {
	URL   string // of the API, with /api/v1
	Root  string // of the server
	App   *wiring.App
	Fake  *fakewaka.Server
	Clock *Clock // of the server and of the fake one
	Log   *Log
	DB    *pgxpool.Pool // on the server's own database
	// DatabaseURL is the address of that database.
	DatabaseURL string
	Config      config.Config
}

// Option changes the settings of a server before it starts.
type Option func(*config.Config)

// Start runs a server until the test ends. Jobs run only after Work.
func Start(tb testing.TB, options ...Option) *Server {
	tb.Helper()
	s := &Server{Clock: NewClock(StartTime), Log: &Log{}, DatabaseURL: pgtest.URL(tb)}
	s.Fake = fakewaka.New(fakewaka.Config{Seed: 1, ClientID: ClientID, ClientSecret: ClientSecret, Now: s.Clock.Now})
	s.open(tb, func(cfg *config.Config) {
		cfg.WakaTime.ClientID, cfg.WakaTime.ClientSecret, cfg.WakaTime.Source = ClientID, ClientSecret, ""
	}, options)
	return s
}

// open serves the fake WakaTime and the program.
func (s *Server) open(tb testing.TB, own Option, options []Option) {
	tb.Helper()
	s.openDatabase(tb)
	upstream := httptest.NewServer(s.Fake.Handler())
	tb.Cleanup(upstream.Close)
	// The listener comes first: the settings hold its address.
	server := httptest.NewUnstartedServer(nil)
	cfg, err := class.Config(s.DatabaseURL, "http://"+server.Listener.Addr().String(), upstream.URL)
	if err != nil {
		tb.Fatal(err)
	}
	s.Config = cfg
	s.serve(tb, server, append([]Option{own}, options...))
}

// Replica runs a second server on the database of the server until the test ends, as
// another replica would, or the program after a restart.
func (s *Server) Replica(tb testing.TB, options ...Option) *Server {
	tb.Helper()
	second := *s
	second.serve(tb, httptest.NewUnstartedServer(nil), options)
	return &second
}

func (s *Server) serve(tb testing.TB, server *httptest.Server, options []Option) {
	tb.Helper()
	for _, o := range options {
		o(&s.Config)
	}
	s.App = s.NewApp(tb)
	server.Config.Handler = s.App.Handler
	server.Start()
	tb.Cleanup(server.Close)
	s.Root, s.URL = server.URL, server.URL+"/api/v1"
}

// NewApp wires the program once more on the server's database. It lives until the test
// ends.
func (s *Server) NewApp(tb testing.TB) *wiring.App {
	tb.Helper()
	rt := class.Runtime(s.Clock.Now)
	log := slog.New(slog.NewJSONHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	app, cleanup, err := wiring.NewApp(context.Background(), s.Config, rt, log)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(cleanup)
	return app
}

// StartWorker runs the background jobs of the server until the test ends.
func (s *Server) StartWorker(tb testing.TB) {
	tb.Helper()
	if err := s.App.Worker.Start(context.Background()); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.App.Worker.Stop(ctx); err != nil {
			tb.Errorf("stop the worker: %v", err)
		}
	})
}

// CompatURL is the base URL of the fake server's Wakapi-like API.
func (s *Server) CompatURL() string { return s.Config.WakaTime.AllowedBaseURLs[0] }

// Admin makes an admin as the operator would and returns their id; they sign in with
// Password.
func (s *Server) CreateAdmin(tb testing.TB, email string) string {
	tb.Helper()
	id, err := s.App.CreateAdmin(tb.Context(), wiring.AdminAccount{Email: email, Name: "House Admin", TimeZone: "UTC", Password: Password})
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
