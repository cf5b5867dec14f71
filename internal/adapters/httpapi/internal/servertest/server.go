// Package servertest runs the whole server on mocked driving ports, for the tests of its
// layers and handlers.
package servertest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/ports/mock"
	"github.com/gradus-dev/gradus/internal/testkit/contract"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// What the server is told.
const (
	Origin = "https://gradus.example"                      // its public URL
	Token  = "Zk3vQ1mXZk3vQ1mXZk3vQ1mXZk3vQ1mXZk3vQ1mXZk3" // of the session of SignedIn
	Cookie = "__Host-gradus_session=" + Token
)

// Anything matches any argument of a port.
var Anything = gomock.Any()

// Server is the real server on mocked driving ports, behind a real listener.
type Server struct {
	URL     string
	Handler http.Handler
	Client  *http.Client // checks every response against the contract
	Log     *Log
	Probes  httpapi.Probes
	Metrics *httpapi.Metrics
	Events  *fake.SecurityLog
	Actor   domain.Actor // whom SignedIn signs in, as use cases see them
	Stop    func()       // returns when all requests have ended

	Ports *operations.Ports // all driving ports

	// The ports that the tests of the layers use.
	Sessions    *mock.MockSessions
	Accounts    *mock.MockAccounts
	Batches     *mock.MockBatches
	Staff       *mock.MockBatchStaff
	Students    *mock.MockStudents
	Connections *mock.MockConnections
	Tracking    *mock.MockTracking
	Insights    *mock.MockInsights
	Idempotency *mock.MockIdempotency
}

// Start starts a server. The test may change its Config.
func Start(tb testing.TB, change ...func(*httpapi.Config)) *Server {
	tb.Helper()
	return StartAt(tb, Clock, change...)
}

// StartAt starts a server with another clock.
func StartAt(tb testing.TB, clock ports.Clock, change ...func(*httpapi.Config)) *Server {
	tb.Helper()
	return start(tb, clock, unlimited{}, change)
}

// StartLimited starts a server with rate limits.
func StartLimited(tb testing.TB, limiter ports.RateLimiter, change ...func(*httpapi.Config)) *Server {
	tb.Helper()
	return start(tb, Clock, limiter, change)
}

func start(tb testing.TB, clock ports.Clock, limiter ports.RateLimiter, change []func(*httpapi.Config)) *Server {
	tb.Helper()
	ctrl := gomock.NewController(tb)
	p := operations.NewPorts(ctrl, domain.Actor{
		UserID: operations.ID[domain.User](operations.AdaID), Role: domain.RoleStudent, Batch: operations.ID[domain.Batch](operations.BatchID),
		SessionID: operations.ID[domain.Session]("01a13b00-0000-7000-8000-000000000001"),
		Origin:    domain.Origin{RequestID: operations.RequestID, Address: "127.0.0.1"},
	})
	s := &Server{
		Client:  contract.Client(tb),
		Log:     &Log{},
		Probes:  httpapi.Probes{Draining: &atomic.Bool{}, Ready: map[string]httpapi.Probe{}},
		Metrics: httpapi.NewMetrics(),
		Events:  &fake.SecurityLog{},
		Actor:   p.Actor,
		Ports:   p,

		Sessions:    p.Sessions.(*mock.MockSessions),
		Accounts:    p.Accounts.(*mock.MockAccounts),
		Batches:     p.Batches.(*mock.MockBatches),
		Staff:       p.BatchStaff.(*mock.MockBatchStaff),
		Students:    p.Students.(*mock.MockStudents),
		Connections: p.Connections.(*mock.MockConnections),
		Tracking:    p.Tracking.(*mock.MockTracking),
		Insights:    p.Insights.(*mock.MockInsights),
		Idempotency: mock.NewMockIdempotency(ctrl),
	}
	p.Idempotency, p.Limiter = s.Idempotency, limiter
	cfg := Config(tb)
	for _, f := range change {
		f(&cfg)
	}
	h, err := httpapi.New(cfg, p.UseCases, s.Probes, s.Metrics, s.Events, clock, NewID, s.Logger())
	if err != nil {
		tb.Fatal(err)
	}
	s.listen(tb, h, h.On)
	return s
}

// unlimited implements ports.RateLimiter for tests of other layers.
type unlimited struct{}

func (unlimited) Take(_ context.Context, limit domain.RateLimit, _ string) domain.Quota {
	return domain.Quota{Allowed: true, Remaining: limit.Burst}
}

func (unlimited) Return(context.Context, domain.RateLimit, string) {}

// Listen puts another handler behind the server's URL.
func (s *Server) Listen(tb testing.TB, h http.Handler) {
	tb.Helper()
	s.listen(tb, h, func(l net.Listener) net.Listener { return l })
}

func (s *Server) listen(tb testing.TB, h http.Handler, on func(net.Listener) net.Listener) {
	tb.Helper()
	listening := httptest.NewUnstartedServer(h)
	listening.Listener = on(listening.Listener)
	listening.Config.DisableGeneralOptionsHandler, listening.Config.MaxHeaderBytes = true, 32<<10
	listening.Start()
	tb.Cleanup(listening.Close)
	s.Handler, s.URL, s.Stop = h, listening.URL, listening.Close
}

// SignedIn makes Token and Cookie authenticate the server's Actor, any number of times.
func (s *Server) SignedIn() *Server {
	a := s.Actor
	a.Origin = domain.Origin{}
	s.Sessions.EXPECT().Authenticate(Anything, domain.Secret(Token)).Return(a, nil).AnyTimes()
	return s
}

// Raw makes the server's client return responses as they were sent: neither decompressed
// nor checked against the contract, and redirects as well.
func (s *Server) Raw(tb testing.TB) *Server {
	tb.Helper()
	tr := &http.Transport{DisableCompression: true}
	tb.Cleanup(tr.CloseIdleConnections)
	s.Client = &http.Client{
		Transport:     tr,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

// Dial opens a connection to the server, for what no HTTP client sends.
func (s *Server) Dial(t *testing.T) net.Conn {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Config returns the settings of a server at Origin.
func Config(tb testing.TB) httpapi.Config {
	tb.Helper()
	public, err := url.Parse(Origin)
	if err != nil {
		tb.Fatal(err)
	}
	return httpapi.Config{PublicURL: public, RequestTimeout: time.Minute, MaxBody: 1 << 18, Passwords: domain.PasswordPolicy{Common: func(string) bool { return false }}}
}

// Clock returns Now.
func Clock() time.Time { return operations.Now }

// NewID returns operations.RequestID.
func NewID() [16]byte { return operations.ID[any](operations.RequestID) }

// Logger returns a logger that writes records of all levels to the server's Log.
func (s *Server) Logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
