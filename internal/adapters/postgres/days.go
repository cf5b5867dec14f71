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

// ListMissingDays implements ports.DayStore.
func (s *DayStore) ListMissingDays(ctx context.Context, user domain.UserID, zone domain.TimeZone, r domain.DayRange) ([]domain.Day, error) {
	p := sqlc.ListMissingDaysParams{UserID: uuid.UUID(user), Zone: string(zone)}
	for d := r.From; d <= r.To; d++ {
		p.Days, p.Ends = append(p.Days, d.Date()), append(p.Ends, d.End(zone.Location()))
	}
	rows, err := s.q.ListMissingDays(ctx, conn(ctx, s.pool), p)
	if err != nil {
		return nil, fmt.Errorf("list missing days: %w", err)
	}
	out := make([]domain.Day, len(rows))
	for i, r := range rows {
		out[i] = day(r)
	}
	return out, nil
}

// ReplaceDays implements ports.DayStore. One statement writes all days, after the labels
// they refer to.
func (s *DayStore) ReplaceDays(ctx context.Context, user domain.UserID, f domain.FetchedDays, now time.Time) (int, error) {
	db := conn(ctx, s.pool)
	days := knownDays(f.Days)
	if len(days) == 0 {
		return 0, nil
	}
	labels := labelsOf(f.Source, days)
	if err := s.resolveLabels(ctx, db, labels); err != nil {
		return 0, err
	}
	p := upsertParams(days, labels)
	p.UserID, p.SourceID, p.Now = uuid.UUID(user), labels[label{sourceLabel, f.Source}], now
	n, err := s.q.UpsertDays(ctx, db, p)
	if err != nil {
		return 0, fmt.Errorf("upsert days: %w", err)
	}
	return int(n), nil
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

// RecordFailedAttempts implements ports.DayStore.
func (s *DayStore) RecordFailedAttempts(ctx context.Context, user domain.UserID, attempts []domain.FailedAttempt) error {
	p := sqlc.UpsertFailedAttemptsParams{UserID: uuid.UUID(user)}
	for _, a := range lastOfEachDay(attempts, func(a domain.FailedAttempt) domain.Day { return a.Day }) {
		p.Days, p.States, p.Reasons = append(p.Days, a.Day.Date()), append(p.States, string(a.State)), append(p.Reasons, string(a.Reason))
	}
	if err := s.q.UpsertFailedAttempts(ctx, conn(ctx, s.pool), p); err != nil {
		return fmt.Errorf("upsert failed attempts: %w", err)
	}
	return nil
}

// ListDays implements ports.DayStore. One round trip: the first row carries the labels of
// all rows.
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
	return dailySummaries(rows), nil
}

// lastOfEachDay sorts items by day and keeps the last item of each day: a statement
// cannot write one row twice.
func lastOfEachDay[T any](items []T, of func(T) domain.Day) []T {
	items = slices.Clone(items)
	slices.Reverse(items)
	slices.SortStableFunc(items, func(a, b T) int { return int(of(a) - of(b)) })
	return slices.CompactFunc(items, func(a, b T) bool { return of(a) == of(b) })
}
