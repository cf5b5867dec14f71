// Package exchange holds the state that the layers of the server share for one request.
package exchange

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Exchange is the state of one request. Package edge creates it and logs it; the layers in
// between fill it in. It is not safe for concurrent use.
type Exchange struct {
	RequestID string
	TraceID   string // of the traceparent header; often empty
	Address   string // of the client
	UserAgent string
	Cookie    domain.Secret // the session cookie, if the client sent one
	Device    domain.Secret // the device token, if the client sent one to a public operation
	NewDevice domain.Secret // the device token that the client receives

	// CookieCarrier is set if a new session uses a cookie.
	CookieCarrier bool

	Route  string       // the path as registered with the router
	Prefix string       // of the server's paths, as clients see them; often empty
	Actor  domain.Actor // the caller; zero until the session is read
	Code   string       // of the problem, if the response is one
	Err    error        // logged, never sent
}

type key struct{}

// With returns a context that carries x.
func With(ctx context.Context, x *Exchange) context.Context {
	return context.WithValue(ctx, key{}, x)
}

// Of returns the Exchange of a request's context. It panics if there is none.
func Of(ctx context.Context) *Exchange { return ctx.Value(key{}).(*Exchange) }
