package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// isStale reports whether a query failed because its prepared statement no longer fits the
// schema, such as after a column has changed its type, or is gone. Nothing was executed.
func isStale(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	switch pg.Code {
	case "0A000": // also of other features; the message depends on the language of the server
		return pg.Routine == "RevalidateCachedQuery"
	case "26000", "42P05": // the statement does not exist, or exists already
		return true
	}
	return false
}

type freshKey struct{}

// withFresh returns a context in which queries do not use prepared statements.
func withFresh(ctx context.Context) context.Context {
	return context.WithValue(ctx, freshKey{}, true)
}

func wantsFresh(ctx context.Context) bool {
	fresh, _ := ctx.Value(freshKey{}).(bool)
	return fresh
}
