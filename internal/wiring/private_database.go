package wiring

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/adapters/embeddedpg"
	"github.com/gradus-dev/gradus/internal/domain"
)

// PrivateDatabase is a Postgres server that only this program uses.
type PrivateDatabase struct {
	server  *embeddedpg.Server
	release func()
}

// StartPrivateDatabase starts, or finds again, the server that lives in dir. Its
// data is never deleted. A second program on the same folder is refused: when one of
// two ends, it stops the server. report tells a person what takes long.
func StartPrivateDatabase(ctx context.Context, dir string, report func(string)) (*PrivateDatabase, error) {
	release, err := embeddedpg.Claim(dir)
	if errors.Is(err, embeddedpg.ErrClaimed) {
		return nil, fmt.Errorf("%w; stop it, or set GRADUS_DATA_DIR to another folder", err)
	}
	if err != nil {
		return nil, err
	}
	s, err := embeddedpg.Start(ctx, embeddedpg.Config{Dir: dir, Report: report})
	if err != nil {
		release()
		return nil, err
	}
	return &PrivateDatabase{s, release}, nil
}

// URL returns the address of its database, password included.
func (d *PrivateDatabase) URL() domain.Secret { return domain.Secret(d.server.URL()) }

// Stop stops the server; its data stays.
func (d *PrivateDatabase) Stop(ctx context.Context) error {
	defer d.release()
	return d.server.Stop(ctx)
}
