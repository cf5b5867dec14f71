// Package gcra counts events against rate limits with the generic cell rate algorithm, in any
// store.
package gcra

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/throttled/throttled/v2"

	"github.com/gradus-dev/gradus/internal/domain"
)

// maxAttempts limits the attempts to write a count that others write at the same time.
const maxAttempts = 100

// Counter counts events in a store. It is safe for concurrent use.
type Counter struct {
	store throttled.GCRAStoreCtx

	mu     sync.RWMutex
	limits map[domain.RateLimit]*throttled.GCRARateLimiterCtx
}

// New returns a Counter.
func New(store throttled.GCRAStoreCtx) *Counter {
	return &Counter{store: store, limits: map[domain.RateLimit]*throttled.GCRARateLimiterCtx{}}
}

// Count counts an event if the limit allows it, with n = 1, or takes one back, with n = -1. The
// error is that of the store.
func (c *Counter) Count(ctx context.Context, limit domain.RateLimit, key string, n int) (domain.Quota, error) {
	g, err := c.limiter(limit)
	if err != nil {
		return domain.Quota{}, err
	}
	limited, r, err := g.RateLimitCtx(ctx, limit.Name+":"+key, n)
	if err != nil {
		return domain.Quota{}, fmt.Errorf("count against %s: %w", limit.Name, err)
	}
	return domain.Quota{Allowed: !limited, Remaining: r.Remaining, ResetAfter: r.ResetAfter, RetryAfter: max(0, r.RetryAfter)}, nil
}

// limiter returns the algorithm for a limit. There are few limits, so all are kept.
func (c *Counter) limiter(limit domain.RateLimit) (*throttled.GCRARateLimiterCtx, error) {
	c.mu.RLock()
	g := c.limits[limit]
	c.mu.RUnlock()
	if g != nil {
		return g, nil
	}
	g, err := throttled.NewGCRARateLimiterCtx(c.store, throttled.RateQuota{
		MaxRate: throttled.PerDuration(1, max(limit.Every, time.Nanosecond)), MaxBurst: limit.Burst - 1,
	})
	if err != nil {
		return nil, fmt.Errorf("limit %s: %w", limit.Name, err)
	}
	g.SetMaxCASAttemptsLimit(maxAttempts)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limits[limit] = g
	return g, nil
}
