package postgres_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// TestFunctions_PinTheirSearchPath covers functions whose body is text: others refer to the
// objects that existed when they were created.
func TestFunctions_PinTheirSearchPath(t *testing.T) {
	t.Parallel()
	rows := must(pgtest.New(t).Query(t.Context(), `
		SELECT p.oid::regprocedure::text FROM pg_proc p
		WHERE pronamespace = 'public'::regnamespace AND prosqlbody IS NULL AND coalesce(array_to_string(proconfig, ','), '') !~ 'search_path='
		    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')`))
	for _, f := range must(pgx.CollectRows(rows, pgx.RowTo[string])) {
		t.Errorf("%s depends on the search path of the session", f)
	}
}

// restoreOrder is the order in which pg_dump --data-only writes the tables: by name, but
// referenced tables first.
var restoreOrder = []string{
	"labels", "users", "wakatime_accounts", "account_days", "api_tokens", "audit_entries", "batches", "batch_counts", "batch_instructors", "confirmations", "day_totals", "days", "enrolments",
	"idempotency_keys", "key_canary", "recovery_codes", "sessions", "refresh_tokens", "registration_keys", "sign_in_challenges", "tallies", "totp", "user_summaries", "wakatime_authorizations", "wakatime_connections",
}

// TestRestore_OfDataAlone copies all rows as pg_restore --data-only does: with an empty search
// path, and with triggers.
func TestRestore_OfDataAlone(t *testing.T) {
	t.Parallel()
	source, target := pgtest.New(t), pgtest.New(t)
	fillSchool(t, source)
	c := must(target.Acquire(t.Context()))
	defer c.Release()
	if _, err := c.Exec(t.Context(), `SELECT set_config('search_path', '', false)`); err != nil {
		t.Fatal(err)
	}
	for _, table := range restoreOrder {
		copyTable(t, source, c, "public."+table)
	}
	if d := diff(tableNames(t, source), slices.Sorted(slices.Values(restoreOrder))); d != "" {
		t.Errorf("the test does not copy all tables:\n%s", d)
	}
	for _, sql := range []string{
		`SELECT concat_ws(' ', name, sum(n)) FROM tallies GROUP BY name HAVING sum(n) <> 0 ORDER BY 1`,
		`SELECT concat_ws(' ', day, sum(seconds), sum(known), sum(unknown), sum(partial), sum(partial_seconds)) FROM day_totals GROUP BY day ORDER BY 1`,
		`SELECT concat_ws(' ', user_id, connected, status) FROM enrolments ORDER BY 1`,
		`SELECT concat_ws(' ', batch_id, students, connected, instructors) FROM batch_counts ORDER BY 1`,
		`SELECT concat_ws(' ', user_id, day, seconds, state) FROM days ORDER BY 1`,
		`SELECT concat_ws(' ', user_id, version, name, connection, server, days) FROM user_summaries ORDER BY 1`,
		`SELECT name || ' ' || role FROM users ORDER BY 1`,
	} {
		want := readTexts(t, source, sql)
		if len(want) == 0 {
			t.Errorf("%s: no rows, so it proves nothing", sql)
		}
		if d := diff(want, readTexts(t, target, sql)); d != "" {
			t.Errorf("%s\n%s", sql, d)
		}
	}
	// The restored sequence: the next writers must not meet existing ids.
	var last int64
	if err := source.QueryRow(t.Context(), `SELECT last_value FROM tallies_id_seq`).Scan(&last); err != nil {
		t.Fatal(err)
	}
	build.Exec(t, target, `SELECT setval('tallies_id_seq', $1)`, last)
	for range 64 {
		build.User(t, target)
	}
}

// fillSchool adds users of all roles, and students with a connection and days.
func fillSchool(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	batch := build.Batch(t, pool)
	build.Instructor(t, pool, batch.ID)
	build.User(t, pool, func(u *domain.User) { u.Role = domain.RoleAdmin })
	for range 40 {
		u := build.Student(t, pool, batch.ID)
		build.Connection(t, pool, u.ID)
		build.Days(t, pool, u.ID, build.Known(build.Today, 3600), build.Partial(build.Today-1, 60), build.Unknown(build.Today-2, domain.DayError, domain.ReasonUnavailable))
	}
	build.Exec(t, pool, `UPDATE enrolments SET ended_at = now() WHERE user_id IN (SELECT user_id FROM enrolments LIMIT 3)`)
	build.Exec(t, pool, `UPDATE wakatime_connections SET state = 'needs_reconnect' WHERE user_id IN (SELECT user_id FROM enrolments WHERE ended_at IS NULL LIMIT 3)`)
}

// copyTable copies the rows of a table.
func copyTable(t *testing.T, from *pgxpool.Pool, to *pgxpool.Conn, table string) {
	t.Helper()
	c := must(from.Acquire(t.Context()))
	defer c.Release()
	var rows bytes.Buffer
	if _, err := c.Conn().PgConn().CopyTo(t.Context(), &rows, `COPY `+table+` TO STDOUT`); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Conn().PgConn().CopyFrom(t.Context(), &rows, `COPY `+table+` FROM STDIN`); err != nil {
		t.Fatalf("restore %s: %v", table, err)
	}
}

// tableNames returns the names of the tables, without that of the migrations.
func tableNames(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	return readTexts(t, pool, `SELECT tablename::text COLLATE "C" FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'gradus_migrations' ORDER BY 1`)
}

func readTexts(t *testing.T, pool *pgxpool.Pool, sql string) []string {
	t.Helper()
	return must(pgx.CollectRows(must(pool.Query(t.Context(), sql)), pgx.RowTo[string]))
}
