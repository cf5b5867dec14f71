package postgres

import (
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// lastWeek counts the days of students in their last week. Where it begins and ends depends on
// the time zone of their batch.
type lastWeek struct {
	now  time.Time
	days domain.DayRange // in any time zone
}

func lastWeekAt(now time.Time) lastWeek {
	utc := domain.UTC.Today(now)
	return lastWeek{now: now, days: domain.DayRange{From: utc - 7, To: utc + 1}}
}

func (w lastWeek) from() time.Time { return w.days.From.Date() }

func (w lastWeek) to() time.Time { return w.days.To.Date() }

// student converts a row, and counts its days.
func (w lastWeek) student(r *sqlc.ListStudentsRow) domain.Student {
	t := domain.TrackedUser{TimeZone: domain.StoredTimeZone(r.TimeZone), Connection: domain.ConnectionState(r.Connection)}
	t.Today = t.TimeZone.Today(w.now)
	t.Tracked = domain.TrackedDays(*dayOr(r.EnrolledOn, &r.EnrolledAt), t.Today, new(day(r.EndsOn)))
	week := t.Count(domain.DayRange{From: t.Today - 6, To: t.Today})
	for _, packed := range r.Days {
		week.Add(unpackDay(packed, w.days.From))
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
