package postgres_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestDashboardStore_EmptySchool(t *testing.T) {
	t.Parallel()
	got, err := postgres.NewDashboardStore(pgtest.New(t)).Dashboard(t.Context(), build.Now)
	want := domain.Dashboard{
		At: build.Now, UsersByRole: map[domain.Role]int{}, Last7: domain.CodingTotal{Days: 7}, Last30: domain.CodingTotal{Days: 30},
		Newest: []domain.Student{}, Batches: []domain.ActiveBatch{},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestDashboardStore_Dashboard(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	b := build.Batch(t, pool, func(b *domain.Batch) { b.Name, b.TimeZone, b.EndsOn = "First", "Asia/Kathmandu", build.Today+5 })
	later := build.Batch(t, pool, func(b *domain.Batch) { b.AITime = domain.AIIncluded })
	build.Batch(t, pool, func(b *domain.Batch) { b.ArchivedAt = &build.Now })
	build.Batch(t, pool, func(b *domain.Batch) { b.StartsOn = build.Today + 1 })
	over := build.Batch(t, pool, func(b *domain.Batch) { b.EndsOn = build.Today - 2 })
	build.Instructor(t, pool, b.ID)
	build.User(t, pool, func(u *domain.User) { u.SuspendedAt = &build.Now })
	enrolled := func(days int) func(*domain.User, *domain.Enrolment) {
		return func(_ *domain.User, e *domain.Enrolment) { e.EnrolledAt = build.Now.AddDate(0, 0, -days) }
	}
	quiet := build.Student(t, pool, b.ID, enrolled(9))
	busy := build.Student(t, pool, b.ID, enrolled(8))
	lost := build.Student(t, pool, b.ID, enrolled(7))
	fresh := build.Student(t, pool, over.ID, enrolled(0))
	for _, u := range []domain.User{quiet, busy} {
		build.Connection(t, pool, u.ID)
	}
	build.Connection(t, pool, lost.ID, func(c *domain.Connection) { c.State = domain.NeedsReconnect })
	withAI := func(d domain.DailySummary, seconds *int) domain.DailySummary {
		d.AISeconds = seconds
		return d
	}
	build.Days(t, pool, quiet.ID,
		withAI(build.Partial(build.Today, 900), new(450)), withAI(build.Partial(build.Today-5, 30), nil), withAI(build.Known(build.Today-1, 600), new(100)), build.Known(build.Today-40, 7000))
	build.Days(t, pool, busy.ID,
		withAI(build.Known(build.Today-6, 3601), nil), build.Known(build.Today-7, 60), build.Unknown(build.Today-2, domain.DayError, domain.ReasonThrottled),
		build.Unknown(build.Today-3, domain.DayPlanLimited, domain.ReasonPlanLimited), build.Unknown(build.Today-4, domain.DayPending, domain.ReasonNotReady))
	build.Days(t, pool, fresh.ID, build.Known(build.Today-3, 100), build.Known(build.Today-1, 5))
	for _, state := range []string{"retryable", "discarded", "available", "completed"} {
		build.Exec(t, pool, `INSERT INTO gradus_river.river_job (state, kind, max_attempts, args, finalized_at) VALUES ($1::text::gradus_river.river_job_state, 'tracking.sync', 3, '{}', CASE WHEN $1 IN ('discarded', 'completed') THEN now() END)`, state)
	}

	student := func(u domain.User, b domain.Batch, days int, connection domain.ConnectionState, week domain.Coverage) domain.Student {
		return domain.Student{
			ID: u.ID, Name: u.Name, Email: u.Email, Batch: b.ID, BatchName: b.Name, TimeZone: b.TimeZone, Status: domain.EnrolmentActive,
			EnrolledAt: build.Now.AddDate(0, 0, -days), Connection: connection, Version: 1, LastWeek: week,
		}
	}
	failing := func(s domain.Student) domain.Student {
		s.Failing = &domain.Failing{Since: build.Now.AddDate(0, 0, -30), Reason: domain.ReasonRevoked, Server: source}
		return s
	}
	quietWeek := domain.Coverage{Expected: 6, OK: 1, Partial: 1, Pending: 4, Seconds: 600, AISeconds: 100, PartialSeconds: 930}
	busyWeek := domain.Coverage{Expected: 6, OK: 1, Pending: 3, PlanLimited: 1, Error: 1, Seconds: 3601, AIUnknown: 1}
	lostWeek := domain.Coverage{Expected: 6, Disconnected: 6}
	excluded, included := domain.Measure{AITime: domain.AIExcluded}, domain.Measure{AITime: domain.AIIncluded}
	want := domain.Dashboard{
		At:            build.Now,
		UsersByRole:   map[domain.Role]int{domain.RoleMember: 1, domain.RoleInstructor: 1, domain.RoleStudent: 4},
		ActiveBatches: 2, StudentsEnrolled: 4, StudentsConnected: 2,
		Last7:  domain.CodingTotal{Days: 7, Seconds: 600 + 3601 + 105, AISeconds: 100, AIUnknown: 1, PartialSeconds: 930, Known: 4, Partial: 2, Missed: 3},
		Last30: domain.CodingTotal{Days: 30, Seconds: 600 + 3601 + 105 + 60, AISeconds: 100, AIUnknown: 1, PartialSeconds: 930, Known: 5, Partial: 2, Missed: 3},
		Newest: []domain.Student{
			// Its batch ended two days ago: five days of the week are expected.
			student(fresh, over, 0, domain.NotConnected, domain.Coverage{Expected: 5, OK: 1, Disconnected: 4, Seconds: 100}),
			failing(student(lost, b, 7, domain.NeedsReconnect, lostWeek)),
			student(busy, b, 8, domain.Connected, busyWeek),
			student(quiet, b, 9, domain.Connected, quietWeek),
		},
		Batches: []domain.ActiveBatch{
			{ID: b.ID, Name: "First", TimeZone: b.TimeZone, EndsOn: b.EndsOn, Students: 3, Connected: 2, Measure: excluded, MedianSeconds: new((600 - 100 + 3601 + 1) / 2), LastWeek: new(sum(quietWeek, busyWeek, lostWeek))},
			{ID: later.ID, Name: later.Name, TimeZone: later.TimeZone, EndsOn: later.EndsOn, Measure: included, LastWeek: &domain.Coverage{}},
		},
		JobsFailing: 2,
	}
	got, err := postgres.NewDashboardStore(pool).Dashboard(t.Context(), build.Now)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	// The student store returns the same weeks.
	for _, s := range got.Newest {
		same := must(postgres.NewStudentStore(pool, build.Clock).Student(t.Context(), s.ID))
		if diff := cmp.Diff(same, s); diff != "" {
			t.Error(diff)
		}
	}
}

func TestDashboardStore_MedianFollowsTheRuleForAITime(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for rule, want := range map[domain.AITime]int{domain.AIExcluded: 500, domain.AIIncluded: 600} {
		b := build.Batch(t, pool, func(b *domain.Batch) { b.AITime = rule })
		u := build.Student(t, pool, b.ID)
		day := build.Known(build.Today-1, 600)
		day.AISeconds = new(100)
		build.Days(t, pool, u.ID, day, build.Partial(build.Today, 5000))
		for _, a := range must(postgres.NewDashboardStore(pool).Dashboard(t.Context(), build.Now)).Batches {
			if a.ID == b.ID && (a.MedianSeconds == nil || *a.MedianSeconds != want || a.Measure.AITime != rule || a.LastWeek.Seconds != 600) {
				t.Errorf("%s: %+v, median %v; want %d", rule, a, a.MedianSeconds, want)
			}
		}
	}
}

func TestDashboardStore_ActiveBatchesFollowTheirTimeZone(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		zone         domain.TimeZone
		starts, ends domain.Day
		want         int
		after        time.Duration
	}{
		"ends today":                                 {zone: "UTC", starts: -9, ends: 0, want: 1},
		"ended yesterday":                            {zone: "UTC", starts: -9, ends: -1, want: 0},
		"ended today where it is tomorrow":           {zone: "Pacific/Kiritimati", starts: -9, ends: 0, want: 0},
		"ends tomorrow where it is tomorrow":         {zone: "Pacific/Kiritimati", starts: -9, ends: 1, want: 1},
		"begins tomorrow where it is tomorrow":       {zone: "Pacific/Kiritimati", starts: 1, ends: 9, want: 1},
		"ended yesterday where today has just begun": {zone: "Etc/GMT+12", starts: -9, ends: -1, want: 0},
		"ended yesterday where it is yesterday":      {zone: "Etc/GMT+12", starts: -9, ends: -1, want: 1, after: -time.Second},
		"begins today":                               {zone: "UTC", starts: 0, ends: 9, want: 1},
		"begins tomorrow":                            {zone: "UTC", starts: 1, ends: 9, want: 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			b := build.Batch(t, pool, func(b *domain.Batch) {
				b.TimeZone, b.StartsOn, b.EndsOn = c.zone, build.Today+c.starts, build.Today+c.ends
			})
			got := must(postgres.NewDashboardStore(pool).Dashboard(t.Context(), build.Now.Add(c.after)))
			if active := b.Status(build.Now.Add(c.after)) == domain.BatchActive; active != (c.want == 1) {
				t.Fatalf("invalid test case: active is %v", active)
			}
			if got.ActiveBatches != c.want || len(got.Batches) != c.want {
				t.Errorf("%d active and %d listed, want %d", got.ActiveBatches, len(got.Batches), c.want)
			}
		})
	}
}

func TestDashboardStore_LimitsLists(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	var want []string
	for i := range 25 {
		b := build.Batch(t, pool, func(b *domain.Batch) { b.EndsOn = build.Today + domain.Day(25-i) })
		build.Student(t, pool, b.ID, func(u *domain.User, e *domain.Enrolment) {
			u.Name, e.EnrolledAt = fmt.Sprint(i), build.Now.AddDate(0, 0, -i)
		})
		want = append(want, b.Name)
	}
	slices.Reverse(want)
	got := must(postgres.NewDashboardStore(pool).Dashboard(t.Context(), build.Now))
	if got.ActiveBatches != 25 || got.StudentsEnrolled != 25 {
		t.Errorf("%d batches, %d students", got.ActiveBatches, got.StudentsEnrolled)
	}
	if list := joinNames(got.Newest, func(s domain.Student) string { return s.Name }); list != "0, 1, 2, 3, 4" {
		t.Errorf("newest: %s", list)
	}
	if diff := cmp.Diff(joinNames(want[:20], func(s string) string { return s }), joinNames(got.Batches, func(b domain.ActiveBatch) string { return b.Name })); diff != "" {
		t.Error(diff)
	}
}
