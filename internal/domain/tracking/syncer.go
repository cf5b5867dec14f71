package tracking

import "github.com/gradus-dev/gradus/internal/ports"

// Syncer implements ports.Syncer: what background jobs do.
type Syncer struct {
	uow         ports.UnitOfWork
	connections ports.ConnectionStore
	plans       ports.PlanStore
	days        ports.DayStore
	jobs        ports.SyncJobs
	wakatime    ports.WakaTime
	now         ports.Clock
}

var _ ports.Syncer = (*Syncer)(nil)

// NewSyncer returns a Syncer.
func NewSyncer(
	uow ports.UnitOfWork, connections ports.ConnectionStore, plans ports.PlanStore, days ports.DayStore,
	jobs ports.SyncJobs, wakatime ports.WakaTime, now ports.Clock,
) *Syncer {
	return &Syncer{uow: uow, connections: connections, plans: plans, days: days, jobs: jobs, wakatime: wakatime, now: now}
}
