package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/wiring"
)

type adminCmd struct {
	Create adminCreateCmd `cmd:"" help:"Create an admin. Prompts for the password, or reads it from standard input."`
}

type adminCreateCmd struct {
	Email    string `required:"" help:"Email address to sign in with."`
	Name     string `required:"" help:"Full name."`
	TimeZone string `default:"UTC" help:"IANA time zone, such as America/Chicago."`
}

// Run creates an admin. The password is not a flag: other users of the system could read
// it from the process list.
func (c adminCreateCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(p.environment, config.NeedDatabase, config.NeedSecrets)
	if err != nil {
		return err
	}
	password, err := readPassword(p)
	if err != nil {
		return err
	}
	app, cleanup, err := wiring.NewApp(ctx, cfg, wiring.NewRuntime(cfg), newLogger(cfg, p.stderr))
	if err != nil {
		return err
	}
	defer cleanup()
	id, err := app.CreateAdmin(ctx, wiring.AdminAccount{Email: c.Email, Name: c.Name, TimeZone: c.TimeZone, Password: password})
	if err != nil {
		return err
	}
	printf(p.stdout, "created admin %s (id %s)\n", c.Email, id)
	return nil
}

// readPassword prompts twice on a terminal, and else reads one line.
func readPassword(p process) (string, error) {
	if f, ok := p.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		printf(p.stderr, "Password: ")
		first, err := term.ReadPassword(int(f.Fd()))
		printf(p.stderr, "\nRepeat password: ")
		second, again := term.ReadPassword(int(f.Fd()))
		printf(p.stderr, "\n")
		if err := errors.Join(err, again); err != nil {
			return "", err
		}
		if string(first) != string(second) {
			return "", errors.New("the passwords do not match")
		}
		return string(first), nil
	}
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.Join(errors.New("no password on standard input"), err)
	}
	return line, nil
}
