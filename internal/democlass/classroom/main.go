// Command classroom runs the whole server with the class of the documentation, for tests
// in other languages: on a fresh database, with fake WakaTime and mail servers and background
// jobs, and with a fixed clock. When it is ready, it prints one line of JSON with the
// addresses and the accounts.
//
//	go build -o /tmp/classroom ./internal/democlass/classroom
//	/tmp/classroom -listen 127.0.0.1:18080 -users 250
//
// It stops on SIGTERM, on SIGINT, and when its standard input, if that is a pipe, is
// closed, so it does not outlive a test that crashes. Under `go run` only the pipe works,
// because `go run` does not forward signals. GRADUS_ variables of the environment are
// settings, except for those that classroom sets itself. The database is created on the
// server of TEST_DATABASE_URL, or else on one started for it, and is dropped at the end.
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
	_ "time/tzdata" // for systems without a time zone database

	"github.com/gradus-dev/gradus/internal/democlass"
	"github.com/gradus-dev/gradus/internal/democlass/classtest"
	"github.com/gradus-dev/gradus/internal/fakemail"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
	"github.com/gradus-dev/gradus/internal/wiring"
)

const stopTimeout = 20 * time.Second

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address of the API")
	wakatime := flag.String("wakatime-listen", "127.0.0.1:0", "address of the fake WakaTime server")
	users := flag.Int("users", 0, "number of additional members, for tests of pagination")
	verbose := flag.Bool("v", false, "log to standard error")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(ctx)
	go func() { waitForClose(os.Stdin); cancel() }()
	err := run(ctx, os.Stdout, options{*listen, *wakatime, *users, *verbose})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "classroom:", err)
		os.Exit(1)
	}
}

// waitForClose returns when a pipe is closed. If f is not a pipe, it blocks forever: the
// standard input of a background process may be at its end from the start.
func waitForClose(f *os.File) {
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
	// Listen first, to fail at once if a port is in use.
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
	if err := classtest.Fill(ctx, database, classtest.Plan()); err != nil {
		return err
	}
	if err := classtest.AddMembers(ctx, database, o.users); err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	if o.verbose {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return serve(ctx, stdout, database, api, upstream, log)
}

// mailServer is the mail server of the class, whose mail nobody reads.
type mailServer struct {
	*fakemail.Server

	settings []string // with which Gradus sends mail to it
}

func serveMail(ctx context.Context) (mailServer, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return mailServer{}, err
	}
	s := fakemail.New(fakemail.Config{Now: time.Now})
	go func() { _ = s.Serve(l) }()
	return mailServer{s, []string{"GRADUS_SMTP_URL=smtp://" + l.Addr().String(), "GRADUS_MAIL_FROM=Gradus <gradus@school.example>"}}, nil
}

func serve(ctx context.Context, stdout io.Writer, database string, api, upstream net.Listener, log *slog.Logger) error {
	f := facts{URL: "http://" + api.Addr().String(), WakaTime: "http://" + upstream.Addr().String()}
	mail, err := serveMail(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = mail.Close() }()
	cfg, err := testserver.Settings(database, f.URL, append(mail.settings, gradusVariables(os.Environ())...)...)
	if err != nil {
		return err
	}
	app, cleanup, err := wiring.NewApp(ctx, democlass.WithFakeWakaTime(cfg, f.WakaTime), classtest.Runtime(), log)
	if err != nil {
		return err
	}
	defer cleanup()
	class, err := democlass.New(ctx, app, classtest.Runtime(), classtest.Plan())
	if err != nil {
		return err
	}
	if err := app.Worker.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	failed := make(chan error, 2)
	servers := []*http.Server{serveOn(upstream, class.Fake.Handler(), failed), serveOn(api, app.Handler, failed)}
	if f.Summary, err = class.Summary(ctx); err == nil {
		err = f.print(stdout)
	}
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
		err = errors.Join(err, s.Close()) // not Shutdown: clients keep connections open
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

func gradusVariables(environment []string) (out []string) {
	for _, e := range environment {
		if strings.HasPrefix(e, "GRADUS_") {
			out = append(out, e)
		}
	}
	return out
}

// facts is what the command prints.
type facts struct {
	URL       string    `json:"url"`
	API       string    `json:"api"`
	Now       time.Time `json:"now"`
	Password  string    `json:"password"` // of every user
	WakaTime  string    `json:"fake_wakatime"`
	CompatURL string    `json:"compatible_base_url"` // API keys may use it
	democlass.Summary
	Stop string `json:"stop"`
}

func (f facts) print(stdout io.Writer) error {
	f.API, f.CompatURL = f.URL+"/api/v1", f.WakaTime+"/api/compat/wakatime/v1"
	f.Now, f.Password = classtest.Evening, f.Members[0].Password
	f.Stop = "send SIGTERM, or close standard input"
	return json.NewEncoder(stdout).Encode(f)
}
