package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// differentKeys counts enrolments whose keys are not those of their user.
const differentKeys = `SELECT count(*)::int FROM enrolments e JOIN users u ON u.id = e.user_id WHERE (e.name_key, e.search_key) <> (u.name_key, u.search_key)`

func TestEnrolments_HaveTheKeysOfTheirUsers(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	batch := build.Batch(t, pool).ID
	student := build.Student(t, pool, batch)
	member := build.User(t, pool)
	users, enrolments := postgres.NewUserStore(pool), postgres.NewEnrolmentStore(pool, build.Clock)
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"enrol", func(ctx context.Context) error {
			return enrolments.AddEnrolment(ctx, domain.Enrolment{ID: build.ID(), User: member.ID, Batch: batch, Status: domain.EnrolmentActive, EnrolledAt: build.Now})
		}},
		{"rename", func(ctx context.Context) error {
			student.Name = "Zoë Ångström"
			return users.SaveUser(ctx, student)
		}},
		{"end the enrolment", func(ctx context.Context) error {
			return enrolments.EndEnrolment(ctx, student.ID, domain.EnrolmentDropped)
		}},
		{"rename a former student", func(ctx context.Context) error {
			student.Name = "Ada"
			return users.SaveUser(ctx, student)
		}},
	}
	for _, s := range steps {
		if err := inUnitOfWork(t, pool, s.do); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		want := []string{domain.NameKey(member.Name), domain.NameKey(student.Name)}
		if s.name == "end the enrolment" || s.name == "rename" {
			want[1] = "zoe angstrom"
		}
		got := readTexts(t, pool, `SELECT e.name_key FROM enrolments e ORDER BY e.user_id = '`+student.ID.String()+`'`)
		if d := diff(want, got); d != "" || ask[int](t, pool, differentKeys) != 0 {
			t.Errorf("%s:\n%s", s.name, d)
		}
	}
	build.Exec(t, pool, `DELETE FROM users WHERE id = $1`, uuid.UUID(student.ID))
	if n := ask[int](t, pool, `SELECT count(*)::int FROM enrolments`); n != 1 {
		t.Errorf("%d enrolments after one of two users was deleted, want 1", n)
	}
}

// TestEnrolments_RenamedWhileTheyEnrol renames users in transactions that are open while they
// enrol: either side waits for the other.
func TestEnrolments_RenamedWhileTheyEnrol(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	batch := build.Batch(t, pool).ID
	users, enrolments := postgres.NewUserStore(pool), postgres.NewEnrolmentStore(pool, build.Clock)
	for range 20 {
		u := build.User(t, pool)
		errs := concurrently(2, func(i int) error {
			return inUnitOfWork(t, pool, func(ctx context.Context) error {
				if i == 0 {
					return enrolments.AddEnrolment(ctx, domain.Enrolment{ID: build.ID(), User: u.ID, Batch: batch, Status: domain.EnrolmentActive, EnrolledAt: build.Now})
				}
				renamed := u
				renamed.Name = "Renamed " + u.Name
				return users.SaveUser(ctx, renamed)
			})
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	if n := ask[int](t, pool, `SELECT count(*)::int FROM enrolments WHERE name_key LIKE 'renamed %'`); n != 20 || ask[int](t, pool, differentKeys) != 0 {
		t.Errorf("%d of 20 enrolments have the new name", n)
	}
}

// TestMigrator_FillsTheKeysOfEnrolments migrates enrolments that an earlier version stored.
func TestMigrator_FillsTheKeysOfEnrolments(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	m := newMigrator(t, pool)
	for latest := int64(0); latest != 10; {
		latest = must(m.Down(t.Context())).Version
	}
	batch := build.Batch(t, pool).ID
	u := build.Student(t, pool, batch, func(u *domain.User, _ *domain.Enrolment) { u.Name = "Émile" })
	build.Student(t, pool, batch, func(_ *domain.User, e *domain.Enrolment) { e.EndedAt = &build.Now })
	// The keys of an older version, which Up computes again.
	build.Exec(t, pool, `UPDATE users SET name_key = 'émile', search_key = 'émile ' || email WHERE id = $1`, uuid.UUID(u.ID))
	must(m.Up(t.Context()))
	got := ask[string](t, pool, `SELECT search_key FROM enrolments WHERE user_id = $1`, uuid.UUID(u.ID))
	if !strings.HasPrefix(got, "emile ") || ask[int](t, pool, differentKeys) != 0 {
		t.Errorf("the key is %q", got)
	}
}
