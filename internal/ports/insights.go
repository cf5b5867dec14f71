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
	// Dashboard returns the statistics at now in one round trip. It counts suspended users
	// too. The totals of the last 7 and 30 days end with the current day in UTC, although
	// days are split in the time zones of users; the last weeks of students and batches end
	// with the current day in the batch's time zone. JobsFailing counts jobs of every kind
	// that wait for a retry or were discarded, up to 100.
	//
	// It returns 20 batches, and counts 1,000 active batches and 1,000 students of each at
	// most. Weeks are computed for 250 students: for the batches in their order, leaving out
	// those with more students on their own, until the next does not fit.
	// Errors: none.
	Dashboard(ctx context.Context, now time.Time) (domain.Dashboard, error)
}
