package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// BatchStore implements ports.BatchStore.
type BatchStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
	now  ports.Clock
}

var _ ports.BatchStore = (*BatchStore)(nil)

// NewBatchStore returns a BatchStore on pool.
func NewBatchStore(pool *pgxpool.Pool, now ports.Clock) *BatchStore {
	return &BatchStore{pool: pool, q: sqlc.New(), now: now}
}

// Batch implements ports.BatchStore.
func (s *BatchStore) Batch(ctx context.Context, id domain.BatchID) (domain.Batch, error) {
	r, err := s.q.GetBatch(ctx, conn(ctx, s.pool), uuid.UUID(id))
	if err != nil {
		return domain.Batch{}, notFound(err, domain.ErrBatchNotFound)
	}
	return batch(r), nil
}

// LockBatch implements ports.BatchStore. It reads the batch in a second statement, which
// sees what the last holder of the lock committed.
func (s *BatchStore) LockBatch(ctx context.Context, id domain.BatchID) (domain.Batch, error) {
	tx, err := requireTx(ctx)
	if err != nil {
		return domain.Batch{}, err
	}
	if _, err := s.q.LockBatch(ctx, tx, uuid.UUID(id)); err != nil {
		return domain.Batch{}, notFound(err, domain.ErrBatchNotFound)
	}
	return s.Batch(ctx, id)
}

// ListBatches implements ports.BatchStore. Each kind of filter has its own index, so it has its own
// statement.
func (s *BatchStore) ListBatches(ctx context.Context, visible domain.Visibility, f domain.BatchFilter, req domain.PageRequest) (domain.Page[domain.Batch], error) {
	scope := cursorScope("batches", f)
	after, _, err := decodeCursor[nameKey](scope, req.After)
	if err != nil {
		return domain.Page[domain.Batch]{}, err
	}
	search := newSearchTerm(f.Search)
	rows, err := s.list(ctx, visible, string(f.Status), search, after, int32(req.Limit)+1)
	if err != nil {
		return domain.Page[domain.Batch]{}, fmt.Errorf("list batches: %w", err)
	}
	return newPage(scope, rows, req.Limit,
		func(r sqlc.ListBatchesRow) domain.Batch {
			return batch(sqlc.GetBatchRow{
				ID: r.ID, Name: r.Name, Description: r.Description, StartsOn: r.StartsOn, EndsOn: r.EndsOn, TimeZone: r.TimeZone,
				WeeklyGoalSeconds: r.WeeklyGoalSeconds, AiTime: r.AiTime, ArchivedAt: r.ArchivedAt, CreatedAt: r.CreatedAt, Version: r.Version,
				Students: r.Students, Instructors: r.Instructors,
			})
		},
		func(r sqlc.ListBatchesRow) nameKey { return search.key(r.NameKey, r.ID) }), nil
}

func (s *BatchStore) list(ctx context.Context, visible domain.Visibility, status string, search searchTerm, after nameKey, limit int32) ([]sqlc.ListBatchesRow, error) {
	db, today := conn(ctx, s.pool), domain.CalendarAt(s.now())
	switch {
	case !visible.All:
		rows, err := s.q.ListBatchesOf(ctx, db, sqlc.ListBatchesOfParams{
			BatchIds: uuids(visible.Batches), Search: search.Text, Status: status, Utc: today.UTC.Date(), Behind: today.Behind, Ahead: today.Ahead,
			AfterRest: after.Rest, AfterName: after.Name, AfterID: after.ID, Max: limit,
		})
		return convertRows(rows, func(r sqlc.ListBatchesOfRow) sqlc.ListBatchesRow { return sqlc.ListBatchesRow(r) }), err
	case search.Text != "":
		starts, rest := search.after(after)
		rows, err := s.q.SearchBatches(ctx, db, sqlc.SearchBatchesParams{
			Search: search.Text, SearchEnd: search.End, Pattern: search.Pattern, Status: status, Utc: today.UTC.Date(), Behind: today.Behind, Ahead: today.Ahead,
			StartsName: starts.Name, StartsID: starts.ID, RestName: rest.Name, RestID: rest.ID, Max: limit,
		})
		return convertRows(rows, func(r sqlc.SearchBatchesRow) sqlc.ListBatchesRow { return sqlc.ListBatchesRow(r) }), err
	case status != "":
		rows, err := s.q.ListBatchesWithStatus(ctx, db, sqlc.ListBatchesWithStatusParams{
			Status: status, Utc: today.UTC.Date(), Behind: today.Behind, Ahead: today.Ahead, AfterName: after.Name, AfterID: after.ID, Max: limit,
		})
		return convertRows(rows, func(r sqlc.ListBatchesWithStatusRow) sqlc.ListBatchesRow { return sqlc.ListBatchesRow(r) }), err
	}
	return s.q.ListBatches(ctx, db, sqlc.ListBatchesParams{AfterName: after.Name, AfterID: after.ID, Max: limit})
}

