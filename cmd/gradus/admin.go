package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/wiring"
)

type adminCmd struct {
	Create adminCreateCmd `cmd:"" help:"Create an admin. Prompts for the password, or reads it from standard input."`

	ResetPassword adminResetPasswordCmd `cmd:"" help:"Change the password of a user and end their sessions. Prompts for the password, or reads it from standard input."`
	DisableTOTP   adminDisableTOTPCmd   `cmd:"" name:"disable-totp" help:"Disable TOTP for a user who lost their phone and their recovery codes, and end their sessions."`
	AcceptKeys    adminAcceptKeysCmd    `cmd:"" help:"Accept GRADUS_SECRET_KEYS after the key that sealed the secrets in the database was lost."`
}

type adminResetPasswordCmd struct {
	Email string `required:"" help:"Email address of the user."`
}

// Run changes the password of a user and ends their sessions.
func (c adminResetPasswordCmd) Run(ctx context.Context, p process) error {
	return withApp(ctx, p, func(app *wiring.App) error {
		password, err := readPassword(p)
		if err != nil {
			return err
		}
		user, ended, err := app.Operator.ResetPassword(ctx, domain.System, c.Email, password)
		switch {
		case errors.Is(err, domain.ErrUserNotFound):
			return fmt.Errorf("no user has the email address %s", c.Email)
		case err != nil:
			return explain(err)
		}
		printf(p.stdout, "changed the password of %s; sessions and tokens ended: %d\n", user.Email, ended)
		if user.SuspendedAt != nil {
			printf(p.stdout, "the user is suspended and cannot sign in before an admin reinstates them\n")
		}
		return nil
	})
}

type adminDisableTOTPCmd struct {
	Email string `required:"" help:"Email address of the user."`
}

// Run disables TOTP for a user.
func (c adminDisableTOTPCmd) Run(ctx context.Context, p process) error {
	return withApp(ctx, p, func(app *wiring.App) error {
		user, found, err := app.Operator.DisableTOTP(ctx, domain.System, c.Email)
		switch {
		case errors.Is(err, domain.ErrUserNotFound):
			return fmt.Errorf("no user has the email address %s", c.Email)
		case err != nil:
			return explain(err)
		case !found:
			printf(p.stdout, "%s has no TOTP\n", user.Email)
			return nil
		}
		printf(p.stdout, "disabled TOTP for %s and ended all their sessions; the password alone is enough to sign in\n", user.Email)
		return nil
	})
}

type adminAcceptKeysCmd struct{}

// Run makes the server start with keys that do not open the secrets in the database.
func (adminAcceptKeysCmd) Run(ctx context.Context, p process) error {
	return withApp(ctx, p, func(app *wiring.App) error {
		if err := app.Keys.Accept(ctx); err != nil {
			return err
		}
		printf(p.stdout, "accepted the keys. Users whose secrets they do not open must connect WakaTime again and sign in with recovery codes, and batches need new registration keys\n")
		return nil
	})
}

type adminCreateCmd struct {
	Email    string `required:"" help:"Email address to sign in with."`
	Name     string `required:"" help:"Full name."`
	TimeZone string `default:"UTC" help:"IANA time zone, such as America/Chicago."`
}

// Run creates an admin. The password is not a flag: other users of the system could read
// it from the process list.
func (c adminCreateCmd) Run(ctx context.Context, p process) error {
	return withApp(ctx, p, func(app *wiring.App) error {
		password, err := readPassword(p)
		if err != nil {
			return err
		}
		id, err := c.create(ctx, app, password)
		if err != nil {
			return err
		}
		printf(p.stdout, "created admin %s (id %s)\n", c.Email, id)
		return nil
	})
}

// withApp runs do with an app, which connects to the database when do uses it.
func withApp(ctx context.Context, p process, do func(*wiring.App) error) error {
	cfg, err := config.Load(p.environment, config.NeedDatabase, config.NeedSecrets)
	if err != nil {
		return err
	}
	app, closeApp, err := wiring.NewApp(ctx, cfg, wiring.NewRuntime(cfg), newLogger(cfg, p.stderr))
	if err != nil {
		return err
	}
	defer closeApp()
	return do(app)
}

func (c adminCreateCmd) create(ctx context.Context, app *wiring.App, password domain.Secret) (domain.UserID, error) {
	u, err := app.Operator.CreateUser(ctx, domain.System, ports.Registration{
		Email: c.Email, Name: c.Name, Password: password, TimeZone: &c.TimeZone,
	}, domain.RoleAdmin)
	return u.ID, explain(err)
}

// bootstrapAdmin creates the first admin from the settings.
func bootstrapAdmin(ctx context.Context, cfg config.Config, app *wiring.App) error {
	if cfg.BootstrapAdminEmail == "" {
		return nil
	}
	err := app.Operator.BootstrapAdmin(ctx, domain.System, ports.Registration{
		Email: cfg.BootstrapAdminEmail, Name: cfg.BootstrapAdminName, Password: cfg.BootstrapAdminPassword,
	})
	if err != nil {
		return fmt.Errorf("GRADUS_BOOTSTRAP_ADMIN_…: %w", explain(err))
	}
	return nil
}

// explain formats a domain error for a terminal, with a line for each invalid field.
func explain(err error) error {
	e, ok := errors.AsType[*domain.Error](err)
	if !ok {
		return err
	}
	lines := []string{e.Detail}
	if len(e.Fields) > 1 {
		for _, f := range e.Fields {
			lines = append(lines, "  "+f.Field+": "+f.Detail)
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}

// readPassword prompts twice on a terminal, and else reads one line.
func readPassword(p process) (domain.Secret, error) {
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
		return domain.Secret(first), nil
	}
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.Join(errors.New("no password on standard input"), err)
	}
	return domain.Secret(line), nil
}
