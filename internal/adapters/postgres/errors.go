package postgres

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/gradus-dev/gradus/internal/domain"
)

// notFound returns want if err says that a query found no row.
func notFound(err, want error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return want
	}
	return err
}

// violates returns want if err says that the named constraint was violated.
func violates(err error, constraint string, want error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.ConstraintName == constraint {
		return fmt.Errorf("%w (%s)", want, constraint)
	}
	return err
}

// changed returns want if a statement that should have changed a row changed none.
func changed(n int64, err, want error) error {
	if err == nil && n == 0 {
		return want
	}
	return err
}

// unknownZone returns a field error if err says that Postgres knows no zone of this
// name: its rules may be older than ours.
func unknownZone(err error, zone domain.TimeZone) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == "22023" {
		return fmt.Errorf("%w (%w)", domain.UnknownTimeZone("time_zone", string(zone)), err)
	}
	return err
}
