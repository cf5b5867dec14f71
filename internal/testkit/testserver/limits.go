package testserver

import (
	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/config"
)

// DefaultLimits gives a server the rate limits that servers have by default.
func DefaultLimits(c *config.Config) { c.RateLimits = nil }

// TightLimits gives a server rate limits that allow one request of each class.
func TightLimits(c *config.Config) {
	classes, err := httpapi.RateLimitClasses()
	if err != nil {
		panic(err) // the contract is embedded
	}
	c.RateLimits = nil
	for _, class := range classes {
		c.RateLimits = append(c.RateLimits, class+"=0.001")
	}
}
