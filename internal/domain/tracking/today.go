package tracking

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Today implements ports.Tracking.
func (s *Service) Today(ctx context.Context, actor domain.Actor) (domain.StudentCoverage, error) {
	t, err := s.tracked(ctx, actor, actor.UserID)
	if err != nil {
		return domain.StudentCoverage{}, err
	}
	today := t.TimeZone.Today(s.now())
	return s.listDays(ctx, t, domain.DayRange{From: today, To: today}, true)
}
