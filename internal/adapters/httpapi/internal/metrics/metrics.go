// Package metrics holds the Prometheus metrics of the HTTP side.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics measures requests. Serve its Handler on a listener of its own that is not
// reachable from the internet.
type Metrics struct {
	Deprecated *prometheus.CounterVec // requests to deprecated operations, by operation and client

	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

// New returns Metrics that also include the Go runtime and the collectors in more.
func New(more ...prometheus.Collector) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "gradus_http_request_duration_seconds",
			Help:    "Duration of requests, by method, route and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route", "status"}),
		Deprecated: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gradus_http_deprecated_requests_total",
			Help: "Requests to deprecated operations, by operation and client.",
		}, []string{"operation", "client"}),
	}
	m.registry.MustRegister(m.requests, m.Deprecated, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(more...)
	return m
}

// Handler serves the metrics in the Prometheus text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Observe records one request.
func (m *Metrics) Observe(method, route string, status int, took time.Duration) {
	if !knownMethods[method] {
		method = "other" // one label per invented method would exhaust memory
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

var knownMethods = map[string]bool{
	http.MethodGet: true, http.MethodHead: true, http.MethodPost: true, http.MethodPut: true,
	http.MethodPatch: true, http.MethodDelete: true, http.MethodOptions: true,
}
