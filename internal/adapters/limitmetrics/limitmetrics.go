// Package limitmetrics counts the decisions of a rate limiter.
package limitmetrics

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Limiter is a ports.RateLimiter that counts the decisions of another one. It is a Prometheus
// collector.
type Limiter struct {
	next      ports.RateLimiter
	decisions *prometheus.CounterVec
	all       []prometheus.Collector
}

var _ ports.RateLimiter = (*Limiter)(nil)

// New returns a Limiter that counts the decisions of next. It also collects more.
func New(next ports.RateLimiter, more ...prometheus.Collector) *Limiter {
	decisions := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gradus_rate_limit_decisions_total",
		Help: "Decisions about requests and guesses, by limit and outcome.",
	}, []string{"limit", "outcome"})
	return &Limiter{next: next, decisions: decisions, all: append(more, decisions)}
}

// Describe implements prometheus.Collector.
func (l *Limiter) Describe(descriptions chan<- *prometheus.Desc) {
	for _, c := range l.all {
		c.Describe(descriptions)
	}
}

// Collect implements prometheus.Collector.
func (l *Limiter) Collect(metrics chan<- prometheus.Metric) {
	for _, c := range l.all {
		c.Collect(metrics)
	}
}

// Take implements ports.RateLimiter. Limits are few: their names are labels.
func (l *Limiter) Take(ctx context.Context, limit domain.RateLimit, key string) domain.Quota {
	quota := l.next.Take(ctx, limit, key)
	outcome := "allowed"
	if !quota.Allowed {
		outcome = "limited"
	}
	l.decisions.WithLabelValues(limit.Name, outcome).Inc()
	return quota
}

// Return implements ports.RateLimiter.
func (l *Limiter) Return(ctx context.Context, limit domain.RateLimit, key string) {
	l.next.Return(ctx, limit, key)
	l.decisions.WithLabelValues(limit.Name, "returned").Inc()
}
