package testserver

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connect opens the test's own connections to the database.
func (s *Server) connect(tb testing.TB) {
	tb.Helper()
	cfg, err := pgxpool.ParseConfig(s.DatabaseURL)
	if err != nil {
		tb.Fatal(err)
	}
	cfg.MaxConns = 2
	if s.DB, err = pgxpool.NewWithConfig(context.Background(), cfg); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.DB.Close)
}

// Exec executes a statement on the server's database.
func (s *Server) Exec(tb testing.TB, sql string, args ...any) {
	tb.Helper()
	if _, err := s.DB.Exec(tb.Context(), sql, args...); err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
}

// Strings returns the only column of a query, which must be text.
func (s *Server) Strings(tb testing.TB, sql string, args ...any) []string {
	tb.Helper()
	rows, err := s.DB.Query(tb.Context(), sql, args...)
	if err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		tb.Fatalf("%s: %v", sql, err)
	}
	return out
}

// RunJobsNow makes jobs that are scheduled for later available.
func (s *Server) RunJobsNow(tb testing.TB) {
	tb.Helper()
	s.Exec(tb, `UPDATE river_job SET scheduled_at = now(), state = 'available' WHERE state IN ('scheduled', 'retryable')`)
	s.NotifyWorkers(tb)
}

// NotifyWorkers makes workers fetch jobs immediately. River notifies them of one insert
// per 100 ms; they find the others by polling, up to a second later.
func (s *Server) NotifyWorkers(tb testing.TB) {
	tb.Helper()
	s.Exec(tb, `SELECT pg_notify(current_schema() || '.river_insert', '{"queue": "default"}')`)
}

// River's own bookkeeping changes all the time.
const tablesSQL = `SELECT tablename::text FROM pg_tables
WHERE schemaname = 'public' AND tablename NOT IN ('river_leader', 'river_client', 'river_client_queue', 'river_queue') ORDER BY 1`

// Fingerprint returns a hash over all rows of each table. It excludes what changes by
// itself: when a session was last seen, and the heartbeats of workers.
func (s *Server) Fingerprint(tb testing.TB) map[string]string {
	tb.Helper()
	var parts []string
	for _, table := range s.Strings(tb, tablesSQL) {
		name := pgx.Identifier{table}.Sanitize()
		parts = append(parts, `SELECT '`+table+` ' || md5(coalesce(string_agg(r, E'\n' ORDER BY r), ''))
FROM (SELECT (to_jsonb(t) - 'last_seen_at')::text AS r FROM `+name+` t) x`)
	}
	out := map[string]string{}
	for _, row := range s.Strings(tb, strings.Join(parts, " UNION ALL ")) {
		table, hash, _ := strings.Cut(row, " ")
		out[table] = hash
	}
	return out
}

// Snapshot saves the rows of every table and returns a function that restores them. It
// skips the audit log, which is append-only.
func (s *Server) Snapshot(tb testing.TB) (restore func()) {
	tb.Helper()
	tables := s.inOrder(tb)
	script := []string{`CREATE SCHEMA kept`}
	var empty, fill []string
	for _, table := range tables {
		name := pgx.Identifier{table}.Sanitize()
		columns := strings.Join(s.Strings(tb, `SELECT quote_ident(column_name) FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position`, table), ", ")
		script = append(script, `CREATE TABLE kept.`+name+` AS TABLE public.`+name)
		empty = append(empty, `DELETE FROM `+name)
		fill = append(fill, `INSERT INTO `+name+` (`+columns+`) OVERRIDING SYSTEM VALUE SELECT `+columns+` FROM kept.`+name)
	}
	slices.Reverse(empty)
	// Triggers have changed the counters as well, so these are restored last.
	counts := []string{
		`DELETE FROM day_totals`, `INSERT INTO day_totals SELECT * FROM kept.day_totals`,
		`DELETE FROM tallies`, `INSERT INTO tallies OVERRIDING SYSTEM VALUE SELECT * FROM kept.tallies`,
	}
	s.Exec(tb, strings.Join(script, ";"))
	back := strings.Join(slices.Concat([]string{`BEGIN`}, empty, fill, counts, []string{`COMMIT`}), ";")
	return func() {
		tb.Helper()
		s.Exec(tb, back)
	}
}

// inOrder lists the tables, each after the tables that it references.
func (s *Server) inOrder(tb testing.TB) []string {
	tb.Helper()
	refers := map[string][]string{}
	for _, edge := range s.Strings(tb, `SELECT conrelid::regclass::text || ' ' || confrelid::regclass::text
FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conrelid <> confrelid`) {
		from, to, _ := strings.Cut(edge, " ")
		refers[from] = append(refers[from], to)
	}
	left := map[string]bool{}
	for _, table := range s.Strings(tb, tablesSQL) {
		left[table] = table != "audit_entries"
	}
	maps.DeleteFunc(left, func(_ string, take bool) bool { return !take })
	var out []string
	for len(left) > 0 {
		before := len(left)
		for _, table := range slices.Sorted(maps.Keys(left)) {
			if !slices.ContainsFunc(refers[table], func(t string) bool { return left[t] }) {
				out = append(out, table)
				delete(left, table)
			}
		}
		if len(left) == before {
			tb.Fatalf("these tables reference each other in a cycle: %v", slices.Sorted(maps.Keys(left)))
		}
	}
	return out
}
