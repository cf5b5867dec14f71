package tracking

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Planner implements ports.Planner.
type Planner struct {
	uow   ports.UnitOfWork
	plans ports.PlanStore
	jobs  ports.SyncJobs
	now   ports.Clock
}

var _ ports.Planner = (*Planner)(nil)

// NewPlanner returns a Planner.
func NewPlanner(uow ports.UnitOfWork, plans ports.PlanStore, jobs ports.SyncJobs, now ports.Clock) *Planner {
	return &Planner{uow: uow, plans: plans, jobs: jobs, now: now}
}

// planPage is how many users are planned in one unit of work.
const planPage = 500

// Plan implements ports.Planner. It enqueues and records a page in one unit of work, so
// that a crash leaves each user's night either planned or not.
func (p *Planner) Plan(ctx context.Context, actor domain.Actor) (int, error) {
	if err := actor.May(domain.ActTrackingRecord, domain.Subject{}); err != nil {
		return 0, err
	}
	now, total := p.now(), 0
	var after domain.UserID
	for {
		page, err := p.plans.ListSyncCandidates(ctx, now, after, planPage)
		if err != nil {
			return total, fmt.Errorf("list sync candidates: %w", err)
		}
		var planned []domain.PlannedSync
		for _, candidate := range page {
			after = candidate.User
			if s, ok := candidate.Plan(now); ok {
				s.Spread()
				planned = append(planned, s)
			}
		}
		enqueued, err := p.enqueue(ctx, actor, planned)
		if err != nil {
			return total, err
		}
		total += enqueued
		if len(page) < planPage {
			return total, nil
		}
	}
}

func (p *Planner) enqueue(ctx context.Context, actor domain.Actor, planned []domain.PlannedSync) (enqueued int, err error) {
	if len(planned) == 0 {
		return 0, nil
	}
	err = p.uow.Do(ctx, actor, ports.Locks{}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		n, err := p.jobs.EnqueueSyncs(ctx, planned)
		if err != nil {
			return domain.NoChange, fmt.Errorf("enqueue syncs: %w", err)
		}
		if err := p.plans.RecordPlanned(ctx, planned); err != nil {
			return domain.NoChange, fmt.Errorf("record planned syncs: %w", err)
		}
		enqueued = n
		return domain.NoChange, nil
	})
	return enqueued, err
}
