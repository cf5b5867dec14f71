// Package pgtx carries the current Postgres transaction in a context, so that several
// adapters can write in it. Only packages under internal/adapters can import it.
package pgtx

import (
	"context"

	"github.com/jackc/pgx/v5"
)

type (
	unitKey    struct{}
	requestKey struct{}
)

// Request is the transaction of a whole request. It is not safe for concurrent use.
type Request struct {
	Tx pgx.Tx // nil until the first unit of work of the request begins it
}

// With returns a context that carries tx as the transaction of a unit of work.
func With(ctx context.Context, tx pgx.Tx) context.Context {
	return context.WithValue(ctx, unitKey{}, tx)
}

// WithRequest returns a context that carries r as the transaction of a whole request; units
// of work inside it become savepoints of r.Tx.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, requestKey{}, r)
}

// From returns the transaction that ctx carries, if any has begun.
func From(ctx context.Context) (pgx.Tx, bool) {
	if tx, ok := Unit(ctx); ok {
		return tx, true
	}
	if r, ok := ctx.Value(requestKey{}).(*Request); ok && r.Tx != nil {
		return r.Tx, true
	}
	return nil, false
}

// Unit returns the transaction that ctx carries, if it belongs to a unit of work.
func Unit(ctx context.Context) (pgx.Tx, bool) {
	tx, ok := ctx.Value(unitKey{}).(pgx.Tx)
	return tx, ok
}
