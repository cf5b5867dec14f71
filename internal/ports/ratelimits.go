package ports

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=ratelimits.go -destination=mock/ratelimits.go -package=mock

// RateLimiter is a driven interface: it counts events against limits, by key. The keys of
// limits with different names are independent. It never fails: a limiter that cannot reach its
// store counts on its own.
type RateLimiter interface {
	// Take counts an event if the limit allows it.
	// Errors: none.
	Take(ctx context.Context, limit domain.RateLimit, key string) domain.Quota
	// Return takes back an event that Take has counted.
	// Errors: none.
	Return(ctx context.Context, limit domain.RateLimit, key string)
}
