// Package house runs the whole server for a test: the real wiring on a database of
// its own, behind a real listener, with the fake WakaTime server as upstream.
package house

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// The OAuth client of the house.
const (
	ClientID     = "house"
	ClientSecret = "waka_sec_canary"
)

// House is a running server.
type House struct {
	URL   string // of the API, with /api/v1
	Root  string // of the server
	App   *wiring.App
	Fake  *fakewaka.Server
	Clock *Clock
	Log   *Log
	// DatabaseURL is the house's own database.
	DatabaseURL string
	Config      config.Config
}

// Option changes the settings of a house before it starts.
type Option func(*config.Config)

// Start runs a server until the test ends. Jobs run only after Work.
func Start(tb testing.TB, options ...Option) *House {
	tb.Helper()
	h := &House{
		Fake:        fakewaka.New(fakewaka.Config{Seed: 1, ClientID: ClientID, ClientSecret: ClientSecret}),
		Clock:       NewClock(time.Now().UTC()),
		Log:         &Log{},
		DatabaseURL: pgtest.URL(tb),
	}
	upstream := httptest.NewServer(h.Fake.Handler())
	tb.Cleanup(upstream.Close)
	// The listener comes first: the settings hold its address.
	server := httptest.NewUnstartedServer(nil)
	root := "http://" + server.Listener.Addr().String()
	cfg, err := config.Load([]string{
		"GRADUS_MODE=development",
		"GRADUS_DATABASE_URL=" + h.DatabaseURL,
		"GRADUS_PUBLIC_URL=" + root,
		"GRADUS_INSECURE_COOKIES=true",
		"GRADUS_DATABASE_MAX_CONNS=8",
		"GRADUS_WAKATIME_CLIENT_ID=" + ClientID,
		"GRADUS_WAKATIME_CLIENT_SECRET=" + ClientSecret,
		"GRADUS_WAKATIME_API_URL=" + upstream.URL + "/api/v1",
		"GRADUS_WAKATIME_OAUTH_URL=" + upstream.URL + "/oauth",
		"GRADUS_WAKATIME_ALLOWED_BASE_URLS=" + upstream.URL + "/api/compat/wakatime/v1",
		"GRADUS_WAKATIME_REQUESTS_PER_SECOND=1000",
		"GRADUS_WAKATIME_USER_REQUESTS_PER_SECOND=1000",
	}, config.NeedDatabase, config.NeedSecrets, config.NeedServer)
	if err != nil {
		tb.Fatal(err)
	}
	for _, o := range options {
		o(&cfg)
	}
	h.Config = cfg
	h.App = h.NewApp(tb)
	server.Config.Handler = h.App.Handler
	server.Start()
	tb.Cleanup(server.Close)
	h.Root, h.URL = root, root+"/api/v1"
	return h
}

// NewApp wires the program once more on the house's database, as a second replica
// would be. It lives until the test ends.
func (h *House) NewApp(tb testing.TB) *wiring.App {
	tb.Helper()
	world := wiring.RealWorld()
	world.Now = h.Clock.Now
	app, cleanup, err := wiring.NewApp(context.Background(), h.Config, world, slog.New(slog.NewJSONHandler(h.Log, nil)))
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

// Upstream is the host of the fake server.
func (h *House) Upstream() string {
	u, _ := url.Parse(h.Config.WakaTime.APIURL) // config checked it
	return u.Host
}

// Admin makes an admin and returns their id; they sign in with Password.
func (h *House) Admin(tb testing.TB, email string) string {
	tb.Helper()
	id, err := h.App.CreateAdmin(tb.Context(), wiring.AdminAccount{Email: email, Name: "House Admin", TimeZone: "UTC", Password: Password})
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// Password is good enough for everybody in a house.
const Password = "three blue teapots sing"

// Clock is a clock that a test moves. It runs on from where it is set.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
}

// NewClock returns a clock that shows now.
func NewClock(now time.Time) *Clock { return &Clock{offset: time.Until(now)} }

// Now returns the clock's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().UTC().Add(c.offset)
}

// Set moves the clock to a time.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = time.Until(now)
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}

// Log keeps everything that was logged, for tests that look for secrets.
type Log struct {
	mu   sync.Mutex
	text []byte
}

var _ io.Writer = (*Log)(nil)

// Write keeps p.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

// String returns everything so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// Today returns the calendar day in zone by the house's clock, moved by days.
func (h *House) Today(zone domain.TimeZone, days int) domain.Day {
	return zone.Today(h.Clock.Now()) + domain.Day(days)
}
