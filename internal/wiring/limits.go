package wiring

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/limitmetrics"
	"github.com/gradus-dev/gradus/internal/adapters/memory"
	"github.com/gradus-dev/gradus/internal/adapters/redis"
	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/ports"
)

// newRateLimiter returns the limiter of requests. A fixed clock would never allow requests
// again, so it uses the system's.
func newRateLimiter(c config.Config, now ports.Clock, log *slog.Logger) (*limitmetrics.Limiter, func(), error) {
	none := func() {}
	if c.RateLimitsOff() {
		return limitmetrics.New(memory.Unlimited{}), none, nil
	}
	if !c.Now.IsZero() {
		now = time.Now
	}
	alone, err := memory.NewRateLimiter(now)
	if err != nil {
		return nil, nil, err
	}
	if c.RedisURL == "" {
		return limitmetrics.New(alone), none, nil
	}
	shared, closeAll, err := redis.NewRateLimiter(c.Redis(), alone, log)
	if err != nil {
		return nil, nil, fmt.Errorf("GRADUS_REDIS_URL: %w", err)
	}
	return limitmetrics.New(shared, shared), closeAll, nil
}
