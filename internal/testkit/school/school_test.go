package school_test

import (
	"context"
	"crypto/sha256"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/school"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// connect returns a connection to a new database.
func connect(t *testing.T) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.WithoutCancel(t.Context())) })
	return c
}

func list(t *testing.T, c *pgx.Conn, sql string) []string {
	t.Helper()
	rows, err := c.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLoad_FillsTheSchool(t *testing.T) {
	t.Parallel()
	c := connect(t)
	s := school.School{
		Students: 1400, Days: 40, Full: 14, Large: []int{100, 300}, Entries: 2, Fresh: 2,
		Now: time.Date(2026, time.October, 14, 12, 0, 0, 0, time.UTC),
	}
	if err := school.Load(t.Context(), c, s); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{
		`SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
		`SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1`,
	} {
		if d := cmp.Diff(list(t, connect(t), what), list(t, c, what)); d != "" {
			t.Errorf("Load changes the schema (-before +after):\n%s", d)
		}
	}
	token := sha256.Sum256([]byte(school.Token("user1")))
	for sql, want := range map[string]int{
		`SELECT count(*) FROM batches`: s.Batches(),
		`SELECT count(*) FROM enrolments WHERE batch_id = '` + school.ID("batch1") + `'`:                      300,
		`SELECT max(n) FROM (SELECT count(*) AS n FROM enrolments GROUP BY batch_id HAVING count(*) < 100) x`: 25,
		`SELECT count(*) FROM days`: 1400*32 + 14*8,
		`SELECT count(*) FROM days WHERE user_id = '` + school.ID("user1") + `'`:                                                     40,
		`SELECT sum(known + unknown + partial) FROM day_totals`:                                                                      1400*32 + 14*8,
		`SELECT count(*) FROM batch_instructors WHERE user_id = '` + school.ID(school.Forty) + `'`:                                   40,
		`SELECT count(*) FROM users WHERE search_key LIKE '%example.org%'`:                                                           700,
		`SELECT sum(n) FROM tallies`:                                                                                                 2*(1400+14+4) - 18 + 1400 - 70,
		`SELECT sum(students + connected + instructors) FROM batch_counts`:                                                           1400 + 1400 - 70 + 42 + 41,
		`SELECT count(*) FROM tallies`:                                                                                               6,
		`SELECT count(*) FROM audit_entries`:                                                                                         2800,
		`SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O' AND NOT tgisinternal`:                                                0,
		`SELECT (pg_relation_size('days') / 8192 > relallvisible)::int FROM pg_class WHERE relname = 'days'`:                         1, // the last days
		`SELECT count(*) FROM wakatime_connections c JOIN enrolments e USING (user_id) WHERE (c.state = 'connected') <> e.connected`: 0,
	} {
		var got int
		if err := c.QueryRow(t.Context(), sql).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d %v, want %d", sql, got, err, want)
		}
	}
	var user string
	err := c.QueryRow(t.Context(), `SELECT user_id::text FROM sessions WHERE token_hash = $1`, token[:]).Scan(&user)
	if err != nil || user != school.ID("user1") {
		t.Errorf("the token of user1 is that of %q: %v", user, err)
	}
}
