package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Apply all pending migrations."`
	Down   migrateDownCmd   `cmd:"" help:"Roll back the latest migration. Deletes the data that it added."`
	Status migrateStatusCmd `cmd:"" help:"Show the status of all migrations."`
}

type migrateUpCmd struct{}

// Run applies all pending migrations. Several processes may run it at the same time.
func (migrateUpCmd) Run(ctx context.Context, p process) error {
	return withMigrator(ctx, p, func(m *wiring.Migrator) error {
		m.Report = func(step wiring.Progress) { printf(p.stdout, "%s\n", progressLine(step)) }
		n, err := m.Up(ctx)
		if err != nil {
			return err
		}
		printf(p.stdout, "migrations applied: %d; the schema is up to date\n", n)
		return nil
	})
}

// progressLine describes a step of a migration.
func progressLine(s wiring.Progress) string {
	position := fmt.Sprintf("%s (%d of %d)", s.Name, s.Step, s.Steps)
	elapsed := s.Elapsed.Round(time.Millisecond)
	switch {
	case s.Done:
		return fmt.Sprintf("applied %s in %v", position, elapsed)
	case elapsed > 0:
		return fmt.Sprintf("applying %s: running for %v", position, elapsed.Round(time.Second))
	}
	return "applying " + position
}

type migrateDownCmd struct{}

// Run rolls back the latest migration.
func (migrateDownCmd) Run(ctx context.Context, p process) error {
	return withMigrator(ctx, p, func(m *wiring.Migrator) error {
		migration, err := m.Down(ctx)
		if err != nil {
			return err
		}
		printf(p.stdout, "rolled back %s\n", migration.Name)
		return nil
	})
}

type migrateStatusCmd struct{}

// Run lists the migrations and when each was applied.
func (migrateStatusCmd) Run(ctx context.Context, p process) error {
	return withMigrator(ctx, p, func(m *wiring.Migrator) error {
		steps, err := m.Status(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(p.stdout, 0, 4, 2, ' ', 0)
		for _, s := range steps {
			applied := "pending"
			if s.AppliedAt != nil {
				applied = s.AppliedAt.Format(time.RFC3339)
			}
			printf(w, "%s\t%s\n", s.Name, applied)
		}
		return w.Flush()
	})
}

func withMigrator(ctx context.Context, p process, do func(*wiring.Migrator) error) error {
	cfg, err := config.Load(p.environment, config.NeedDatabase)
	if err != nil {
		return err
	}
	m, cleanup, err := wiring.NewMigrator(ctx, cfg)
	if err != nil {
		return err
	}
	defer cleanup()
	return do(m)
}
