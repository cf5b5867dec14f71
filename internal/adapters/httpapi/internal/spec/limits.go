package spec

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Limit is a class of rate limits.
type Limit struct {
	domain.RateLimit

	PerUser bool // counted per user rather than per address
}

// Limits returns the classes of rate limits of a contract, by name.
func Limits(doc *openapi3.T) (map[string]Limit, error) {
	raw, err := json.Marshal(doc.Extensions["x-limits"])
	if err != nil {
		return nil, fmt.Errorf("x-limits: %w", err)
	}
	var classes map[string]struct {
		Per       string `json:"per"`
		Burst     int    `json:"burst"`
		PerMinute int    `json:"per_minute"`
	}
	if err := json.Unmarshal(raw, &classes); err != nil {
		return nil, fmt.Errorf("x-limits: %w", err)
	}
	limits := map[string]Limit{}
	for name, c := range classes {
		if c.Burst < 1 || c.PerMinute < 1 {
			return nil, fmt.Errorf("x-limits: %s allows nothing", name)
		}
		limits[name] = Limit{
			RateLimit: domain.RateLimit{Name: name, Burst: c.Burst, Every: time.Minute / time.Duration(c.PerMinute)},
			PerUser:   c.Per == "user",
		}
	}
	return limits, nil
}
