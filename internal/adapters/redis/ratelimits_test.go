package redis_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	goredis "github.com/redis/go-redis/v9"

	"github.com/gradus-dev/gradus/internal/adapters/memory"
	"github.com/gradus-dev/gradus/internal/adapters/redis"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/redistest"
)

func TestMain(m *testing.M) { redistest.Main(m) }

// hourly allows three events, and the next one an hour later.
var hourly = domain.RateLimit{Name: "test", Burst: 3, Every: time.Hour}

// newLimiter returns the limiter of a replica.
func newLimiter(t *testing.T, url string) *redis.RateLimiter {
	t.Helper()
	return newLimiterFor(t, redis.Config{URL: domain.Secret(url)})
}

func newLimiterFor(t *testing.T, cfg redis.Config) *redis.RateLimiter {
	t.Helper()
	fallback, err := memory.NewRateLimiter(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	l, closeAll, err := redis.NewRateLimiter(cfg, fallback, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeAll)
	return l
}

func TestRateLimiter_ReplicasShareOneCount(t *testing.T) {
	t.Parallel()
	address, key := redistest.URL(t), rand.Text()
	replicas := []*redis.RateLimiter{newLimiter(t, address), newLimiter(t, address)}
	for i := range 3 {
		if got := replicas[i%2].Take(t.Context(), hourly, key); !got.Allowed || got.Remaining != 2-i {
			t.Errorf("event %d: %+v", i, got)
		}
	}
	for i, l := range replicas {
		got := l.Take(t.Context(), hourly, key)
		if got.Allowed || got.RetryAfter < 59*time.Minute || got.RetryAfter > time.Hour || got.ResetAfter < 2*time.Hour {
			t.Errorf("replica %d: %+v", i, got)
		}
		if unavailable := testutil.ToFloat64(l); unavailable != 0 {
			t.Errorf("replica %d reports that Redis is unavailable", i)
		}
	}
	replicas[0].Return(t.Context(), hourly, key)
	if got := replicas[1].Take(t.Context(), hourly, key); !got.Allowed {
		t.Errorf("after an event was returned: %+v", got)
	}
}

// Keys expire, so that Redis does not grow, and they are in a namespace.
func TestRateLimiter_KeysExpire(t *testing.T) {
	t.Parallel()
	address, key := redistest.URL(t), rand.Text()
	newLimiter(t, address).Take(t.Context(), hourly, key)
	o, err := goredis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	client := goredis.NewClient(o)
	defer func() { _ = client.Close() }()
	ttl, err := client.TTL(t.Context(), "gradus:limit:test:"+key).Result()
	if err != nil || ttl < 59*time.Minute || ttl > time.Hour {
		t.Errorf("the key expires after %v, %v", ttl, err)
	}
}

// Requests of one caller at the same moment, to two replicas, are counted exactly.
func TestRateLimiter_CountsConcurrentEvents(t *testing.T) {
	t.Parallel()
	address, key := redistest.URL(t), rand.Text()
	replicas := []*redis.RateLimiter{newLimiter(t, address), newLimiter(t, address)}
	limit := domain.RateLimit{Name: "test", Burst: 100, Every: time.Hour}
	var allowed atomic.Int64
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			if replicas[i%2].Take(t.Context(), limit, key).Allowed {
				allowed.Add(1)
			}
		})
	}
	all.Wait()
	if got := allowed.Load(); got != 100 {
		t.Errorf("%d events were allowed, want 100", got)
	}
}

// While Redis is unavailable, a replica counts on its own: it neither blocks everybody nor lets
// everything through, does not wait for Redis with each request, and recovers by itself.
func TestRateLimiter_FallsBackToMemory(t *testing.T) {
	t.Parallel()
	for name, silent := range map[string]bool{"a closed port": false, "no response": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t, redistest.URL(t))
			l, key := newLimiter(t, p.url), rand.Text()
			for range 3 {
				l.Take(t.Context(), hourly, key)
			}
			p.cut(silent)
			start := time.Now()
			for i := range 1000 {
				if got, want := l.Take(t.Context(), hourly, key).Allowed, i < 3; got != want {
					t.Fatalf("event %d without Redis: allowed %t", i, got)
				}
			}
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("1,000 events without Redis took %v", took)
			}
			if testutil.ToFloat64(l) != 1 {
				t.Error("the metric does not report that Redis is unavailable")
			}
			p.repair(t)
			// Redis has the events from before.
			deadline := time.Now().Add(10 * time.Second)
			for testutil.ToFloat64(l) == 1 {
				if time.Now().After(deadline) {
					t.Fatal("the limiter does not recover")
				}
				l.Take(t.Context(), hourly, rand.Text())
				time.Sleep(20 * time.Millisecond)
			}
			if got := l.Take(t.Context(), hourly, key); got.Allowed || got.RetryAfter < 59*time.Minute {
				t.Errorf("after Redis has recovered: %+v", got)
			}
		})
	}
}

