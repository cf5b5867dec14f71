package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// DayStore implements ports.DayStore.
type DayStore struct {
	pool   *pgxpool.Pool
	q      *sqlc.Queries
	now    ports.Clock
	labels labelCache
}

var _ ports.DayStore = (*DayStore)(nil)

// NewDayStore returns a DayStore on pool.
func NewDayStore(pool *pgxpool.Pool, now ports.Clock) *DayStore {
	return &DayStore{pool: pool, q: sqlc.New(), now: now}
}

// TrackedUser implements ports.DayStore.
func (s *DayStore) TrackedUser(ctx context.Context, user domain.UserID, now time.Time) (domain.TrackedUser, error) {
	r, err := s.q.GetTrackedUser(ctx, conn(ctx, s.pool), uuid.UUID(user))
	if err != nil {
		return domain.TrackedUser{}, notFound(err, domain.ErrUserNotFound)
	}
	return trackedUser(r, now), nil
}

// AddNames implements ports.DayStore.
func (s *DayStore) AddNames(ctx context.Context, rows []domain.DailySummary) error {
	return s.resolveLabels(ctx, conn(ctx, s.pool), labelsOf(rows))
}

// SaveDays implements ports.DayStore. One statement writes all days, after the labels they
// refer to.
func (s *DayStore) SaveDays(ctx context.Context, user domain.UserID, rows []domain.DailySummary, now time.Time) error {
	if len(rows) == 0 {
		return nil
	}
	db := conn(ctx, s.pool)
	rows = lastOfEachDay(rows)
	labels := labelsOf(rows)
	if err := s.resolveLabels(ctx, db, labels); err != nil {
		return err
	}
	p := upsertParams(rows, labels)
	p.UserID, p.Now = uuid.UUID(user), now
	if err := s.q.UpsertDays(ctx, db, p); err != nil {
		return fmt.Errorf("upsert days: %w", err)
	}
	return nil
}

// resolveLabels fills in the IDs of labels. It reads before it inserts, so that the usual
// case, in which no label is new, neither writes nor consumes IDs. It reads again after
// the insert, because another transaction may have inserted the same labels.
func (s *DayStore) resolveLabels(ctx context.Context, db querier, labels map[label]int32) error {
	if err := s.findLabels(ctx, db, labels); err != nil {
		return err
	}
	missing := unresolved(labels)
	if len(missing.Names) == 0 {
		return nil
	}
	if err := s.q.InsertLabels(ctx, db, sqlc.InsertLabelsParams(missing)); err != nil {
		return fmt.Errorf("insert labels: %w", err)
	}
	return s.findLabels(ctx, db, labels)
}

func (s *DayStore) findLabels(ctx context.Context, db querier, labels map[label]int32) error {
	rows, err := s.q.ListLabels(ctx, db, unresolved(labels))
	if err != nil {
		return fmt.Errorf("list labels: %w", err)
	}
	now := s.now()
	for _, r := range rows {
		l := label{r.Kind, r.Name}
		labels[l] = r.ID
		s.labels.add(r.ID, l, now)
	}
	return nil
}

// ListDayStates implements ports.DayStore.
func (s *DayStore) ListDayStates(ctx context.Context, user domain.UserID, r domain.DayRange, zone domain.TimeZone) ([]domain.DailySummary, error) {
	rows, err := s.q.ListDayStates(ctx, conn(ctx, s.pool), sqlc.ListDayStatesParams{
		UserID: uuid.UUID(user), FromDay: r.From.Date(), ToDay: r.To.Date(), Zone: string(zone),
	})
	if err != nil {
		return nil, fmt.Errorf("list states of days: %w", err)
	}
	out := make([]domain.DailySummary, len(rows))
	for i, d := range rows {
		out[i] = domain.DailySummary{
			Day: day(d.Day), State: domain.DayState(d.State), Seconds: intOrNil(d.Seconds),
			Account: domain.AccountRef(d.AccountRef), Reason: domain.Reason(d.Reason), TimeZone: d.Zone,
		}
		if d.Settled {
			out[i].TimeZone = string(zone)
		}
	}
	return out, nil
}

// lastOfEachDay sorts rows by day and keeps the last row of each day: a statement cannot
// write one row twice.
func lastOfEachDay(rows []domain.DailySummary) []domain.DailySummary {
	rows = slices.Clone(rows)
	slices.Reverse(rows)
	slices.SortStableFunc(rows, func(a, b domain.DailySummary) int { return int(a.Day - b.Day) })
	return slices.CompactFunc(rows, func(a, b domain.DailySummary) bool { return a.Day == b.Day })
}
