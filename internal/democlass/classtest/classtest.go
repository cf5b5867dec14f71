// Package classtest provides tests with the class of the documentation, as of one evening.
package classtest

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/democlass"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// Evening is the time at which the class is observed, a Wednesday. All examples of the
// documentation are as of this time.
var Evening = time.Date(2026, time.October, 14, 18, 30, 0, 0, time.UTC)

// Plan returns the plan of the class.
func Plan() democlass.Plan { return democlass.DefaultPlan(Evening) }

// Runtime returns a Runtime whose clock is fixed at Evening.
func Runtime() wiring.Runtime {
	return wiring.SystemRuntime().WithClock(func() time.Time { return Evening })
}

// Database has the class in it. Tests get clones.
var Database = pgtest.NewFilled(func(url string) error { return Fill(context.Background(), url, Plan()) })

// Fill creates a class in an empty, migrated database, with the days of all students as
// of the evening of the plan.
func Fill(ctx context.Context, databaseURL string, plan democlass.Plan) error {
	cfg, err := testserver.Settings(databaseURL, "http://127.0.0.1")
	if err != nil {
		return err
	}
	_, err = democlass.Fill(ctx, democlass.FillParams{
		CreateParams: democlass.CreateParams{Config: cfg, Log: slog.New(slog.DiscardHandler), Report: func(string) {}},
		Runtime:      wiring.SystemRuntime().WithClock(plan.Evening), Plan: plan, Exact: true,
	})
	if err != nil {
		return err
	}
	// All days have been fetched, so the jobs that joining has enqueued are obsolete.
	return exec(ctx, databaseURL, `DELETE FROM gradus_river.river_job`)
}

// AddMembers adds n members, named Member 0001 and so on, with the password of the class.
// It does not hash a password for each.
func AddMembers(ctx context.Context, databaseURL string, n int) error {
	return exec(ctx, databaseURL, `INSERT INTO users (id, email, name, role, time_zone, password_hash, created_at)
SELECT ('019b76da-a800-7000-a000-' || lpad(to_hex(i), 12, '0'))::uuid, 'member' || lpad(i::text, 4, '0') || '@school.example',
       'Member ' || lpad(i::text, 4, '0'), 'member', 'UTC', u.password_hash, u.created_at
FROM generate_series(1, $1) i, users u WHERE u.email = 'mira@school.example'`, n)
}

func exec(ctx context.Context, databaseURL, sql string, args ...any) error {
	c, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
	if _, err := c.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}
