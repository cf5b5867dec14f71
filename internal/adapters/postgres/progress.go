package postgres

import (
	"context"
	"fmt"
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
	today := domain.CalendarAt(now)
	rows, err := s.q.ListBatchProgress(ctx, conn(ctx, s.pool), sqlc.ListBatchProgressParams{
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
		return domain.BatchProgress{}, fmt.Errorf("list batch progress: %w", err)
	case len(rows) == 0:
		return domain.BatchProgress{}, domain.ErrBatchNotFound
	}
	first := rows[0]
	p := domain.BatchProgress{
		Batch:    id,
		TimeZone: domain.StoredTimeZone(first.TimeZone),
		Range:    domain.DayRange{From: day(first.FromDay), To: day(first.ToDay)},
		Measure:  domain.Measure{AITime: domain.AITime(first.AiTime)},
	}
	if err := p.Range.CheckStudents(int(first.Students)); err != nil {
		return domain.BatchProgress{}, err
	}
	if first.StudentID == uuid.Nil {
		rows = nil
	}
	if !later {
		// The query sums up the students without a row. The last row may not be on the page.
		p.Total = &domain.Coverage{
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
			p.Total.Add(progress(r).Total)
		}
	}
	p.Students = newPage(scope, rows, req.Limit, progress, func(r sqlc.ListBatchProgressRow) nameKey { return nameKey{Name: r.NameKey, ID: r.StudentID} })
	return p, nil
}

// progress converts a row and places the days of the student in the range.
func progress(r sqlc.ListBatchProgressRow) domain.Progress {
	span := domain.DayRange{From: day(r.FromDay), To: day(r.ToDay)}
	t := domain.TrackedUser{TimeZone: domain.StoredTimeZone(r.TimeZone), Connection: domain.ConnectionState(r.Connection), Today: day(r.Today)}
	t.Tracked = domain.TrackedDays(day(r.EnrolledOn), t.Today, new(day(r.EndsOn)))
	known := t.Ledger(span, unpackDays(r.Days, span.From))
	p := domain.Progress{
		User:       domain.UserID(r.StudentID),
		Name:       r.Name,
		Connection: t.Connection,
		Failing:    failing(t.Connection, r.Server, r.FailureReason, r.FailingSince, &r.ConnectedAt),
		Yardstick:  domain.Yardstick{Kind: domain.YardstickKind(r.Yardstick), Timeout: int(r.TimeoutMinutes)},
		Total:      known.Total,
		States:     make([]domain.DayState, span.Len()),
		Seconds:    make([]*int, span.Len()),
		AISeconds:  make([]*int, span.Len()),
	}
	for _, d := range known.Days {
		i := d.Day - span.From
		p.States[i], p.Seconds[i], p.AISeconds[i] = d.State, d.Seconds, d.AISeconds
	}
	return p
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
