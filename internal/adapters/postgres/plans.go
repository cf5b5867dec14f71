package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// PlanStore implements ports.PlanStore.
type PlanStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
}

var _ ports.PlanStore = (*PlanStore)(nil)

// NewPlanStore returns a PlanStore on pool.
func NewPlanStore(pool *pgxpool.Pool) *PlanStore {
	return &PlanStore{pool: pool, q: sqlc.New()}
}

// graceDays is how many days after the end of a batch its students are still synced:
// late heartbeats of the last days arrive by then.
const graceDays = 7

// ListSyncCandidates implements ports.PlanStore.
func (s *PlanStore) ListSyncCandidates(ctx context.Context, now time.Time, after domain.UserID, limit int) ([]domain.SyncCandidate, error) {
	rows, err := s.q.ListSyncCandidates(ctx, conn(ctx, s.pool), sqlc.ListSyncCandidatesParams{After: uuid.UUID(after), Max: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("list sync candidates: %w", err)
	}
	out := make([]domain.SyncCandidate, len(rows))
	for i, r := range rows {
		d := domain.SyncCandidate{User: domain.UserID(r.UserID), TimeZone: domain.StoredTimeZone(r.UserZone)}
		if r.PlannedNight != nil {
			d.PlannedNight = new(day(*r.PlannedNight))
		}
		if b, ok := batchCalendar(r.BatchZone, r.StartsOn, r.EndsOn, r.ArchivedAt); ok {
			d.TimeZone = b.TimeZone
			d.Active = b.Status(now) == domain.BatchActive
			// If no night was planned since the batch ended, its last days are still due.
			late := d.PlannedNight == nil || *d.PlannedNight <= b.EndsOn
			d.Ended = b.ArchivedAt != nil || b.TimeZone.Today(now) > b.EndsOn+graceDays && !late
		}
		out[i] = d
	}
	return out, nil
}

// RecordPlanned implements ports.PlanStore.
func (s *PlanStore) RecordPlanned(ctx context.Context, planned []domain.PlannedSync) error {
	var p sqlc.UpdatePlannedSyncsParams
	for _, x := range planned {
		var night time.Time // the zero time means no night
		if x.Scope == domain.SyncNightly {
			night = x.Night.Date()
		}
		p.Users, p.Ats, p.Nights = append(p.Users, uuid.UUID(x.User)), append(p.Ats, x.At), append(p.Nights, night)
	}
	return s.q.UpdatePlannedSyncs(ctx, conn(ctx, s.pool), p)
}

// batchCalendar returns a batch with only its dates and time zone. ok is false for users
// without a batch.
func batchCalendar(zone *string, startsOn, endsOn, archivedAt *time.Time) (b domain.Batch, ok bool) {
	if zone == nil || startsOn == nil || endsOn == nil {
		return domain.Batch{}, false
	}
	return domain.Batch{TimeZone: domain.StoredTimeZone(*zone), StartsOn: day(*startsOn), EndsOn: day(*endsOn), ArchivedAt: utc(archivedAt)}, true
}
