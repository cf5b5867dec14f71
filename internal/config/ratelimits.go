package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/adapters/redis"
)

const off = "off"

// maxFactor limits how far a rate limit can be changed in either direction.
const maxFactor = 1000

// RateLimitsOff reports whether there are no rate limits.
func (c Config) RateLimitsOff() bool { return slices.Equal(c.RateLimits, []string{off}) }

// Redis returns the settings of Redis. Its URL is empty if there is none.
func (c Config) Redis() redis.Config { return redis.Config{URL: c.RedisURL} }

func (k *checker) checkRateLimits() {
	if _, err := k.rateLimits(); err != nil {
		k.add("RATE_LIMITS", "%v", err)
	}
	if k.RateLimitsOff() && k.Mode == Production {
		k.risk("RATE_LIMITS", "off lets anyone guess passwords as fast as the server verifies them")
	}
	if k.RedisURL == "" {
		return
	}
	if _, err := k.Redis().Options(); err != nil {
		k.add("REDIS_URL", "%v", err)
		return
	}
	if host := k.Redis().Unencrypted(); host != "" && !isLocal(host) && k.Mode != Development {
		k.risk("REDIS_URL", "would send its password and addresses of users to %s without encryption that is verified: use rediss://", host)
	}
}

// rateLimits parses a list of class=factor.
func (c Config) rateLimits() (httpapi.RateLimits, error) {
	if c.RateLimitsOff() || len(c.RateLimits) == 0 {
		return httpapi.RateLimits{}, nil
	}
	classes, err := httpapi.RateLimitClasses()
	if err != nil {
		return httpapi.RateLimits{}, err
	}
	factors := map[string]float64{}
	for _, item := range c.RateLimits {
		class, value, _ := strings.Cut(item, "=")
		factor, err := strconv.ParseFloat(value, 64)
		switch {
		case !slices.Contains(classes, class):
			return httpapi.RateLimits{}, fmt.Errorf("must be off, or class=factor with a class of %s, not %q", strings.Join(classes, ", "), item)
		case err != nil || !(factor >= 1.0/maxFactor && factor <= maxFactor):
			return httpapi.RateLimits{}, fmt.Errorf("the factor of %s must be a number from 0.001 to %d, not %q", class, maxFactor, value)
		}
		factors[class] = factor
	}
	return httpapi.RateLimits{Factors: factors}, nil
}
