// Package metrics counts what the server does.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts what the server does. Its handler belongs on a listener of its
// own, which the internet cannot reach.
type Metrics struct {
	Deprecated *prometheus.CounterVec // requests for deprecated operations, by operation and client

	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

// New returns Metrics with the collectors of the Go runtime and of more.
func New(more ...prometheus.Collector) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "gradus_http_request_duration_seconds",
			Help:    "Time to answer a request, by method, route and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"method", "route", "status"}),
		Deprecated: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gradus_http_deprecated_requests_total",
			Help: "Requests for operations that are deprecated, by operation and client.",
		}, []string{"operation", "client"}),
	}
	m.registry.MustRegister(m.requests, m.Deprecated, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(more...)
	return m
}

// Handler serves the metrics in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Observe counts one response.
func (m *Metrics) Observe(method, route string, status int, took time.Duration) {
	if !knownMethods[method] {
		method = "other" // a label per made-up method would fill the memory
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

var knownMethods = map[string]bool{
	http.MethodGet: true, http.MethodHead: true, http.MethodPost: true, http.MethodPut: true,
	http.MethodPatch: true, http.MethodDelete: true, http.MethodOptions: true,
}
