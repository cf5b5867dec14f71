package main

import (
	"context"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

type mockCmd struct {
	Listen string        `default:"127.0.0.1:8080" help:"Address to listen on. CORS is enabled for pages on this machine if only this machine can reach the address."`
	Delay  time.Duration `default:"0s" help:"Delay of each response, such as 300ms."`
}

// Help describes the mock server.
func (mockCmd) Help() string {
	return `The mock returns the examples of every operation. It validates requests like the server and returns the same
problems. It accepts any bearer token or session cookie. It keeps no state: requests do not change later responses, any
valid ID returns the example, and filters are validated but not applied. Lists paginate over the items of the example.

The Prefer header selects a response; Preference-Applied lists the preferences that were applied:

  Prefer: code=409              a documented status
  Prefer: code=batch_full       a problem of the operation by its code
  Prefer: example=not_connected a success by the name of its example
  Prefer: wait=2                a delay in seconds, at most 30

A preference that is not available returns 422 with the available ones.`
}

// Run serves until ctx is cancelled.
func (c mockCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(p.environment)
	if err != nil {
		return err
	}
	cfg.LogText = true // the mock runs in a terminal
	log := newLogger(cfg, p.stderr)
	l, err := listen(ctx, c.Listen, "--listen")
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return err
	}
	base := &url.URL{Scheme: "http", Host: l.Addr().String()}
	loopback := wiring.IsLoopback(host)
	h, err := wiring.NewMock(cfg, wiring.MockConfig{URL: base, Delay: c.Delay, LoopbackOrigins: loopback}, wiring.NewRuntime(cfg), log)
	if err != nil {
		return err
	}
	c.print(p.stdout, base, loopback)
	return serveUntilDone(ctx, newHTTPServer(h, c.Delay+wiring.MockMaxWait+5*time.Second, log), h.On(l))
}

func (mockCmd) print(w io.Writer, base *url.URL, loopback bool) {
	cors := "CORS is enabled for pages on this machine"
	if !loopback {
		cors = "CORS is disabled because other machines can reach it"
	}
	printf(w, "mock API on %s/api/v1, reference on %s/docs; %s\n", base, base, cors)
}
