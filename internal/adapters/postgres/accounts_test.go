package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func newUser() domain.User {
	id := domain.UserID(build.ID())
	return domain.User{
		ID: id, Email: domain.Email(id.String() + "@example.com"), Name: "Ada Lovelace", Role: domain.RoleMember,
		TimeZone: "Asia/Kathmandu", CreatedAt: build.Now, Version: 1,
	}
}

func TestUserStore_readsWhatItStored(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	want := newUser()
	want.SuspendedAt = &build.Now
	if err := store.AddUser(t.Context(), want, "the hash"); err != nil {
		t.Fatal(err)
	}

	got, err := store.User(t.Context(), want.ID)
	if d := diff(want, got); d != "" || err != nil {
		t.Errorf("User: %v\n%s", err, d)
	}
	got, hash, err := store.UserByEmail(t.Context(), want.Email)
	if d := diff(want, got); d != "" || hash != "the hash" || err != nil {
		t.Errorf("Password: hash %q, %v\n%s", hash, err, d)
	}
	me, err := store.Me(t.Context(), want.ID)
	if d := diff(domain.Me{User: want}, me); d != "" || err != nil {
		t.Errorf("Me: %v\n%s", err, d)
	}
	err = within(t, pool, func(ctx context.Context) error {
		got, err := store.LockUser(ctx, want.ID)
		if d := diff(want, got); d != "" {
			t.Errorf("LockUser:\n%s", d)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestUserStore_savesChangesAndCountsThem(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	want := build.User(t, pool)
	want.Name, want.Role, want.TimeZone, want.SuspendedAt = "Bo", domain.RoleAdmin, "America/Chicago", &build.Now
	if err := store.SaveUser(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	want.Version = 2
	got, err := store.User(t.Context(), want.ID)
	if d := diff(want, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
}

func TestUserStore_errors(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	known := build.User(t, pool)
	martian := newUser()
	martian.TimeZone = "Mars/Olympus"
	twin := newUser()
	twin.Email = known.Email

	for name, tc := range map[string]struct {
		do   func(ctx context.Context) error
		want error
	}{
		"no user has this id": {func(ctx context.Context) error {
			_, err := store.User(ctx, newUser().ID)
			return err
		}, domain.ErrUserNotFound},
		"nobody with this id is themselves": {func(ctx context.Context) error {
			_, err := store.Me(ctx, newUser().ID)
			return err
		}, domain.ErrUserNotFound},
		"nobody has this address": {func(ctx context.Context) error {
			_, _, err := store.UserByEmail(ctx, "nobody@example.com")
			return err
		}, domain.ErrUserNotFound},
		"nobody to lock": {func(ctx context.Context) error {
			_, err := store.LockUser(ctx, newUser().ID)
			return err
		}, domain.ErrUserNotFound},
		"nobody to save": {func(ctx context.Context) error {
			return store.SaveUser(ctx, newUser())
		}, domain.ErrUserNotFound},
		"an address is taken once": {func(ctx context.Context) error {
			return store.AddUser(ctx, twin, "")
		}, domain.ErrEmailTaken},
		"a zone that Postgres does not know, new": {func(ctx context.Context) error {
			return store.AddUser(ctx, martian, "")
		}, domain.ErrInvalid},
		"a zone that Postgres does not know, changed": {func(ctx context.Context) error {
			u := known
			u.TimeZone = "Mars/Olympus"
			return store.SaveUser(ctx, u)
		}, domain.ErrInvalid},
		"text with NUL": {func(ctx context.Context) error {
			_, err := store.ListUsers(ctx, domain.UserFilter{Search: "a\x00"}, domain.PageRequest{Limit: 1})
			return err
		}, domain.ErrInvalid},
		"text that is not UTF-8": {func(ctx context.Context) error {
			_, err := store.ListUsers(ctx, domain.UserFilter{Search: "\xff"}, domain.PageRequest{Limit: 1})
			return err
		}, domain.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := within(t, pool, tc.do); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestUserStore_unknownZoneNamesTheField(t *testing.T) {
	t.Parallel()
	martian := newUser()
	martian.TimeZone = "Mars/Olympus"
	err := postgres.NewUserStore(pgtest.New(t)).AddUser(t.Context(), martian, "")
	e, ok := errors.AsType[*domain.Error](err)
	if !ok || len(e.Fields) != 1 || e.Fields[0].Field != "time_zone" || e.Fields[0].Code != "time_zone_unknown" {
		t.Errorf("got %#v", e)
	}
}

func TestUserStore_locksOnlyInsideAUnitOfWork(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	u := build.User(t, pool)
	if _, err := store.LockUser(t.Context(), u.ID); err == nil {
		t.Error("LockUser locked nothing and said nothing")
	}
	if _, err := store.LockAdmins(t.Context()); err == nil {
		t.Error("LockAdmins locked nothing and said nothing")
	}
}

func TestUserStore_Me_hasTheBatchAndWhatIsTaught(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	b := build.Batch(t, pool, func(b *domain.Batch) { b.WeeklyGoal, b.TimeZone = new(3600), "Asia/Kathmandu" })
	other := build.Batch(t, pool)
	student := build.Student(t, pool, b.ID)
	build.Student(t, pool, b.ID)
	teacher := build.Instructor(t, pool, b.ID, other.ID)
	b.Students, b.Instructors = 2, 1

	got, err := store.Me(t.Context(), student.ID)
	if d := diff(domain.Me{User: student, Batch: &b}, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	got, err = store.Me(t.Context(), teacher.ID)
	if d := diff(domain.Me{User: teacher, Teaches: []domain.BatchID{b.ID, other.ID}}, got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
}

func TestUserStore_ListUsers_filters(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	for name, role := range map[string]domain.Role{
		"Ada": domain.RoleAdmin, "bo": domain.RoleMember, "Chidi 100%": domain.RoleMember, `Da\na`: domain.RoleInstructor, "FÉva_K": domain.RoleStudent,
	} {
		build.User(t, pool, func(u *domain.User) {
			u.Name, u.Role = name, role
			u.Email = domain.Email(fmt.Sprintf("%x@example.com", name))
		})
	}
	build.User(t, pool, func(u *domain.User) { u.Name, u.Email = "Zoe", "with_line@example.org" })

	for name, tc := range map[string]struct {
		filter domain.UserFilter
		want   string
	}{
		"everybody by name in any case":     {domain.UserFilter{}, `Ada, bo, Chidi 100%, Da\na, FÉva_K, Zoe`},
		"of one role":                       {domain.UserFilter{Role: domain.RoleMember}, "bo, Chidi 100%, Zoe"},
		"part of a name in any case":        {domain.UserFilter{Search: "AD"}, "Ada"},
		"accents in any case":               {domain.UserFilter{Search: "féVA"}, "FÉva_K"},
		"part of an address":                {domain.UserFilter{Search: "line@example.ORG"}, "Zoe"},
		"a percent sign is no wildcard":     {domain.UserFilter{Search: "0%"}, "Chidi 100%"},
		"a line is no wildcard":             {domain.UserFilter{Search: "_k"}, "FÉva_K"},
		"a backslash is no escape":          {domain.UserFilter{Search: `a\n`}, `Da\na`},
		"a role and a search":               {domain.UserFilter{Role: domain.RoleMember, Search: "chi"}, "Chidi 100%"},
		"a role and a search without match": {domain.UserFilter{Role: domain.RoleAdmin, Search: "chi"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for limit := 1; limit <= 6; limit++ {
				got := walk(t, limit, func(req domain.PageRequest) (domain.Page[domain.User], error) {
					return store.ListUsers(t.Context(), tc.filter, req)
				})
				if got := names(got, func(u domain.User) string { return u.Name }); got != tc.want {
					t.Errorf("by %d: got %q, want %q", limit, got, tc.want)
				}
			}
		})
	}
}

func TestUserStore_ListUsers_neverReadsTheWholeTable(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.School(t, pool, 3000, 0)
	pool, spy := watched(t, pool)
	store := postgres.NewUserStore(pool)
	deep := must(store.ListUsers(t.Context(), domain.UserFilter{}, domain.PageRequest{Limit: 1500})).Next

	for name, tc := range map[string]struct {
		filter domain.UserFilter
		after  domain.Cursor
		index  string
	}{
		"everybody":           {domain.UserFilter{}, "", "users_name_idx"},
		"everybody, far down": {domain.UserFilter{}, deep, "users_name_idx"},
		"the most of a role":  {domain.UserFilter{Role: domain.RoleStudent}, "", "users_"},
		"the few of a role":   {domain.UserFilter{Role: domain.RoleMember}, "", "users_role_name_idx"},
		"a name":              {domain.UserFilter{Search: "fatima 1a2"}, "", "users_search_idx"},
		"an address":          {domain.UserFilter{Search: "pupil1234@"}, "", "users_search_idx"},
		"a role and a name":   {domain.UserFilter{Role: domain.RoleStudent, Search: "goran ff"}, "", "users_search_idx"},
	} {
		// One after the other: the spy sees all.
		spy.take()
		if _, err := store.ListUsers(t.Context(), tc.filter, domain.PageRequest{Limit: 20, After: tc.after}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		plan := spy.plan(t, pool)
		refuseScans(t, plan, "users")
		if !strings.Contains(plan, tc.index) {
			t.Errorf("%s: the plan does not use %s:\n%s", name, tc.index, plan)
		}
	}
}

func TestUserStore_sixteenTakeAnAddressAndOneGetsIt(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	errs := together(16, func(int) error {
		u := newUser()
		u.Email = "ada@example.com"
		return within(t, pool, func(ctx context.Context) error { return store.AddUser(ctx, u, "") })
	})
	if d := diff(map[string]int{"ok": 1, "email_taken": 15}, tally(errs, domain.ErrEmailTaken)); d != "" {
		t.Error(d)
	}
}

func TestUserStore_LockAdmins_listsWhoIsNotSuspended(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	boss := build.User(t, pool, func(u *domain.User) { u.Role = domain.RoleAdmin })
	build.User(t, pool, func(u *domain.User) { u.Role, u.SuspendedAt = domain.RoleAdmin, &build.Now })
	build.User(t, pool)
	err := within(t, pool, func(ctx context.Context) error {
		got, err := postgres.NewUserStore(pool).LockAdmins(ctx)
		if d := diff([]domain.UserID{boss.ID}, got); d != "" {
			t.Error(d)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
