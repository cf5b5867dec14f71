// Package exchange holds what the layers of one request tell each other.
package exchange

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Exchange is the state of one request: the outermost layer creates it, inner layers
// fill it, and the outermost layer logs it. It is not safe for concurrent use.
type Exchange struct {
	RequestID string
	Address   string // of the client
	UserAgent string
	Route     string       // the path as the router writes it
	Actor     domain.Actor // who calls; zero before the session is read
	Code      string       // of the problem, if there was one
	Err       error        // what is to be logged in full
}

type key struct{}

// With returns a context that carries x.
func With(ctx context.Context, x *Exchange) context.Context {
	return context.WithValue(ctx, key{}, x)
}

// Of returns the Exchange of a request. It panics outside of one.
func Of(ctx context.Context) *Exchange { return ctx.Value(key{}).(*Exchange) }
