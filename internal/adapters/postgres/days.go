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
	pool *pgxpool.Pool
	q    *sqlc.Queries
}

var _ ports.DayStore = (*DayStore)(nil)

// NewDayStore returns a DayStore on pool.
func NewDayStore(pool *pgxpool.Pool) *DayStore {
	return &DayStore{pool: pool, q: sqlc.New()}
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
	for _, r := range rows {
		labels[label{r.Kind, r.Name}] = r.ID
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

// ListDays implements ports.DayStore. One round trip: the first row carries the labels of
// all rows, and the accounts they came from.
func (s *DayStore) ListDays(ctx context.Context, user domain.UserID, r domain.DayRange, parts bool) ([]domain.DailySummary, error) {
	rows, err := s.q.ListDays(ctx, conn(ctx, s.pool), sqlc.ListDaysParams{
		UserID:    uuid.UUID(user),
		FromDay:   r.From.Date(),
		ToDay:     r.To.Date(),
		WithParts: parts,
	})
	if err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	return dailySummaries(rows)
}

// lastOfEachDay sorts rows by day and keeps the last row of each day: a statement cannot
// write one row twice.
func lastOfEachDay(rows []domain.DailySummary) []domain.DailySummary {
	rows = slices.Clone(rows)
	slices.Reverse(rows)
	slices.SortStableFunc(rows, func(a, b domain.DailySummary) int { return int(a.Day - b.Day) })
	return slices.CompactFunc(rows, func(a, b domain.DailySummary) bool { return a.Day == b.Day })
}
