// Package memory keeps state in the memory of the process: each replica has its own.
package memory

import (
	"context"
	"fmt"

	"github.com/throttled/throttled/v2"
	"github.com/throttled/throttled/v2/store/memstore"

	"github.com/gradus-dev/gradus/internal/adapters/internal/gcra"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// maxKeys limits the number of keys of one limit, about 200 bytes each. The least recently used
// ones are forgotten.
const maxKeys = 1 << 16

// RateLimiter implements ports.RateLimiter. It is safe for concurrent use.
type RateLimiter struct{ counter *gcra.Counter }

var _ ports.RateLimiter = (*RateLimiter)(nil)

// NewRateLimiter returns a RateLimiter without any counts.
func NewRateLimiter(now ports.Clock) (*RateLimiter, error) {
	store, err := memstore.New(maxKeys)
	if err != nil {
		return nil, fmt.Errorf("create the store of rate limits: %w", err)
	}
	store.SetTimeNow(now)
	return &RateLimiter{gcra.New(throttled.WrapStoreWithContext(store))}, nil
}

// Take implements ports.RateLimiter.
func (l *RateLimiter) Take(ctx context.Context, limit domain.RateLimit, key string) domain.Quota {
	return l.count(ctx, limit, key, 1)
}

// Return implements ports.RateLimiter.
func (l *RateLimiter) Return(ctx context.Context, limit domain.RateLimit, key string) {
	l.count(ctx, limit, key, -1)
}

func (l *RateLimiter) count(ctx context.Context, limit domain.RateLimit, key string, n int) domain.Quota {
	quota, err := l.counter.Count(ctx, limit, key, n)
	if err != nil {
		// The store cannot fail; only very many events of one key at the same moment can. They
		// are more than any limit allows.
		return domain.Quota{RetryAfter: limit.Every, ResetAfter: limit.Window()}
	}
	return quota
}

// Unlimited implements ports.RateLimiter for servers whose limits are switched off.
type Unlimited struct{}

var _ ports.RateLimiter = Unlimited{}

// Take implements ports.RateLimiter.
func (Unlimited) Take(_ context.Context, limit domain.RateLimit, _ string) domain.Quota {
	return domain.Quota{Allowed: true, Remaining: limit.Burst}
}

// Return implements ports.RateLimiter.
func (Unlimited) Return(context.Context, domain.RateLimit, string) {}
