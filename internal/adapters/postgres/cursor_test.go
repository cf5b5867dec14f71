package postgres_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestCursor_PagesOfAnySizeCoverTheList(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewUserStore(pool)
	// Names that differ only in case, that repeat, and that JSON escapes.
	for _, name := range []string{"ada", "Ada", "ADA", "ada", "<b>&", `"quoted"`, `\u0000`, "ß", "Ünal", "ünal", "李", "🙂", "a b", "ab", "a-b"} {
		build.User(t, pool, func(u *domain.User) { u.Name = name })
	}
	all := must(store.ListUsers(t.Context(), domain.UserFilter{}, domain.PageRequest{Limit: 100}))
	if len(all.Items) != 15 || all.Next != "" {
		t.Fatalf("%d users, next %q", len(all.Items), all.Next)
	}
	rapid.Check(t, func(r *rapid.T) {
		var got []domain.User
		var after domain.Cursor
		for {
			p, err := store.ListUsers(t.Context(), domain.UserFilter{}, domain.PageRequest{After: after, Limit: rapid.IntRange(1, 20).Draw(r, "limit")})
			if err != nil {
				r.Fatal(err)
			}
			got = append(got, p.Items...)
			if after = p.Next; after == "" {
				break
			}
		}
		if d := diff(all.Items, got); d != "" {
			r.Fatal(d)
		}
	})
}

func TestCursor_IsRejectedForAnotherListOrFilter(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	b := build.Batch(t, pool).ID
	for range 3 {
		build.User(t, pool)
		build.Student(t, pool, b)
		build.Connection(t, pool, build.Student(t, pool, b).ID)
		build.Batch(t, pool)
	}
	users, batches, students := postgres.NewUserStore(pool), postgres.NewBatchStore(pool, build.Clock), postgres.NewStudentStore(pool, build.Clock)
	lists := map[string]func(domain.Cursor) (domain.Cursor, error){}
	for name, f := range map[string]domain.UserFilter{"users": {}, "members": {Role: domain.RoleMember}, "users by search": {Search: "member"}, "users by a": {Search: "e"}} {
		lists[name] = func(c domain.Cursor) (domain.Cursor, error) {
			p, err := users.ListUsers(t.Context(), f, domain.PageRequest{After: c, Limit: 1})
			return p.Next, err
		}
	}
	for name, f := range map[string]domain.StudentFilter{"students": {}, "students of a batch": {Batch: b}, "connected": {Connected: new(true)}, "not connected": {Connected: new(false)}} {
		lists[name] = func(c domain.Cursor) (domain.Cursor, error) {
			p, err := students.ListStudents(t.Context(), allBatches, f, domain.PageRequest{After: c, Limit: 1})
			return p.Next, err
		}
	}
	for name, f := range map[string]domain.BatchFilter{"batches": {}, "active batches": {Status: domain.BatchActive}} {
		lists[name] = func(c domain.Cursor) (domain.Cursor, error) {
			p, err := batches.ListBatches(t.Context(), allBatches, f, domain.PageRequest{After: c, Limit: 1})
			return p.Next, err
		}
	}
	for name, list := range lists {
		cursor, err := list("")
		if err != nil {
			t.Fatal(name, err)
		}
		if cursor == "" && name != "users by search" {
			t.Fatalf("%s: no second page", name)
		}
		for other, listOther := range lists {
			if _, err := listOther(cursor); cursor != "" && (err == nil) != (name == other) {
				t.Errorf("cursor of %s for %s: %v", name, other, err)
			}
		}
	}
}

func TestCursor_ForgedCursors(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.User(t, pool)
	build.User(t, pool)
	store := postgres.NewUserStore(pool)
	good := must(store.ListUsers(t.Context(), domain.UserFilter{}, domain.PageRequest{Limit: 1})).Next
	content := string(must(base64.RawURLEncoding.DecodeString(string(good))))
	forge := func(old, with string) domain.Cursor {
		if !strings.Contains(content, old) {
			t.Fatalf("no %s in %s", old, content)
		}
		return domain.Cursor(base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(content, old, with, 1))))
	}
	for name, tc := range map[string]struct {
		cursor domain.Cursor
		want   error
	}{
		"arbitrary text":             {"rubbish", domain.ErrInvalidCursor},
		"text that is not base64":    {"ä", domain.ErrInvalidCursor},
		"a truncated cursor":         {good[:len(good)-4], domain.ErrInvalidCursor},
		"a number instead of a name": {forge(`"user `, `1, "x":"`), domain.ErrInvalidCursor},
		"a name with NUL":            {forge(`"user `, `"\u0000`), domain.ErrInvalid},
		"another position":           {forge(`"user `, `"a`), nil},
	} {
		_, err := store.ListUsers(t.Context(), domain.UserFilter{}, domain.PageRequest{After: tc.cursor, Limit: 1})
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %v", name, err, tc.want)
		}
		if e, ok := errors.AsType[*domain.Error](err); errors.Is(err, domain.ErrInvalidCursor) && (!ok || len(e.Fields) != 1 || e.Fields[0].Field != "after") {
			t.Errorf("%s: the error does not name the parameter: %#v", name, e)
		}
	}
}

// Planning a list takes longer than reading a page.
func TestLists_ArePrepared(t *testing.T) {
	t.Parallel()
	config := pgtest.New(t).Config()
	config.MaxConns = 1
	pool := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(pool.Close)
	one := domain.PageRequest{Limit: 1}
	for range 2 {
		_, users := postgres.NewUserStore(pool).ListUsers(t.Context(), domain.UserFilter{}, one)
		_, batches := postgres.NewBatchStore(pool, build.Clock).ListBatches(t.Context(), allBatches, domain.BatchFilter{}, one)
		_, students := postgres.NewStudentStore(pool, build.Clock).ListStudents(t.Context(), allBatches, domain.StudentFilter{}, one)
		_, found := postgres.NewUserStore(pool).ListUsers(t.Context(), domain.UserFilter{Search: "ada"}, one)
		_, _, user := postgres.NewUserStore(pool).UserByEmail(t.Context(), "nobody@example.com")
		if err := errors.Join(users, batches, students, found); err != nil || !errors.Is(user, domain.ErrUserNotFound) {
			t.Fatal(err, user)
		}
	}
	rows, err := pool.Query(t.Context(), `SELECT split_part(statement, ' ', 3) FROM pg_prepared_statements WHERE statement LIKE '-- name:%' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	if d := diff([]string{"GetUserByEmail", "ListBatches", "ListStudents", "ListUsers", "SearchUsers"}, must(pgx.CollectRows(rows, pgx.RowTo[string]))); d != "" {
		t.Error(d)
	}
}
