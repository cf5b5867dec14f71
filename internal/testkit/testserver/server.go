// Package testserver runs the whole server for a test: the production wiring on a database
// of its own, behind a listener, with the fake WakaTime server as its upstream.
package testserver

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/democlass"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/statements"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// The OAuth client of a server started by Start.
const (
	ClientID     = "testserver"
	ClientSecret = "waka_sec_canary"
)

// Password is a valid password, and that of the admins created by CreateAdmin.
const Password = apiclient.Password

// StartTime is the initial time of the clock: noon UTC on a Wednesday, three days after
// daylight saving time began in America/Chicago. It is ahead of the system's clock, so a
// job that is scheduled for later, such as a retry, does not run by itself.
var StartTime = time.Date(2040, time.March, 14, 12, 0, 0, 0, time.UTC)

// Server is a running server.
type Server struct {
	URL         string // of the API, including /api/v1
	Root        string // of the server
	App         *wiring.App
	Fake        *fakewaka.Server
	Clock       *Clock // of the server and of Fake
	Log         *Log
	Inbox       *Inbox
	DB          *pgxpool.Pool // for the test, on the server's database
	DatabaseURL string
	Config      config.Config
	Statements  *statements.Recorder // of the requests
}

// Option changes the settings of a server before it starts.
type Option func(*config.Config)

// Environment is what a server depends on.
type Environment struct {
	DatabaseURL string // of a migrated database
	Clock       *Clock
	Fake        *fakewaka.Server // its clock should be Clock
}

// Start runs a server on an empty database until the test ends. Jobs run after StartWorker.
func Start(tb testing.TB, options ...Option) *Server {
	tb.Helper()
	clock := NewClock(StartTime)
	env := Environment{
		DatabaseURL: pgtest.URL(tb), Clock: clock,
		Fake: fakewaka.New(fakewaka.Config{Seed: 1, ClientID: ClientID, ClientSecret: ClientSecret, Now: clock.Now}),
	}
	oauthClient := func(cfg *config.Config) {
		cfg.WakaTime.ClientID, cfg.WakaTime.ClientSecret, cfg.WakaTime.Source = ClientID, ClientSecret, ""
	}
	return Run(tb, env, append([]Option{oauthClient}, options...)...)
}

// Run runs a server in the given environment until the test ends. It is configured for the
// OAuth client of democlass.
func Run(tb testing.TB, env Environment, options ...Option) *Server {
	tb.Helper()
	s := &Server{Clock: env.Clock, Log: &Log{}, DatabaseURL: env.DatabaseURL, Fake: env.Fake, Statements: &statements.Recorder{}, Inbox: newInbox(tb)}
	s.connect(tb)
	upstream := httptest.NewServer(s.Fake.Handler())
	tb.Cleanup(upstream.Close)
	// The settings need the listener's address.
	server := httptest.NewUnstartedServer(nil)
	cfg, err := Settings(s.DatabaseURL, "http://"+server.Listener.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	s.Config = democlass.WithFakeWakaTime(cfg, upstream.URL)
	s.Config.SMTPURL, s.Config.MailFrom = s.Inbox.url, "Gradus <gradus@school.example>"
	s.serve(tb, server, options)
	return s
}

// Settings returns the settings of a server that tests call. environment is a list of
// NAME=value with further settings. By default, a response that violates the contract
// fails the request, and there are no rate limits: a suite sends more requests than people do.
func Settings(databaseURL, publicURL string, environment ...string) (config.Config, error) {
	return config.Load(slices.Concat([]string{"GRADUS_VALIDATE_RESPONSES=fail", "GRADUS_RATE_LIMITS=off"}, environment, []string{
		"GRADUS_MODE=development",
		"GRADUS_DATABASE_URL=" + databaseURL,
		"GRADUS_PUBLIC_URL=" + publicURL,
		"GRADUS_INSECURE_COOKIES=true",
		"GRADUS_DATABASE_MAX_CONNS=8",
	}), config.NeedDatabase, config.NeedSecrets, config.NeedServer)
}

// Replica runs a second server on the same database until the test ends, as another
// replica or after a restart.
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
	server.Config.Handler, server.Listener = s.Statements.Handler(s.App.Handler), s.App.Handler.On(server.Listener)
	server.Config.DisableGeneralOptionsHandler, server.Config.MaxHeaderBytes = true, 32<<10
	server.Start()
	tb.Cleanup(server.Close)
	s.Root, s.URL = server.URL, server.URL+"/api/v1"
}

// NewApp returns another app with the settings of the server. It is closed when the test
// ends.
func (s *Server) NewApp(tb testing.TB) *wiring.App {
	tb.Helper()
	rt := wiring.SystemRuntime().WithClock(s.Clock.Now)
	rt.Tracer = s.Statements
	log := slog.New(slog.NewJSONHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	app, cleanup, err := wiring.NewApp(context.Background(), s.Config, rt, log)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(cleanup)
	return app
}

// StartWorker runs background jobs until the test ends.
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

// CompatURL returns the base URL of the fake server's Wakapi-compatible API.
func (s *Server) CompatURL() string { return s.Config.WakaTime.AllowedBaseURLs[0] }

// CreateAdmin creates an admin as the operator, with Password, and returns their ID.
func (s *Server) CreateAdmin(tb testing.TB, email string) string {
	tb.Helper()
	u, err := s.App.Operator.CreateUser(tb.Context(), domain.System, ports.Registration{Email: email, Name: "Test Admin", Password: Password}, domain.RoleAdmin)
	if err != nil {
		tb.Fatal(err)
	}
	return u.ID.String()
}

const (
	eventuallyTimeout  = 20 * time.Second
	eventuallyInterval = 15 * time.Millisecond
)

// Eventually waits until ok returns true, and fails the test after a timeout. what names
// the condition.
func Eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(eventuallyTimeout); !ok(); time.Sleep(eventuallyInterval) {
		if time.Now().After(deadline) {
			tb.Fatalf("%s: not within %v", what, eventuallyTimeout)
		}
	}
}
