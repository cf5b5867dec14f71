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

// Tracked returns what is expected of a user; day borders are taken at now.
// Errors: ErrUserNotFound.
func (s *DayStore) Tracked(ctx context.Context, user domain.UserID, now time.Time) (domain.Tracked, error) {
	r, err := s.q.GetTracked(ctx, on(ctx, s.pool), uuid.UUID(user))
	if err != nil {
		return domain.Tracked{}, notFound(err, domain.ErrUserNotFound)
	}
	return tracked(r, now), nil
}

// Missing returns the days of a range that should be asked for, oldest first: never
// fetched, asked for in vain, fetched before they had ended, or cut in another zone
// though the server can do otherwise. Days beyond the account's plan are not among
// them.
// Errors: none.
func (s *DayStore) Missing(ctx context.Context, user domain.UserID, zone domain.TimeZone, r domain.DayRange, _ time.Time) ([]domain.Day, error) {
	p := sqlc.ListMissingDaysParams{UserID: uuid.UUID(user), Zone: string(zone)}
	for d := r.From; d <= r.To; d++ {
		p.Days, p.Ends = append(p.Days, d.Date()), append(p.Ends, d.End(zone.Location()))
	}
	rows, err := s.q.ListMissingDays(ctx, on(ctx, s.pool), p)
	if err != nil {
		return nil, fmt.Errorf("list missing days: %w", err)
	}
	out := make([]domain.Day, len(rows))
	for i, r := range rows {
		out[i] = day(r)
	}
	return out, nil
}

// ReplaceDays stores fetched days, each in place of what was known of it, and returns
// how many rows it wrote. Days in which nothing is new are not written; days that are
// errors are left out.
// Errors: none.
func (s *DayStore) ReplaceDays(ctx context.Context, user domain.UserID, f domain.FetchedDays, now time.Time) (int, error) {
	db := on(ctx, s.pool)
	days := storable(f.Days)
	if len(days) == 0 {
		return 0, nil
	}
	labels := namesIn(f.Source, days)
	if err := s.number(ctx, db, labels); err != nil {
		return 0, err
	}
	p := replacement(days, labels)
	p.UserID, p.SourceID, p.Now = uuid.UUID(user), labels[label{sourceLabel, f.Source}], now
	n, err := s.q.ReplaceDays(ctx, db, p)
	if err != nil {
		return 0, fmt.Errorf("replace days: %w", err)
	}
	return int(n), nil
}

// number fills in the numbers of labels. Asking before adding keeps the usual case, in
// which no label is new, from writing and from using numbers up; somebody else may add
// the same ones at the same moment, so their numbers are asked for afterwards.
func (s *DayStore) number(ctx context.Context, db querier, labels map[label]int32) error {
	if err := s.find(ctx, db, labels); err != nil {
		return err
	}
	missing := unnumbered(labels)
	if len(missing.Names) == 0 {
		return nil
	}
	if err := s.q.InsertLabels(ctx, db, sqlc.InsertLabelsParams(missing)); err != nil {
		return fmt.Errorf("add labels: %w", err)
	}
	return s.find(ctx, db, labels)
}

func (s *DayStore) find(ctx context.Context, db querier, labels map[label]int32) error {
	rows, err := s.q.ListLabels(ctx, db, unnumbered(labels))
	if err != nil {
		return fmt.Errorf("list labels: %w", err)
	}
	for _, r := range rows {
		labels[label{r.Kind, r.Name}] = r.ID
	}
	return nil
}

// NoteAttempts notes days that were asked for in vain. What is known of a day stays
// known.
// Errors: none.
func (s *DayStore) NoteAttempts(ctx context.Context, user domain.UserID, attempts []domain.Attempt, _ time.Time) error {
	p := sqlc.NoteAttemptsParams{UserID: uuid.UUID(user)}
	for _, a := range lastOfEach(attempts, func(a domain.Attempt) domain.Day { return a.Day }) {
		p.Days, p.States, p.Reasons = append(p.Days, a.Day.Date()), append(p.States, string(a.State)), append(p.Reasons, string(a.Reason))
	}
	if err := s.q.NoteAttempts(ctx, on(ctx, s.pool), p); err != nil {
		return fmt.Errorf("note attempts: %w", err)
	}
	return nil
}

// ListDays returns the ledger of a range, oldest first, with parts if asked for.
// Days without a row are not among them.
// Errors: none.
func (s *DayStore) ListDays(ctx context.Context, user domain.UserID, r domain.DayRange, parts bool) ([]domain.DailySummary, error) {
	rows, err := s.q.ListDays(ctx, on(ctx, s.pool), sqlc.ListDaysParams{
		UserID:    uuid.UUID(user),
		FromDay:   r.From.Date(),
		ToDay:     r.To.Date(),
		WithParts: parts,
	})
	if err != nil {
		return nil, fmt.Errorf("list days: %w", err)
	}
	return ledger(rows), nil
}

// lastOfEach sorts items by day and keeps the last of each: a statement cannot write
// one row twice.
func lastOfEach[T any](items []T, of func(T) domain.Day) []T {
	items = slices.Clone(items)
	slices.Reverse(items)
	slices.SortStableFunc(items, func(a, b T) int { return int(of(a) - of(b)) })
	return slices.CompactFunc(items, func(a, b T) bool { return of(a) == of(b) })
}
