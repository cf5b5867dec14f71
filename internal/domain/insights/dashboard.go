package insights

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Dashboard implements ports.Insights.
func (s *Service) Dashboard(ctx context.Context, actor domain.Actor) (domain.Dashboard, error) {
	if err := actor.May(domain.ActDashboardRead, domain.Subject{}); err != nil {
		return domain.Dashboard{}, err
	}
	return s.dashboard.Dashboard(ctx, s.now())
}
