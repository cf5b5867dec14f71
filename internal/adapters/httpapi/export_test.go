package httpapi

import (
	"log/slog"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/compress"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/prefer"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/validate"
	"github.com/gradus-dev/gradus/internal/ports"
)

// CheckJSON lets the tests fuzz the check of bodies.
var CheckJSON = validate.StrictJSON

// StatusOf says with which status an error is answered.
func StatusOf(err error) int {
	status, _ := problem.Render(err, http.MethodGet)
	return status
}

// TransportCodes lists the codes that are not the domain's.
func TransportCodes() []string {
	return each(problem.TransportErrors(), func(e *problem.TransportError) string { return e.Code })
}

// NewFor is New for another contract than the embedded one.
func NewFor(doc *openapi3.T, cfg Config, u UseCases, p Probes, m *Metrics, now ports.Clock, newID ports.NewID, log *slog.Logger) (http.Handler, error) {
	s := newServer(doc, cfg, p, m, now, newID, log)
	return s.handler(s.router(u))
}

// Around puts the layers of the server around routes of a test's own.
func Around(routes http.Handler, cfg Config, m *Metrics, now ports.Clock, newID ports.NewID, log *slog.Logger) (http.Handler, error) {
	doc, err := spec.Load()
	if err != nil {
		return nil, err
	}
	return newServer(doc, cfg, Probes{}, m, now, newID, log).handler(routes)
}

// Routes lists what the server answers, as "METHOD /path".
func Routes(cfg Config) ([]string, error) {
	doc, err := spec.Load()
	if err != nil {
		return nil, err
	}
	e := newServer(doc, cfg, Probes{}, NewMetrics(), nil, nil, nil).router(UseCases{})
	return each(e.Routes(), func(r *echo.Route) string { return r.Method + " " + r.Path }), nil
}

// Break notes an error as the handler of errors does when an answer has begun.
func Break(r *http.Request, err error) { exchange.Of(r.Context()).Err = err }

// ParsePrefer reads Prefer headers into "name=value" texts.
func ParsePrefer(headers ...string) ([]string, bool) {
	wishes, ok := prefer.Parse(headers)
	return each(wishes, func(p prefer.Preference) string { return p.Name + "=" + p.Value }), ok
}

// Compress lets the tests pack answers that no operation gives.
var Compress = compress.Responses
