package tracking

import (
	"context"
	"errors"
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

// ledger reads the days that a query can mean in any time zone together with the user, whose
// time zone tells which it means.
func (s *Service) ledger(ctx context.Context, actor domain.Actor, user domain.UserID, q domain.DayQuery, withShares bool) (domain.StudentCoverage, error) {
	now := s.now()
	t, rows, err := s.days.Ledger(ctx, user, q.Span(now), now, withShares)
	if err := mayRead(actor, subject(t), err); err != nil {
		return domain.StudentCoverage{}, err
	}
	r, err := q.Range(t.Today)
	if err != nil {
		return domain.StudentCoverage{}, err
	}
	return t.Ledger(r, rows), nil
}

// mayRead returns why an actor may not read a user's days, given the result of reading them.
// Errors: ErrStudentNotFound.
func mayRead(actor domain.Actor, user domain.Subject, err error) error {
	switch {
	case errors.Is(err, domain.ErrUserNotFound):
		return domain.ErrStudentNotFound
	case err != nil:
		return fmt.Errorf("read user: %w", err)
	case actor.May(domain.ActTrackingRead, user) != nil:
		return domain.ErrStudentNotFound
	}
	return nil
}

// subject returns what the policy needs to know of a user.
func subject(t domain.TrackedUser) domain.Subject {
	return domain.Subject{User: t.User, Batch: t.Batch}
}
