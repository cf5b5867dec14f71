// Package pgtx carries the current Postgres transaction in a context, so that several
// adapters can write in it. Only packages under internal/adapters can import it.
package pgtx

import (
	"context"

	"github.com/jackc/pgx/v5"
)

type key struct{}

type current struct {
	tx   pgx.Tx
	unit bool // of a unit of work, not only of a request
}

// With returns a context that carries tx as the transaction of a unit of work.
func With(ctx context.Context, tx pgx.Tx) context.Context {
	return context.WithValue(ctx, key{}, current{tx, true})
}

// WithRequest returns a context that carries tx as the transaction of a whole request;
// units of work inside it become savepoints of tx.
func WithRequest(ctx context.Context, tx pgx.Tx) context.Context {
	return context.WithValue(ctx, key{}, current{tx, false})
}

// From returns the transaction that ctx carries, if any.
func From(ctx context.Context) (pgx.Tx, bool) {
	c, ok := ctx.Value(key{}).(current)
	return c.tx, ok
}

// Unit returns the transaction that ctx carries, if it belongs to a unit of work.
func Unit(ctx context.Context) (pgx.Tx, bool) {
	c, ok := ctx.Value(key{}).(current)
	return c.tx, ok && c.unit
}
