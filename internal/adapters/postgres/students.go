package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// StudentStore implements ports.StudentStore.
type StudentStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
	now  ports.Clock
}

var _ ports.StudentStore = (*StudentStore)(nil)

// NewStudentStore returns a StudentStore on pool.
func NewStudentStore(pool *pgxpool.Pool, now ports.Clock) *StudentStore {
	return &StudentStore{pool: pool, q: sqlc.New(), now: now}
}

// Student implements ports.StudentStore.
func (s *StudentStore) Student(ctx context.Context, id domain.UserID) (domain.Student, error) {
	week := lastWeekAt(s.now())
	r, err := s.q.GetStudent(ctx, conn(ctx, s.pool), sqlc.GetStudentParams{FromDay: week.from(), ToDay: week.to(), UserID: uuid.UUID(id)})
	if err != nil {
		return domain.Student{}, notFound(err, domain.ErrStudentNotFound)
	}
	return week.student(sqlc.ListStudentsRow(r)), nil
}

// ListStudents implements ports.StudentStore.
func (s *StudentStore) ListStudents(ctx context.Context, visible domain.Visibility, f domain.StudentFilter, req domain.PageRequest) (domain.Page[domain.Student], error) {
	scope := cursorScope("students", f)
	after, _, err := decodeCursor[nameKey](scope, req.After)
	if err != nil {
		return domain.Page[domain.Student]{}, err
	}
	week, search := lastWeekAt(s.now()), newSearchTerm(f.Search)
	visible = narrow(visible, f.Batch)
	var rows []sqlc.ListStudentsRow
	if search.Text == "" {
		rows, err = s.list(ctx, week, visible, f, after, int32(req.Limit)+1)
	} else {
		rows, err = s.search(ctx, week, visible, f, search, after, int32(req.Limit)+1)
	}
	if err != nil {
		return domain.Page[domain.Student]{}, fmt.Errorf("list students: %w", err)
	}
	return newPage(scope, rows, req.Limit, week.student,
		func(r sqlc.ListStudentsRow) nameKey { return search.key(r.NameKey, r.UserID) }), nil
}

// list reads a page without a search. The rows of all statements are the same.
func (s *StudentStore) list(ctx context.Context, week lastWeek, visible domain.Visibility, f domain.StudentFilter, after nameKey, limit int32) ([]sqlc.ListStudentsRow, error) {
	if visible.All {
		statuses, connected := states(f)
		return s.q.ListStudents(ctx, conn(ctx, s.pool), sqlc.ListStudentsParams{
			FromDay: week.from(), ToDay: week.to(), Statuses: statuses, Connected: connected, AfterName: after.Name, AfterID: after.ID, Max: limit,
		})
	}
	rows, err := s.q.ListStudentsOfBatches(ctx, conn(ctx, s.pool), sqlc.ListStudentsOfBatchesParams{
		FromDay: week.from(), ToDay: week.to(), BatchIds: uuids(visible.Batches), Status: string(f.Status), Connected: f.Connected,
		AfterName: after.Name, AfterID: after.ID, Max: limit,
	})
	return convert(rows, func(r sqlc.ListStudentsOfBatchesRow) sqlc.ListStudentsRow { return sqlc.ListStudentsRow(r) }), err
}

// search reads a page of those who match a search.
func (s *StudentStore) search(ctx context.Context, week lastWeek, visible domain.Visibility, f domain.StudentFilter, search searchTerm, after nameKey, limit int32) ([]sqlc.ListStudentsRow, error) {
	starts, rest := search.after(after)
	if visible.All {
		statuses, connected := states(f)
		rows, err := s.q.SearchStudents(ctx, conn(ctx, s.pool), sqlc.SearchStudentsParams{
			FromDay: week.from(), ToDay: week.to(), Statuses: statuses, Connected: connected, Search: search.Text, SearchEnd: search.End, Pattern: search.Pattern,
			StartsName: starts.Name, StartsID: starts.ID, RestName: rest.Name, RestID: rest.ID, Max: limit,
		})
		return convert(rows, func(r sqlc.SearchStudentsRow) sqlc.ListStudentsRow { return sqlc.ListStudentsRow(r) }), err
	}
	rows, err := s.q.SearchStudentsOfBatches(ctx, conn(ctx, s.pool), sqlc.SearchStudentsOfBatchesParams{
		FromDay: week.from(), ToDay: week.to(), BatchIds: uuids(visible.Batches), Status: string(f.Status), Connected: f.Connected,
		Search: search.Text, SearchEnd: search.End, Pattern: search.Pattern,
		StartsName: starts.Name, StartsID: starts.ID, RestName: rest.Name, RestID: rest.ID, Max: limit,
	})
	return convert(rows, func(r sqlc.SearchStudentsOfBatchesRow) sqlc.ListStudentsRow { return sqlc.ListStudentsRow(r) }), err
}

func convert[From, To any](rows []From, row func(From) To) []To {
	out := make([]To, len(rows))
	for i, r := range rows {
		out[i] = row(r)
	}
	return out
}

// states returns the pairs of a status and a connection that a filter selects. An index leads
// with both, so each pair is a range of it.
func states(f domain.StudentFilter) (statuses []string, connected []bool) {
	for _, status := range []domain.EnrolmentStatus{domain.EnrolmentActive, domain.EnrolmentPaused, domain.EnrolmentGraduated, domain.EnrolmentDropped} {
		for _, with := range []bool{true, false} {
			if (f.Status == "" || f.Status == status) && (f.Connected == nil || *f.Connected == with) {
				statuses, connected = append(statuses, string(status)), append(connected, with)
			}
		}
	}
	return statuses, connected
}

// narrow limits visible to one batch, unless batch is zero.
func narrow(visible domain.Visibility, batch domain.BatchID) domain.Visibility {
	switch {
	case batch.IsZero():
		return visible
	case visible.All || slices.Contains(visible.Batches, batch):
		return domain.Visibility{Batches: []domain.BatchID{batch}}
	}
	return domain.Visibility{}
}
