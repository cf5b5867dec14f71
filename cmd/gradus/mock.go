package main

import (
	"context"
	"net"
	"net/url"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

type mockCmd struct {
	Listen string        `default:"127.0.0.1:8080" help:"Where to listen. Pages of this machine may call the mock from a browser as long as nobody else reaches it."`
	Delay  time.Duration `default:"0s" help:"How long each answer takes, such as 300ms."`
}

// Help says what the mock does and what it does not.
func (mockCmd) Help() string {
	return `Serves every operation of the contract from its examples. Requests are checked as the real server does, with the
same problems. Any bearer token or session cookie is good. No state is kept: nothing that is sent changes an answer, any
valid id answers with the example, and filters are checked but narrow nothing. Lists page through the example's items.

The header Prefer chooses an answer; Preference-Applied says what was honoured:

  Prefer: code=409              a documented status
  Prefer: code=batch_full       a problem of the operation by its code
  Prefer: example=not_connected a success by the name of its example
  Prefer: wait=2                after two seconds, at most 30

A wrong choice answers 422 and lists what there is.`
}

// Run serves until a signal comes.
func (c mockCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(p.environment)
	if err != nil {
		return err
	}
	cfg.LogText = true // somebody watches
	log := logger(cfg, p.stderr)
	l, err := open(ctx, c.Listen, "--listen")
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return err
	}
	at := &url.URL{Scheme: "http", Host: l.Addr().String()}
	private := wiring.IsLoopback(host)
	h, err := wiring.NewMock(cfg, wiring.Mock{URL: at, Delay: c.Delay, LoopbackPages: private}, wiring.NewRuntime(cfg), log)
	if err != nil {
		return err
	}
	s := server(h, c.Delay+wiring.MockMaxWait+5*time.Second, log)
	pages := "pages of this machine may call it"
	if !private {
		pages = "others can reach it, so pages of other origins may not call it (no CORS)"
	}
	printf(p.stdout, "mock of the API on %s/api/v1, reference on %s/docs; %s\n", at, at, pages)
	return serveUntilDone(ctx, s, l)
}
