package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// DashboardStore implements ports.DashboardStore.
type DashboardStore struct {
	pool *pgxpool.Pool
	q    *sqlc.Queries
}

var _ ports.DashboardStore = (*DashboardStore)(nil)

// NewDashboardStore returns a DashboardStore on pool.
func NewDashboardStore(pool *pgxpool.Pool) *DashboardStore {
	return &DashboardStore{pool: pool, q: sqlc.New()}
}

// Dashboard implements ports.DashboardStore. One round trip: lists come as JSON, and
// totals are kept by triggers.
func (s *DashboardStore) Dashboard(ctx context.Context, now time.Time) (domain.Dashboard, error) {
	today := domain.CalendarAt(now)
	r, err := s.q.GetDashboard(ctx, conn(ctx, s.pool), sqlc.GetDashboardParams{Utc: today.UTC.Date(), Behind: today.Behind, Ahead: today.Ahead})
	if err != nil {
		return domain.Dashboard{}, fmt.Errorf("get dashboard: %w", err)
	}
	var (
		counts  map[string]int
		totals  totalsJSON
		newest  []newestJSON
		batches []activeJSON
	)
	for _, part := range []struct {
		document []byte
		into     any
	}{{r.Counts, &counts}, {r.Totals, &totals}, {r.Newest, &newest}, {r.Batches, &batches}} {
		if err := json.Unmarshal(part.document, part.into); err != nil {
			return domain.Dashboard{}, fmt.Errorf("decode dashboard: %w", err)
		}
	}
	d := domain.Dashboard{
		At:                now,
		UsersByRole:       map[domain.Role]int{},
		ActiveBatches:     int(r.ActiveBatches),
		StudentsEnrolled:  counts["students"],
		StudentsConnected: counts["connected"],
		Last7:             totals.last7(),
		Last30:            totals.last30(),
		Newest:            make([]domain.Student, len(newest)),
		Batches:           make([]domain.ActiveBatch, len(batches)),
		JobsFailing:       int(r.JobsFailing),
	}
	for name, n := range counts {
		if role, ok := strings.CutPrefix(name, "role:"); ok {
			d.UsersByRole[domain.Role(role)] = n
		}
	}
	for i, x := range newest {
		d.Newest[i] = x.student()
	}
	for i, x := range batches {
		d.Batches[i] = x.batch()
	}
	return d, nil
}

type totalsJSON struct {
	Seconds7, Seconds30                  int64
	Known7, Known30, Unknown7, Unknown30 int
	AISeconds7                           int64 `json:"ai_seconds7"`
	AISeconds30                          int64 `json:"ai_seconds30"`
	AIUnknown7                           int   `json:"ai_unknown7"`
	AIUnknown30                          int   `json:"ai_unknown30"`
	Partial7, Partial30                  int
	PartialSeconds7                      int64 `json:"partial_seconds7"`
	PartialSeconds30                     int64 `json:"partial_seconds30"`
}

func (t totalsJSON) last7() domain.CodingTotal {
	return domain.CodingTotal{
		Days: 7, Seconds: t.Seconds7, AISeconds: t.AISeconds7, AIUnknown: t.AIUnknown7, PartialSeconds: t.PartialSeconds7,
		Known: t.Known7, Partial: t.Partial7, Missed: t.Unknown7,
	}
}

func (t totalsJSON) last30() domain.CodingTotal {
	return domain.CodingTotal{
		Days: 30, Seconds: t.Seconds30, AISeconds: t.AISeconds30, AIUnknown: t.AIUnknown30, PartialSeconds: t.PartialSeconds30,
		Known: t.Known30, Partial: t.Partial30, Missed: t.Unknown30,
	}
}

// weekJSON is the last week of one or more students, as described at GetDashboard.
type weekJSON struct {
	Expected, Rows, Unfetched   int
	OK, Empty, Partial, Pending int
	PlanLimited                 int `json:"plan_limited"`
	Seen                        int // Seconds and those that are partial
	Seconds                     int
	AISeconds                   int `json:"ai_seconds"`
	AIKnown                     int `json:"ai_known"`
}

func (w weekJSON) coverage() domain.Coverage {
	return domain.Coverage{
		Expected:       w.Expected,
		OK:             w.OK,
		Empty:          w.Empty,
		Partial:        w.Partial,
		Pending:        w.Pending + w.Unfetched,
		PlanLimited:    w.PlanLimited,
		Error:          w.Rows - w.OK - w.Empty - w.Partial - w.Pending - w.PlanLimited,
		Disconnected:   w.Expected - w.Rows - w.Unfetched,
		Seconds:        w.Seconds,
		AISeconds:      w.AISeconds,
		AIUnknown:      w.OK + w.Empty - w.AIKnown,
		PartialSeconds: w.Seen - w.Seconds,
	}
}

type newestJSON struct {
	ID         uuid.UUID
	Version    int
	Name       string
	Email      string
	Batch      uuid.UUID
	BatchName  string `json:"batch_name"`
	TimeZone   string `json:"time_zone"`
	Status     string
	EnrolledAt time.Time `json:"enrolled_at"`
	Connection string
	Server     string

	FailureReason *string    `json:"failure_reason"`
	FailingSince  *time.Time `json:"failing_since"`
	ConnectedAt   *time.Time `json:"connected_at"`
	weekJSON
}

func (x newestJSON) student() domain.Student {
	return domain.Student{
		ID:         domain.UserID(x.ID),
		Version:    x.Version,
		Name:       x.Name,
		Email:      domain.Email(x.Email),
		Batch:      domain.BatchID(x.Batch),
		BatchName:  x.BatchName,
		TimeZone:   domain.StoredTimeZone(x.TimeZone),
		Status:     domain.EnrolmentStatus(x.Status),
		EnrolledAt: x.EnrolledAt.UTC(),
		Connection: domain.ConnectionState(x.Connection),
		Failing:    failing(domain.ConnectionState(x.Connection), x.Server, x.FailureReason, x.FailingSince, x.ConnectedAt),
		LastWeek:   x.coverage(),
	}
}

type activeJSON struct {
	ID                  uuid.UUID
	Name                string
	TimeZone            string     `json:"time_zone"`
	EndsOn              domain.Day `json:"ends_on"`
	AITime              string     `json:"ai_time"`
	Students, Connected int
	Median              *float64
	Week                *weekJSON
}

func (x activeJSON) batch() domain.ActiveBatch {
	b := domain.ActiveBatch{
		ID:        domain.BatchID(x.ID),
		Name:      x.Name,
		TimeZone:  domain.StoredTimeZone(x.TimeZone),
		EndsOn:    x.EndsOn,
		Students:  x.Students,
		Connected: x.Connected,
		Measure:   domain.Measure{AITime: domain.AITime(x.AITime)},
	}
	if x.Median != nil {
		b.MedianSeconds = new(int(math.Round(*x.Median)))
	}
	if x.Week != nil {
		b.LastWeek = new(x.Week.coverage())
	}
	return b
}
