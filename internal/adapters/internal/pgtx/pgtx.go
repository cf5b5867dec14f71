// Package pgtx carries the current Postgres transaction from the unit of work to
// the adapters that write in it. Only packages under internal/adapters can see it.
package pgtx

import (
	"context"

	"github.com/jackc/pgx/v5"
)

type key struct{}

// With returns a context that carries tx.
func With(ctx context.Context, tx pgx.Tx) context.Context {
	return context.WithValue(ctx, key{}, tx)
}

// From returns the transaction that ctx carries, if any.
func From(ctx context.Context) (pgx.Tx, bool) {
	tx, ok := ctx.Value(key{}).(pgx.Tx)
	return tx, ok
}