// AddBatch implements ports.BatchStore.
func (s *BatchStore) AddBatch(ctx context.Context, b domain.Batch) error {
	return s.q.InsertBatch(ctx, conn(ctx, s.pool), sqlc.InsertBatchParams{
		ID:                uuid.UUID(b.ID),
		Name:              b.Name,
		NameKey:           domain.NameKey(b.Name),
		Description:       b.Description,
		StartsOn:          b.StartsOn.Date(),
		EndsOn:            b.EndsOn.Date(),
		TimeZone:          string(b.TimeZone),
		WeeklyGoalSeconds: int32OrNil(b.WeeklyGoal),
		AiTime:            string(b.AITime),
		ArchivedAt:        b.ArchivedAt,
		CreatedAt:         b.CreatedAt,
		Version:           int32(b.Version),
	})
}

// SaveBatch implements ports.BatchStore.
func (s *BatchStore) SaveBatch(ctx context.Context, b domain.Batch) error {
	n, err := s.q.UpdateBatch(ctx, conn(ctx, s.pool), sqlc.UpdateBatchParams{
		ID:                uuid.UUID(b.ID),
		Name:              b.Name,
		NameKey:           domain.NameKey(b.Name),
		Description:       b.Description,
		StartsOn:          b.StartsOn.Date(),
		EndsOn:            b.EndsOn.Date(),
		TimeZone:          string(b.TimeZone),
		WeeklyGoalSeconds: int32OrNil(b.WeeklyGoal),
		AiTime:            string(b.AITime),
		ArchivedAt:        b.ArchivedAt,
	})
	return requireAffected(n, err, domain.ErrBatchNotFound)
}

func batch(r sqlc.GetBatchRow) domain.Batch {
	return domain.Batch{
		ID:          domain.BatchID(r.ID),
		Name:        r.Name,
		Description: r.Description,
		StartsOn:    day(r.StartsOn),
		EndsOn:      day(r.EndsOn),
		TimeZone:    domain.StoredTimeZone(r.TimeZone),
		WeeklyGoal:  intOrNil(r.WeeklyGoalSeconds),
		AITime:      domain.AITime(r.AiTime),
		ArchivedAt:  utc(r.ArchivedAt),
		CreatedAt:   r.CreatedAt.UTC(),
		Version:     int(r.Version),
		Students:    int(r.Students),
		Instructors: int(r.Instructors),
	}
}

// ListEnrolled implements ports.BatchStore.
func (s *BatchStore) ListEnrolled(ctx context.Context, id domain.BatchID) ([]domain.UserID, error) {
	rows, err := s.q.ListEnrolledUsers(ctx, conn(ctx, s.pool), uuid.UUID(id))
	if err != nil {
		return nil, fmt.Errorf("list enrolled users: %w", err)
	}
	users := make([]domain.UserID, len(rows))
	for i, r := range rows {
		users[i] = domain.UserID(r)
	}
	return users, nil
}
