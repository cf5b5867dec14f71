package jobs

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river/rivertype"
	"github.com/riverqueue/rivercontrib/otelriver"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
)

// Metrics measures the queue: how many jobs were enqueued and run, with which result, and how
// long they took. It is a Prometheus collector.
type Metrics struct {
	*prometheus.Registry
	plugin rivertype.Plugin
	mails  *prometheus.CounterVec
}

// durations are the buckets of histograms, in seconds. Those of OpenTelemetry are for
// milliseconds.
var durations = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

// NewMetrics returns Metrics without a job.
func NewMetrics() (*Metrics, error) {
	m := &Metrics{Registry: prometheus.NewRegistry(), mails: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gradus_mails_total",
		Help: "Attempts to send mails, by kind of mail and result.",
	}, []string{"kind", "result"})}
	if err := m.Register(m.mails); err != nil {
		return nil, fmt.Errorf("set up the metrics of mails: %w", err)
	}
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(m.Registry), otelprometheus.WithoutScopeInfo(), otelprometheus.WithoutTargetInfo())
	if err != nil {
		return nil, fmt.Errorf("set up the metrics of jobs: %w", err)
	}
	m.plugin = otelriver.NewMiddleware(&otelriver.MiddlewareConfig{MeterProvider: metric.NewMeterProvider(
		metric.WithReader(exporter),
		metric.WithView(
			metric.NewView(metric.Instrument{Name: "river.*", Unit: "s", Kind: metric.InstrumentKindHistogram},
				metric.Stream{Aggregation: metric.AggregationExplicitBucketHistogram{Boundaries: durations}}),
			// The last duration alone says nothing that the histogram does not.
			metric.NewView(metric.Instrument{Name: "river.*", Kind: metric.InstrumentKindGauge}, metric.Stream{Aggregation: metric.AggregationDrop{}}),
		),
	)})
	return m, nil
}
