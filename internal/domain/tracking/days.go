package tracking

import (
	"context"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Days implements ports.Tracking.
func (s *Service) Days(ctx context.Context, actor domain.Actor, user domain.UserID, q domain.DayQuery, changedSince time.Time) (domain.StudentCoverage, error) {
	c, err := s.ledger(ctx, actor, user, q, true)
	if err == nil && !changedSince.IsZero() {
		c.KeepChanged(changedSince)
	}
	return c, err
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
