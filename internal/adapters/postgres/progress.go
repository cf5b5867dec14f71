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

// leadDays is the number of tracked days before an enrolment.
var leadDays = int32(-domain.TrackedDays(0, 0, nil).From)

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
		days = appendBareDays(days[:0], r.Days, start)
		switch {
		case i < limit:
			item := t.Progress(p.Range, days)
			item.Failing = failing(t.Connection, r.Server, r.FailureReason, r.FailingSince, &r.ConnectedAt)
			item.Yardstick = domain.Yardstick{Kind: domain.YardstickKind(r.Yardstick), Timeout: int(r.TimeoutMinutes)}
			p.Students.Items = append(p.Students.Items, item)
			p.Total.Add(item.Total)
		case p.Total != nil:
			// The rows after the page have no connection.
			if t.Connection = domain.NotConnected; r.Connected {
				t.Connection = domain.Connected
			}
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

// BatchCoverage implements ports.ProgressStore. The query finds the students with a gap, and
// their ledgers tell what is missing.
func (s *ProgressStore) BatchCoverage(ctx context.Context, id domain.BatchID, q domain.DayQuery, now time.Time, req domain.PageRequest) (domain.BatchCoverage, error) {
	scope := cursorScope("batch coverage", id)
	after, later, err := decodeCursor[nameKey](scope, req.After)
	if err != nil {
		return domain.BatchCoverage{}, err
	}
	today := domain.CalendarAt(now)
	rows, err := s.q.ListBatchGaps(ctx, conn(ctx, s.pool), sqlc.ListBatchGapsParams{
		BatchID:        uuid.UUID(id),
		FromDay:        dateOrNil(q.Start()),
		ToDay:          dateOrNil(q.To),
		DefaultDays:    domain.DefaultDays,
		Lead:           leadDays,
		Utc:            today.UTC.Date(),
		Behind:         today.Behind,
		Ahead:          today.Ahead,
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
	c := domain.BatchCoverage{
		Batch:    id,
		TimeZone: domain.StoredTimeZone(first.TimeZone),
		Range:    domain.DayRange{From: day(first.FromDay), To: day(first.ToDay)},
	}
	if err := c.Range.CheckStudents(int(first.Students)); err != nil {
		return domain.BatchCoverage{}, err
	}
	if first.StudentID == uuid.Nil {
		rows = nil
	}
	if !later {
		// As for progress.
		c.Total = &domain.Coverage{
			Expected:       int(first.ConnectedExpected + first.OtherExpected),
			OK:             int(first.Ok),
			Empty:          int(first.Empty),
			Partial:        int(first.Partial),
			Pending:        int(first.Pending + first.ConnectedExpected - first.ConnectedStored),
			PlanLimited:    int(first.PlanLimited),
			Error:          int(first.Error),
			Disconnected:   int(first.OtherExpected - first.OtherStored),
			Seconds:        int(first.Seconds),
			AISeconds:      int(first.AiSeconds),
			AIUnknown:      int(first.AiUnknown),
			PartialSeconds: int(first.PartialSeconds),
		}
		for _, r := range rows {
			c.Total.Add(gap(r).Total)
		}
	}
	c.Gaps = newPage(scope, rows, req.Limit, gap, func(r sqlc.ListBatchGapsRow) nameKey { return nameKey{Name: r.NameKey, ID: r.StudentID} })
	return c, nil
}

// gap converts a row.
func gap(r sqlc.ListBatchGapsRow) domain.Gap {
	span := domain.DayRange{From: day(r.FromDay), To: day(r.ToDay)}
	t := domain.TrackedUser{
		User: domain.UserID(r.StudentID), Name: r.Name, TimeZone: domain.StoredTimeZone(r.TimeZone), Today: day(r.Today),
		Connection: domain.ConnectionState(r.Connection), EverConnected: r.EverConnected, Server: r.Server,
	}
	t.Tracked = domain.TrackedDays(day(r.EnrolledOn), t.Today, new(day(r.EndsOn)))
	f := failing(t.Connection, r.Server, r.FailureReason, r.FailingSince, r.ConnectedAt)
	if f != nil {
		t.Failure = &domain.SyncFailure{Reason: f.Reason, Since: f.Since}
	}
	rows, reason := unpackDays(r.Days, span.From), domain.Reason(r.Reason)
	for i := len(rows) - 1; i >= 0; i-- {
		if !rows[i].State.Known() && rows[i].Day < t.Today {
			rows[i].Reason, reason = reason, domain.ReasonNone // the query has that of the last one
		}
		if rows[i].Reason == domain.ReasonNone && r.Days[i]&elsewhere != 0 {
			rows[i].Reason = domain.ReasonOtherZone
		}
	}
	g := t.Gap(span, rows)
	g.Failing, g.LastSyncedAt = f, utc(r.LastSyncedAt)
	return g
}

// appendBareDays appends packed days of a range that starts on first. They are described at
// ListBatchProgress.
func appendBareDays(to []domain.BareDay, packed []int64, first domain.Day) []domain.BareDay {
	for _, p := range packed {
		to = append(to, domain.BareDay{
			Day:       first + domain.Day(p>>placeShift),
			State:     packedStates[p>>stateShift&7],
			Seconds:   packedSeconds(p),
			AISeconds: packedSeconds(p >> secondsBits),
			OtherZone: p&elsewhere != 0,
		})
	}
	return to
}

// packedSeconds converts the lowest bits of a packed day, where only ones stand for NULL.
func packedSeconds(packed int64) int {
	const none = 1<<secondsBits - 1
	if n := int(packed & none); n != none {
		return n
	}
	return domain.NoSeconds
}

// Fields of a packed day, described at ListBatchProgress.
const (
	secondsBits = 17
	stateShift  = 2 * secondsBits
	elsewhere   = 1 << 37
	placeShift  = 38
)

var packedStates = [...]domain.DayState{domain.DayOK, domain.DayEmpty, domain.DayPartial, domain.DayPending, domain.DayPlanLimited, domain.DayError}

// unpackDays converts the packed days of a range that starts on first.
func unpackDays(days []int64, first domain.Day) []domain.DailySummary {
	out := make([]domain.DailySummary, len(days))
	for i, packed := range days {
		out[i] = unpackDay(packed, first)
	}
	return out
}

// unpackDay converts a packed day of a range that starts on first.
func unpackDay(packed int64, first domain.Day) domain.DailySummary {
	return domain.DailySummary{
		Day:       first + domain.Day(packed>>placeShift),
		State:     packedStates[packed>>stateShift&7],
		Seconds:   unpackSeconds(packed),
		AISeconds: unpackSeconds(packed >> secondsBits),
	}
}

// unpackSeconds converts the lowest bits of a packed day, where 0 stands for NULL.
func unpackSeconds(packed int64) *int {
	n := int(packed & (1<<secondsBits - 1))
	if n == 0 {
		return nil
	}
	return new(n - 1)
}
