// Command classroom runs the whole server with the seeded class for tests in other
// languages: a fresh database, the fake WakaTime and background jobs, on an evening that
// does not pass. When it is ready it prints one line of JSON that says what is where.
//
//	go build -o /tmp/classroom ./internal/testkit/classroom
//	/tmp/classroom -listen 127.0.0.1:18080 -users 250
//
// It stops at SIGTERM, at SIGINT, and when its standard input, if that is a pipe, is
// closed: a test that dies takes it along. Under `go run` only the pipe works, because
// that does not pass signals on. GRADUS_ settings of the environment count, but for
// those that it needs itself. The database is on the server of TEST_DATABASE_URL, or on
// one of its own without it, and is dropped at the end.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // zones must be there on machines that have none

	"github.com/gradus-dev/gradus/internal/testkit/class"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/wiring"
)

const stopTimeout = 20 * time.Second

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "where the API listens")
	wakatime := flag.String("wakatime-listen", "127.0.0.1:0", "where the fake WakaTime listens")
	users := flag.Int("users", 0, "how many more members there are, to page through")
	verbose := flag.Bool("v", false, "log to standard error")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(ctx)
	go func() { waitForEnd(os.Stdin); cancel() }()
	err := run(ctx, os.Stdout, options{*listen, *wakatime, *users, *verbose})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "classroom:", err)
		os.Exit(1)
	}
}

// waitForEnd returns when a pipe is closed, and never for anything else: a program in
// the background has nothing to read from the start.
func waitForEnd(f *os.File) {
	info, err := f.Stat()
	if err != nil || info.Mode()&(os.ModeNamedPipe|os.ModeSocket) == 0 {
		select {}
	}
	_, _ = io.Copy(io.Discard, f)
}

type options struct {
	listen, wakatime string
	users            int
	verbose          bool
}

func run(ctx context.Context, stdout io.Writer, o options) (err error) {
	// Ports first: a taken one should be the first thing that a person hears of.
	var lc net.ListenConfig
	api, err := lc.Listen(ctx, "tcp", o.listen)
	if err != nil {
		return err
	}
	upstream, err := lc.Listen(ctx, "tcp", o.wakatime)
	if err != nil {
		return err
	}
	database, drop, err := pgtest.Database()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	if err := class.Fill(ctx, database, class.Plan()); err != nil {
		return fmt.Errorf("make the class: %w", err)
	}
	if err := class.AddMembers(ctx, database, o.users); err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	if o.verbose {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return serve(ctx, stdout, database, api, upstream, log)
}

func serve(ctx context.Context, stdout io.Writer, database string, api, upstream net.Listener, log *slog.Logger) error {
	root, fakeRoot := "http://"+api.Addr().String(), "http://"+upstream.Addr().String()
	cfg, err := class.Config(database, root, fakeRoot, settings(os.Environ())...)
	if err != nil {
		return err
	}
	rt := class.Runtime(func() time.Time { return class.Evening })
	app, cleanup, err := wiring.NewApp(ctx, cfg, rt, log)
	if err != nil {
		return err
	}
	defer cleanup()
	c, err := wiring.NewClass(ctx, app, rt, class.Plan())
	if err != nil {
		return err
	}
	if err := app.Worker.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	failed := make(chan error, 2)
	servers := []*http.Server{serveOn(upstream, c.Fake.Handler(), failed), serveOn(api, app.Handler, failed)}
	err = tell(ctx, stdout, c, root, fakeRoot)
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-failed:
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	err = errors.Join(err, app.Worker.Stop(ctx))
	for _, s := range servers {
		err = errors.Join(err, s.Close()) // clients keep connections open
	}
	return err
}

func serveOn(l net.Listener, h http.Handler, failed chan<- error) *http.Server {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return s
}

// settings are those of Gradus; tests have others, which it does not know.
func settings(environment []string) (out []string) {
	for _, e := range environment {
		if strings.HasPrefix(e, "GRADUS_") {
			out = append(out, e)
		}
	}
	return out
}

// facts is what a test has to know.
type facts struct {
	URL         string          `json:"url"`
	API         string          `json:"api"`
	Now         time.Time       `json:"now"`
	Password    string          `json:"password"` // everybody's
	Accounts    []wiring.Member `json:"accounts"`
	Keys        []wiring.Key    `json:"registration_keys"`
	WakaTime    string          `json:"fake_wakatime"`
	CompatURL   string          `json:"compatible_base_url"` // API keys may be for it
	Spare       wiring.Spare    `json:"spare_wakatime_account"`
	StopMessage string          `json:"stop"`
}

func tell(ctx context.Context, stdout io.Writer, c *wiring.Class, root, fakeRoot string) error {
	keys, err := c.Keys(ctx)
	if err != nil {
		return err
	}
	members := c.Members()
	return json.NewEncoder(stdout).Encode(facts{
		URL: root, API: root + "/api/v1", Now: class.Evening, Password: members[0].Password, Accounts: members, Keys: keys,
		WakaTime: fakeRoot, CompatURL: fakeRoot + "/api/compat/wakatime/v1", Spare: c.Spare(),
		StopMessage: "send SIGTERM, or close standard input",
	})
}
