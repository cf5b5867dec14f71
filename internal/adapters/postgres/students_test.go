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

var everybody = domain.Visibility{All: true}

func TestStudentStore_Student(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	b := build.Batch(t, pool, func(b *domain.Batch) { b.Name, b.TimeZone = "Go 12", "Asia/Kathmandu" })
	u := build.Student(t, pool, b.ID, func(_ *domain.User, e *domain.Enrolment) { e.Status = domain.EnrolmentPaused })
	build.Connection(t, pool, u.ID)
	build.Days(t, pool, u.ID, build.Known(build.Today, 60), build.Known(build.Today-6, 40), build.Known(build.Today-7, 5000))

	got, err := postgres.NewStudentStore(pool, build.Clock).Student(t.Context(), u.ID)
	want := domain.Student{
		ID: u.ID, Name: u.Name, Email: u.Email, Batch: b.ID, BatchName: "Go 12", TimeZone: "Asia/Kathmandu",
		Status: domain.EnrolmentPaused, EnrolledAt: build.Now.AddDate(0, 0, -30), Connection: domain.Connected,
		Version: 1, LastWeek: domain.Coverage{Expected: 7, OK: 2, Pending: 5, Seconds: 100},
	}
	if d := diff(want, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
}

func TestStudentStore_Student_whoIsNone(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	b := build.Batch(t, pool)
	left := build.Student(t, pool, b.ID, func(_ *domain.User, e *domain.Enrolment) { e.EndedAt = &build.Now })
	for name, id := range map[string]domain.UserID{"a member": build.User(t, pool).ID, "who left": left.ID, "nobody": build.ID()} {
		if _, err := postgres.NewStudentStore(pool, build.Clock).Student(t.Context(), id); !errors.Is(err, domain.ErrStudentNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStudentStore_lastWeek(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	// 18:30 in UTC is the next day in Kathmandu and the same in Chicago.
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
				build.Known(today, 100), build.Known(today-1, 0), build.Unknown(today-2, domain.DayPending, domain.ReasonNotReady),
				build.Unknown(today-3, domain.DayPlanLimited, domain.ReasonPlanLimited), build.Unknown(today-4, domain.DayError, domain.ReasonInvalid), build.Known(today-5, 23),
			},
			domain.Connected,
			domain.Coverage{Expected: 7, OK: 2, Empty: 1, Pending: 2, PlanLimited: 1, Error: 1, Seconds: 123},
		},
		"days without a row are pending while connected": {
			"UTC", today + 9, now, connected, nil, domain.Connected, domain.Coverage{Expected: 7, Pending: 7},
		},
		"days without a row are disconnected when WakaTime ended it": {
			"UTC", today + 9, now, ended,
			[]domain.DailySummary{build.Known(today-6, 9), build.Unknown(today-5, domain.DayPending, domain.ReasonNotReady)},
			domain.NeedsReconnect,
			domain.Coverage{Expected: 7, OK: 1, Pending: 1, Disconnected: 5, Seconds: 9},
		},
		"days without a row are disconnected for who never connected": {
			"UTC", today + 9, now, never, nil, domain.NotConnected, domain.Coverage{Expected: 7, Disconnected: 7},
		},
		"today is the batch's, ahead": {
			"Asia/Kathmandu", today + 9, now, never,
			[]domain.DailySummary{build.Known(today+1, 8), build.Known(today-5, 4), build.Known(today-6, 2), build.Known(today+2, 1)},
			domain.NotConnected,
			domain.Coverage{Expected: 7, OK: 2, Disconnected: 5, Seconds: 12},
		},
		"today is the batch's, behind": {
			"America/Chicago", today + 9, now, never,
			[]domain.DailySummary{build.Known(today+1, 8), build.Known(today, 4), build.Known(today-6, 2), build.Known(today-7, 1)},
			domain.NotConnected,
			domain.Coverage{Expected: 7, OK: 2, Disconnected: 5, Seconds: 6},
		},
		"nothing is expected after the batch": {
			"UTC", today - 4, now.AddDate(0, 0, -40), connected,
			[]domain.DailySummary{build.Known(today-4, 8), build.Known(today-3, 4)},
			domain.Connected,
			domain.Coverage{Expected: 3, OK: 1, Pending: 2, Seconds: 8},
		},
		"a batch that ended long ago": {
			"UTC", today - 30, now.AddDate(0, 0, -40), connected, nil, domain.Connected, domain.Coverage{},
		},
		"enrolled by a clock that is ahead": {
			"UTC", today + 9, now.AddDate(0, 0, 2), connected, nil, domain.Connected, domain.Coverage{Expected: 5, Pending: 5},
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
			week := domain.ExpectedDays(tc.zone.Today(tc.enrolled), day, &tc.endsOn).Intersect(domain.DayRange{From: day - 6, To: day})
			if got.LastWeek.Expected != week.Len() {
				t.Errorf("%d days are expected, the domain says %d", got.LastWeek.Expected, week.Len())
			}
		})
	}
}

