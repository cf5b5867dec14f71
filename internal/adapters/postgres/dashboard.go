package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
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

// Dashboard implements ports.DashboardStore. One round trip: lists come as JSON and arrays, and
// triggers keep the counts.
func (s *DashboardStore) Dashboard(ctx context.Context, now time.Time) (domain.Dashboard, error) {
	today := domain.CalendarAt(now)
	weeks := &weeks{now: now}
	r, err := s.q.GetDashboard(ctx, conn(ctx, s.pool), sqlc.GetDashboardParams{
		Utc: today.UTC.Date(), Behind: today.Behind, Ahead: today.Ahead,
	})
	if err != nil {
		return domain.Dashboard{}, fmt.Errorf("get dashboard: %w", err)
	}
	var (
		newest  []newestJSON
		batches []activeJSON
	)
	if err := errors.Join(json.Unmarshal(r.Newest, &newest), json.Unmarshal(r.Batches, &batches)); err != nil {
		return domain.Dashboard{}, fmt.Errorf("decode dashboard: %w", err)
	}
	weeks.read(r)
	d := domain.Dashboard{
		At:            now,
		UsersByRole:   map[domain.Role]int{},
		ActiveBatches: int(r.ActiveBatches),
		Last7:         codingTotal(7, r.Totals7),
		Last30:        codingTotal(30, r.Totals30),
		Newest:        make([]domain.Student, len(newest)),
		Batches:       make([]domain.ActiveBatch, len(batches)),
		JobsFailing:   int(r.JobsFailing),
	}
	for i, name := range r.CountNames {
		switch n := int(r.Counts[i]); name {
		case "students":
			d.StudentsEnrolled += n
		case "connected":
			d.StudentsConnected += n
		default:
			role, _ := strings.CutPrefix(name, "role:")
			d.UsersByRole[domain.Role(role)] += n
		}
	}
	for i, x := range newest {
		d.Newest[i] = x.student(weeks)
	}
	for i, x := range batches {
		d.Batches[i] = x.batch(weeks)
	}
	return d, nil
}

// codingTotal converts the sums of a number of days.
func codingTotal(days int, sums []int64) domain.CodingTotal {
	return domain.CodingTotal{
		Days: days, Seconds: sums[0], Known: int(sums[1]), Missed: int(sums[2]), AISeconds: sums[3], AIUnknown: int(sums[4]),
		Partial: int(sums[5]), PartialSeconds: sums[6],
	}
}

type newestJSON struct {
	ID         uuid.UUID
	Version    int
	Name       string
	Email      string
	Batch      uuid.UUID
	BatchName  string     `json:"batch_name"`
	TimeZone   string     `json:"time_zone"`
	EndsOn     domain.Day `json:"ends_on"`
	Status     string
	EnrolledAt time.Time `json:"enrolled_at"`
	Connection string
	Server     string

	FailureReason *string    `json:"failure_reason"`
	FailingSince  *time.Time `json:"failing_since"`
	ConnectedAt   *time.Time `json:"connected_at"`
}

func (x newestJSON) student(weeks *weeks) domain.Student {
	s := domain.Student{
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
	}
	s.LastWeek = weeks.of(s.ID, s.TimeZone, x.EndsOn, s.Connection == domain.Connected)
	return s
}

type activeJSON struct {
	ID                  uuid.UUID
	Name                string
	TimeZone            string     `json:"time_zone"`
	EndsOn              domain.Day `json:"ends_on"`
	AITime              string     `json:"ai_time"`
	Students, Connected int
	Measured            bool
	Place               int32
}

// maxCounted is the largest number of students that the dashboard shows.
const maxCounted = 1000

func (x activeJSON) batch(weeks *weeks) domain.ActiveBatch {
	b := domain.ActiveBatch{
		ID:        domain.BatchID(x.ID),
		Name:      x.Name,
		TimeZone:  domain.StoredTimeZone(x.TimeZone),
		EndsOn:    x.EndsOn,
		Students:  min(x.Students, maxCounted),
		Connected: min(x.Connected, maxCounted),
		Measure:   domain.Measure{AITime: domain.AITime(x.AITime)},
	}
	if !x.Measured {
		return b
	}
	b.LastWeek = &domain.Coverage{}
	var seconds []int // of students with a known day
	for _, m := range weeks.members {
		if m.place != x.Place {
			continue
		}
		week := weeks.of(m.user, b.TimeZone, b.EndsOn, m.connected)
		b.LastWeek.Add(week)
		switch {
		case week.Known() == 0:
		case b.Measure.AITime == domain.AIExcluded:
			seconds = append(seconds, week.Seconds-week.AISeconds)
		default:
			seconds = append(seconds, week.Seconds)
		}
	}
	b.MedianSeconds = median(seconds)
	return b
}

// median returns the median, rounded, or nil without numbers. It sorts them.
func median(numbers []int) *int {
	n := len(numbers)
	if n == 0 {
		return nil
	}
	slices.Sort(numbers)
	return new(int(math.Round(float64(numbers[(n-1)/2]+numbers[n/2]) / 2)))
}
