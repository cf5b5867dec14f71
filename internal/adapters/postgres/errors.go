package postgres

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// notFound returns want if err is pgx.ErrNoRows, and err otherwise.
func notFound(err, want error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return want
	}
	return err
}

// violates returns want if err is a violation of the named constraint, and err otherwise.
// Constraint names are therefore stored contracts.
func violates(err error, constraint string, want error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == constraint {
		return fmt.Errorf("%w (%s)", want, constraint)
	}
	return err
}

// requireAffected returns want if a statement succeeded without affecting a row, and err
// otherwise.
func requireAffected(n int64, err, want error) error {
	if err == nil && n == 0 {
		return want
	}
	return err
}
