package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=insights.go -destination=mock/insights.go -package=mock

// Insights is driving: the school at a glance.
type Insights interface {
	// Dashboard returns the school at a glance.
	// Errors: ErrForbidden.
	Dashboard(ctx context.Context, actor domain.Actor) (domain.Dashboard, error)
}

// DashboardStore is driven: the read model behind the dashboard.
type DashboardStore interface {
	// Dashboard reads everything in one round trip.
	// Errors: none.
	Dashboard(ctx context.Context, now time.Time) (domain.Dashboard, error)
}
