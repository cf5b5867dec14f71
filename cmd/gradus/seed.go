package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// classFlags say which class. Equal ones give an equal class.
type classFlags struct {
	Seed     uint64 `default:"2026" help:"Decides ids, registration keys and what everybody codes."`
	Students int    `default:"24" help:"How many students, 2 to 1000."`
	Days     int    `default:"60" help:"How many days the batches go back, 7 to 366."`
	Until    string `placeholder:"YYYY-MM-DD" help:"The last day with coding; today when it is missing."`
}

func (f classFlags) plan(now time.Time) (wiring.Plan, error) {
	return wiring.NewPlan(f.Seed, f.Students, f.Days, f.Until, now)
}

// Validate lets a class that cannot be count as a wrong command line.
func (f classFlags) Validate() error {
	_, err := f.plan(time.Time{})
	return err
}

type seedCmd struct {
	classFlags
	Reset bool `help:"First delete everything that is in the database. Development mode only."`
}

// Run fills the database with the class and its days, then stops. It can be run
// again: what is there is kept. Production mode refuses, because everybody knows
// the passwords of the class.
func (c seedCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(p.environment, config.NeedDatabase, config.NeedSecrets)
	if err != nil {
		return err
	}
	if cfg.Mode != config.Development {
		return errors.New("everybody knows the passwords of this class, so it is not for production. Set GRADUS_MODE=development for a trial")
	}
	rt := wiring.NewRuntime(cfg)
	plan, err := c.plan(rt.Now())
	if err != nil {
		return err
	}
	if c.Reset {
		if err := reset(ctx, cfg, p.stdout); err != nil {
			return err
		}
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	cfg = wiring.WithFakeWakaTime(cfg, "http://"+l.Addr().String())
	log := logger(cfg, p.stderr)
	app, cleanup, err := wiring.NewApp(ctx, cfg, rt, log)
	if err != nil {
		return err
	}
	defer cleanup()
	class, err := wiring.NewClass(ctx, app, rt, plan)
	if err != nil {
		return err
	}
	at := rt.Now()
	if c.Until != "" {
		at = plan.Evening()
		if class.Found && class.Plan() != plan {
			return fmt.Errorf("the class in this database ends on %s, not on %s. Give --reset to make it anew", class.Plan().Until, plan.Until)
		}
	}
	fake := server(class.Fake.Handler(), time.Minute, log)
	go func() { _ = fake.Serve(l) }()
	defer func() { _ = shutdown(ctx, fake) }()
	if err := class.MakeAndSync(ctx, cfg, log, at, func(s string) { printf(p.stdout, "%s\n", s) }); err != nil {
		return err
	}
	return c.tell(ctx, p.stdout, class)
}

func reset(ctx context.Context, cfg config.Config, w io.Writer) error {
	m, closeMigrator, err := wiring.NewMigrator(ctx, cfg)
	if err != nil {
		return err
	}
	defer closeMigrator()
	if err := wiring.Reset(ctx, cfg, m); err != nil {
		return err
	}
	printf(w, "everything that was in the database is deleted\n")
	return nil
}

func (c seedCmd) tell(ctx context.Context, w io.Writer, class *wiring.Class) error {
	keys, err := class.Keys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		printf(w, "%s: batch %s, registration key %s\n", k.Batch, k.BatchID, k.Key)
	}
	members := class.Members()
	printf(w, "sign in with the password %q as\n", members[0].Password)
	for _, m := range members {
		printf(w, "  %-11s %-24s %s\n", m.Role, m.Email, m.Story)
	}
	plan := class.Plan()
	printf(w, "to keep syncing this class, point GRADUS_WAKATIME_API_URL and GRADUS_WAKATIME_OAUTH_URL at\n"+
		"  gradus fake-wakatime --seed %d --students %d --days %d --until %s\n", plan.Seed, plan.Students, plan.Days, plan.Until)
	return nil
}
