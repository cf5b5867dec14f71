package tracking

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Coverage implements ports.Tracking.
func (s *Service) Coverage(ctx context.Context, actor domain.Actor, user domain.UserID, from, to *domain.Day) (domain.StudentCoverage, error) {
	return s.ledger(ctx, actor, user, domain.DayQuery{From: from, To: to}, false)
}
