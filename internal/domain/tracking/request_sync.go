package tracking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// RequestSync implements ports.Tracking.
func (s *Service) RequestSync(ctx context.Context, actor domain.Actor, user domain.UserID) error {
	t, err := s.tracked(ctx, actor, user)
	if err != nil {
		return err
	}
	if err := actor.May(domain.ActTrackingSync, domain.Subject{User: t.User, Batch: t.Batch}); err != nil {
		return err
	}
	if t.Connection != domain.Connected {
		return domain.ErrWakaTimeNotConnected
	}
	return s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		if err := s.jobs.EnqueueSync(ctx, user, domain.SyncOnDemand, time.Time{}); err != nil {
			return domain.NoChange, fmt.Errorf("enqueue sync: %w", err)
		}
		return domain.Change{Action: domain.ActTrackingSync, Subject: user.String()}, nil
	})
}

// tracked returns a user whose days the actor may read.
// Errors: ErrStudentNotFound.
func (s *Service) tracked(ctx context.Context, actor domain.Actor, user domain.UserID) (domain.TrackedUser, error) {
	t, err := s.days.TrackedUser(ctx, user, s.now())
	if errors.Is(err, domain.ErrUserNotFound) {
		return domain.TrackedUser{}, domain.ErrStudentNotFound
	}
	if err != nil {
		return domain.TrackedUser{}, fmt.Errorf("find user: %w", err)
	}
	if actor.May(domain.ActTrackingRead, domain.Subject{User: t.User, Batch: t.Batch}) != nil {
		return domain.TrackedUser{}, domain.ErrStudentNotFound
	}
	return t, nil
}
