// Package probes answers load balancers and supervisors.
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

// probeTimeout is shorter than what balancers give a probe: a part that hangs is a
// part that failed.
const probeTimeout = 2 * time.Second

// Probe reports whether a part that requests need is ready; nil means yes.
type Probe func(ctx context.Context) error

// Probes answers the questions of load balancers and supervisors.
type Probes struct {
	Ready    map[string]Probe // by the name that is shown
	Draining *atomic.Bool     // set when the process is about to stop
}

// Register serves /livez and /readyz.
func (p Probes) Register(e *echo.Echo) {
	e.GET("/livez", func(c echo.Context) error { return c.JSON(http.StatusOK, map[string]string{"status": "ok"}) })
	e.GET("/readyz", p.ready)
}

// ready answers 200 when everything is, and 503 with the parts that are not. What
// is wrong with them is for the log, not for strangers.
func (p Probes) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), probeTimeout)
	defer cancel()
	x := exchange.Of(ctx)
	parts := map[string]string{}
	status := http.StatusOK
	for name, probe := range p.Ready {
		parts[name] = "ok"
		if err := probe(ctx); err != nil {
			parts[name], status = "failed", http.StatusServiceUnavailable
			x.Err = errors.Join(x.Err, fmt.Errorf("%s: %w", name, err))
		}
	}
	if p.Draining.Load() {
		parts["process"], status = "stopping", http.StatusServiceUnavailable
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(status, map[string]any{"ready": status == http.StatusOK, "parts": parts})
}
