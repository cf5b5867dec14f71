package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

var allBatches = domain.Visibility{All: true}

func TestStudentStore_Student(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	b := build.Batch(t, pool, func(b *domain.Batch) { b.Name, b.TimeZone = "Go 12", "Asia/Kathmandu" })
	u := build.Student(t, pool, b.ID, func(_ *domain.User, e *domain.Enrolment) { e.Status = domain.EnrolmentPaused })
	build.Connection(t, pool, u.ID)
	build.Days(t, pool, u.ID, build.Partial(build.Today, 60), build.Known(build.Today-6, 40), build.Known(build.Today-7, 5000))

	got, err := postgres.NewStudentStore(pool, build.Clock).Student(t.Context(), u.ID)
	want := domain.Student{
		ID: u.ID, Name: u.Name, Email: u.Email, Batch: b.ID, BatchName: "Go 12", TimeZone: "Asia/Kathmandu",
		Status: domain.EnrolmentPaused, EnrolledAt: build.Now.AddDate(0, 0, -30), Connection: domain.Connected,
		Version: 1, LastWeek: domain.Coverage{Expected: 6, OK: 1, Pending: 5, Seconds: 40, PartialSeconds: 60},
	}
	if d := diff(want, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
}

func TestStudentStore_Student_NotFound(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	b := build.Batch(t, pool)
	left := build.Student(t, pool, b.ID, func(_ *domain.User, e *domain.Enrolment) { e.EndedAt = &build.Now })
	for name, id := range map[string]domain.UserID{"a member": build.User(t, pool).ID, "a former student": left.ID, "an unknown user": build.ID()} {
		if _, err := postgres.NewStudentStore(pool, build.Clock).Student(t.Context(), id); !errors.Is(err, domain.ErrStudentNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStudentStore_Student_LastWeek(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	// 18:30 in UTC is the next day in Kathmandu and the same day in Chicago.
	now := time.Date(2026, 11, 23, 18, 30, 0, 0, time.UTC)
	today := domain.NewDay(2026, 11, 23)
	connected := func(u domain.UserID) { build.Connection(t, pool, u) }
	ended := func(u domain.UserID) {
		build.Connection(t, pool, u, func(c *domain.Connection) { c.State = domain.NeedsReconnect })
	}
	never := func(domain.UserID) {}

	for name, tc := range map[string]struct {
		zone     domain.TimeZone
		endsOn   domain.Day
		enrolled time.Time
		connect  func(domain.UserID)
		days     []domain.DailySummary
		state    domain.ConnectionState
		want     domain.Coverage
	}{
		"every state is counted": {
			"UTC", today + 9, now, connected,
			[]domain.DailySummary{
				build.Partial(today, 100), build.Known(today-1, 0), build.Unknown(today-2, domain.DayPending, domain.ReasonNotReady),
				build.Unknown(today-3, domain.DayPlanLimited, domain.ReasonPlanLimited), build.Unknown(today-4, domain.DayError, domain.ReasonInvalid), build.Known(today-5, 23), build.Partial(today-6, 7),
			},
			domain.Connected,
			domain.Coverage{Expected: 6, OK: 1, Empty: 1, Partial: 1, Pending: 1, PlanLimited: 1, Error: 1, Seconds: 23, PartialSeconds: 107},
		},
		"days without a row are pending while connected": {
			"UTC", today + 9, now, connected, nil, domain.Connected, domain.Coverage{Expected: 6, Pending: 6},
		},
		"days without a row are disconnected after WakaTime revoked access": {
			"UTC", today + 9, now, ended,
			[]domain.DailySummary{build.Known(today-6, 9), build.Unknown(today-5, domain.DayPending, domain.ReasonNotReady)},
			domain.NeedsReconnect,
			domain.Coverage{Expected: 6, OK: 1, Pending: 1, Disconnected: 4, Seconds: 9},
		},
		"days without a row are disconnected without a connection": {
			"UTC", today + 9, now, never, nil, domain.NotConnected, domain.Coverage{Expected: 6, Disconnected: 6},
		},
		"today is in the batch's time zone, ahead of UTC": {
			"Asia/Kathmandu", today + 9, now, never,
			[]domain.DailySummary{build.Partial(today+1, 8), build.Known(today, 16), build.Known(today-5, 4), build.Known(today-6, 2), build.Known(today+2, 1)},
			domain.NotConnected,
			domain.Coverage{Expected: 6, OK: 2, Disconnected: 4, Seconds: 20, PartialSeconds: 8},
		},
		"today is in the batch's time zone, behind UTC": {
			"America/Chicago", today + 9, now, never,
			[]domain.DailySummary{build.Known(today+1, 8), build.Partial(today, 4), build.Known(today-6, 2), build.Known(today-7, 1)},
			domain.NotConnected,
			domain.Coverage{Expected: 6, OK: 1, Disconnected: 5, Seconds: 2, PartialSeconds: 4},
		},
		"no days are expected after the batch": {
			"UTC", today - 4, now.AddDate(0, 0, -40), connected,
			[]domain.DailySummary{build.Known(today-4, 8), build.Known(today-3, 4)},
			domain.Connected,
			domain.Coverage{Expected: 3, OK: 1, Pending: 2, Seconds: 8},
		},
		"no days are expected long after the batch": {
			"UTC", today - 30, now.AddDate(0, 0, -40), connected, nil, domain.Connected, domain.Coverage{},
		},
		"an enrolment in the future": {
			"UTC", today + 9, now.AddDate(0, 0, 2), connected, nil, domain.Connected, domain.Coverage{Expected: 4, Pending: 4},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := build.Batch(t, pool, func(b *domain.Batch) { b.TimeZone, b.EndsOn = tc.zone, tc.endsOn })
			u := build.Student(t, pool, b.ID, func(_ *domain.User, e *domain.Enrolment) { e.EnrolledAt = tc.enrolled })
			tc.connect(u.ID)
			build.Days(t, pool, u.ID, tc.days...)
			store := postgres.NewStudentStore(pool, func() time.Time { return now })
			got, err := store.Student(t.Context(), u.ID)
			if d := diff(tc.want, got.LastWeek); d != "" || err != nil {
				t.Errorf("%v\n%s", err, d)
			}
			if got.Connection != tc.state {
				t.Errorf("connection %q, want %q", got.Connection, tc.state)
			}
			// The domain expects the same days.
			day := tc.zone.Today(now)
			week := domain.TrackedDays(tc.zone.Today(tc.enrolled), day, &tc.endsOn).Intersect(domain.DayRange{From: day - 6, To: day})
			if got.LastWeek.Expected != week.Intersect(domain.DayRange{From: week.From, To: day - 1}).Len() {
				t.Errorf("%d days are expected, want %d as in the domain", got.LastWeek.Expected, week.Len())
			}
		})
	}
}

func TestStudentStore_ListStudents_Filters(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	a, b := build.Batch(t, pool).ID, build.Batch(t, pool).ID
	add := func(name string, batch domain.BatchID, status domain.EnrolmentStatus, state domain.ConnectionState) {
		u := build.Student(t, pool, batch, func(u *domain.User, e *domain.Enrolment) {
			u.Name, u.Email, e.Status = name, domain.Email(fmt.Sprintf("%x@example.com", name)), status
		})
		if state != "" {
			build.Connection(t, pool, u.ID, func(c *domain.Connection) { c.State = state })
		}
	}
	add("Ada", a, domain.EnrolmentActive, domain.Connected)
	add("bo 50%", a, domain.EnrolmentPaused, domain.NeedsReconnect)
	add("Chidi", a, domain.EnrolmentActive, "")
	add("Dilnoza", b, domain.EnrolmentActive, domain.Connected)
	add("eun_a", b, domain.EnrolmentGraduated, "")
	build.Student(t, pool, a, func(_ *domain.User, e *domain.Enrolment) { e.EndedAt = &build.Now })
	build.User(t, pool)
	store := postgres.NewStudentStore(pool, build.Clock)

	for name, tc := range map[string]struct {
		visible domain.Visibility
		filter  domain.StudentFilter
		want    string
	}{
		"all students are sorted by name, ignoring case": {allBatches, domain.StudentFilter{}, "Ada, bo 50%, Chidi, Dilnoza, eun_a"},
		"filter by batch":      {allBatches, domain.StudentFilter{Batch: b}, "Dilnoza, eun_a"},
		"filter by status":     {allBatches, domain.StudentFilter{Status: domain.EnrolmentActive}, "Ada, Chidi, Dilnoza"},
		"filter connected":     {allBatches, domain.StudentFilter{Connected: new(true)}, "Ada, Dilnoza"},
		"filter not connected": {allBatches, domain.StudentFilter{Connected: new(false)}, "bo 50%, Chidi, eun_a"},
		"names that start with a search come first, ignoring case": {allBatches, domain.StudentFilter{Search: "DI"}, "Dilnoza, Chidi"},
		"a percent sign is literal":                                {allBatches, domain.StudentFilter{Search: "0%"}, "bo 50%"},
		"an underscore is literal":                                 {allBatches, domain.StudentFilter{Search: "_a"}, "eun_a"},
		"search in addresses":                                      {allBatches, domain.StudentFilter{Search: fmt.Sprintf("%x@", "Ada")}, "Ada"},
		"all filters":                                              {allBatches, domain.StudentFilter{Batch: a, Status: domain.EnrolmentActive, Connected: new(false), Search: "chi"}, "Chidi"},
		"an instructor's batch":                                    {domain.Visibility{Batches: []domain.BatchID{b}}, domain.StudentFilter{}, "Dilnoza, eun_a"},
		"one of an instructor's two batches":                       {domain.Visibility{Batches: []domain.BatchID{a, b}}, domain.StudentFilter{Batch: a}, "Ada, bo 50%, Chidi"},
		"another instructor's batch":                               {domain.Visibility{Batches: []domain.BatchID{b}}, domain.StudentFilter{Batch: a}, ""},
		"an instructor without a batch":                            {domain.Visibility{}, domain.StudentFilter{}, ""},
		"an instructor's search":                                   {domain.Visibility{Batches: []domain.BatchID{b}}, domain.StudentFilter{Search: "di"}, "Dilnoza"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, limit := range []int{1, 2, 5, 6} {
				got := listAll(t, limit, func(req domain.PageRequest) (domain.Page[domain.Student], error) {
					return store.ListStudents(t.Context(), tc.visible, tc.filter, req)
				})
				if got := joinNames(got, func(s domain.Student) string { return s.Name }); got != tc.want {
					t.Errorf("limit %d: got %q, want %q", limit, got, tc.want)
				}
			}
		})
	}
}

func TestStudentStore_ListStudents_UsesIndexesInOneRoundTrip(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.School(t, pool, 3000, 21)
	pool, queries := traced(t, pool)
	store := postgres.NewStudentStore(pool, build.Clock)
	first := must(store.ListStudents(t.Context(), allBatches, domain.StudentFilter{}, domain.PageRequest{Limit: 1})).Items[0]
	deep := must(store.ListStudents(t.Context(), allBatches, domain.StudentFilter{}, domain.PageRequest{Limit: 1500})).Next
	taught := domain.Visibility{Batches: []domain.BatchID{first.Batch}}

	for name, tc := range map[string]struct {
		visible domain.Visibility
		filter  domain.StudentFilter
		after   domain.Cursor
		byIndex []string
	}{
		"all students":         {allBatches, domain.StudentFilter{}, "", []string{"users", "enrolments", "days"}},
		"a page in the middle": {allBatches, domain.StudentFilter{}, deep, []string{"users", "enrolments", "days"}},
		"connected":            {allBatches, domain.StudentFilter{Connected: new(true)}, "", []string{"users", "enrolments", "days"}},
		"active":               {allBatches, domain.StudentFilter{Status: domain.EnrolmentActive}, "", []string{"users", "enrolments", "days"}},
		"a search":             {allBatches, domain.StudentFilter{Search: "fatima 1a2"}, "", []string{"users", "enrolments", "days"}},
		// A scan of users is fine for a batch while there are few users.
		"a batch":                {allBatches, domain.StudentFilter{Batch: first.Batch}, "", []string{"enrolments", "days"}},
		"an instructor's batch":  {taught, domain.StudentFilter{}, "", []string{"enrolments", "days"}},
		"an instructor's search": {taught, domain.StudentFilter{Search: first.Name}, "", []string{"enrolments", "days"}},
	} {
		queries.take()
		if _, err := store.ListStudents(t.Context(), tc.visible, tc.filter, domain.PageRequest{Limit: 20, After: tc.after}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rejectSeqScans(t, name+"\n"+queries.plan(t, pool), tc.byIndex...)
	}
	queries.take()
	if _, err := store.Student(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	rejectSeqScans(t, queries.plan(t, pool), "users", "enrolments", "days")
}
