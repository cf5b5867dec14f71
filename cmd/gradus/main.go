// Command gradus is the one binary. It turns a command line into wiring, and an
// error into an exit code; it decides nothing.
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
	_ "time/tzdata" // zones must be there on machines that have none

	"github.com/alecthomas/kong"
	"github.com/lmittmann/tint"

	"github.com/gradus-dev/gradus/internal/config"
)

// version is set by the linker.
var version = "dev"

// The exit codes.
const (
	exitOK    = 0
	exitFault = 1
	exitUsage = 2 // the command line or the settings are wrong
)

// commands is the command line.
type commands struct {
	Serve        serveCmd        `cmd:"" help:"Answer the API and, unless told otherwise, sync in the background."`
	Work         workCmd         `cmd:"" help:"Only sync in the background: for a second process beside 'serve --no-worker'."`
	Migrate      migrateCmd      `cmd:"" help:"Bring the database's schema up or down."`
	Admin        adminCmd        `cmd:"" help:"Manage admins from the command line."`
	Seed         seedCmd         `cmd:"" help:"Fill the database with one deterministic class, for trials and tests."`
	Demo         demoCmd         `cmd:"" help:"Show everything on this machine: Postgres, a fake WakaTime and a class included."`
	FakeWakatime fakeWakaTimeCmd `cmd:"" name:"fake-wakatime" help:"Run the fake WakaTime server alone, for frontend and QA work."`
	Mock         mockCmd         `cmd:"" help:"Answer the API from the contract's examples, without a database, for frontend work."`
	OpenAPI      openAPICmd      `cmd:"" name:"openapi" help:"Print the contract."`
	Healthcheck  healthcheckCmd  `cmd:"" help:"Ask a running server whether it is ready; for containers."`
	Version      versionCmd      `cmd:"" help:"Print the version."`
}

// process is what a command gets from the world.
type process struct {
	environment    []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// printf writes to a person's terminal; one that is gone is no reason to fail.
func printf(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := process{os.Environ(), os.Stdin, os.Stdout, os.Stderr}
	code := run(ctx, p, os.Args[1:])
	stop()
	os.Exit(code)
}

// run carries out one command line and returns the exit code.
func run(ctx context.Context, p process, args []string) int {
	exited := -1
	parser, err := kong.New(&commands{},
		kong.Name("gradus"),
		kong.Description("Gradus shows a coding class its progress. Settings come from the environment (GRADUS_…, see .env.example).\n\nTo look around:  gradus demo"),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(func(code int) { exited = code; panic(exit{}) }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(p),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		printf(p.stderr, "gradus: %v\n", err)
		return exitFault
	}
	command, err := parse(parser, args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		printf(p.stderr, "gradus: %v\n", err)
		printf(p.stderr, "Try: gradus --help\n")
		return exitUsage
	}
	return report(p, command.Run())
}

// exit unwinds kong after --help.
type exit struct{}

func parse(parser *kong.Kong, args []string) (command *kong.Context, err error) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(exit); !ok {
				panic(v)
			}
		}
	}()
	return parser.Parse(args)
}

func report(p process, err error) int {
	if err == nil || errors.Is(err, context.Canceled) {
		return exitOK
	}
	printf(p.stderr, "gradus: %v\n", err)
	if _, ok := errors.AsType[*config.Error](err); ok {
		return exitUsage
	}
	return exitFault
}

// logger returns the program's log: JSON lines for machines, or text for people.
func logger(c config.Config, w io.Writer) *slog.Logger {
	if c.LogText {
		return slog.New(tint.NewTextHandler(w, &tint.Options{Level: c.LogLevel, NoColor: true}))
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: c.LogLevel}))
}
