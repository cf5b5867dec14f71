package main

import (
	"context"
	"text/tabwriter"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Apply every pending migration."`
	Down   migrateDownCmd   `cmd:"" help:"Undo the latest migration, and the data that only it knows."`
	Status migrateStatusCmd `cmd:"" help:"List the migrations."`
}

type migrateUpCmd struct{}

// Run applies what is pending. Several processes may do so at once.
func (migrateUpCmd) Run(ctx context.Context, p process) error {
	return withMigrator(ctx, p, func(m *wiring.Migrator) error {
		n, err := m.Up(ctx)
		if err != nil {
			return err
		}
		printf(p.stdout, "%d migrations applied; the schema is up to date\n", n)
		return nil
	})
}

type migrateDownCmd struct{}

// Run undoes one step.
func (migrateDownCmd) Run(ctx context.Context, p process) error {
	return withMigrator(ctx, p, func(m *wiring.Migrator) error {
		undone, err := m.Down(ctx)
		if err != nil {
			return err
		}
		printf(p.stdout, "undone: %s\n", undone.Name)
		return nil
	})
}

type migrateStatusCmd struct{}

// Run lists every step and when it was applied.
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
