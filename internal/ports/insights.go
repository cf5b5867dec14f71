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
	// Dashboard reads everything in one round trip. Suspended users are counted. The
	// totals of the last 7 and 30 days end today in UTC, although each user's days are
	// cut in their own time zone; the last weeks of students and batches end today in the
	// batch's time zone. JobsFailing counts jobs of every kind that wait for a retry or
	// were discarded.
	// Errors: none.
	Dashboard(ctx context.Context, now time.Time) (domain.Dashboard, error)
}
