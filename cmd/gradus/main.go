// Command gradus is the server and its tools in one binary. It parses the command line,
// wires the app and turns errors into exit codes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // for the fake WakaTime server, on systems without a time zone database

	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"
	"github.com/lmittmann/tint"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// The exit codes.
const (
	exitOK    = 0
	exitFault = 1
	exitUsage = 2 // invalid command line or settings
)

// commands is the command line.
type commands struct {
	Serve        serveCmd        `cmd:"" help:"Run the API server and the background worker."`
	Work         workCmd         `cmd:"" help:"Run the background worker only."`
	Migrate      migrateCmd      `cmd:"" help:"Manage the database schema."`
	Admin        adminCmd        `cmd:"" help:"Manage administrators."`
	Seed         seedCmd         `cmd:"" help:"Fill a development database with a deterministic class."`
	Demo         demoCmd         `cmd:"" help:"Run a demo with Postgres, a fake WakaTime server and a class."`
	FakeWakatime fakeWakaTimeCmd `cmd:"" name:"fake-wakatime" help:"Run the fake WakaTime server."`
	Mock         mockCmd         `cmd:"" help:"Run a mock server that returns the examples of the API contract."`
	OpenAPI      openAPICmd      `cmd:"" name:"openapi" help:"Print the OpenAPI document."`
	Healthcheck  healthcheckCmd  `cmd:"" help:"Check whether a server is ready."`
	Version      versionCmd      `cmd:"" help:"Print the version."`
	Completion   completionCmd   `cmd:"" help:"Print how to enable shell completion, for bash, zsh or fish."`

	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`
}

type completionCmd = kongcompletion.Completion

// process is the environment of a command.
type process struct {
	environment    []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// printf prints to a terminal. A failure to print does not fail the command.
func printf(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := process{os.Environ(), os.Stdin, os.Stdout, os.Stderr}
	wiring.SaveMemory(p.environment)
	code := run(ctx, p, os.Args[1:])
	stop()
	os.Exit(code)
}

// run runs a command line and returns the exit code.
func run(ctx context.Context, p process, args []string) (code int) {
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(exit)
			if !ok {
				panic(v)
			}
			code = e.code
		}
	}()
	parser, err := kong.New(&commands{},
		kong.Name("gradus"),
		kong.Description("Gradus tracks the progress of coding classes.\n\nSettings are environment variables with the prefix GRADUS_; .env.example lists them. To try Gradus, run: gradus demo"),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(code int) { panic(exit{code}) }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(p),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"version": versionText()},
	)
	if err != nil {
		printf(p.stderr, "gradus: %v\n", err)
		return exitFault
	}
	kongcompletion.Register(parser) // answers the shell and exits if the shell asks for completions
	command, err := parser.Parse(args)
	if err != nil {
		printf(p.stderr, "gradus: %v\n", err)
		printf(p.stderr, "Run 'gradus --help' for usage.\n")
		return exitUsage
	}
	return report(p, command.Run())
}

// exit unwinds kong after --help, --version and completions.
type exit struct{ code int }

func report(p process, err error) int {
	if err == nil || errors.Is(err, context.Canceled) {
		return exitOK
	}
	printf(p.stderr, "gradus: %v\n", explainConnection(p.environment, err))
	if _, ok := errors.AsType[*config.Error](err); ok {
		return exitUsage
	}
	return exitFault
}

// newLogger returns a logger that writes JSON lines, or text.
func newLogger(c config.Config, w io.Writer) *slog.Logger {
	if c.LogText {
		return slog.New(tint.NewTextHandler(w, &tint.Options{Level: c.LogLevel, NoColor: true}))
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: c.LogLevel}))
}
