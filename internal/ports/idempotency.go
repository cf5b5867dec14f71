package ports

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=idempotency.go -destination=mock/idempotency.go -package=mock

// Idempotency makes requests that are sent again happen once.
type Idempotency interface {
	// Once runs fn in one transaction, which units of work inside it join, and keeps in
	// it what fn answers. For domain.IdempotencyRetention the same request gets that answer again,
	// and fn is not run. A failure of fn rolls everything back and leaves the key unused.
	// fn must not call the network.
	// Errors: ErrIdempotencyKeyInUse, ErrIdempotencyKeyReused, and those of fn.
	Once(ctx context.Context, r domain.IdempotentRequest, fn func(ctx context.Context) (answer []byte, err error)) (answer []byte, repeated bool, err error)
	// RemoveExpiredResponses removes answers that are kept no longer and returns how many.
	// Errors: none.
	RemoveExpiredResponses(ctx context.Context) (int, error)
}
