// Package pgtx carries the current Postgres transaction from whoever opened it to the
// adapters that write in it. Only packages under internal/adapters can see it.
package pgtx

import (
	"context"

	"github.com/jackc/pgx/v5"
)

type key struct{}

type current struct {
	tx   pgx.Tx
	unit bool
}

// With returns a context that carries tx as the transaction of a unit of work.
func With(ctx context.Context, tx pgx.Tx) context.Context {
	return context.WithValue(ctx, key{}, current{tx, true})
}

// WithRequest returns a context that carries tx as the transaction of a whole request;
// units of work inside it become parts of tx.
func WithRequest(ctx context.Context, tx pgx.Tx) context.Context {
	return context.WithValue(ctx, key{}, current{tx, false})
}

// From returns the transaction that ctx carries, if any.
func From(ctx context.Context) (pgx.Tx, bool) {
	c, ok := ctx.Value(key{}).(current)
	return c.tx, ok
}

// Unit returns the transaction that ctx carries, if it is that of a unit of work.
func Unit(ctx context.Context) (pgx.Tx, bool) {
	c, ok := ctx.Value(key{}).(current)
	return c.tx, ok && c.unit
}
