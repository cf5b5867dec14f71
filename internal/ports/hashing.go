package ports

import "context"

// HashClient is on whose behalf passwords are hashed. A PasswordHasher shares its capacity fairly
// between clients.
type HashClient struct {
	Key   string // such as a network; clients without a key count as one
	Known bool   // a signed-in user, or a device that signed in before: comes before strangers
}

type hashClientKey struct{}

// WithHashClient returns a context for calls of PasswordHasher on behalf of a client.
func WithHashClient(ctx context.Context, c HashClient) context.Context {
	return context.WithValue(ctx, hashClientKey{}, c)
}

// HashClientOf returns the client of a context.
func HashClientOf(ctx context.Context) HashClient {
	c, _ := ctx.Value(hashClientKey{}).(HashClient)
	return c
}
