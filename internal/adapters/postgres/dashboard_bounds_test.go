package postgres_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/statements"
)

// enrolMany enrols new students in a batch, with a day each.
func enrolMany(t *testing.T, pool *pgxpool.Pool, b domain.Batch, students int) {
	t.Helper()
	build.Exec(t, pool, `WITH new AS (
			INSERT INTO users (id, email, name, role, password_hash, created_at)
			SELECT gen_random_uuid(), gen_random_uuid() || '@example.edu', 'Pupil', 'student', 'no hash', $2 FROM generate_series(1, $3::integer) RETURNING id
		), enrolled AS (
			INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at) SELECT gen_random_uuid(), id, $1, 'active', $2 FROM new
		)
		INSERT INTO days (user_id, day, changed_at, state, reason) SELECT id, $4, $2, 'error', 'unavailable' FROM new`,
		uuid.UUID(b.ID), build.Now.AddDate(-1, 0, 0), students, (build.Today - 1).Date())
}

func TestDashboardStore_ComputesWeeksOf100Students(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	cases := []struct {
		students, counted int
		measured          bool
	}{
		{16, 16, true}, {101, 101, false}, {80, 80, true}, {1001, 1000, false}, {4, 4, true}, {1, 1, false}, {0, 0, false},
	}
	for i, c := range cases {
		b := build.Batch(t, pool, func(b *domain.Batch) { b.EndsOn = build.Today + domain.Day(i) })
		enrolMany(t, pool, b, c.students)
	}
	got := must(postgres.NewDashboardStore(pool).Dashboard(t.Context(), build.Now))
	for i, c := range cases {
		b := got.Batches[i]
		if b.Students != c.counted || (b.LastWeek != nil) != c.measured {
			t.Errorf("a batch of %d students: %d are counted, the week is %+v", c.students, b.Students, b.LastWeek)
		}
		if want := (domain.Coverage{Expected: 6 * c.students, Error: c.students, Disconnected: 5 * c.students}); c.measured && *b.LastWeek != want {
			t.Errorf("a batch of %d students: the week is %+v, want %+v", c.students, *b.LastWeek, want)
		}
	}
	if got.StudentsEnrolled != 16+101+80+1001+4+1 {
		t.Errorf("%d students", got.StudentsEnrolled)
	}
}

func TestDashboardStore_CountsJobsUpTo100(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	failing := func() int {
		return must(postgres.NewDashboardStore(pool).Dashboard(t.Context(), build.Now)).JobsFailing
	}
	insertJobs(t, pool, "retryable", 60)
	insertJobs(t, pool, "discarded", 39)
	insertJobs(t, pool, "completed", 10)
	if n := failing(); n != 99 {
		t.Errorf("%d jobs, want 99", n)
	}
	insertJobs(t, pool, "discarded", 2)
	if n := failing(); n != 100 {
		t.Errorf("%d jobs of 101, want 100", n)
	}
}

func insertJobs(t *testing.T, pool *pgxpool.Pool, state string, n int) {
	t.Helper()
	build.Exec(t, pool, `INSERT INTO gradus_river.river_job (state, kind, queue, max_attempts, args, finalized_at)
		SELECT $1::text::gradus_river.river_job_state, 'tracking.sync', 'gradus', 3, '{}', CASE WHEN $1 <> 'retryable' THEN now() END FROM generate_series(1, $2::integer)`, state, n)
}

// The dashboard read the days of all students of 20 batches, however many they were, and
// counted every job.
func TestDashboardStore_CostsTheSameInALargeSchool(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.School(t, pool, 2000, 8)
	tracedPool, queries := traced(t, pool)
	c := must(pool.Acquire(t.Context()))
	defer c.Release()
	buffers := func(limit int) map[statements.Mode]int {
		d := must(postgres.NewDashboardStore(tracedPool).Dashboard(t.Context(), build.Now))
		q := queries.take()
		if len(q) != 1 || len(d.Batches) != 20 {
			t.Fatalf("%d statements, %d batches", len(q), len(d.Batches))
		}
		out := map[statements.Mode]int{}
		for _, mode := range statements.Modes {
			s := statements.Statement{SQL: q[0].SQL, Args: q[0].Args}
			p := must(statements.Explain(t.Context(), c.Conn(), s, mode))
			out[mode] = p.Buffers
			if scanned := p.LargeScans(1000); p.Buffers > limit || scanned != nil {
				text := must(statements.Text(context.WithoutCancel(t.Context()), c.Conn(), s, mode))
				t.Errorf("%s: %d buffers, want at most %d; reads all of %s\n%s", mode, p.Buffers, limit, strings.Join(scanned, ", "), text)
			}
		}
		return out
	}
	small := buffers(600)

	insertJobs(t, pool, "completed", 100_000)
	insertJobs(t, pool, "retryable", 100_000)
	build.Exec(t, pool, `VACUUM (ANALYZE) gradus_river.river_job`)
	for mode, n := range buffers(600) {
		if n > small[mode]+20 {
			t.Errorf("%s: %d buffers with many jobs, %d without", mode, n, small[mode])
		}
	}

	for range 3 {
		enrolMany(t, pool, build.Batch(t, pool, func(b *domain.Batch) { b.EndsOn = build.Today }), 2000)
	}
	build.Exec(t, pool, `VACUUM (ANALYZE) users, enrolments, days, batches, tallies`)
	buffers(600)
}
