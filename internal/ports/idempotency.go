package ports

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=idempotency.go -destination=mock/idempotency.go -package=mock

// Idempotency makes retried requests take effect once.
type Idempotency interface {
	// Once runs fn, and stores the response that fn returns in the transaction of its units
	// of work, which the first one begins. For domain.IdempotencyRetention, it returns the
	// stored response to an identical request without running fn again. If fn fails,
	// everything is rolled back and the key remains unused. Between its first unit of work
	// and its end, fn must not wait for anything but the database.
	// Errors: ErrIdempotencyKeyInUse, ErrIdempotencyKeyReused, ErrUnauthenticated,
	// ErrSessionExpired, ErrAPITokenInvalid, those of fn.
	Once(ctx context.Context, r domain.IdempotentRequest, fn func(ctx context.Context) (response []byte, err error)) (response []byte, replayed bool, err error)
	// RemoveExpiredResponses removes stored responses that are older than
	// domain.IdempotencyRetention and returns how many.
	// Errors: none.
	RemoveExpiredResponses(ctx context.Context) (int, error)
}
