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
	after, ok, err := decodeCursor[nameKey](scope, req.After)
	if err != nil {
		return domain.BatchProgress{}, err
	}
	rows, err := s.q.ListBatchProgress(ctx, conn(ctx, s.pool), sqlc.ListBatchProgressParams{
		BatchID:     uuid.UUID(id),
		FromDay:     dateOrNil(q.From),
		ToDay:       dateOrNil(q.To),
		DefaultDays: domain.DefaultDays,
		Lead:        leadDays,
		Now:         now,
		FirstPage:   !ok,
		AfterName:   after.Name,
		AfterID:     after.ID,
		Max:         int32(req.Limit) + 1,
	})
	switch {
	case err != nil:
		return domain.BatchProgress{}, fmt.Errorf("list batch progress: %w", err)
	case len(rows) == 0:
		return domain.BatchProgress{}, domain.ErrBatchNotFound
	}
	first := rows[0]
	if first.StudentID == uuid.Nil {
		rows = nil
	}
	return domain.BatchProgress{
		Batch:    id,
		TimeZone: domain.TimeZone(first.TimeZone),
		Range:    domain.DayRange{From: day(first.FromDay), To: day(first.ToDay)},
		Students: newPage(scope, rows, req.Limit, progress, func(r sqlc.ListBatchProgressRow) nameKey { return nameKey{r.SortName, r.StudentID} }),
		Measure:  domain.Measure{AITime: domain.AITime(first.AiTime)},
		Total: domain.Coverage{
			Expected:       int(first.Expected),
			OK:             int(first.Ok),
			Empty:          int(first.Empty),
			Partial:        int(first.Partial),
			Pending:        int(first.Pending + first.ConnectedMissing),
			PlanLimited:    int(first.PlanLimited),
			Error:          int(first.Error),
			Disconnected:   int(first.OtherMissing),
			Seconds:        int(first.TotalSeconds),
			AISeconds:      int(first.TotalAiSeconds),
			AIUnknown:      int(first.AiUnknown),
			PartialSeconds: int(first.PartialSeconds),
		},
	}, nil
}

// progress converts a row and places the days of the student in the range.
func progress(r sqlc.ListBatchProgressRow) domain.Progress {
	span := domain.DayRange{From: day(r.FromDay), To: day(r.ToDay)}
	t := domain.TrackedUser{
		TimeZone: domain.TimeZone(r.TimeZone), Connection: domain.ConnectionState(r.Connection), Today: day(r.Today),
		EverConnected: r.Disconnected,
	}
	t.Tracked = domain.TrackedDays(day(r.EnrolledOn), day(r.Today), new(day(r.EndsOn)))
	rows := make([]domain.DailySummary, len(r.Days))
	for i, offset := range r.Days {
		rows[i] = domain.DailySummary{Day: span.From + domain.Day(offset), State: domain.DayState(r.States[i])}
		rows[i].Seconds, rows[i].AISeconds = secondsOrNil(r.Seconds[i]), secondsOrNil(r.AiSeconds[i])
	}
	known := t.Ledger(span, rows)
	p := domain.Progress{
		User:       domain.UserID(r.StudentID),
		Name:       r.Name,
		Connection: t.Connection,
		Failing:    failing(t.Connection, r.Server, r.FailureReason, r.FailingSince, r.ConnectedAt),
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

// counted returns the number of days in a state from the counts of all states.
func counted(counts int64, state int) int { return int(counts >> (10 * state) & 1023) }

// secondsOrNil converts a number of seconds in an array, where -1 stands for NULL.
func secondsOrNil(n int32) *int {
	if n < 0 {
		return nil
	}
	return new(int(n))
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

// BatchCoverage implements ports.ProgressStore.
func (s *ProgressStore) BatchCoverage(ctx context.Context, id domain.BatchID, q domain.DayQuery, now time.Time) (domain.BatchCoverage, error) {
	rows, err := s.q.ListBatchGaps(ctx, conn(ctx, s.pool), sqlc.ListBatchGapsParams{
		BatchID:     uuid.UUID(id),
		FromDay:     dateOrNil(q.From),
		ToDay:       dateOrNil(q.To),
		DefaultDays: domain.DefaultDays,
		Lead:        leadDays,
		Now:         now,
	})
	switch {
	case err != nil:
		return domain.BatchCoverage{}, fmt.Errorf("list batch gaps: %w", err)
	case len(rows) == 0:
		return domain.BatchCoverage{}, domain.ErrBatchNotFound
	}
	first := rows[0]
	if first.StudentID == uuid.Nil {
		rows = nil
	}
	c := domain.BatchCoverage{
		Batch:    id,
		TimeZone: domain.TimeZone(first.TimeZone),
		Range:    domain.DayRange{From: day(first.FromDay), To: day(first.ToDay)},
		Total: domain.Coverage{
			Expected:       int(first.AllExpected),
			OK:             int(first.AllOk),
			Empty:          int(first.AllEmpty),
			Partial:        int(first.AllPartial),
			Pending:        int(first.AllPending + first.ConnectedMissing),
			PlanLimited:    int(first.AllPlanLimited),
			Error:          int(first.AllError),
			Disconnected:   int(first.OtherMissing),
			Seconds:        int(first.AllSeconds),
			AISeconds:      int(first.AllAiSeconds),
			AIUnknown:      int(first.AllAiUnknown),
			PartialSeconds: int(first.AllPartialSeconds),
		},
		Gaps: make([]domain.Gap, len(rows)),
	}
	for i, r := range rows {
		c.Gaps[i] = gap(r)
	}
	return c, nil
}

func gap(r sqlc.ListBatchGapsRow) domain.Gap {
	t := domain.TrackedUser{Connection: domain.ConnectionState(r.Connection), EverConnected: r.EverConnected}
	g := domain.Gap{
		User:         domain.UserID(r.StudentID),
		Name:         r.Name,
		Connection:   t.Connection,
		Failing:      failing(t.Connection, r.Server, r.FailureReason, r.FailingSince, r.ConnectedAt),
		Server:       r.Server,
		Since:        day(r.FirstGap),
		LastSyncedAt: utc(r.LastSyncedAt),
		Total: domain.Coverage{
			Expected:       int(r.Expected),
			OK:             counted(r.Counts, 0),
			Empty:          counted(r.Counts, 1),
			Partial:        counted(r.Counts, 2),
			Pending:        counted(r.Counts, 3),
			PlanLimited:    counted(r.Counts, 4),
			Error:          counted(r.Counts, 5),
			Seconds:        int(r.Seconds),
			AISeconds:      int(r.AiSeconds),
			AIUnknown:      int(r.AiUnknown),
			PartialSeconds: int(r.PartialSeconds),
		},
	}
	if g.Failing != nil {
		t.Failure = &domain.SyncFailure{Reason: g.Failing.Reason}
	}
	// Days without a row were never fetched.
	if missing := int(r.Expected - r.Stored); g.Connection == domain.Connected {
		g.Total.Pending += missing
	} else {
		g.Total.Disconnected = missing
	}
	switch {
	case r.Expected == r.Complete: // only the connection is failing
		g.Since, g.Reason = day(r.Today), g.Failing.Reason
	case r.Reason == "":
		_, g.Reason = t.Unfetched()
	case r.Reason == string(domain.ReasonPartial):
		g.Reason = t.PartialReason()
	default:
		g.Reason = domain.Reason(r.Reason)
	}
	return g
}
