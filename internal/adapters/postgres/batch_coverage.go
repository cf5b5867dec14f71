package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
)

// leadDays is the number of tracked days before an enrolment.
var leadDays = int32(-domain.TrackedDays(0, 0, nil).From)

// BatchCoverage implements ports.ProgressStore. The query finds the students with a gap, and
// their ledgers tell what is missing.
func (s *ProgressStore) BatchCoverage(ctx context.Context, id domain.BatchID, q domain.DayQuery, now time.Time, req domain.PageRequest) (domain.BatchCoverage, error) {
	scope := cursorScope("batch coverage", id)
	after, later, err := decodeCursor[nameKey](scope, req.After)
	if err != nil {
		return domain.BatchCoverage{}, err
	}
	calendar := domain.CalendarAt(now)
	rows, err := s.q.ListBatchGaps(ctx, conn(ctx, s.pool), sqlc.ListBatchGapsParams{
		BatchID:        uuid.UUID(id),
		FromDay:        dateOrNil(q.Start()),
		ToDay:          dateOrNil(q.To),
		DefaultDays:    domain.DefaultDays,
		Lead:           leadDays,
		Utc:            calendar.UTC.Date(),
		Behind:         calendar.BehindNames,
		Ahead:          calendar.AheadNames,
		MaxStudentDays: domain.MaxStudentDays,
		FirstPage:      !later,
		AfterName:      after.Name,
		AfterID:        after.ID,
		Max:            int32(req.Limit) + 1,
	})
	switch {
	case err != nil:
		return domain.BatchCoverage{}, fmt.Errorf("list batch gaps: %w", err)
	case len(rows) == 0:
		return domain.BatchCoverage{}, domain.ErrBatchNotFound
	}
	first := rows[0]
	c := domain.BatchCoverage{Batch: id, TimeZone: domain.StoredTimeZone(first.TimeZone)}
	today := c.TimeZone.Today(now)
	c.Range, _ = q.Range(today) // the caller checks it
	if err := c.Range.CheckStudents(int(first.Students)); err != nil {
		return domain.BatchCoverage{}, err
	}
	if first.StudentID == uuid.Nil {
		rows = nil
	}
	if !later {
		c.Total = new(domain.Coverage)
	}
	c.Gaps.Items = make([]domain.Gap, 0, min(len(rows), req.Limit))
	addGaps(&c, rows, scope, req.Limit, today)
	return c, nil
}

// addGaps adds the first students who have a gap to the page, and all to the total, if there is
// one.
func addGaps(c *domain.BatchCoverage, rows []sqlc.ListBatchGapsRow, scope string, limit int, today domain.Day) {
	var days []domain.BareDay // of one student at a time
	var last nameKey
	for i := range rows {
		r := &rows[i]
		t := domain.TrackedUser{
			User: domain.UserID(r.StudentID), Name: r.Name, TimeZone: c.TimeZone, Today: today,
			Tracked:    domain.TrackedDays(day(r.EnrolledOn), today, new(day(r.EndsOn))),
			Connection: counted(r.Connected), EverConnected: r.EverConnected, Server: r.Server,
		}
		days = unpackDays(days, r.Days, c.Range.From)
		if !r.Listed || len(c.Gaps.Items) == limit {
			if r.Listed { // the first student of the next page
				c.Gaps.Next = encodeCursor(scope, last)
			}
			if c.Total != nil {
				c.Total.Add(t.Sum(c.Range, days))
			}
			continue
		}
		t.Connection = domain.ConnectionState(r.Connection)
		f := failing(t.Connection, r.Server, r.FailureReason, r.FailingSince, &r.ConnectedAt)
		if f != nil {
			t.Failure = &domain.SyncFailure{Reason: f.Reason, Since: f.Since}
		}
		g := t.Gap(c.Range, days, domain.Reason(r.Reason))
		g.Failing, g.LastSyncedAt = f, utc(r.LastSyncedAt)
		c.Gaps.Items = append(c.Gaps.Items, g)
		c.Total.Add(g.Total)
		last = nameKey{Name: r.NameKey, ID: r.StudentID}
	}
}
