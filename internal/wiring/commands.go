package wiring

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// AdminAccount is an admin to be made.
type AdminAccount struct {
	Email, Name, TimeZone, Password string
}

// CreateAdmin makes an admin for the operator and returns their id.
func (a *App) CreateAdmin(ctx context.Context, acc AdminAccount) (string, error) {
	u, err := a.UseCases.Accounts.CreateUser(ctx, domain.System, ports.Registration{
		Email: acc.Email, Name: acc.Name, Password: domain.Secret(acc.Password), TimeZone: &acc.TimeZone,
	}, domain.RoleAdmin)
	if err != nil {
		return "", explain(err)
	}
	return u.ID.String(), nil
}

// BootstrapAdmin makes the first admin from the settings, on a database without
// users. Two replicas that start at once make one.
func (a *App) BootstrapAdmin(ctx context.Context, cfg config.Config) error {
	if cfg.BootstrapAdminEmail == "" {
		return nil
	}
	users, err := a.UseCases.Accounts.Users(ctx, domain.System, domain.UserFilter{}, domain.PageRequest{Limit: 1})
	if err != nil || len(users.Items) > 0 {
		return err
	}
	_, err = a.UseCases.Accounts.CreateUser(ctx, domain.System, ports.Registration{
		Email: cfg.BootstrapAdminEmail, Name: cfg.BootstrapAdminName, Password: cfg.BootstrapAdminPassword,
	}, domain.RoleAdmin)
	if err != nil && !errors.Is(err, domain.ErrEmailTaken) {
		return fmt.Errorf("GRADUS_BOOTSTRAP_ADMIN_…: %w", explain(err))
	}
	return nil
}

// explain names every wrong field of a domain failure, for a terminal.
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
