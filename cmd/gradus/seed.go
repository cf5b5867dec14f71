package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/democlass"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// classFlags select a class. Equal flags create equal classes.
type classFlags struct {
	Seed     uint64 `default:"2026" help:"Seed of all IDs, registration keys and coding activity."`
	Students int    `default:"24" help:"Number of students, from 2 to 1000."`
	Days     int    `default:"60" help:"Number of days since the batches started, from 7 to 366."`
	Until    string `placeholder:"YYYY-MM-DD" help:"Last day with coding activity (default: today)."`
}

func (f classFlags) plan(now time.Time) (democlass.Plan, error) {
	return democlass.NewPlan(f.Seed, f.Students, f.Days, f.Until, now)
}

// Validate is called by kong, so an invalid plan is a usage error.
func (f classFlags) Validate() error {
	_, err := f.plan(time.Time{})
	return err
}

type seedCmd struct {
	classFlags
	Reset bool `help:"Delete everything in the database first."`
}

// Run creates the class and fetches its days, then exits. It can be repeated: it keeps
// what exists.
func (c seedCmd) Run(ctx context.Context, p process) error {
	cfg, err := loadDevelopmentConfig(p)
	if err != nil {
		return err
	}
	if c.Reset {
		if err := resetDatabase(ctx, cfg, p.stdout); err != nil {
			return err
		}
	}
	class, err := c.fill(ctx, cfg, p)
	if err != nil {
		return err
	}
	printClass(p.stdout, class)
	return nil
}

// loadDevelopmentConfig rejects production mode, because the passwords of the class are
// public.
func loadDevelopmentConfig(p process) (config.Config, error) {
	cfg, err := config.Load(p.environment, config.NeedDatabase, config.NeedSecrets)
	if err == nil && cfg.Mode != config.Development {
		err = errors.New("seed is not for production: the passwords of the class are public. Set GRADUS_MODE=development to use it")
	}
	return cfg, err
}

func resetDatabase(ctx context.Context, cfg config.Config, w io.Writer) error {
	m, closeMigrator, err := wiring.NewMigrator(ctx, cfg)
	if err != nil {
		return err
	}
	defer closeMigrator()
	if err := m.Reset(ctx); err != nil {
		return err
	}
	printf(w, "deleted everything in the database\n")
	return nil
}

func (c seedCmd) fill(ctx context.Context, cfg config.Config, p process) (democlass.Summary, error) {
	rt := wiring.NewRuntime(cfg)
	plan, err := c.plan(rt.Now())
	if err != nil {
		return democlass.Summary{}, err
	}
	class, err := democlass.Fill(ctx, democlass.FillParams{
		CreateParams: democlass.CreateParams{Config: cfg, Log: newLogger(cfg, p.stderr), Report: func(line string) { printf(p.stdout, "%s\n", line) }},
		Runtime:      rt, Plan: plan, Exact: c.Until != "",
	})
	if _, ok := errors.AsType[*democlass.PlanError](err); ok {
		err = fmt.Errorf("%w. Use --reset to replace it", err)
	}
	return class, err
}

func printClass(w io.Writer, class democlass.Summary) {
	for _, k := range class.Keys {
		printf(w, "%s: batch %s, registration key %s\n", k.Batch, k.BatchID, k.Key)
	}
	printf(w, "Sign in with the password %q as\n", class.Members[0].Password)
	for _, m := range class.Members {
		printf(w, "  %-11s %-24s %s\n", m.Role, m.Email, m.Story)
	}
	printf(w, "To keep syncing this class, set GRADUS_WAKATIME_API_URL and GRADUS_WAKATIME_OAUTH_URL to the server started by\n"+
		"  gradus fake-wakatime --seed %d --students %d --days %d --until %s\n", class.Plan.Seed, class.Plan.Students, class.Plan.Days, class.Plan.Until)
}
