package tracking

import "github.com/gradus-dev/gradus/internal/ports"

// Syncer implements ports.Syncer.
type Syncer struct {
	uow         ports.UnitOfWork
	connections ports.ConnectionStore
	days        ports.DayStore
	wakatime    ports.WakaTime
	now         ports.Clock
}

var _ ports.Syncer = (*Syncer)(nil)

// NewSyncer returns a Syncer.
func NewSyncer(uow ports.UnitOfWork, connections ports.ConnectionStore, days ports.DayStore, wakatime ports.WakaTime, now ports.Clock) *Syncer {
	return &Syncer{uow: uow, connections: connections, days: days, wakatime: wakatime, now: now}
}