func TestStudentStore_ListStudents_filters(t *testing.T) {
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
		sight  domain.Visibility
		filter domain.StudentFilter
		want   string
	}{
		"everybody by name in any case":   {everybody, domain.StudentFilter{}, "Ada, bo 50%, Chidi, Dilnoza, eun_a"},
		"of one batch":                    {everybody, domain.StudentFilter{Batch: b}, "Dilnoza, eun_a"},
		"of a status":                     {everybody, domain.StudentFilter{Status: domain.EnrolmentActive}, "Ada, Chidi, Dilnoza"},
		"who is connected":                {everybody, domain.StudentFilter{Connected: new(true)}, "Ada, Dilnoza"},
		"who is not":                      {everybody, domain.StudentFilter{Connected: new(false)}, "bo 50%, Chidi, eun_a"},
		"part of a name in any case":      {everybody, domain.StudentFilter{Search: "DI"}, "Chidi, Dilnoza"},
		"marks are no wildcards":          {everybody, domain.StudentFilter{Search: "0%"}, "bo 50%"},
		"nor are lines":                   {everybody, domain.StudentFilter{Search: "_a"}, "eun_a"},
		"part of an address":              {everybody, domain.StudentFilter{Search: fmt.Sprintf("%x@", "Ada")}, "Ada"},
		"everything at once":              {everybody, domain.StudentFilter{Batch: a, Status: domain.EnrolmentActive, Connected: new(false), Search: "chi"}, "Chidi"},
		"what a teacher sees":             {domain.Visibility{Batches: []domain.BatchID{b}}, domain.StudentFilter{}, "Dilnoza, eun_a"},
		"one of two batches of a teacher": {domain.Visibility{Batches: []domain.BatchID{a, b}}, domain.StudentFilter{Batch: a}, "Ada, bo 50%, Chidi"},
		"a batch of another teacher":      {domain.Visibility{Batches: []domain.BatchID{b}}, domain.StudentFilter{Batch: a}, ""},
		"a teacher without a batch":       {domain.Visibility{}, domain.StudentFilter{}, ""},
		"a teacher searches":              {domain.Visibility{Batches: []domain.BatchID{b}}, domain.StudentFilter{Search: "di"}, "Dilnoza"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, limit := range []int{1, 2, 5, 6} {
				got := walk(t, limit, func(req domain.PageRequest) (domain.Page[domain.Student], error) {
					return store.ListStudents(t.Context(), tc.sight, tc.filter, req)
				})
				if got := names(got, func(s domain.Student) string { return s.Name }); got != tc.want {
					t.Errorf("by %d: got %q, want %q", limit, got, tc.want)
				}
			}
		})
	}
}

func TestStudentStore_ListStudents_isOneRoundTripWithoutScans(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.School(t, pool, 3000, 21)
	pool, spy := watched(t, pool)
	store := postgres.NewStudentStore(pool, build.Clock)
	first := must(store.ListStudents(t.Context(), everybody, domain.StudentFilter{}, domain.PageRequest{Limit: 1})).Items[0]
	deep := must(store.ListStudents(t.Context(), everybody, domain.StudentFilter{}, domain.PageRequest{Limit: 1500})).Next
	taught := domain.Visibility{Batches: []domain.BatchID{first.Batch}}

	for name, tc := range map[string]struct {
		sight   domain.Visibility
		filter  domain.StudentFilter
		after   domain.Cursor
		byIndex []string
	}{
		"everybody":           {everybody, domain.StudentFilter{}, "", []string{"users", "enrolments", "days"}},
		"everybody, far down": {everybody, domain.StudentFilter{}, deep, []string{"users", "enrolments", "days"}},
		"connected":           {everybody, domain.StudentFilter{Connected: new(true)}, "", []string{"users", "enrolments", "days"}},
		"active":              {everybody, domain.StudentFilter{Status: domain.EnrolmentActive}, "", []string{"users", "enrolments", "days"}},
		"a search":            {everybody, domain.StudentFilter{Search: "fatima 1a2"}, "", []string{"users", "enrolments", "days"}},
		// The users of a batch may well be found by reading all, while these are few.
		"a batch":             {everybody, domain.StudentFilter{Batch: first.Batch}, "", []string{"enrolments", "days"}},
		"what a teacher sees": {taught, domain.StudentFilter{}, "", []string{"enrolments", "days"}},
		"a teacher's search":  {taught, domain.StudentFilter{Search: first.Name}, "", []string{"enrolments", "days"}},
	} {
		spy.take()
		if _, err := store.ListStudents(t.Context(), tc.sight, tc.filter, domain.PageRequest{Limit: 20, After: tc.after}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		refuseScans(t, name+"\n"+spy.plan(t, pool), tc.byIndex...)
	}
	spy.take()
	if _, err := store.Student(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	refuseScans(t, spy.plan(t, pool), "users", "enrolments", "days")
}
