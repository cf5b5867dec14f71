package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestBatchStore_RoundTrip(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewBatchStore(pool, build.Clock)
	want := domain.Batch{
		ID: build.ID(), Name: "Go 12", Description: "in the morning", StartsOn: build.Today, EndsOn: build.Today + 90,
		TimeZone: "Pacific/Kiritimati", WeeklyGoal: new(36_000), AITime: domain.AIIncluded, CreatedAt: build.Now, Version: 1,
	}
	if err := store.AddBatch(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	got, err := store.Batch(t.Context(), want.ID)
	if d := diff(want, got); d != "" || err != nil {
		t.Errorf("after AddBatch: %v\n%s", err, d)
	}

	want.Name, want.Description, want.StartsOn, want.EndsOn = "Go 13", "in the evening", build.Today-5, build.Today+5
	want.TimeZone, want.WeeklyGoal, want.AITime, want.ArchivedAt = "America/Chicago", nil, domain.AIExcluded, &build.Now
	if err := store.SaveBatch(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	want.Version = 2
	build.Student(t, pool, want.ID)
	build.Student(t, pool, want.ID, func(_ *domain.User, e *domain.Enrolment) { e.EndedAt = &build.Now })
	build.Instructor(t, pool, want.ID)
	build.Instructor(t, pool, want.ID)
	want.Students, want.Instructors = 1, 2
	err = inUnitOfWork(t, pool, func(ctx context.Context) error {
		got, err := store.LockBatch(ctx, want.ID)
		if d := diff(want, got); d != "" {
			t.Errorf("after SaveBatch:\n%s", d)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestBatchStore_Errors(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewBatchStore(pool, build.Clock)
	known := build.Batch(t, pool)
	unknown := known
	unknown.ID = build.ID()

	for name, tc := range map[string]struct {
		do   func(ctx context.Context) error
		want error
	}{
		"Batch returns not found": {func(ctx context.Context) error {
			_, err := store.Batch(ctx, unknown.ID)
			return err
		}, domain.ErrBatchNotFound},
		"LockBatch returns not found": {func(ctx context.Context) error {
			_, err := store.LockBatch(ctx, unknown.ID)
			return err
		}, domain.ErrBatchNotFound},
		"SaveBatch returns not found": {func(ctx context.Context) error { return store.SaveBatch(ctx, unknown) }, domain.ErrBatchNotFound},
		"an invalid cursor is rejected": {func(ctx context.Context) error {
			_, err := store.ListBatches(ctx, domain.Visibility{All: true}, domain.BatchFilter{}, domain.PageRequest{After: "rubbish", Limit: 1})
			return err
		}, domain.ErrInvalidCursor},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := inUnitOfWork(t, pool, tc.do); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
	if _, err := store.LockBatch(t.Context(), known.ID); err == nil {
		t.Error("LockBatch succeeded outside a unit of work")
	}
}

func TestBatchStore_ListBatches_Filters(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	// 2026-11-23 23:30 in UTC: the 24th in Kathmandu, still the 23rd in Chicago.
	now := time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)
	today := domain.NewDay(2026, 11, 23)
	store := postgres.NewBatchStore(pool, func() time.Time { return now })
	add := func(name string, zone domain.TimeZone, from, to domain.Day, archived *time.Time) domain.Batch {
		return build.Batch(t, pool, func(b *domain.Batch) {
			b.Name, b.TimeZone, b.StartsOn, b.EndsOn, b.ArchivedAt = name, zone, from, to, archived
		})
	}
	all := []domain.Batch{
		add("archived", "UTC", today-9, today+9, &now),
		add("Chicago until today", "America/Chicago", today-9, today, nil),
		add("Chicago from tomorrow", "America/Chicago", today+1, today+9, nil),
		add("Kathmandu until today", "Asia/Kathmandu", today-9, today, nil),
		add("Kathmandu from tomorrow", "Asia/Kathmandu", today+1, today+9, nil),
		add("100% remote_work", "UTC", today-9, today+9, nil),
	}
	unrestricted := domain.Visibility{All: true}

	for name, tc := range map[string]struct {
		visible domain.Visibility
		filter  domain.BatchFilter
		want    string
	}{
		"all batches are sorted by name, ignoring case": {unrestricted, domain.BatchFilter{}, "100% remote_work, archived, Chicago from tomorrow, Chicago until today, Kathmandu from tomorrow, Kathmandu until today"},
		"active in the batch's time zone":               {unrestricted, domain.BatchFilter{Status: domain.BatchActive}, "100% remote_work, Chicago until today, Kathmandu from tomorrow"},
		"upcoming in the batch's time zone":             {unrestricted, domain.BatchFilter{Status: domain.BatchUpcoming}, "Chicago from tomorrow"},
		"ended in the batch's time zone":                {unrestricted, domain.BatchFilter{Status: domain.BatchEnded}, "Kathmandu until today"},
		"archived regardless of dates":                  {unrestricted, domain.BatchFilter{Status: domain.BatchArchived}, "archived"},
		"search ignores case":                           {unrestricted, domain.BatchFilter{Search: "kATHm"}, "Kathmandu from tomorrow, Kathmandu until today"},
		"wildcards are literal":                         {unrestricted, domain.BatchFilter{Search: "0% REMOTE_"}, "100% remote_work"},
		"filter by search and status":                   {unrestricted, domain.BatchFilter{Search: "o", Status: domain.BatchUpcoming}, "Chicago from tomorrow"},
		"only visible batches":                          {domain.Visibility{Batches: []domain.BatchID{all[0].ID, all[5].ID}}, domain.BatchFilter{}, "100% remote_work, archived"},
		"filter visible batches by status":              {domain.Visibility{Batches: []domain.BatchID{all[0].ID, all[5].ID}}, domain.BatchFilter{Status: domain.BatchArchived}, "archived"},
		"no visible batches":                            {domain.Visibility{}, domain.BatchFilter{}, ""},
		"no match":                                      {unrestricted, domain.BatchFilter{Search: "%%"}, ""},
		"search for an invisible batch":                 {domain.Visibility{Batches: []domain.BatchID{all[1].ID}}, domain.BatchFilter{Search: "Kathmandu"}, ""},
		"the zero ID matches nothing":                   {domain.Visibility{Batches: []domain.BatchID{{}}}, domain.BatchFilter{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, limit := range []int{1, 2, 6, 7} {
				got := listAll(t, limit, func(req domain.PageRequest) (domain.Page[domain.Batch], error) {
					return store.ListBatches(t.Context(), tc.visible, tc.filter, req)
				})
				if got := joinNames(got, func(b domain.Batch) string { return b.Name }); got != tc.want {
					t.Errorf("limit %d: got %q, want %q", limit, got, tc.want)
				}
				for _, b := range got {
					if s := tc.filter.Status; s != "" && b.Status(now) != s {
						t.Errorf("%s is %s in the domain and %s in Postgres", b.Name, b.Status(now), s)
					}
				}
			}
		})
	}
}

func TestBatchStore_ListBatches_CountsInOneRoundTrip(t *testing.T) {
	t.Parallel()
	pool, queries := traced(t, pgtest.New(t))
	b := build.Batch(t, pool)
	build.Student(t, pool, b.ID)
	build.Student(t, pool, b.ID, func(_ *domain.User, e *domain.Enrolment) { e.EndedAt = &build.Now })
	build.Instructor(t, pool, b.ID)
	queries.take()
	got, err := postgres.NewBatchStore(pool, build.Clock).ListBatches(t.Context(), domain.Visibility{All: true}, domain.BatchFilter{}, domain.PageRequest{Limit: 5})
	b.Students, b.Instructors = 1, 1
	if d := diff(domain.Page[domain.Batch]{Items: []domain.Batch{b}}, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	if n := len(queries.take()); n != 1 {
		t.Errorf("%d round trips", n)
	}
}

func TestInstructorStore(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewInstructorStore(pool)
	b, other := build.Batch(t, pool).ID, build.Batch(t, pool).ID
	var staff []domain.Instructor
	for _, name := range []string{"ada", "Bo", "chidi"} {
		u := build.User(t, pool, func(u *domain.User) { u.Name, u.Role = name, domain.RoleInstructor })
		staff = append(staff, domain.Instructor{User: u.ID, Name: u.Name, Email: u.Email, AssignedAt: build.Now})
	}
	for _, i := range []int{2, 0, 1} {
		if added, err := store.AddInstructor(t.Context(), b, staff[i]); !added || err != nil {
			t.Errorf("AddInstructor: %t, %v", added, err)
		}
	}
	again := staff[1]
	again.AssignedAt = build.Now.Add(time.Hour)
	if added, err := store.AddInstructor(t.Context(), b, again); added || err != nil {
		t.Errorf("second AddInstructor: %t, %v", added, err)
	}
	if _, err := store.AddInstructor(t.Context(), other, staff[1]); err != nil {
		t.Error(err)
	}
	got, err := store.ListInstructors(t.Context(), b)
	if d := diff(staff, got); d != "" || err != nil {
		t.Errorf("ListInstructors: %v\n%s", err, d)
	}

	if err := store.RemoveInstructor(t.Context(), b, staff[0].User); err != nil {
		t.Error(err)
	}
	if err := store.RemoveInstructor(t.Context(), b, staff[0].User); !errors.Is(err, domain.ErrInstructorNotFound) {
		t.Errorf("second RemoveInstructor: %v", err)
	}
	if err := store.RemoveAssignments(t.Context(), staff[1].User); err != nil {
		t.Error(err)
	}
	for id, want := range map[domain.BatchID][]domain.Instructor{b: staff[2:], other: {}} {
		got, err := store.ListInstructors(t.Context(), id)
		if d := diff(want, got); d != "" || err != nil {
			t.Errorf("after removal: %v\n%s", err, d)
		}
	}
}
