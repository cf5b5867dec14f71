package testserver

import (
	"context"
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
	s.Exec(tb, `UPDATE gradus_river.river_job SET scheduled_at = now(), state = 'available' WHERE state IN ('scheduled', 'retryable')`)
	s.NotifyWorkers(tb)
}

// NotifyWorkers makes workers fetch jobs immediately. River notifies them of one insert
// per 100 ms; they find the others by polling, up to a second later.
func (s *Server) NotifyWorkers(tb testing.TB) {
	tb.Helper()
	s.Exec(tb, `SELECT pg_notify('gradus_river.river_insert', '{"queue": "' || q || '"}') FROM unnest(ARRAY['gradus', 'gradus_mail']) q`)
}
