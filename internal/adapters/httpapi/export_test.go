package httpapi

import (
	"log/slog"
	"maps"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// NewFor is New with another contract.
func NewFor(doc *openapi3.T, cfg Config, u UseCases, p Probes, m *Metrics, security ports.SecurityLog, now ports.Clock, newID ports.NewID, log *slog.Logger) (http.Handler, error) {
	s, err := newServer(doc, cfg, p, m, security, now, newID, log)
	if err != nil {
		return nil, err
	}
	routes, err := s.router(u)
	if err != nil {
		return nil, err
	}
	return s.handler(routes)
}

// Forms lists the operations with rules for forms.
func Forms() []string { return slices.Collect(maps.Keys(forms(domain.PasswordPolicy{}, nil))) }

// Routes lists the routes of the server as "METHOD /path".
func Routes(cfg Config) ([]string, error) {
	doc, err := spec.Load()
	if err != nil {
		return nil, err
	}
	s, err := newServer(doc, cfg, Probes{}, NewMetrics(), noSecurityLog{}, nil, nil, nil)
	if err != nil {
		return nil, err
	}
	routes, err := s.router(UseCases{})
	if err != nil {
		return nil, err
	}
	return each(routes.Routes(), func(r *echo.Route) string { return r.Method + " " + r.Path }), nil
}
