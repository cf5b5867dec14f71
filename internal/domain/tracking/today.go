package tracking

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Today returns the actor's own day so far, as promised by ports.Tracking.
func (s *Service) Today(ctx context.Context, actor domain.Actor) (domain.StudentCoverage, error) {
	t, err := s.tracked(ctx, actor, actor.UserID)
	if err != nil {
		return domain.StudentCoverage{}, err
	}
	today := t.TimeZone.Today(s.now())
	return s.known(ctx, t, domain.DayRange{From: today, To: today}, true)
}
