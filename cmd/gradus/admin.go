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
	Create adminCreateCmd `cmd:"" help:"Make an admin. The password is asked for, or read from standard input."`
}

type adminCreateCmd struct {
	Email    string `required:"" help:"Their e-mail address; they sign in with it."`
	Name     string `required:"" help:"Their name."`
	TimeZone string `default:"UTC" help:"Their IANA time zone, such as America/Chicago."`
}

// Run makes an admin. The password never stands on the command line, where other
// users of the machine could read it.
func (c adminCreateCmd) Run(ctx context.Context, p process) error {
	cfg, err := config.Load(p.environment, config.NeedDatabase, config.NeedSecrets)
	if err != nil {
		return err
	}
	password, err := readPassword(p)
	if err != nil {
		return err
	}
	app, cleanup, err := wiring.NewApp(ctx, cfg, wiring.NewRuntime(cfg), logger(cfg, p.stderr))
	if err != nil {
		return err
	}
	defer cleanup()
	id, err := app.CreateAdmin(ctx, wiring.AdminAccount{Email: c.Email, Name: c.Name, TimeZone: c.TimeZone, Password: password})
	if err != nil {
		return err
	}
	printf(p.stdout, "admin %s made (id %s)\n", c.Email, id)
	return nil
}

// readPassword asks twice on a terminal, and reads one line otherwise.
func readPassword(p process) (string, error) {
	if f, ok := p.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		printf(p.stderr, "Password: ")
		first, err := term.ReadPassword(int(f.Fd()))
		printf(p.stderr, "\nOnce more: ")
		second, again := term.ReadPassword(int(f.Fd()))
		printf(p.stderr, "\n")
		if err := errors.Join(err, again); err != nil {
			return "", err
		}
		if string(first) != string(second) {
			return "", errors.New("these were two different passwords")
		}
		return string(first), nil
	}
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.Join(errors.New("no password on standard input"), err)
	}
	return line, nil
}
