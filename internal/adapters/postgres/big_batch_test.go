package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/statements"
)

// bigBatch adds a batch with students whose days are all known, and arrived night by night.
// Every tenth student has a day that could not be fetched. No vacuum has seen the days.
func bigBatch(t *testing.T, pool *pgxpool.Pool, students, days int) domain.BatchID {
	t.Helper()
	b := build.Batch(t, pool, func(b *domain.Batch) { b.TimeZone = domain.UTC })
	build.Exec(t, pool, `ALTER TABLE days SET (autovacuum_enabled = off)`)
	build.Exec(t, pool, `INSERT INTO users (id, email, name, role, password_hash, created_at)
		SELECT gen_random_uuid(), 'big' || n || '@example.edu', 'Student ' || md5(n::text), 'student', 'none', $2 FROM generate_series(1, $1) n`, students, build.Now)
	build.Exec(t, pool, `INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at, enrolled_on, name_key)
		SELECT gen_random_uuid(), id, $1, 'active', $2::timestamptz - interval '400 days', $3::date - 400, name_key FROM users WHERE email LIKE 'big%'`, uuid.UUID(b.ID), build.Now, build.Today.Date())
	build.Exec(t, pool, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username)
		SELECT gen_random_uuid(), user_id, '', 'wakatime.com', user_id::text, '' FROM enrolments WHERE batch_id = $1`, uuid.UUID(b.ID))
	build.Exec(t, pool, `INSERT INTO wakatime_connections (user_id, kind, state, base_url, scopes, account_id, account_username, account_zone, account_plan, account_ref, connected_at)
		SELECT user_id, 'oauth', 'connected', '', '{}', account_id, '', 'UTC', '', ref, $1 FROM wakatime_accounts`, build.Now)
	build.Exec(t, pool, `INSERT INTO labels (kind, name) VALUES ('time_zone', 'UTC') ON CONFLICT DO NOTHING`)
	build.Exec(t, pool, `INSERT INTO days (user_id, day, seconds, ai_seconds, zone_id, account_ref, changed_at, state, reason)
		SELECT a.user_id, $1::date - d, CASE WHEN NOT failed THEN 3600 END, CASE WHEN NOT failed THEN 60 END, CASE WHEN NOT failed THEN l.id END,
			CASE WHEN NOT failed THEN a.ref END, $2, CASE WHEN failed THEN 'error' WHEN d = 0 THEN 'partial' ELSE 'ok' END, CASE WHEN failed THEN 'unavailable' ELSE '' END
		FROM (SELECT *, row_number() OVER (ORDER BY user_id) % 10 = 0 AS tenth FROM wakatime_accounts) a
		CROSS JOIN generate_series(0, $3 - 1) d
		CROSS JOIN LATERAL (SELECT tenth AND d = 1 AS failed) f
		JOIN labels l ON l.kind = 'time_zone' AND l.name = 'UTC'
		ORDER BY d DESC, md5(a.user_id::text)`, build.Today.Date(), build.Now, days)
	build.Exec(t, pool, `ANALYZE`)
	for _, table := range []string{"users", "enrolments", "wakatime_accounts", "wakatime_connections"} {
		vacuum(t, pool, table)
	}
	return b.ID
}

// vacuum vacuums a table until all of its pages are all-visible. Transactions of other tests
// can prevent that for a while.
func vacuum(t *testing.T, pool *pgxpool.Pool, table string) {
	t.Helper()
	for done := false; !done; {
		build.Exec(t, pool, `VACUUM `+table)
		if err := pool.QueryRow(t.Context(), `SELECT relallvisible = relpages FROM pg_class WHERE oid = $1::regclass`, table).Scan(&done); err != nil {
			t.Fatal(err)
		}
	}
}

// costs returns the plans of the statement that read sends, generic and custom.
func costs(t *testing.T, pool *pgxpool.Pool, read func(pool *pgxpool.Pool) error) map[statements.Mode]statements.Plan {
	t.Helper()
	tracedPool, queries := traced(t, pool)
	err := read(tracedPool)
	sent := queries.take()
	if err != nil || len(sent) != 1 {
		t.Fatalf("%d statements, %v", len(sent), err)
	}
	c := must(pool.Acquire(t.Context()))
	defer c.Release()
	plans := map[statements.Mode]statements.Plan{}
	for _, mode := range statements.Modes {
		plans[mode] = must(statements.Explain(t.Context(), c.Conn(), statements.Statement{SQL: sent[0].SQL, Args: sent[0].Args}, mode))
	}
	return plans
}

func TestProgressStore_RejectsRangesThatAreTooLargeForTheBatch(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const students = domain.MaxStudentDays/domain.MaxDays + 1
	batch := bigBatch(t, pool, students, 20)
	// Without an end, the statement allows for today in any time zone.
	last := func(days domain.Day) domain.DayQuery {
		return domain.DayQuery{From: new(build.Today - days + 1), To: new(build.Today)}
	}
	reads := map[string]func(pool *pgxpool.Pool, q domain.DayQuery, req domain.PageRequest) (domain.Cursor, error){
		"progress": func(pool *pgxpool.Pool, q domain.DayQuery, req domain.PageRequest) (domain.Cursor, error) {
			p, err := postgres.NewProgressStore(pool).BatchProgress(t.Context(), batch, q, build.Now, req)
			return p.Students.Next, err
		},
		"coverage": func(pool *pgxpool.Pool, q domain.DayQuery, req domain.PageRequest) (domain.Cursor, error) {
			c, err := postgres.NewProgressStore(pool).BatchCoverage(t.Context(), batch, q, build.Now, req)
			return c.Gaps.Next, err
		},
	}
	for name, read := range reads {
		next, err := read(pool, last(domain.MaxStudentDays/students), domain.PageRequest{Limit: 2})
		if err != nil || next == "" {
			t.Errorf("%s of as many days as possible: %v", name, err)
		}
		for _, after := range []domain.Cursor{"", next} {
			plans := costs(t, pool, func(pool *pgxpool.Pool) error {
				_, err := read(pool, last(domain.MaxDays), domain.PageRequest{After: after, Limit: 2})
				if e, ok := errors.AsType[*domain.Error](err); !ok || e.Code != domain.ErrRangeTooLarge.Code {
					return fmt.Errorf("want range_too_large, got %w", err)
				}
				return nil
			})
			for mode, p := range plans {
				if p.Buffers > 40 || p.Rows > 6*students {
					t.Errorf("%s, %s: the rejected request reads %d buffers and %d rows", name, mode, p.Buffers, p.Rows)
				}
			}
		}
	}
}

// A page costs what its students cost. Only the first page of progress, which has the total,
// and the first of coverage read the days of all students.
func TestProgressStore_LaterPagesReadOnlyTheirStudents(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const students, days, limit = 400, 30, 10
	batch := bigBatch(t, pool, students, days)
	vacuum(t, pool, "days")
	store := postgres.NewProgressStore(pool)
	first := domain.PageRequest{Limit: limit}
	after := must(store.BatchProgress(t.Context(), batch, domain.DayQuery{}, build.Now, first)).Students.Next
	gapsAfter := must(store.BatchCoverage(t.Context(), batch, domain.DayQuery{}, build.Now, first)).Gaps.Next
	progress := func(after domain.Cursor) func(*pgxpool.Pool) error {
		return func(pool *pgxpool.Pool) error {
			_, err := postgres.NewProgressStore(pool).BatchProgress(t.Context(), batch, domain.DayQuery{}, build.Now, domain.PageRequest{After: after, Limit: limit})
			return err
		}
	}
	coverage := func(after domain.Cursor) func(*pgxpool.Pool) error {
		return func(pool *pgxpool.Pool) error {
			_, err := postgres.NewProgressStore(pool).BatchCoverage(t.Context(), batch, domain.DayQuery{}, build.Now, domain.PageRequest{After: after, Limit: limit})
			return err
		}
	}
	// A student costs three or four buffers per index. One student in ten has a gap, so a
	// page of coverage looks at the days and connections of ten times its students.
	for name, c := range map[string]struct {
		read          func(*pgxpool.Pool) error
		buffers, rows int
	}{
		"the first page of progress": {progress(""), 7*students + 60, (days+3)*students + 100},
		"a later page of progress":   {progress(after), 20*limit + 40, (days+5)*limit + students + 100},
		"the first page of coverage": {coverage(""), 7*students + 60 + 100*limit, (days+3)*students + 10*(days+30)*limit},
		"a later page of coverage":   {coverage(gapsAfter), 100 * limit, 10*(days+30)*limit + students},
	} {
		for mode, p := range costs(t, pool, c.read) {
			if p.Buffers > c.buffers || p.Rows > c.rows || len(p.LargeScans(1000)) > 0 {
				t.Errorf("%s, %s: %d buffers, %d rows, whole tables: %v; want at most %d and %d", name, mode, p.Buffers, p.Rows, p.LargeScans(1000), c.buffers, c.rows)
			}
		}
	}
}

// The covering index holds all that read models need of ordinary days. Before a vacuum has
// seen the days, they also read the page of each row. The dashboard reads so few days that the
// plan depends on the size of the table; test/cost limits what it reads.
func TestReadModels_ReadOnlyTheIndexOfVacuumedDays(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	const students, days = 60, 90
	batch := bigBatch(t, pool, students, days)
	query, page := domain.DayQuery{From: new(build.Today - days + 1)}, domain.PageRequest{Limit: 100}
	reads := map[string]func(*pgxpool.Pool) error{
		"progress": func(pool *pgxpool.Pool) error {
			_, err := postgres.NewProgressStore(pool).BatchProgress(t.Context(), batch, query, build.Now, page)
			return err
		},
		"coverage": func(pool *pgxpool.Pool) error {
			_, err := postgres.NewProgressStore(pool).BatchCoverage(t.Context(), batch, query, build.Now, page)
			return err
		},
	}
	before := map[string]map[statements.Mode]statements.Plan{}
	for name, read := range reads {
		before[name] = costs(t, pool, read)
	}
	vacuum(t, pool, "days")
	for name, read := range reads {
		for mode, after := range costs(t, pool, read) {
			// Without a vacuum, most days cost a buffer: two in a row can be on one page.
			saved := before[name][mode].Buffers - after.Buffers
			if rows := students * days; saved < rows/2 || saved > rows || after.Buffers > rows/5+20*students {
				t.Errorf("%s, %s: a vacuum saves %d buffers of %d for %d days", name, mode, saved, before[name][mode].Buffers, rows)
			}
		}
	}
}

// Postgres vacuums a table when its new or its changed rows exceed a threshold and a share of
// the table. The options of days make that about one night's rows, whatever the size.
func TestSchema_VacuumsDaysEveryNight(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	option := func(table, name string) (value float64) {
		t.Helper()
		err := pool.QueryRow(t.Context(), `SELECT option_value::float8 FROM pg_class, pg_options_to_table(reloptions) WHERE oid = $1::regclass AND option_name = $2`, table, name).Scan(&value)
		if err != nil {
			t.Fatalf("%s of %s: %v", name, table, err)
		}
		return value
	}
	for _, students := range []float64{100, 1_000, 10_000, 100_000} {
		rows := 365 * students
		for name, limit := range map[string]float64{
			"autovacuum_vacuum_insert": students + 100,   // one row per student arrives each night
			"autovacuum_vacuum":        2*students + 100, // and changes several times a day
			"autovacuum_analyze":       4*students + 100,
		} {
			if after := option("days", name+"_threshold") + option("days", name+"_scale_factor")*rows; after > limit {
				t.Errorf("%s runs after %.0f rows of %.0f, want at most %.0f", name, after, rows, limit)
			}
		}
	}
	var cleanup string
	err := pool.QueryRow(t.Context(), `SELECT option_value FROM pg_class, pg_options_to_table(reloptions) WHERE oid = 'days'::regclass AND option_name = 'vacuum_index_cleanup'`).Scan(&cleanup)
	if err != nil || cleanup != "on" {
		t.Errorf("vacuum_index_cleanup of days is %q, %v", cleanup, err)
	}
	if after := option("enrolments", "autovacuum_vacuum_insert_threshold") + option("enrolments", "autovacuum_vacuum_insert_scale_factor")*100_000; after > 1_200 {
		t.Errorf("enrolments are vacuumed after %.0f new rows of 100,000", after)
	}
}
