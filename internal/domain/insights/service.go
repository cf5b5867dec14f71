// Package insights provides the dashboard of the school.
package insights

import "github.com/gradus-dev/gradus/internal/ports"

// Service implements ports.Insights.
type Service struct {
	dashboard ports.DashboardStore
	now       ports.Clock
}

var _ ports.Insights = (*Service)(nil)

// New returns a Service.
func New(dashboard ports.DashboardStore, now ports.Clock) *Service {
	return &Service{dashboard: dashboard, now: now}
}
