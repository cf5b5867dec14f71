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
	r, err := s.q.GetStudent(ctx, conn(ctx, s.pool), uuid.UUID(id))
	if err != nil {
		return domain.Student{}, notFound(err, domain.ErrStudentNotFound)
	}
	return studentAt(s.now(), (*sqlc.ListStudentsRow)(&r)), nil
}

// ListStudents implements ports.StudentStore.
func (s *StudentStore) ListStudents(ctx context.Context, visible domain.Visibility, f domain.StudentFilter, req domain.PageRequest) (domain.Page[domain.Student], error) {
	scope := cursorScope("students", f)
	after, _, err := decodeCursor[nameKey](scope, req.After)
	if err != nil {
		return domain.Page[domain.Student]{}, err
	}
	search := newSearchTerm(f.Search)
	page := newStudentPage(s.now(), req.Limit)
	visible = narrow(visible, f.Batch)
	if search.Text == "" {
		err = s.list(ctx, page, visible, f, after)
	} else {
		err = s.search(ctx, page, visible, f, search, after)
	}
	if err != nil {
		return domain.Page[domain.Student]{}, fmt.Errorf("list students: %w", err)
	}
	p := domain.Page[domain.Student]{Items: page.students}
	if page.more {
		p.Next = encodeCursor(scope, search.key(page.last.Name, page.last.ID))
	}
	return p, nil
}

// list reads a page without a search.
func (s *StudentStore) list(ctx context.Context, page *studentPage, visible domain.Visibility, f domain.StudentFilter, after nameKey) error {
	db := eachRow{conn(ctx, s.pool), page.scan}
	if visible.All {
		statuses, connected := states(f)
		_, err := s.q.ListStudents(ctx, db, sqlc.ListStudentsParams{
			Statuses: statuses, Connected: connected, AfterName: after.Name, AfterID: after.ID, Max: page.max(),
		})
		return err
	}
	_, err := s.q.ListStudentsOfBatches(ctx, db, sqlc.ListStudentsOfBatchesParams{
		BatchIds: uuids(visible.Batches), Status: string(f.Status), Connected: f.Connected,
		AfterName: after.Name, AfterID: after.ID, Max: page.max(),
	})
	return err
}

// search reads a page of those who match a search.
func (s *StudentStore) search(ctx context.Context, page *studentPage, visible domain.Visibility, f domain.StudentFilter, search searchTerm, after nameKey) error {
	db := eachRow{conn(ctx, s.pool), page.scan}
	starts, rest := search.after(after)
	if visible.All {
		statuses, connected := states(f)
		_, err := s.q.SearchStudents(ctx, db, sqlc.SearchStudentsParams{
			Statuses: statuses, Connected: connected, Search: search.Text, SearchEnd: search.End, Pattern: search.Pattern,
			StartsName: starts.Name, StartsID: starts.ID, RestName: rest.Name, RestID: rest.ID, Max: page.max(),
		})
		return err
	}
	_, err := s.q.SearchStudentsOfBatches(ctx, db, sqlc.SearchStudentsOfBatchesParams{
		BatchIds: uuids(visible.Batches), Status: string(f.Status), Connected: f.Connected,
		Search: search.Text, SearchEnd: search.End, Pattern: search.Pattern,
		StartsName: starts.Name, StartsID: starts.ID, RestName: rest.Name, RestID: rest.ID, Max: page.max(),
	})
	return err
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
