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
	r, err := s.q.GetDashboard(ctx, conn(ctx, s.pool), now)
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
		Last7:             domain.CodingTotal{Days: 7, Seconds: totals.Seconds7, Known: totals.Known7, Missed: totals.Unknown7},
		Last30:            domain.CodingTotal{Days: 30, Seconds: totals.Seconds30, Known: totals.Known30, Missed: totals.Unknown30},
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
}

// weekJSON is the last week of one or more students.
type weekJSON struct {
	Expected    int
	OK          int
	Empty       int
	Pending     int
	PlanLimited int `json:"plan_limited"`
	Error       int
	Missing     int // days without a row of connected students
	Seconds     int
}

// coverage includes the days without a row, which were never fetched.
func (w weekJSON) coverage() domain.Coverage {
	c := domain.Coverage{
		Expected:    w.Expected,
		OK:          w.OK,
		Empty:       w.Empty,
		Pending:     w.Pending + w.Missing,
		PlanLimited: w.PlanLimited,
		Error:       w.Error,
		Seconds:     w.Seconds,
	}
	c.Disconnected = c.Expected - c.Known() - c.Pending - c.PlanLimited - c.Error
	return c
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
		TimeZone:   domain.TimeZone(x.TimeZone),
		Status:     domain.EnrolmentStatus(x.Status),
		EnrolledAt: x.EnrolledAt.UTC(),
		Connection: domain.ConnectionState(x.Connection),
		LastWeek:   x.coverage(),
	}
}

type activeJSON struct {
	ID        uuid.UUID
	Name      string
	TimeZone  string     `json:"time_zone"`
	EndsOn    domain.Day `json:"ends_on"`
	Students  int
	Connected int
	Median    *float64
	weekJSON
}

func (x activeJSON) batch() domain.ActiveBatch {
	b := domain.ActiveBatch{
		ID:        domain.BatchID(x.ID),
		Name:      x.Name,
		TimeZone:  domain.TimeZone(x.TimeZone),
		EndsOn:    x.EndsOn,
		Students:  x.Students,
		Connected: x.Connected,
		LastWeek:  x.coverage(),
	}
	if x.Median != nil {
		b.MedianSeconds = new(int(math.Round(*x.Median)))
	}
	return b
}
