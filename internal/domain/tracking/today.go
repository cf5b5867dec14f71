package tracking

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Today implements ports.Tracking.
func (s *Service) Today(ctx context.Context, actor domain.Actor) (domain.StudentCoverage, error) {
	now := s.now()
	utc := domain.UTC.Today(now)
	t, rows, err := s.days.Ledger(ctx, actor.UserID, domain.DayRange{From: utc - 1, To: utc + 1}, now, true)
	if err := mayRead(actor, subject(t), err); err != nil {
		return domain.StudentCoverage{}, err
	}
	return t.Ledger(domain.DayRange{From: t.Today, To: t.Today}, rows), nil
}
