// Package httpapi serves the API of api/openapi.yaml. It is the only package that
// knows about echo, generated request types and status codes.
package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/buffer"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/compress"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/cors"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/deprecation"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/docs"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/edge"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/idempotency"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/metrics"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/mockserver"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/probes"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/router"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/session"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/validate"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Config is what an operator decides about the HTTP side.
type Config struct {
	PublicURL       *url.URL       // where people reach the server; its scheme decides about HSTS
	InsecureCookies bool           // cookies over plain HTTP, for loopback only
	TrustedProxies  []netip.Prefix // whose X-Forwarded-For is believed
	RequestTimeout  time.Duration  // for one API request, upstream calls included
	MaxBody         int64          // bytes
	AllowedOrigins  []string       // whose pages may use the API in a browser, as browsers write them
	ServerTiming    bool           // tell browsers how long each answer took
	CheckResponses  ResponseCheck  // what happens to answers that are off the contract
}

// MockConfig is what somebody decides who runs a mock server.
type MockConfig struct {
	HTTP          Config
	Delay         time.Duration // before each answer of the API, unless a client prefers another
	LoopbackPages bool          // pages of this machine may call it from a browser
}

type (
	// Probes answers load balancers and supervisors.
	Probes = probes.Probes
	// Probe reports whether a dependency is ready.
	Probe = probes.Probe
	// Metrics counts what the server does.
	Metrics = metrics.Metrics
	// ResponseCheck says what happens to a response that violates the contract.
	ResponseCheck = buffer.ResponseCheck
)

// The checks of responses. The zero value is CheckOff.
const (
	CheckOff  = buffer.CheckOff
	CheckLog  = buffer.CheckLog
	CheckFail = buffer.CheckFail
)

// MaxWait is the longest that a client can make the mock server wait.
const MaxWait = mockserver.MaxWait

// NewMetrics returns Metrics with the collectors of the Go runtime and of more.
func NewMetrics(more ...prometheus.Collector) *Metrics { return metrics.New(more...) }

// Loopback reports whether a host, without its port, is this machine and nobody else
// can mean it: localhost or a loopback address.
func Loopback(host string) bool { return mockserver.Loopback(host) }

// UseCases is every port that the API calls.
type UseCases struct {
	Sessions    ports.Sessions
	Accounts    ports.Accounts
	Batches     ports.Batches
	BatchStaff  ports.BatchStaff
	Students    ports.Students
	Connections ports.Connections
	Tracking    ports.Tracking
	Insights    ports.Insights
	AuditLog    ports.AuditLog
	Repeats     ports.Idempotency
}

// handlers is every operation of the API: one embedded struct per tag, each of
// which holds the driving ports it calls.
type handlers struct {
	accountsHandlers
	batchesHandlers
	studentsHandlers
	trackingHandlers
	insightsHandlers
	auditlogHandlers
}

var _ api.StrictServerInterface = handlers{}

// actor returns who calls. The context ends here: use cases take an Actor.
func actor(ctx context.Context) domain.Actor { return exchange.Of(ctx).Actor }

// New returns everything that the server answers: the API below /api/v1, its
// documents, and the probes.
func New(cfg Config, u UseCases, p Probes, m *Metrics, now ports.Clock, newID ports.NewID, log *slog.Logger) (http.Handler, error) {
	doc, err := spec.Load()
	if err != nil {
		return nil, err
	}
	s := newServer(doc, cfg, p, m, now, newID, log)
	return s.handler(s.router(u))
}

// NewMock returns a server that answers every operation of the contract with its
// examples. All layers but the last are the real server's: what it refuses, the mock
// refuses in the same words. It keeps no state, and any credential is good.
func NewMock(cfg MockConfig, now ports.Clock, newID ports.NewID, log *slog.Logger) (http.Handler, error) {
	doc, err := spec.Load()
	if err != nil {
		return nil, err
	}
	s := newServer(doc, cfg.HTTP, Probes{Draining: &atomic.Bool{}}, NewMetrics(), now, newID, log)
	h, err := s.handler(s.mockRouter())
	if err != nil {
		return nil, fmt.Errorf("set up the mock: %w", err)
	}
	h = mockserver.Slow(h, cfg.Delay)
	if cfg.LoopbackPages {
		h = mockserver.ForLoopbackPages(h, cfg.HTTP.PublicURL, doc)
	}
	return h, nil
}

// server is what the real server and the mock share: every layer but the operations, so
// that the two cannot disagree.
type server struct {
	doc      *openapi3.T
	ops      spec.Operations
	cfg      Config
	cookies  session.Cookies
	problems problem.Writer
	probes   Probes
	metrics  *Metrics
	now      ports.Clock
	newID    ports.NewID
	log      *slog.Logger
}

func newServer(doc *openapi3.T, cfg Config, p Probes, m *Metrics, now ports.Clock, newID ports.NewID, log *slog.Logger) server {
	return server{
		doc: doc, ops: spec.NewOperations(doc), cfg: cfg, cookies: session.Cookies{Insecure: cfg.InsecureCookies},
		problems: problem.Writer{Now: now}, probes: p, metrics: m, now: now, newID: newID, log: log,
	}
}

// router returns the routes of the real server.
func (s server) router(u UseCases) *echo.Echo {
	e := s.emptyRouter(u.Sessions)
	e.Use(idempotency.Middleware(u.Repeats, s.ops))
	api.RegisterHandlersWithBaseURL(e, api.NewStrictHandler(handlers{
		accountsHandlers{u.Sessions, u.Accounts, s.cookies, s.now},
		batchesHandlers{u.Batches, u.BatchStaff, s.now},
		studentsHandlers{u.Students},
		trackingHandlers{u.Connections, u.Tracking},
		insightsHandlers{u.Insights},
		auditlogHandlers{u.AuditLog},
	}, nil), spec.BasePath)
	return e
}

// mockRouter returns the routes of the mock server.
func (s server) mockRouter() *echo.Echo {
	e := s.emptyRouter(mockserver.Anybody{})
	mockserver.Register(e, s.doc, s.cookies)
	return e
}

// emptyRouter returns a router with the layers that requests to operations pass, and
// with what lies beside the API.
func (s server) emptyRouter(sessions ports.Sessions) *echo.Echo {
	e := router.New(s.problems)
	e.Use(session.Middleware(sessions, s.cookies, s.ops), validate.New(s.ops, s.cfg.MaxBody).Middleware)
	docs.Register(e, s.doc, s.cfg.PublicURL)
	s.probes.Register(e)
	return e
}

// handler puts the layers that all requests pass around a router.
func (s server) handler(routes http.Handler) (http.Handler, error) {
	origins, err := cors.New(s.cfg.PublicURL, s.cfg.AllowedOrigins, s.cookies.Name())
	if err != nil {
		return nil, err
	}
	admit := func(r *http.Request) error {
		if err := validate.URL(r); err != nil {
			return err
		}
		return origins.CheckWrite(r)
	}
	buffered, err := buffer.New(s.cfg.CheckResponses, admit, routes, s.problems, s.log)
	if err != nil {
		return nil, err
	}
	compressed, err := compress.Responses(buffered)
	if err != nil {
		return nil, err
	}
	outermost := edge.New(edge.Config{
		PublicURL: s.cfg.PublicURL, TrustedProxies: s.cfg.TrustedProxies, RequestTimeout: s.cfg.RequestTimeout, ServerTiming: s.cfg.ServerTiming,
	}, origins.Share(compressed), s.metrics, s.now, s.newID, s.log)
	return deprecation.Announce(outermost, s.doc, s.metrics.Deprecated)
}
