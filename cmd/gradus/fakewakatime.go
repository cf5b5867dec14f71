package main

import (
	"context"
	"net/http"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/democlass"
	"github.com/gradus-dev/gradus/internal/wiring"
)

type fakeWakaTimeCmd struct {
	classFlags
	Listen string `default:"127.0.0.1:8081" help:"Address to listen on."`
}

// Run serves the fake WakaTime server, with the students of the class as its users, until
// ctx is cancelled.
func (c fakeWakaTimeCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(p.environment)
	if err != nil {
		return err
	}
	l, err := listen(ctx, c.Listen, "--listen")
	if err != nil {
		return err
	}
	rt := wiring.NewRuntime(cfg)
	plan, err := c.plan(rt.Now())
	if err != nil {
		return err
	}
	handler := democlass.NewFakeWakaTime(plan, rt.Now).Handler()
	printf(p.stdout, "fake WakaTime server on http://%s (OAuth client %s, secret %s); its home page lists its features\n",
		l.Addr(), democlass.ClientID, democlass.ClientSecret)
	// No write timeout: a scenario may delay responses for longer than any timeout.
	return serveUntilDone(ctx, &http.Server{Handler: handler, ReadHeaderTimeout: readHeaderTimeout}, l)
}
