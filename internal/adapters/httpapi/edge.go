package httpapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/ports"
)

const (
	maxURL        = 8 << 10 // bytes
	statusGone    = 499     // the client went away; only in logs and metrics
	routeNotFound = "unmatched"
)

// exchange is what the layers of one request tell each other: the edge makes it,
// inner layers fill it, and the edge logs it.
type exchange struct {
	requestID string
	address   string
	userAgent string
	route     string // the path as the router writes it
	user      string
	code      string // of the problem, if there was one
	err       error  // what is to be logged in full
}

type exchangeKey struct{}

// of returns the exchange of a request; the edge puts one into every context.
func of(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// edge is the outermost layer: what holds for every answer, errors included.
type edge struct {
	cfg      Config
	inner    http.Handler // the router, for tests that look at its routes
	layers   http.Handler // what lies between: sharing, packing, and the answers themselves
	metrics  *Metrics
	crossing *http.CrossOriginProtection
	address  echo.IPExtractor
	now      ports.Clock
	newID    ports.NewID
	log      *slog.Logger
}

func newEdge(cfg Config, inner http.Handler, p problems, m *Metrics, now ports.Clock, newID ports.NewID, log *slog.Logger) (http.Handler, error) {
	crossing := http.NewCrossOriginProtection()
	if err := crossing.AddTrustedOrigin(cfg.PublicURL.Scheme + "://" + cfg.PublicURL.Host); err != nil {
		return nil, fmt.Errorf("public URL: %w", err)
	}
	e := &edge{cfg: cfg, inner: inner, metrics: m, crossing: crossing, address: addressOf(cfg), now: now, newID: newID, log: log}
	answers, err := newAnswerer(cfg.CheckResponses, e.admit, inner, p, log)
	if err != nil {
		return nil, err
	}
	packed, err := compress(answers)
	if err != nil {
		return nil, err
	}
	e.layers = e.share(packed)
	return e, nil
}

// addressOf returns how to find a client's address: X-Forwarded-For counts only as
// far as trusted proxies wrote it.
func addressOf(cfg Config) echo.IPExtractor {
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range cfg.TrustedProxies {
		trust = append(trust, echo.TrustIPRange(&net.IPNet{
			IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// ServeHTTP answers one request.
func (e *edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := e.now()
	x := &exchange{requestID: uuid.UUID(e.newID()).String(), address: e.address(r), userAgent: r.UserAgent(), route: routeNotFound}
	ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), exchangeKey{}, x), e.cfg.RequestTimeout)
	defer cancel()
	r = r.WithContext(ctx)
	rec := &recorder{ResponseWriter: w}
	if e.cfg.ServerTiming {
		rec.before = func(h http.Header) { h.Set("Server-Timing", serverTiming(e.now().Sub(begun))) }
	}
	e.setHeaders(rec.Header(), r, x)
	inner := r.WithContext(ctx) // a copy, so that the log shows the request as it came
	if r.Method == http.MethodHead {
		inner.Method = http.MethodGet // net/http leaves the body out
	}
	e.layers.ServeHTTP(rec, inner)
	e.finish(r, rec, x, e.now().Sub(begun))
}

// serverTiming tells the developer tools of a browser how long an answer took.
func serverTiming(took time.Duration) string {
	return "total;dur=" + strconv.FormatFloat(float64(took.Microseconds())/1000, 'f', -1, 64)
}

// admit refuses what no layer below should have to think of.
func (e *edge) admit(r *http.Request) error {
	switch {
	case len(r.RequestURI) > maxURL:
		return errURITooLong
	case !clean(r.URL.Path):
		return errMalformed.With("The path holds bytes that are no text.")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return errMalformed.With("The query string cannot be read: a percent sign or a semicolon is out of place.")
	}
	for name, values := range query {
		if !clean(name) || !clean(strings.Join(values, "")) {
			return errMalformed.With("The query string holds bytes that are no text.")
		}
		if credentialNames[strings.ToLower(name)] {
			return errMalformed.With("A credential in the address ends up in logs. Send it as \"Authorization: Bearer …\".")
		}
	}
	return e.crossOrigin(r)
}

// credentialNames are query parameters that people send tokens in.
var credentialNames = map[string]bool{"access_token": true, "token": true, "api_key": true, "apikey": true, "session": true, "bearer": true, "password": true}

func (e *edge) setHeaders(h http.Header, r *http.Request, x *exchange) {
	h.Set(echo.HeaderXRequestID, x.requestID)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if inAPI(r) {
		h.Set("Cache-Control", "no-store")
	}
	if e.cfg.PublicURL.Scheme == "https" {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// finish writes the one log line of a request. The query is not in it: people put
// names and addresses there.
func (e *edge) finish(r *http.Request, w *recorder, x *exchange, took time.Duration) {
	status := cmp.Or(w.status, http.StatusOK)
	failure := cmp.Or(x.err, w.err)
	level := slog.LevelInfo
	switch {
	case failure != nil && errors.Is(r.Context().Err(), context.Canceled):
		status = statusGone
	case status >= http.StatusInternalServerError:
		level = slog.LevelError
	}
	e.metrics.observe(r.Method, x.route, status, took)
	attrs := []slog.Attr{
		slog.String("method", clip(r.Method, 16)),
		slog.String("path", clip(r.URL.Path, 256)),
		slog.String("route", x.route),
		slog.Int("status", status),
		slog.Duration("took", took),
		slog.Int64("bytes", w.bytes),
		slog.String("request_id", x.requestID),
		slog.String("address", x.address),
	}
	if x.user != "" {
		attrs = append(attrs, slog.String("user_id", x.user))
	}
	if x.code != "" {
		attrs = append(attrs, slog.String("code", x.code))
	}
	if failure != nil {
		attrs = append(attrs, slog.String("err", failure.Error()))
	}
	e.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter

	before func(http.Header) // sees the headers last; may be nil
	status int
	bytes  int64
	err    error // why the body did not arrive whole
}

// WriteHeader notes the status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && w.before != nil {
		w.before(w.Header())
	}
	w.status = cmp.Or(w.status, status)
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the size.
func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	w.err = cmp.Or(w.err, err)
	return n, err
}

// clean reports whether s is text without NUL.
func clean(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// oneSegment refuses what the router takes for a parameter and is none: it lets the last
// parameter of a path run across slashes.
func oneSegment(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if slices.ContainsFunc(c.ParamValues(), func(v string) bool { return strings.Contains(v, "/") }) {
			return errNotFound
		}
		return next(c)
	}
}

// headToo adds HEAD to Allow: the edge answers it wherever there is GET, and the router
// does not know.
func headToo(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		c.Response().Before(func() {
			if allow := h.Get(echo.HeaderAllow); strings.Contains(allow, http.MethodGet) {
				h.Set(echo.HeaderAllow, strings.Replace(allow, http.MethodGet, "GET, HEAD", 1))
			}
		})
		return next(c)
	}
}

// routeName notes the matched route for the log and the metrics.
func routeName(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if p := c.Path(); p != "" {
			of(c.Request().Context()).route = p
		}
		return next(c)
	}
}
