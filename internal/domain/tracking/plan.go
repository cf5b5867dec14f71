package tracking

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// planPage is how many people are planned for in one unit of work.
const planPage = 500

// Plan enqueues the syncs that are due, as promised by ports.Syncer. A page is
// enqueued and noted in one unit of work: a planner that dies in between has either
// planned a person's night or not.
func (s *Syncer) Plan(ctx context.Context, actor domain.Actor) (int, error) {
	if err := actor.May(domain.ActTrackingRecord, domain.Subject{}); err != nil {
		return 0, err
	}
	now, total := s.now(), 0
	var after domain.UserID
	for {
		page, err := s.plans.ListSyncCandidates(ctx, now, after, planPage)
		if err != nil {
			return total, fmt.Errorf("list connected: %w", err)
		}
		var planned []domain.PlannedSync
		for _, due := range page {
			after = due.User
			if p, ok := due.Plan(now); ok {
				p.Spread()
				planned = append(planned, p)
			}
		}
		enqueued, err := s.enqueue(ctx, actor, planned)
		if err != nil {
			return total, err
		}
		total += enqueued
		if len(page) < planPage {
			return total, nil
		}
	}
}

func (s *Syncer) enqueue(ctx context.Context, actor domain.Actor, planned []domain.PlannedSync) (enqueued int, err error) {
	if len(planned) == 0 {
		return 0, nil
	}
	err = s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		n, err := s.jobs.EnqueueSyncs(ctx, planned)
		if err != nil {
			return domain.NoChange, fmt.Errorf("enqueue syncs: %w", err)
		}
		if err := s.plans.RecordPlanned(ctx, planned); err != nil {
			return domain.NoChange, fmt.Errorf("note plans: %w", err)
		}
		enqueued = n
		return domain.NoChange, nil
	})
	return enqueued, err
}
