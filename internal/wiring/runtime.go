package wiring

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Runtime is the program's clock and its sources of randomness, and what observes its
// statements.
type Runtime struct {
	Now      ports.Clock
	NewID    ports.NewID
	NewToken ports.NewToken
	NewKey   ports.NewKey
	Tracer   pgx.QueryTracer // of the statements of stores; nil for none
}

// SystemRuntime returns the Runtime of production: the system clock and secure randomness.
func SystemRuntime() Runtime {
	return Runtime{
		// Postgres stores microseconds. With nanoseconds the first response would differ
		// from later ones.
		Now:      func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) },
		NewID:    func() [16]byte { return uuid.Must(uuid.NewV7()) },
		NewToken: secrets.NewToken,
		NewKey:   secrets.NewKey,
	}
}

// NewRuntime returns the system's Runtime, with a fixed clock if the settings ask for one
// (GRADUS_NOW).
func NewRuntime(c config.Config) Runtime {
	if c.Now.IsZero() {
		return SystemRuntime()
	}
	fixed := c.Now.UTC().Truncate(time.Microsecond)
	return SystemRuntime().WithClock(func() time.Time { return fixed })
}

// WithClock returns a copy of rt with another clock.
func (rt Runtime) WithClock(now ports.Clock) Runtime {
	rt.Now = now
	return rt
}
