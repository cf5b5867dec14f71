package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
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

func TestUserStore_RoundTrip(t *testing.T) {
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
		t.Errorf("UserByEmail: hash %q, %v\n%s", hash, err, d)
	}
	me, err := store.Me(t.Context(), want.ID, want.Role)
	if d := diff(domain.Me{User: want}, me); d != "" || err != nil {
		t.Errorf("Me: %v\n%s", err, d)
	}
	err = inUnitOfWorkOn(t, pool, want.ID, func(ctx context.Context) error {
		got, err := store.LockedUser(ctx, want.ID)
		if d := diff(want, got); d != "" {
			t.Errorf("LockedUser:\n%s", d)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestUserStore_SaveUser_IncrementsTheVersion(t *testing.T) {
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

func TestUserStore_Errors(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	known := build.User(t, pool)
	duplicate := newUser()
	duplicate.Email = known.Email
	nobody := newUser().ID

	for name, tc := range map[string]struct {
		do   func(ctx context.Context) error
		want error
	}{
		"User returns not found": {func(ctx context.Context) error {
			_, err := store.User(ctx, newUser().ID)
			return err
		}, domain.ErrUserNotFound},
		"Me returns not found": {func(ctx context.Context) error {
			_, err := store.Me(ctx, newUser().ID, domain.RoleMember)
			return err
		}, domain.ErrUserNotFound},
		"UserByEmail returns not found": {func(ctx context.Context) error {
			_, _, err := store.UserByEmail(ctx, "nobody@example.com")
			return err
		}, domain.ErrUserNotFound},
		"LockedUser returns not found": {func(ctx context.Context) error {
			_, err := store.LockedUser(ctx, nobody)
			return err
		}, domain.ErrUserNotFound},
		"SaveUser returns not found": {func(ctx context.Context) error {
			return store.SaveUser(ctx, newUser())
		}, domain.ErrUserNotFound},
		"a duplicate address is rejected": {func(ctx context.Context) error {
			return store.AddUser(ctx, duplicate, "")
		}, domain.ErrEmailTaken},
		"text with NUL is rejected": {func(ctx context.Context) error {
			_, err := store.ListUsers(ctx, domain.UserFilter{Search: "a\x00"}, domain.PageRequest{Limit: 1})
			return err
		}, domain.ErrInvalid},
		"invalid UTF-8 is rejected": {func(ctx context.Context) error {
			_, err := store.ListUsers(ctx, domain.UserFilter{Search: "\xff"}, domain.PageRequest{Limit: 1})
			return err
		}, domain.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := inUnitOfWorkOn(t, pool, nobody, tc.do); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

// Locks that a unit of work does not name would be taken in another order.
func TestStores_NeedTheLocksOfTheirUnitOfWork(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u := build.User(t, pool)
	err := inUnitOfWorkOn(t, pool, build.User(t, pool).ID, func(ctx context.Context) error {
		for where, ctx := range map[string]context.Context{"in a unit of work without the lock": ctx, "outside a unit of work": t.Context()} {
			if _, err := postgres.NewUserStore(pool).LockedUser(ctx, u.ID); err == nil {
				t.Errorf("LockedUser succeeded %s", where)
			}
			if _, err := postgres.NewUserStore(pool).LockedAdmins(ctx); err == nil {
				t.Errorf("LockedAdmins succeeded %s", where)
			}
			if _, err := connectionStore(pool).LockConnection(ctx, u.ID); err == nil || errors.Is(err, domain.ErrConnectionNotFound) {
				t.Errorf("LockConnection %s: %v", where, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestUserStore_Me_IncludesBatches(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	b := build.Batch(t, pool, func(b *domain.Batch) { b.WeeklyGoal, b.TimeZone = new(3600), "Asia/Kathmandu" })
	other := build.Batch(t, pool)
	student := build.Student(t, pool, b.ID)
	build.Student(t, pool, b.ID)
	teacher := build.Instructor(t, pool, other.ID, b.ID)
	summary := &domain.BatchSummary{ID: b.ID, Name: b.Name, StartsOn: b.StartsOn, EndsOn: b.EndsOn, TimeZone: b.TimeZone}

	// The role can have changed since the caller was authenticated.
	for _, expected := range []domain.Role{domain.RoleMember, domain.RoleStudent, domain.RoleInstructor, domain.RoleAdmin} {
		got, err := store.Me(t.Context(), student.ID, expected)
		if d := diff(domain.Me{User: student, Batch: summary}, got); d != "" || err != nil {
			t.Errorf("a student who was expected to be %s: %v\n%s", expected, err, d)
		}
		got, err = store.Me(t.Context(), teacher.ID, expected)
		if d := diff(domain.Me{User: teacher, Teaches: []domain.BatchID{b.ID, other.ID}}, got); d != "" || err != nil {
			t.Errorf("an instructor who was expected to be %s: %v\n%s", expected, err, d)
		}
	}
}

func TestUserStore_ListUsers_Filters(t *testing.T) {
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
		"all users are sorted by name, ignoring case": {domain.UserFilter{}, `Ada, bo, Chidi 100%, Da\na, FÉva_K, Zoe`},
		"filter by role":                  {domain.UserFilter{Role: domain.RoleMember}, "bo, Chidi 100%, Zoe"},
		"search in names ignores case":    {domain.UserFilter{Search: "AD"}, "Ada"},
		"search for accents ignores case": {domain.UserFilter{Search: "féVA"}, "FÉva_K"},
		"search in addresses":             {domain.UserFilter{Search: "line@example.ORG"}, "Zoe"},
		"a percent sign is literal":       {domain.UserFilter{Search: "0%"}, "Chidi 100%"},
		"an underscore is literal":        {domain.UserFilter{Search: "_k"}, "FÉva_K"},
		"a backslash is literal":          {domain.UserFilter{Search: `a\n`}, `Da\na`},
		"filter by role and search":       {domain.UserFilter{Role: domain.RoleMember, Search: "chi"}, "Chidi 100%"},
		"no match":                        {domain.UserFilter{Role: domain.RoleAdmin, Search: "chi"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for limit := 1; limit <= 6; limit++ {
				got := listAll(t, limit, func(req domain.PageRequest) (domain.Page[domain.User], error) {
					return store.ListUsers(t.Context(), tc.filter, req)
				})
				if got := joinNames(got, func(u domain.User) string { return u.Name }); got != tc.want {
					t.Errorf("limit %d: got %q, want %q", limit, got, tc.want)
				}
			}
		})
	}
}

func TestUserStore_ListUsers_UsesIndexes(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.School(t, pool, 3000, 0)
	pool, queries := traced(t, pool)
	store := postgres.NewUserStore(pool)
	deep := must(store.ListUsers(t.Context(), domain.UserFilter{}, domain.PageRequest{Limit: 1500})).Next

	for name, tc := range map[string]struct {
		filter domain.UserFilter
		after  domain.Cursor
		index  string
	}{
		"all users":             {domain.UserFilter{}, "", "users_name_idx"},
		"a page in the middle":  {domain.UserFilter{}, deep, "users_name_idx"},
		"a common role":         {domain.UserFilter{Role: domain.RoleStudent}, "", "users_"},
		"a rare role":           {domain.UserFilter{Role: domain.RoleMember}, "", "users_role_name_idx"},
		"a search in names":     {domain.UserFilter{Search: "fatima 1a2"}, "", "users_search_idx"},
		"a search in addresses": {domain.UserFilter{Search: "pupil1234@"}, "", "users_search_idx"},
		"a role and a search":   {domain.UserFilter{Role: domain.RoleStudent, Search: "goran ff"}, "", "users_search_idx"},
	} {
		// Sequential: all queries share the tracer.
		queries.take()
		if _, err := store.ListUsers(t.Context(), tc.filter, domain.PageRequest{Limit: 20, After: tc.after}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		plan := queries.plan(t, pool)
		rejectSeqScans(t, plan, "users")
		if !strings.Contains(plan, tc.index) {
			t.Errorf("%s: the plan does not use %s:\n%s", name, tc.index, plan)
		}
	}
}

func TestUserStore_AddUser_ConcurrentDuplicatesAddOne(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	errs := concurrently(16, func(int) error {
		u := newUser()
		u.Email = "ada@example.com"
		return inUnitOfWork(t, pool, func(ctx context.Context) error { return store.AddUser(ctx, u, "") })
	})
	if d := diff(map[string]int{"ok": 1, "email_taken": 15}, countErrors(errs, domain.ErrEmailTaken)); d != "" {
		t.Error(d)
	}
}

func TestUserStore_LockedAdmins_ExcludesSuspendedAdmins(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	active := build.User(t, pool, func(u *domain.User) { u.Role = domain.RoleAdmin })
	build.User(t, pool, func(u *domain.User) { u.Role, u.SuspendedAt = domain.RoleAdmin, &build.Now })
	build.User(t, pool)
	locks := ports.Locks{Admins: true}
	err := unitOfWork(pool).Do(t.Context(), domain.System, locks, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		got, err := postgres.NewUserStore(pool).LockedAdmins(ctx)
		if d := diff([]domain.UserID{active.ID}, got); d != "" {
			t.Error(d)
		}
		return domain.NoChange, err
	})
	if err != nil {
		t.Fatal(err)
	}
}
