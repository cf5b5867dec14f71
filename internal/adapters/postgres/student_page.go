package postgres

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// studentPage is a page of students as their rows arrive. Each becomes a student at once, so that
// a page has neither a list of rows nor of their days. The rows of all statements are the same.
type studentPage struct {
	now      time.Time
	students []domain.Student
	more     bool    // there is another row after the last student
	last     nameKey // of the last student

	row  sqlc.ListStudentsRow
	dest []any // of row, except for its days
}

func newStudentPage(now time.Time, limit int) *studentPage {
	p := &studentPage{now: now, students: make([]domain.Student, 0, limit)}
	r := &p.row
	p.dest = []any{
		&r.UserID, &r.Version, &r.Name, &r.NameKey, &r.Email, &r.BatchID, (*repeated)(&r.BatchName), (*repeated)(&r.TimeZone), &r.EndsOn,
		(*repeated)(&r.Status), &r.EnrolledAt, &r.EnrolledOn,
		(*repeated)(&r.Connection), &r.FailureReason, &r.FailingSince, &r.ConnectedAt, (*repeated)(&r.Server), nil,
	}
	return p
}

// max is how many rows a statement returns: one more than the page has tells that there are others.
func (p *studentPage) max() int32 { return int32(cap(p.students)) + 1 }

// scan reads one row.
func (p *studentPage) scan(rows pgx.Rows) error {
	if len(p.students) == cap(p.students) {
		p.more = true
		return nil
	}
	if err := rows.Scan(p.dest...); err != nil {
		return err
	}
	days, err := appendParts(p.row.Days[:0], rows.RawValues()[len(p.dest)-1])
	if err != nil {
		return fmt.Errorf("read the days of a student: %w", err)
	}
	p.row.Days = days
	p.last = nameKey{Name: p.row.NameKey, ID: p.row.UserID}
	p.students = append(p.students, studentAt(p.now, &p.row))
	return nil
}

// studentAt converts a row, and counts those of its days that are in the last week, which depends
// on the time zone of the batch.
func studentAt(now time.Time, r *sqlc.ListStudentsRow) domain.Student {
	t := domain.TrackedUser{TimeZone: domain.StoredTimeZone(r.TimeZone), Connection: domain.ConnectionState(r.Connection)}
	t.Today = t.TimeZone.Today(now)
	t.Tracked = domain.TrackedDays(*dayOr(r.EnrolledOn, &r.EnrolledAt), t.Today, new(day(r.EndsOn)))
	week := t.Count(domain.DayRange{From: t.Today - 6, To: t.Today})
	for _, packed := range r.Days {
		week.Add(unpackDay(packed, 0))
	}
	return domain.Student{
		ID:         domain.UserID(r.UserID),
		Version:    int(r.Version),
		Name:       r.Name,
		Email:      domain.Email(r.Email),
		Batch:      domain.BatchID(r.BatchID),
		BatchName:  r.BatchName,
		TimeZone:   t.TimeZone,
		Status:     domain.EnrolmentStatus(r.Status),
		EnrolledAt: r.EnrolledAt.UTC(),
		Connection: t.Connection,
		Failing:    failing(t.Connection, r.Server, r.FailureReason, r.FailingSince, &r.ConnectedAt),
		LastWeek:   week.Total(),
	}
}
