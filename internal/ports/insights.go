package ports

import (
	"context"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=insights.go -destination=mock/insights.go -package=mock

// Insights is a driving interface: statistics of the school.
type Insights interface {
	// Dashboard returns the current statistics of the school.
	// Errors: ErrForbidden.
	Dashboard(ctx context.Context, actor domain.Actor) (domain.Dashboard, error)
}

// DashboardStore is a driven interface: the read model of the dashboard.
type DashboardStore interface {
	// Dashboard returns the statistics at now in one round trip.
	// Errors: none.
	Dashboard(ctx context.Context, now time.Time) (domain.Dashboard, error)
}
