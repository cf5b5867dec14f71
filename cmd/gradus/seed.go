package main

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

type seedCmd struct{}

// Run fills the database with the class and its days, then stops. It can be run
// again: what is there is kept. Production mode refuses, because everybody knows
// the passwords of the class.
func (seedCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(p.environment, config.NeedDatabase, config.NeedSecrets)
	if err != nil {
		return err
	}
	if cfg.Mode == config.Production {
		return errors.New("everybody knows the passwords of this class, so it is not for production. Set GRADUS_MODE=development for a trial")
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	cfg = wiring.WithFakeWakaTime(cfg, "http://"+l.Addr().String())
	log := logger(cfg, p.stderr)
	app, cleanup, err := wiring.NewApp(ctx, cfg, wiring.RealWorld(), log)
	if err != nil {
		return err
	}
	defer cleanup()
	class, err := wiring.NewClass(ctx, app, time.Now())
	if err != nil {
		return err
	}
	fake := server(class.Fake.Handler(), time.Minute, log)
	go func() { _ = fake.Serve(l) }()
	defer func() { _ = shutdown(ctx, fake) }()
	if _, err := class.Make(ctx, cfg, log, func(s string) { printf(p.stdout, "%s\n", s) }); err != nil {
		return err
	}
	if err := class.Sync(ctx); err != nil {
		return err
	}
	keys, err := class.Keys(ctx)
	if err != nil {
		return err
	}
	for _, k := range keys {
		printf(p.stdout, "%s: batch %s, registration key %s\n", k.Batch, k.BatchID, k.Key)
	}
	printf(p.stdout, "everybody's password is %q; the admin is %s\n", wiring.Members()[0].Password, wiring.Members()[0].Email)
	printf(p.stdout, "to keep syncing this class, run 'gradus fake-wakatime' and point GRADUS_WAKATIME_API_URL and GRADUS_WAKATIME_OAUTH_URL at it\n")
	return nil
}
