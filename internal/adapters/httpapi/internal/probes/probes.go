// Package probes serves the liveness and readiness probes.
package probes

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
)

// timeout is shorter than the timeout of typical load balancers, so that a dependency
// that hangs is reported as failed.
const timeout = 2 * time.Second

// Probe returns an error if a dependency is not ready.
type Probe func(ctx context.Context) error

// stated is an error of a dependency whose state operators should know.
type stated interface {
	error
	State() string // shown instead of "failed"
}

// Probes tells load balancers and supervisors whether the process can serve requests.
type Probes struct {
	Ready    map[string]Probe // by the name in the response
	Draining *atomic.Bool     // set before the process stops
}

// Register serves /livez and /readyz.
func (p Probes) Register(e *echo.Echo) {
	e.GET("/livez", func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) })
	e.GET("/readyz", p.ready)
}

// ready returns 200 if all dependencies are ready, and otherwise 503 with their states. The
// errors themselves are only logged.
func (p Probes) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), timeout)
	defer cancel()
	x := exchange.Of(ctx)
	parts := map[string]string{}
	status := http.StatusOK
	for name, probe := range p.Ready {
		parts[name] = "ok"
		if err := probe(ctx); err != nil {
			parts[name], status = "failed", http.StatusServiceUnavailable
			if s, ok := errors.AsType[stated](err); ok {
				parts[name] = s.State()
			}
			x.Err = errors.Join(x.Err, fmt.Errorf("%s: %w", name, err))
		}
	}
	if p.Draining.Load() {
		parts["process"], status = "stopping", http.StatusServiceUnavailable
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(status, map[string]any{"ready": status == http.StatusOK, "parts": parts})
}
