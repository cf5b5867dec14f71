package tracking

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Coverage implements ports.Tracking.
func (s *Service) Coverage(ctx context.Context, actor domain.Actor, user domain.UserID, q domain.DayQuery) (domain.StudentCoverage, error) {
	return s.ledger(ctx, actor, user, q, false)
}
