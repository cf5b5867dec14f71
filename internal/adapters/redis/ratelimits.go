// Package redis shares state between replicas in Redis or Valkey.
package redis

import (
	"context"
	"crypto/x509"
	"errors"
	"hash/maphash"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/throttled/throttled/v2/store/goredisstore.v9"

	"github.com/gradus-dev/gradus/internal/adapters/internal/gcra"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const (
	keyPrefix = "gradus:limit:"
	// timeout limits how long a request waits for Redis. A healthy one answers in less than a
	// millisecond.
	timeout = 250 * time.Millisecond
	// retryAfter is how long nothing is sent to Redis after a failure, except by one request: a
	// Redis that does not respond must not delay every request.
	retryAfter = time.Second
	poolSize   = 32
	turns      = 64
)

// Config holds the settings of the package.
type Config struct {
	// URL has the form redis://user:password@host:port/database, or rediss:// for TLS.
	URL domain.Secret
	// RootCAs are the authorities whose certificates are trusted; nil means those of the system.
	RootCAs *x509.CertPool
}

// Options returns the options of a client.
func (c Config) Options() (*goredis.Options, error) {
	o, err := goredis.ParseURL(c.URL.Reveal())
	if err != nil {
		// The error of the library can contain the password.
		return nil, errors.New("must have the form rediss://user:password@host:port/database")
	}
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = timeout, timeout, timeout, timeout
	o.MaxRetries, o.ContextTimeoutEnabled, o.PoolSize = -1, true, poolSize
	if o.TLSConfig != nil {
		o.TLSConfig.RootCAs = c.RootCAs
	}
	return o, nil
}

// Unencrypted returns the host that passwords and counts are sent to without encryption, or with
// one that anybody can pretend to be the end of. It is empty if there is none.
func (c Config) Unencrypted() string {
	o, err := c.Options()
	if err != nil || o.Network == "unix" || o.TLSConfig != nil && !o.TLSConfig.InsecureSkipVerify {
		return ""
	}
	host, _, err := net.SplitHostPort(o.Addr)
	if err != nil {
		return o.Addr
	}
	return host
}

// RateLimiter implements ports.RateLimiter with counts that all replicas share. While Redis is
// unavailable, each replica counts on its own. It is a Prometheus collector.
type RateLimiter struct {
	prometheus.Gauge // 1 while Redis is unavailable

	counter  *gcra.Counter
	fallback ports.RateLimiter
	log      *slog.Logger
	turns    [turns]sync.Mutex // see count
	seed     maphash.Seed
	down     atomic.Bool
	retryAt  atomic.Int64 // Unix time in nanoseconds
	now      func() time.Time
}

var _ ports.RateLimiter = (*RateLimiter)(nil)

// NewRateLimiter returns a RateLimiter that counts with fallback while Redis is unavailable, also
// at the start. Close closes its connections.
func NewRateLimiter(cfg Config, fallback ports.RateLimiter, log *slog.Logger) (l *RateLimiter, closeAll func(), err error) {
	options, err := cfg.Options()
	if err != nil {
		return nil, nil, err
	}
	logging.Disable() // it writes lines of its own for each failed connection
	client := goredis.NewClient(options)
	store, err := goredisstore.NewCtx(client, keyPrefix)
	if err != nil {
		_ = client.Close()
		return nil, nil, err
	}
	return &RateLimiter{
		counter: gcra.New(store), fallback: fallback, log: log, seed: maphash.MakeSeed(),
		now: time.Now, //nolint:forbidigo // an outage takes real time, even if the clock of the data is fixed
		Gauge: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gradus_rate_limit_redis_unavailable",
			Help: "1 while Redis is unavailable and this process counts on its own.",
		}),
	}, func() { _ = client.Close() }, nil
}

// Take implements ports.RateLimiter.
func (l *RateLimiter) Take(ctx context.Context, limit domain.RateLimit, key string) domain.Quota {
	if quota, ok := l.count(ctx, limit, key, 1); ok {
		return quota
	}
	return l.fallback.Take(ctx, limit, key)
}

// Return implements ports.RateLimiter.
func (l *RateLimiter) Return(ctx context.Context, limit domain.RateLimit, key string) {
	if _, ok := l.count(ctx, limit, key, -1); !ok {
		l.fallback.Return(ctx, limit, key)
	}
}

// count counts in Redis, or reports false if it is unavailable. Events of one key wait for each
// other: a count is read and then written if nobody else has written it, so a flood of requests
// by one caller would otherwise fail, and look like a failure of Redis.
func (l *RateLimiter) count(ctx context.Context, limit domain.RateLimit, key string, n int) (domain.Quota, bool) {
	retrying := l.down.Load()
	if retrying && !l.mayRetry() {
		return domain.Quota{}, false
	}
	turn := &l.turns[maphash.String(l.seed, key)%turns]
	turn.Lock()
	defer turn.Unlock()
	if l.down.Load() && l.retryAt.Load() > l.now().UnixNano() && !retrying {
		return domain.Quota{}, false // it failed while this call waited
	}
	// A client that gives up must not look like a failure of Redis.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	quota, err := l.counter.Count(limited, limit, key, n)
	l.report(ctx, err)
	return quota, err == nil
}

// mayRetry reports whether the caller may try whether Redis is available again.
func (l *RateLimiter) mayRetry() bool {
	at, now := l.retryAt.Load(), l.now().UnixNano()
	return now >= at && l.retryAt.CompareAndSwap(at, now+int64(retryAfter))
}

// report records whether Redis is available, and logs when that changes.
func (l *RateLimiter) report(ctx context.Context, err error) {
	if err == nil {
		if l.down.CompareAndSwap(true, false) {
			l.Set(0)
			l.log.InfoContext(ctx, "rate limits are counted in Redis again")
		}
		return
	}
	l.retryAt.Store(l.now().Add(retryAfter).UnixNano())
	if l.down.CompareAndSwap(false, true) {
		l.Set(1)
		l.log.ErrorContext(ctx, "Redis is unavailable: this process counts rate limits on its own until it is available again", "error", err)
	}
}