// A replica starts without Redis.
func TestNewRateLimiter_StartsWithoutRedis(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, "redis://127.0.0.1:1/0")
	for i := range 4 {
		if got, want := l.Take(t.Context(), hourly, "a").Allowed, i < 3; got != want {
			t.Errorf("event %d: allowed %t", i, got)
		}
	}
}

// A request whose client has gone is no failure of Redis.
func TestRateLimiter_IgnoresCancelledRequests(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, redistest.URL(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := l.Take(ctx, hourly, rand.Text()); !got.Allowed || testutil.ToFloat64(l) != 0 {
		t.Errorf("got %+v, unavailable: %v", got, testutil.ToFloat64(l))
	}
}

// An ACL user needs the keys of Gradus and few commands; the password of the URL is used.
func TestRateLimiter_WithAnACLUser(t *testing.T) {
	t.Parallel()
	address := redistest.URL(t)
	o, err := goredis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	admin := goredis.NewClient(o)
	defer func() { _ = admin.Close() }()
	user, password := "gradus"+strings.ToLower(rand.Text()), rand.Text()
	rules := []any{"ACL", "SETUSER", user, "on", ">" + password, "~gradus:limit:*", "+get", "+set", "+setnx", "+setex", "+expire", "+eval", "+time", "+hello", "+client", "+ping", "+select"}
	if err := admin.Do(t.Context(), rules...).Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Do(context.WithoutCancel(t.Context()), "ACL", "DELUSER", user).Err() })
	for name, tt := range map[string]struct {
		password    string
		unavailable float64
	}{"the right password": {password, 0}, "a wrong password": {"wrong", 1}} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword(user, tt.password)
		l, key := newLimiter(t, u.String()), rand.Text()
		for range 2 {
			if got := l.Take(t.Context(), hourly, key); !got.Allowed {
				t.Errorf("%s: %+v", name, got)
			}
		}
		if got := testutil.ToFloat64(l); got != tt.unavailable {
			t.Errorf("%s: unavailable is %v, want %v", name, got, tt.unavailable)
		}
	}
}

func TestConfig_DoesNotShowThePassword(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"redis://user:hunter2@host:port/0", "hunter2", "http://hunter2@x", "redis://:hunter2@x/y/z%"} {
		if _, err := (redis.Config{URL: domain.Secret(text)}).Options(); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Certificates are verified.
func TestRateLimiter_WithTLS(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(nil)
	secure.StartTLS() // for its certificate
	t.Cleanup(secure.Close)
	p := newProxy(t, redistest.URL(t))
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: secure.TLS.Certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			p.forward(in)
		}
	}()
	address := domain.Secret("rediss://" + l.Addr().String())
	trusted := x509.NewCertPool()
	trusted.AddCert(secure.Certificate())
	for name, tt := range map[string]struct {
		roots       *x509.CertPool
		unavailable float64
	}{"a trusted certificate": {trusted, 0}, "an unknown certificate": {x509.NewCertPool(), 1}} {
		l := newLimiterFor(t, redis.Config{URL: address, RootCAs: tt.roots})
		if got := l.Take(t.Context(), hourly, rand.Text()); !got.Allowed {
			t.Errorf("%s: %+v", name, got)
		}
		if got := testutil.ToFloat64(l); got != tt.unavailable {
			t.Errorf("%s: unavailable is %v, want %v", name, got, tt.unavailable)
		}
	}
}

func TestConfig_Unencrypted(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"redis://localhost:6379":                      "localhost",
		"redis://:pw@redis.example.org":               "redis.example.org",
		"redis://[2001:db8::1]:6379":                  "2001:db8::1",
		"rediss://redis.example.org":                  "",
		"rediss://redis.example.org?skip_verify=true": "redis.example.org",
		"unix:///run/redis.sock":                      "",
		"redis://10.0.0.7:6379/3?client_name=gradus":  "10.0.0.7",
	} {
		if got := (redis.Config{URL: domain.Secret(address)}).Unencrypted(); got != want {
			t.Errorf("%s sends plain text to %q, want %q", address, got, want)
		}
	}
}

// proxy forwards connections to a server until it is broken.
type proxy struct {
	url, target, address string

	mu     sync.Mutex
	open   []net.Conn
	listen net.Listener
	silent bool
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{target: u.Host, address: "127.0.0.1:0"}
	p.repair(t)
	u.Host = p.address
	p.url = u.String()
	t.Cleanup(func() { p.cut(false) })
	return p
}

// cut closes all connections and the port; or, if silent, it keeps accepting connections and
// forwards nothing.
func (p *proxy) cut(silent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = silent
	if !silent {
		_ = p.listen.Close()
	}
	for _, c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}

func (p *proxy) repair(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listen != nil {
		_ = p.listen.Close()
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	p.listen, p.address, p.silent = l, l.Addr().String(), false
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			p.forward(in)
		}
	}()
}

func (p *proxy) forward(in net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = append(p.open, in)
	if p.silent {
		return
	}
	out, err := new(net.Dialer).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		_ = in.Close()
		return
	}
	p.open = append(p.open, out)
	for _, pair := range [][2]net.Conn{{in, out}, {out, in}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			_ = pair[0].Close()
		}()
	}
}
