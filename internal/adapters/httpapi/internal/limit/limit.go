// Package limit counts requests against the rate limit of their operation.
package limit

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/exchange"
	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/spec"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Config changes the limits of the contract.
type Config struct {
	Factors map[string]float64 // by class: how many times as many requests are allowed
}

// The headers of draft-ietf-httpapi-ratelimit-headers.
const (
	headerLimit  = "Ratelimit"
	headerPolicy = "Ratelimit-Policy"
)

// unauthenticated limits the requests without a valid credential to operations that need one,
// by address. Only they are counted: others behind the same address must not notice.
var unauthenticated = domain.RateLimit{Name: "unauthenticated", Burst: 600, Every: 100 * time.Millisecond}

// Limits counts requests.
type Limits struct {
	limiter  ports.RateLimiter
	security ports.SecurityLog
	ops      spec.Operations
	classes  map[string]*class
	invalid  *class // of unauthenticated requests
}

// class is a rate limit with what does not change in its headers.
type class struct {
	spec.Limit

	prefix string   // of RateLimit
	policy []string // RateLimit-Policy
}

// New returns the Limits of a contract.
func New(doc *openapi3.T, ops spec.Operations, limiter ports.RateLimiter, security ports.SecurityLog, cfg Config) (*Limits, error) {
	limits, err := spec.Limits(doc)
	if err != nil {
		return nil, err
	}
	l := &Limits{limiter: limiter, security: security, ops: ops, classes: map[string]*class{}, invalid: newClass(spec.Limit{RateLimit: unauthenticated})}
	for name, limit := range limits {
		if factor, ok := cfg.Factors[name]; ok {
			limit.RateLimit = limit.Scaled(factor)
		}
		l.classes[name] = newClass(limit)
	}
	for _, op := range ops {
		if c := l.classes[op.Limit]; c == nil || c.PerUser && op.Public {
			return nil, fmt.Errorf("%s has no rate limit that applies to its callers", op.Route.Operation.OperationID)
		}
	}
	return l, nil
}

func newClass(limit spec.Limit) *class {
	return &class{
		Limit:  limit,
		prefix: fmt.Sprintf(`"%s";r=`, limit.Name),
		policy: []string{fmt.Sprintf(`"%s";q=%d;w=%d`, limit.Name, limit.Burst, seconds(limit.Window()))},
	}
}

// ByAddress counts the requests to public operations, whose passwords it has hashed on behalf of
// the address, and those that next rejects because the
// caller is not signed in. It runs before the session is read.
func (l *Limits) ByAddress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		op := l.ops.Find(c.Request().Method, c.Path())
		switch {
		case op == nil:
			return next(c)
		case !op.Public:
			err := next(c)
			if e, ok := errors.AsType[*domain.Error](err); ok && e.Kind == domain.KindUnauthenticated && exchange.Of(c.Request().Context()).Actor.UserID.IsZero() {
				return cmp.Or(l.take(c, l.invalid, network(c)), err)
			}
			return err
		}
		key := network(c)
		if err := l.take(c, l.classes[op.Limit], key); err != nil {
			return err
		}
		r := c.Request()
		c.SetRequest(r.WithContext(ports.WithHashClient(r.Context(), ports.HashClient{Key: key})))
		return l.describeReached(c, next(c))
	}
}

// ByUser counts the requests of signed-in users. It runs when the session is read.
func (l *Limits) ByUser(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		op := l.ops.Find(c.Request().Method, c.Path())
		if op == nil || op.Public {
			return next(c)
		}
		class, key := l.classes[op.Limit], ""
		if class.PerUser {
			id := exchange.Of(c.Request().Context()).Actor.UserID
			key = string(id[:])
		} else {
			key = network(c)
		}
		if err := l.take(c, class, key); err != nil {
			return err
		}
		return l.describeReached(c, next(c))
	}
}

// describeReached sets the headers for the limit of a use case that err reports.
func (l *Limits) describeReached(c echo.Context, err error) error {
	if e, ok := errors.AsType[*domain.Error](err); ok && e.Kind == domain.KindTooMany && e.Limit.Burst > 0 {
		newClass(spec.Limit{RateLimit: e.Limit}).describe(c.Response().Header(), e.Quota)
	}
	return err
}

// network returns what the address of the client counts as.
func network(c echo.Context) string {
	return domain.Origin{Address: exchange.Of(c.Request().Context()).Address}.Network()
}

// take counts a request, and sets the headers of its response.
func (l *Limits) take(c echo.Context, class *class, key string) error {
	quota := l.limiter.Take(c.Request().Context(), class.RateLimit, key)
	class.describe(c.Response().Header(), quota)
	if !quota.Allowed {
		l.report(c, class, key)
	}
	return quota.Err(class.RateLimit)
}

// report records that a caller has reached a limit.
func (l *Limits) report(c echo.Context, class *class, key string) {
	ctx := c.Request().Context()
	if !l.limiter.Take(ctx, domain.LimitEvents, class.Name+":"+key).Allowed {
		return
	}
	x := exchange.Of(ctx)
	l.security.Record(ctx, domain.SecurityEvent{
		Kind: domain.EventRateLimited, Reason: class.Name, User: x.Actor.UserID,
		Device: domain.DeviceName(x.UserAgent), Origin: domain.Origin{RequestID: x.RequestID, Address: x.Address},
	})
}

// describe sets the headers of a response.
func (c *class) describe(h http.Header, q domain.Quota) {
	b := make([]byte, 0, 64)
	b = append(b, c.prefix...)
	b = strconv.AppendInt(b, int64(q.Remaining), 10)
	b = append(b, ";t="...)
	b = strconv.AppendInt(b, int64(seconds(q.ResetAfter)), 10)
	h[headerLimit], h[headerPolicy] = []string{string(b)}, c.policy
}

// seconds rounds up, so that a client that waits does not come too early.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
