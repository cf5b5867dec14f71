package tracking

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Days implements ports.Tracking.
func (s *Service) Days(ctx context.Context, actor domain.Actor, user domain.UserID, from, to *domain.Day) (domain.StudentCoverage, error) {
	return s.ledger(ctx, actor, user, domain.DayQuery{From: from, To: to}, true)
}

func (s *Service) ledger(ctx context.Context, actor domain.Actor, user domain.UserID, q domain.DayQuery, withShares bool) (domain.StudentCoverage, error) {
	t, err := s.tracked(ctx, actor, user)
	if err != nil {
		return domain.StudentCoverage{}, err
	}
	r, err := q.Range(t.TimeZone.Today(s.now()))
	if err != nil {
		return domain.StudentCoverage{}, err
	}
	return s.listDays(ctx, t, r, withShares)
}

func (s *Service) listDays(ctx context.Context, t domain.TrackedUser, r domain.DayRange, withShares bool) (domain.StudentCoverage, error) {
	rows, err := s.days.ListDays(ctx, t.User, r, withShares)
	if err != nil {
		return domain.StudentCoverage{}, fmt.Errorf("list days: %w", err)
	}
	return t.Ledger(r, rows), nil
}
