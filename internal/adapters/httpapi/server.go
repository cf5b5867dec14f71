package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/account"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/buffer"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/compress"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/connect"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/cors"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/deprecation"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/docs"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/edge"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/idempotency"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/limit"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/listener"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/location"
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

// Config holds the settings of the HTTP side.
type Config struct {
	PublicURL       *url.URL       // of the server; HSTS is sent if its scheme is https
	InsecureCookies bool           // allow cookies over plain HTTP, for loopback only
	TrustedProxies  []netip.Prefix // whose headers with addresses are trusted
	AddressHeader   string         // with the address of the client; default: X-Forwarded-For, or else Forwarded
	RequestTimeout  time.Duration  // of one request, including upstream calls
	MaxBody         int64          // bytes
	AllowedOrigins  []string       // may use the API from browsers; compared exactly
	ServerTiming    bool           // send the duration of each request to browsers
	Passwords       domain.PasswordPolicy
	CheckResponses  ResponseCheck // what happens to responses that violate the contract
	RateLimits      RateLimits
}

// MockConfig holds the settings of a mock server.
type MockConfig struct {
	HTTP            Config
	Delay           time.Duration // of API responses, unless a client prefers another
	LoopbackOrigins bool          // allow loopback origins to use the mock from browsers
}

type (
	// Probes tells load balancers and supervisors whether the process can serve requests.
	Probes = probes.Probes
	// Probe returns an error if a dependency is not ready.
	Probe = probes.Probe
	// Metrics measures requests.
	Metrics = metrics.Metrics
	// RateLimits changes the rate limits of the contract.
	RateLimits = limit.Config
	// ResponseCheck says what happens to an API response that violates the contract.
	ResponseCheck = buffer.ResponseCheck
)

// The zero value is CheckOff.
const (
	CheckOff  = buffer.CheckOff
	CheckLog  = buffer.CheckLog
	CheckFail = buffer.CheckFail
)

// MaxWait limits the delay that a client can request from a mock server.
const MaxWait = mockserver.MaxWait

// NewMetrics returns Metrics that also include the Go runtime and the collectors in more.
func NewMetrics(more ...prometheus.Collector) *Metrics { return metrics.New(more...) }

// IsLoopback reports whether a host, without its port, is localhost, a name below it, or a
// loopback address.
func IsLoopback(host string) bool { return mockserver.IsLoopback(host) }

// RateLimitClasses returns the names of the classes of rate limits, sorted.
func RateLimitClasses() ([]string, error) {
	doc, err := spec.Load()
	if err != nil {
		return nil, err
	}
	limits, err := spec.Limits(doc)
	return slices.Sorted(maps.Keys(limits)), err
}

// UseCases holds all ports that the API calls.
type UseCases struct {
	Sessions           ports.Sessions
	Accounts           ports.Accounts
	ActiveSessions     ports.ActiveSessions
	Confirmations      ports.Confirmations
	TwoFactor          ports.TwoFactor
	APITokens          ports.APITokens
	Batches            ports.Batches
	BatchStaff         ports.BatchStaff
	Students           ports.Students
	Connections        ports.Connections
	StudentConnections ports.StudentConnections
	Tracking           ports.Tracking
	Insights           ports.Insights
	AuditLog           ports.AuditLog
	Idempotency        ports.Idempotency
	Limiter            ports.RateLimiter
}

// handlers implements all operations of the API: one embedded struct per slice, which holds
// the ports that it calls.
type handlers struct {
	accountsHandlers
	sessionsHandlers
	confirmationsHandlers
	twoFactorHandlers
	apiTokensHandlers
	batchesHandlers
	studentsHandlers
	connectionsHandlers
	trackingHandlers
	insightsHandlers
	auditlogHandlers
}

var _ api.StrictServerInterface = handlers{}

// apiPath returns the path of a resource as clients see it, for Location.
func apiPath(ctx context.Context, path string) string {
	return exchange.Of(ctx).Prefix + spec.BasePath + path
}

// actor returns the caller. Use cases take it as an argument, not from the context.
func actor(ctx context.Context) domain.Actor { return exchange.Of(ctx).Actor }

// Handler serves all requests to the server.
type Handler struct {
	http.Handler

	answers listener.Answers
}

// On returns a listener whose connections also answer the requests that net/http rejects
// before a handler sees them, such as malformed ones.
func (h Handler) On(l net.Listener) net.Listener { return h.answers.On(l) }

// New returns the handler of the server: the API below /api/v1, its documents, and the
// probes.
func New(cfg Config, u UseCases, p Probes, m *Metrics, security ports.SecurityLog, now ports.Clock, newID ports.NewID, log *slog.Logger) (Handler, error) {
	doc, err := spec.Load()
	if err != nil {
		return Handler{}, err
	}
	s, err := newServer(doc, cfg, p, m, security, now, newID, log)
	if err != nil {
		return Handler{}, err
	}
	routes, err := s.router(u)
	if err != nil {
		return Handler{}, err
	}
	h, err := s.handler(routes)
	return Handler{h, s.answers()}, err
}

// NewMock returns the handler of a mock server, which returns the examples of the contract.
// All other layers are those of the real server, so both reject the same requests with the
// same problems. The mock has no state and accepts any credential; that of a user of the
// examples says who the caller is.
func NewMock(cfg MockConfig, now ports.Clock, newID ports.NewID, log *slog.Logger) (Handler, error) {
	doc, err := spec.Load()
	if err != nil {
		return Handler{}, err
	}
	s, err := newServer(doc, cfg.HTTP, Probes{Draining: &atomic.Bool{}}, NewMetrics(), noSecurityLog{}, now, newID, log)
	if err != nil {
		return Handler{}, err
	}
	routes, err := s.mockRouter()
	if err != nil {
		return Handler{}, fmt.Errorf("set up the mock: %w", err)
	}
	h, err := s.handler(routes)
	if err != nil {
		return Handler{}, fmt.Errorf("set up the mock: %w", err)
	}
	h = mockserver.Delay(h, cfg.Delay)
	if cfg.LoopbackOrigins {
		h = mockserver.AllowLoopback(h, cfg.HTTP.PublicURL, doc)
	}
	return Handler{h, s.answers()}, nil
}

