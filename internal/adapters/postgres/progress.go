package postgres

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// ProgressStore implements ports.ProgressStore.
type ProgressStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
}

var _ ports.ProgressStore = (*ProgressStore)(nil)

// NewProgressStore returns a ProgressStore on pool.
func NewProgressStore(pool *pgxpool.Pool) *ProgressStore {
	return &ProgressStore{pool: pool, q: sqlc.New()}
}

// BatchProgress implements ports.ProgressStore.
func (s *ProgressStore) BatchProgress(ctx context.Context, id domain.BatchID, q domain.DayQuery, now time.Time, req domain.PageRequest) (domain.BatchProgress, error) {
	// The scope excludes the range: pages are of students, and the default range can move
	// between two pages.
	scope := cursorScope("batch progress", id)
	after, later, err := decodeCursor[nameKey](scope, req.After)
	if err != nil {
		return domain.BatchProgress{}, err
	}
	all, least := q.Bounds(now)
	rows, err := s.q.ListBatchProgress(ctx, conn(ctx, s.pool), sqlc.ListBatchProgressParams{
		BatchID:     uuid.UUID(id),
		FromDay:     all.From.Date(),
		ToDay:       all.To.Date(),
		MaxStudents: int32(domain.MaxStudentDays / max(1, least)),
		AfterName:   after.Name,
		AfterID:     after.ID,
		Max:         int32(req.Limit),
		MaxRead:     studentsToRead(req, later),
	})
	switch {
	case err != nil:
		return domain.BatchProgress{}, fmt.Errorf("list batch progress: %w", err)
	case len(rows) == 0:
		return domain.BatchProgress{}, domain.ErrBatchNotFound
	}
	first := rows[0]
	p := domain.BatchProgress{
		Batch:    id,
		TimeZone: domain.StoredTimeZone(first.TimeZone),
		Measure:  domain.Measure{AITime: domain.AITime(first.AiTime)},
	}
	today := p.TimeZone.Today(now)
	p.Range, _ = q.Range(today) // the caller checks it
	if err := p.Range.CheckStudents(int(first.Students)); err != nil {
		return domain.BatchProgress{}, err
	}
	if first.StudentID == uuid.Nil {
		rows = nil
	}
	if !later {
		p.Total = new(domain.Coverage)
	}
	p.Students.Items = make([]domain.Progress, 0, min(len(rows), req.Limit))
	if len(rows) > req.Limit {
		last := rows[req.Limit-1]
		p.Students.Next = encodeCursor(scope, nameKey{Name: last.NameKey, ID: last.StudentID})
	}
	addProgress(&p, rows, req.Limit, today, all.From)
	return p, nil
}

// addProgress adds the first students to the page, and all to the total, if there is one. The
// days of rows are counted from start.
func addProgress(p *domain.BatchProgress, rows []sqlc.ListBatchProgressRow, limit int, today, start domain.Day) {
	var days []domain.BareDay // of one student at a time
	for i := range rows {
		r := &rows[i]
		t := domain.TrackedUser{
			User: domain.UserID(r.StudentID), Name: r.Name, TimeZone: p.TimeZone, Today: today,
			Tracked: domain.TrackedDays(day(r.EnrolledOn), today, new(day(r.EndsOn))), Connection: domain.ConnectionState(r.Connection),
		}
		days = unpackDays(days, r.Days, start)
		switch {
		case i < limit:
			item := t.Progress(p.Range, days)
			item.Failing = failing(t.Connection, r.Server, r.FailureReason, r.FailingSince, &r.ConnectedAt)
			item.Yardstick = domain.Yardstick{Kind: domain.YardstickKind(r.Yardstick), Timeout: int(r.TimeoutMinutes)}
			p.Students.Items = append(p.Students.Items, item)
			p.Total.Add(item.Total)
		case p.Total != nil:
			// The rows after the page have no connection.
			t.Connection = counted(r.Connected)
			p.Total.Add(t.Sum(p.Range, days))
		}
	}
}

// studentsToRead returns how many students a page of progress reads: those of the page and one
// more, or all of the batch on the first page, which has their total.
func studentsToRead(req domain.PageRequest, later bool) int32 {
	if later {
		return int32(req.Limit) + 1
	}
	return math.MaxInt32
}

// counted returns a state for a student who only counts for the total.
func counted(connected bool) domain.ConnectionState {
	if connected {
		return domain.Connected
	}
	return domain.NotConnected
}

// failing returns since when and why a connection does not work, or nil if it does or there
// is none. A connection that ended without a failed sync ended at the latest when it was
// made.
func failing(state domain.ConnectionState, server string, reason *string, since, connectedAt *time.Time) *domain.Failing {
	switch {
	case state == domain.NotConnected:
	case reason != nil && since != nil:
		return &domain.Failing{Since: since.UTC(), Reason: domain.Reason(*reason), Server: server}
	case state == domain.NeedsReconnect && connectedAt != nil:
		return &domain.Failing{Since: connectedAt.UTC(), Reason: domain.ReasonRevoked, Server: server}
	}
	return nil
}
