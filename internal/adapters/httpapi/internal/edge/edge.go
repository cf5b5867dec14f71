// Package edge is the outermost layer of the server: request IDs, timeouts, security
// headers, metrics, and the request log.
package edge

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/metrics"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/problem"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const (
	statusGone    = 499 // the client disconnected; only in logs and metrics
	routeNotFound = "unmatched"
)

// Config holds the settings of the edge.
type Config struct {
	PublicURL      *url.URL       // of the server; HSTS is sent if its scheme is https
	Prefix         string         // of the server's paths, as clients see them
	TrustedProxies []netip.Prefix // whose headers with addresses are trusted
	AddressHeader  string         // with the address; default: X-Forwarded-For, or else Forwarded
	RequestTimeout time.Duration  // of one request, including upstream calls
	ServerTiming   bool           // send the duration of each request to browsers
}

// handler is the outermost layer.
type handler struct {
	cfg      Config
	next     http.Handler
	metrics  *metrics.Metrics
	security ports.SecurityLog
	address  addressReader
	now      ports.Clock
	newID    ports.NewID
	log      *slog.Logger
}

// New returns next with the edge around it.
func New(cfg Config, next http.Handler, m *metrics.Metrics, security ports.SecurityLog, now ports.Clock, newID ports.NewID, log *slog.Logger) http.Handler {
	return &handler{cfg: cfg, next: next, metrics: m, security: security, address: addressReader{cfg.TrustedProxies, cfg.AddressHeader}, now: now, newID: newID, log: log}
}

// ServeHTTP serves one request and logs it.
func (e *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := e.now()
	x := &exchange.Exchange{RequestID: e.requestID(r), TraceID: traceID(r), Address: e.address.of(r), UserAgent: r.UserAgent(), Route: routeNotFound, Prefix: e.cfg.Prefix}
	ctx, cancel := context.WithTimeout(exchange.With(r.Context(), x), e.cfg.RequestTimeout)
	defer cancel()
	rec := &exchange.Recorder{ResponseWriter: w}
	if e.cfg.ServerTiming {
		rec.Before = func(h http.Header) { h.Set("Server-Timing", serverTiming(e.now().Sub(start))) }
	}
	e.setHeaders(w.Header(), r, x)
	inner := r.WithContext(ctx) // a copy, so that the log shows the original method
	if r.Method == http.MethodHead {
		inner.Method = http.MethodGet // net/http omits the body
	}
	e.next.ServeHTTP(rec, inner)
	e.finish(ctx, r, rec, x, e.now().Sub(start))
}

// serverTiming formats a duration for the developer tools of browsers.
func serverTiming(took time.Duration) string {
	return "total;dur=" + strconv.FormatFloat(milliseconds(took), 'f', -1, 64)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// everywhere are the headers of all responses. The responses share their values, so layers
// replace them and never change them in place.
var everywhere = http.Header{
	"X-Content-Type-Options":       {"nosniff"},
	"Content-Security-Policy":      {"default-src 'none'; frame-ancestors 'none'"},
	"Referrer-Policy":              {"no-referrer"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Permissions-Policy":           {"camera=(), geolocation=(), microphone=()"},
}

func (e *handler) setHeaders(h http.Header, r *http.Request, x *exchange.Exchange) {
	maps.Copy(h, everywhere)
	h.Set(echo.HeaderXRequestID, x.RequestID)
	if spec.InAPI(r) {
		h.Set("Cache-Control", "no-store")
	}
	if e.cfg.PublicURL.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

const maxAttrs = 12 // of a line of the log

// finish records the metrics of a request, reports a denial, and logs it in one line. The line omits the
// query, which may contain names and email addresses. Probes that succeed are logged at the
// level debug: there is one every few seconds.
func (e *handler) finish(ctx context.Context, r *http.Request, w *exchange.Recorder, x *exchange.Exchange, took time.Duration) {
	status := cmp.Or(w.Status, http.StatusOK)
	failure := cmp.Or(x.Err, w.Err)
	level := slog.LevelInfo
	switch {
	case failure != nil && errors.Is(ctx.Err(), context.Canceled):
		status = statusGone
	case status >= http.StatusInternalServerError:
		level = slog.LevelError
	case x.Route == "/livez" || x.Route == "/readyz":
		level = slog.LevelDebug
	}
	e.metrics.Observe(r.Method, x.Route, status, took)
	if status == http.StatusForbidden {
		e.security.Record(ctx, domain.SecurityEvent{
			Kind: domain.EventAccessDenied, User: x.Actor.UserID, Device: domain.DeviceName(x.UserAgent), Reason: x.Code,
			Origin: domain.Origin{RequestID: x.RequestID, Address: x.Address},
		})
	}
	if !e.log.Enabled(ctx, level) {
		return
	}
	attrs := append(make([]slog.Attr, 0, maxAttrs),
		slog.String("method", problem.Clip(r.Method, 16)),
		slog.String("path", problem.Clip(r.URL.Path, 256)),
		slog.String("route", x.Route),
		slog.Int("status", status),
		slog.Float64("duration_ms", milliseconds(took)),
		slog.Int64("bytes", w.Bytes),
		slog.String("request_id", x.RequestID),
		slog.String("address", x.Address),
	)
	if x.TraceID != "" {
		attrs = append(attrs, slog.String("trace_id", x.TraceID))
	}
	if user := x.Actor.UserID; !user.IsZero() {
		attrs = append(attrs, slog.String("user_id", user.String()))
	}
	if x.Code != "" {
		attrs = append(attrs, slog.String("code", x.Code))
	}
	if failure != nil {
		attrs = append(attrs, slog.String("err", failure.Error()))
	}
	e.log.LogAttrs(ctx, level, "request", attrs...)
}
