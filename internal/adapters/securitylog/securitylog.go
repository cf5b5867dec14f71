// Package securitylog writes security events to the log and counts them.
package securitylog

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Log implements ports.SecurityLog. It is a Prometheus collector.
type Log struct {
	*prometheus.CounterVec
	log *slog.Logger
}

var _ ports.SecurityLog = (*Log)(nil)

// New returns a Log that writes to log.
func New(log *slog.Logger) *Log {
	return &Log{
		log: log,
		CounterVec: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gradus_security_events_total",
			Help: "Security events, by kind and reason.",
		}, []string{"kind", "reason"}),
	}
}

// Record implements ports.SecurityLog. Reasons are few: they are labels.
func (l *Log) Record(ctx context.Context, e domain.SecurityEvent) {
	l.WithLabelValues(string(e.Kind), e.Reason).Inc()
	level := slog.LevelWarn
	if e.Kind.Expected() {
		level = slog.LevelInfo
	}
	attrs := []slog.Attr{slog.String("kind", string(e.Kind))}
	for _, a := range []slog.Attr{
		slog.String("reason", e.Reason), slog.String("device", e.Device), slog.String("address", e.Origin.Address), slog.String("request_id", e.Origin.RequestID),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if !e.User.IsZero() {
		attrs = append(attrs, slog.String("user_id", e.User.String()))
	}
	l.log.LogAttrs(ctx, level, "security event", attrs...)
}