// noSecurityLog discards events: a mock has nothing to attack.
type noSecurityLog struct{}

func (noSecurityLog) Record(context.Context, domain.SecurityEvent) {}

// server holds what the layers of the real server and of the mock are built from.
type server struct {
	doc      *openapi3.T
	ops      spec.Operations
	cfg      Config
	prefix   string // of all paths, as clients see them
	cookies  session.Cookies
	problems problem.Writer
	probes   Probes
	metrics  *Metrics
	security ports.SecurityLog
	now      ports.Clock
	newID    ports.NewID
	log      *slog.Logger
}

func newServer(doc *openapi3.T, cfg Config, p Probes, m *Metrics, security ports.SecurityLog, now ports.Clock, newID ports.NewID, log *slog.Logger) (server, error) {
	prefix, err := location.Prefix(cfg.PublicURL)
	return server{
		doc: doc, ops: spec.NewOperations(doc), cfg: cfg, prefix: prefix, cookies: session.Cookies{Insecure: cfg.InsecureCookies},
		problems: problem.Writer{Now: now}, probes: p, metrics: m, security: security, now: now, newID: newID, log: log,
	}, err
}

// router returns the routes of the real server.
func (s server) router(u UseCases) (*echo.Echo, error) {
	limits, err := limit.New(s.doc, s.ops, u.Limiter, s.security, s.cfg.RateLimits)
	if err != nil {
		return nil, fmt.Errorf("set up the rate limits: %w", err)
	}
	e := router.New(s.problems)
	e.Use(limits.ByAddress, session.Middleware(u.Sessions, u.APITokens, s.cookies, s.ops), limits.ByUser)
	s.complete(e)
	e.Use(idempotency.Middleware(u.Idempotency, s.ops))
	api.RegisterHandlersWithBaseURL(e, api.NewStrictHandler(handlers{
		accountsHandlers{u.Sessions, u.Accounts, s.cookies, s.now},
		sessionsHandlers{u.ActiveSessions},
		confirmationsHandlers{u.Confirmations},
		twoFactorHandlers{u.TwoFactor},
		apiTokensHandlers{u.APITokens},
		batchesHandlers{u.Batches, u.BatchStaff, s.now},
		studentsHandlers{u.Students},
		connectionsHandlers{u.Connections, u.StudentConnections},
		trackingHandlers{u.Tracking},
		insightsHandlers{u.Insights},
		auditlogHandlers{u.AuditLog},
	}, nil), spec.BasePath)
	return e, nil
}

// mockRouter returns the routes of the mock server, which has no rate limits.
func (s server) mockRouter() (*echo.Echo, error) {
	sessions, err := mockserver.NewSessions(s.doc)
	if err != nil {
		return nil, err
	}
	e := router.New(s.problems)
	e.Use(session.Middleware(sessions, sessions.Tokens(), s.cookies, s.ops))
	s.complete(e)
	mockserver.Register(e, s.doc, s.cookies)
	return e, nil
}

// complete adds the validator, the documents, and the probes to a router.
func (s server) complete(e *echo.Echo) {
	e.Use(validate.New(s.ops, s.cfg.MaxBody, forms(s.cfg.Passwords, s.now)).Middleware)
	docs.Register(e, s.doc, s.cfg.PublicURL, s.prefix)
	connect.Register(e, s.cfg.InsecureCookies)
	account.Register(e)
	s.probes.Register(e)
}

// handler returns a router with the layers that all requests pass, documents and probes
// included.
func (s server) handler(routes http.Handler) (http.Handler, error) {
	origins, err := cors.New(s.cfg.PublicURL, s.cfg.AllowedOrigins, s.cookies.Name())
	if err != nil {
		return nil, err
	}
	precheck := func(r *http.Request) error {
		if err := validate.URL(r); err != nil {
			return err
		}
		return origins.CheckWrite(r)
	}
	buffered, err := buffer.New(s.cfg.CheckResponses, precheck, routes, s.problems, s.log)
	if err != nil {
		return nil, err
	}
	compressed, err := compress.Responses(docs.Below(s.prefix, buffered))
	if err != nil {
		return nil, err
	}
	outermost := s.edge(origins.Headers(compressed))
	announced, err := deprecation.Announce(outermost, s.doc, s.prefix, s.metrics.Deprecated)
	if err != nil {
		return nil, err
	}
	return location.Handler(s.prefix, announced), nil
}

// edge returns next with the outermost layer around it.
func (s server) edge(next http.Handler) http.Handler {
	return edge.New(edge.Config{
		PublicURL: s.cfg.PublicURL, Prefix: s.prefix, TrustedProxies: s.cfg.TrustedProxies, AddressHeader: s.cfg.AddressHeader, RequestTimeout: s.cfg.RequestTimeout, ServerTiming: s.cfg.ServerTiming,
	}, next, s.metrics, s.security, s.now, s.newID, s.log)
}

// answers returns what requests receive that net/http rejects: their problem, with the
// headers, the metrics and the log line of any other response.
func (s server) answers() listener.Answers {
	return listener.Answers{Now: s.now, Handler: func(err error) http.Handler {
		return s.edge(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.problems.Write(w, r, err) }))
	}}
}
