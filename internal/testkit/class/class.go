// Package class fills a database with the seeded class, as it was on one evening.
package class

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// Evening is the time of the class: a Wednesday, and the time in all examples of the
// documentation.
var Evening = time.Date(2026, time.October, 14, 18, 30, 0, 0, time.UTC)

// Plan returns the plan of the class.
func Plan() wiring.Plan { return wiring.DefaultPlan(Evening) }

// Runtime is the real one, but that its clock shows now.
func Runtime(now func() time.Time) wiring.Runtime {
	w := wiring.SystemRuntime()
	w.Now = now
	return w
}

// Database is the class in a database of a test binary; tests get clones.
var Database = pgtest.NewFilled(func(url string) error { return Fill(context.Background(), url, Plan()) })

// Fill makes a class in a fresh, migrated database, with everybody's days as they were
// known on its evening.
func Fill(ctx context.Context, databaseURL string, plan wiring.Plan) error {
	var handler http.Handler
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	defer upstream.Close()
	cfg, err := Config(databaseURL, "http://127.0.0.1", upstream.URL)
	if err != nil {
		return err
	}
	rt := Runtime(plan.Evening)
	app, cleanup, err := wiring.NewApp(ctx, cfg, rt, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer cleanup()
	c, err := wiring.NewClass(ctx, app, rt, plan)
	if err != nil {
		return err
	}
	handler = c.Fake.Handler()
	return errors.Join(
		c.MakeAndSync(ctx, cfg, slog.New(slog.DiscardHandler), plan.Evening(), func(string) {}),
		forgetJobs(ctx, databaseURL))
}

// forgetJobs removes what was enqueued while the class was made: it is done.
func forgetJobs(ctx context.Context, databaseURL string) error {
	return exec(ctx, databaseURL, `DELETE FROM river_job`)
}

// Config returns the settings of a server at root whose WakaTime is at upstream. The
// environment, a list of NAME=value, may set what it likes besides. An answer off the
// contract is a fault unless it says otherwise.
func Config(databaseURL, root, upstream string, environment ...string) (config.Config, error) {
	cfg, err := config.Load(slices.Concat([]string{"GRADUS_VALIDATE_RESPONSES=fail"}, environment, []string{
		"GRADUS_MODE=development",
		"GRADUS_DATABASE_URL=" + databaseURL,
		"GRADUS_PUBLIC_URL=" + root,
		"GRADUS_INSECURE_COOKIES=true",
		"GRADUS_DATABASE_MAX_CONNS=8",
	}), config.NeedDatabase, config.NeedSecrets, config.NeedServer)
	if err != nil {
		return cfg, err
	}
	cfg = wiring.WithFakeWakaTime(cfg, upstream)
	cfg.WakaTime.RequestsPerSec, cfg.WakaTime.UserRequestsPerSec = 1000, 1000
	return cfg, nil
}

// AddMembers adds n members called Member 0001 and so on, at once and without the cost
// of a password each: they share that of everybody in the class.
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
