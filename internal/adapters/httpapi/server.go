// Package httpapi serves the API of api/openapi.yaml. It is the only package that
// knows about echo, generated request types and status codes.
package httpapi

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/api"
	"github.com/gradus-dev/gradus/internal/ports"
)

// basePath is where the API lives; everything else is for operators and readers.
const basePath = "/api/v1"

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
	Repeats     ports.Repeats
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

// New returns everything that the server answers: the API below /api/v1, its
// documents, and the probes.
func New(cfg Config, u UseCases, probes Probes, m *Metrics, now ports.Clock, newID ports.NewID, log *slog.Logger) (http.Handler, error) {
	spec, err := contract()
	if err != nil {
		return nil, err
	}
	return newFor(spec, cfg, u, probes, m, now, newID, log)
}

// newFor is New for a contract that tests may change.
func newFor(spec *openapi3.T, cfg Config, u UseCases, probes Probes, m *Metrics, now ports.Clock, newID ports.NewID, log *slog.Logger) (http.Handler, error) {
	h := handlers{
		accountsHandlers{u.Sessions, u.Accounts, cfg, now},
		batchesHandlers{u.Batches, u.BatchStaff, now},
		studentsHandlers{u.Students},
		trackingHandlers{u.Connections, u.Tracking},
		insightsHandlers{u.Insights},
		auditlogHandlers{u.AuditLog},
	}
	return assemble(spec, cfg, u.Sessions, probes, m, now, newID, log, func(e *echo.Echo, v *validator) {
		e.Use(repeater{u.Repeats}.middleware(v))
		api.RegisterHandlersWithBaseURL(e, api.NewStrictHandler(h, nil), basePath)
	})
}

// assemble puts every layer that a request passes around the operations that
// register adds. The mock server has the same layers, so that the two cannot disagree.
func assemble(spec *openapi3.T, cfg Config, sessions ports.Sessions, probes Probes, m *Metrics,
	now ports.Clock, newID ports.NewID, log *slog.Logger, register func(*echo.Echo, *validator),
) (http.Handler, error) {
	p := problems{now: now}
	e := echo.New()
	e.HTTPErrorHandler = p.handle
	v := newValidator(spec, cfg.MaxBody)
	reader := sessionReader{sessions: sessions, cookie: cookieName(cfg)}
	// e.Use and not a group's: a group turns 405 into 404.
	e.Use(oneSegment, routeName, headToo, reader.middleware(v), v.middleware)
	register(e, v)
	serveDocs(e, spec, cfg.PublicURL)
	servePages(e, spec)
	probes.register(e)
	outermost, err := newEdge(cfg, e, p, m, now, newID, log)
	if err != nil {
		return nil, err
	}
	return announceDeprecations(outermost, spec, m)
}
