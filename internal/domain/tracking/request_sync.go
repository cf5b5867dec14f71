package tracking

import (
	"context"
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// RequestSync implements ports.Tracking.
func (s *Service) RequestSync(ctx context.Context, actor domain.Actor, user domain.UserID, q domain.DayQuery) error {
	return s.uow.Do(ctx, actor, ports.Locks{}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		t, err := s.tracked(ctx, actor, user)
		if err != nil {
			return domain.NoChange, err
		}
		if err := actor.May(domain.ActTrackingSync, domain.Subject{User: t.User, Batch: t.Batch}); err != nil {
			return domain.NoChange, err
		}
		if t.Connection != domain.Connected {
			return domain.NoChange, domain.ErrWakaTimeNotConnected
		}
		request, err := q.SyncRequest(t.Today)
		if err != nil {
			return domain.NoChange, err
		}
		if err := s.jobs.EnqueueSync(ctx, user, request, time.Time{}); err != nil {
			return domain.NoChange, fmt.Errorf("enqueue sync: %w", err)
		}
		change := domain.Change{Action: domain.ActTrackingSync, Subject: user.String()}
		if request.Scope == domain.SyncRange {
			change.Details = map[string]any{"from": request.Days.From.String(), "to": request.Days.To.String()}
		}
		return change, nil
	})
}

// tracked returns a user whose days the actor may read.
// Errors: ErrStudentNotFound.
func (s *Service) tracked(ctx context.Context, actor domain.Actor, user domain.UserID) (domain.TrackedUser, error) {
	return findTracked(ctx, s.days, actor, user, s.now())
}

func findTracked(ctx context.Context, days ports.DayStore, actor domain.Actor, user domain.UserID, now time.Time) (domain.TrackedUser, error) {
	t, err := days.TrackedUser(ctx, user, now)
	if err := mayRead(actor, subject(t), err); err != nil {
		return domain.TrackedUser{}, err
	}
	return t, nil
}
