package wiring

import (
	"context"

	"github.com/gradus-dev/gradus/internal/adapters/embeddedpg"
	"github.com/gradus-dev/gradus/internal/domain"
)

// PrivateDatabase is a Postgres server that only this program uses.
type PrivateDatabase struct{ server *embeddedpg.Server }

// StartPrivateDatabase starts, or finds again, the server that lives in dir. Its
// data is never deleted. report tells a person what takes long.
func StartPrivateDatabase(ctx context.Context, dir string, report func(string)) (*PrivateDatabase, error) {
	s, err := embeddedpg.Start(ctx, embeddedpg.Config{Dir: dir, Report: report})
	if err != nil {
		return nil, err
	}
	return &PrivateDatabase{s}, nil
}

// URL returns the address of its database, password included.
func (d *PrivateDatabase) URL() domain.Secret { return domain.Secret(d.server.URL()) }

// Stop stops the server; its data stays.
func (d *PrivateDatabase) Stop(ctx context.Context) error { return d.server.Stop(ctx) }
