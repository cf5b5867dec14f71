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

// Student implements ports.StudentStore. It is ListStudents with one row.
func (s *StudentStore) Student(ctx context.Context, id domain.UserID) (domain.Student, error) {
	today := domain.CalendarAt(s.now())
	rows, err := s.q.ListStudents(ctx, conn(ctx, s.pool), sqlc.ListStudentsParams{
		Utc: today.UTC.Date(), Behind: today.Behind, Ahead: today.Ahead, UserID: new(uuid.UUID(id)), Max: 1,
	})
	switch {
	case err != nil:
		return domain.Student{}, fmt.Errorf("get student: %w", err)
	case len(rows) == 0:
		return domain.Student{}, domain.ErrStudentNotFound
	}
	return student(rows[0]), nil
}

// ListStudents implements ports.StudentStore.
func (s *StudentStore) ListStudents(ctx context.Context, visible domain.Visibility, f domain.StudentFilter, req domain.PageRequest) (domain.Page[domain.Student], error) {
	scope := cursorScope("students", f)
	after, _, err := decodeCursor[nameKey](scope, req.After)
	if err != nil {
		return domain.Page[domain.Student]{}, err
	}
	visible = narrow(visible, f.Batch)
	today := domain.CalendarAt(s.now())
	search := newSearchTerm(f.Search)
	rows, err := s.q.ListStudents(ctx, conn(ctx, s.pool), sqlc.ListStudentsParams{
		Utc:        today.UTC.Date(),
		Behind:     today.Behind,
		Ahead:      today.Ahead,
		AfterName:  after.Name,
		AfterID:    after.ID,
		AllBatches: visible.All,
		BatchIds:   uuids(visible.Batches),
		Statuses:   statuses(f.Status),
		Connected:  connected(f.Connected),
		Search:     search.Text,
		Pattern:    search.Pattern,
		Max:        int32(req.Limit) + 1,
	})
	if err != nil {
		return domain.Page[domain.Student]{}, fmt.Errorf("list students: %w", err)
	}
	return newPage(scope, rows, req.Limit, student,
		func(r sqlc.ListStudentsRow) nameKey { return nameKey{Name: r.NameKey, ID: r.ID} }), nil
}

// statuses returns the statuses that a filter selects. An index leads with the status, so each
// is a range of it.
func statuses(filter domain.EnrolmentStatus) []string {
	if filter != "" {
		return []string{string(filter)}
	}
	return []string{string(domain.EnrolmentActive), string(domain.EnrolmentPaused), string(domain.EnrolmentGraduated), string(domain.EnrolmentDropped)}
}

// connected is as statuses.
func connected(filter *bool) []bool {
	if filter != nil {
		return []bool{*filter}
	}
	return []bool{false, true}
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

func student(r sqlc.ListStudentsRow) domain.Student {
	s := domain.Student{
		ID:         domain.UserID(r.ID),
		Version:    int(r.Version),
		Name:       r.Name,
		Email:      domain.Email(r.Email),
		Batch:      domain.BatchID(r.BatchID),
		BatchName:  r.BatchName,
		TimeZone:   domain.StoredTimeZone(r.TimeZone),
		Status:     domain.EnrolmentStatus(r.Status),
		EnrolledAt: r.EnrolledAt.UTC(),
		Connection: domain.ConnectionState(r.Connection),
		Failing:    failing(domain.ConnectionState(r.Connection), r.Server, r.FailureReason, r.FailingSince, r.ConnectedAt),
		LastWeek:   weekOf(r.States, int(r.Expected), r.Connection == string(domain.Connected)),
	}
	w := &s.LastWeek
	w.Seconds, w.AISeconds, w.PartialSeconds = int(r.Seconds), int(r.AiSeconds), int(r.Seen-r.Seconds)
	return s
}

// weekOf unpacks the number of days in each state of a student. Expected days without a row
// were never fetched.
func weekOf(states int32, expected int, connected bool) domain.Coverage {
	count := func(i int) int { return int(states >> (4 * i) & 15) }
	c := domain.Coverage{
		Expected: expected, OK: count(0), Empty: count(1), Partial: count(2), Pending: count(3), PlanLimited: count(4), Error: count(5), AIUnknown: count(6),
	}
	unfetched := expected - c.Known() - c.Partial - c.Pending - c.PlanLimited - c.Error
	if connected {
		c.Pending += unfetched
	} else {
		c.Disconnected = unfetched
	}
	return c
}
