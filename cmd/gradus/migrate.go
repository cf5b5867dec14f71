package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

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
		unknown, err := m.UnknownTimeZones(ctx)
		if err != nil {
			return err
		}
		for _, zone := range unknown {
			printf(p.stdout, "the time zone %q of a user or a batch is unknown and counts as UTC: change it\n", zone)
		}
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

type migrateDownCmd struct {
	Yes bool `help:"Do not ask."`
}

// Run rolls back the latest migration, after it has asked.
func (c migrateDownCmd) Run(ctx context.Context, p process) error {
	return withMigrator(ctx, p, func(m *wiring.Migrator) error {
		if !c.Yes {
			latest, losses, err := m.Losses(ctx)
			if err != nil {
				return err
			}
			if err := confirm(p, rollbackWarning(latest.Name, losses)); err != nil {
				return err
			}
		}
		migration, err := m.Down(ctx)
		if err != nil {
			return err
		}
		printf(p.stdout, "rolled back %s\n", migration.Name)
		return nil
	})
}

// rollbackWarning says what a rollback deletes.
func rollbackWarning(name string, losses []string) string {
	if len(losses) == 0 {
		return fmt.Sprintf("This rolls back %s, which deletes no table and no column.", name)
	}
	return fmt.Sprintf("This rolls back %s and deletes, with all their data: %s.", name, strings.Join(losses, ", "))
}

// confirm asks on a terminal, and fails without one.
func confirm(p process, warning string) error {
	if f, ok := p.stdin.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return errors.New(warning + " To do so without a terminal, add --yes")
	}
	printf(p.stderr, "%s\nContinue? [y/N] ", warning)
	return answered(p.stdin)
}

// answered returns an error unless the answer is yes.
func answered(r io.Reader) error {
	line, err := bufio.NewReader(r).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return errors.New("nothing was changed")
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
