package postgres

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres/internal/sqlc"
)

// readOnlyError is the error of a database that accepts no writes.
type readOnlyError struct{}

// Error implements error.
func (readOnlyError) Error() string {
	return "the database is read-only: after a failover, the address must lead to the new primary"
}

// State is what the readiness probe shows.
func (readOnlyError) State() string { return "read-only" }

// Ready returns an error if the database is unavailable or accepts no writes. In the latter
// case, the pool connects again: the address may lead to another server by now.
func Ready(ctx context.Context, pool *pgxpool.Pool) error {
	readOnly, err := sqlc.New().IsReadOnly(ctx, conn(ctx, pool))
	if err == nil && readOnly {
		pool.Reset()
		err = readOnlyError{}
	}
	return err
}
