package memory_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/memory"
	"github.com/gradus-dev/gradus/internal/domain"
)

var limit = domain.RateLimit{Name: "test", Burst: 3, Every: 10 * time.Second}

// clock is a clock that only the test moves.
type clock struct{ now atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Unix(0, c.now.Load()) }
func (c *clock) advance(d time.Duration) { c.now.Add(int64(d)) }

func newLimiter(t *testing.T) (*memory.RateLimiter, *clock) {
	t.Helper()
	c := &clock{}
	c.advance(time.Hour)
	l, err := memory.NewRateLimiter(c.Now)
	if err != nil {
		t.Fatal(err)
	}
	return l, c
}

func TestRateLimiter_AllowsABurstAndThenOneAtATime(t *testing.T) {
	t.Parallel()
	l, c := newLimiter(t)
	for _, want := range []domain.Quota{
		{Allowed: true, Remaining: 2, ResetAfter: 10 * time.Second},
		{Allowed: true, Remaining: 1, ResetAfter: 20 * time.Second},
		{Allowed: true, Remaining: 0, ResetAfter: 30 * time.Second},
		{Allowed: false, Remaining: 0, ResetAfter: 30 * time.Second, RetryAfter: 10 * time.Second},
	} {
		if got := l.Take(t.Context(), limit, "a"); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	// A rejected event is not counted, so that callers who keep trying are not locked out.
	c.advance(10*time.Second - 1)
	if got := l.Take(t.Context(), limit, "a"); got.Allowed || got.RetryAfter != 1 {
		t.Errorf("just before the next event is allowed: %+v", got)
	}
	c.advance(1)
	if got := l.Take(t.Context(), limit, "a"); !got.Allowed || got.Remaining != 0 {
		t.Errorf("when the next event is allowed: %+v", got)
	}
	c.advance(limit.Window())
	if got := l.Take(t.Context(), limit, "a"); !got.Allowed || got.Remaining != 2 {
		t.Errorf("after the window: %+v", got)
	}
}

func TestRateLimiter_KeysAndLimitsAreIndependent(t *testing.T) {
	t.Parallel()
	l, _ := newLimiter(t)
	for range 4 {
		l.Take(t.Context(), limit, "a")
	}
	if got := l.Take(t.Context(), limit, "b"); !got.Allowed {
		t.Errorf("another key: %+v", got)
	}
	other := limit
	other.Name = "other"
	if got := l.Take(t.Context(), other, "a"); !got.Allowed {
		t.Errorf("a limit with another name: %+v", got)
	}
}

func TestRateLimiter_Return(t *testing.T) {
	t.Parallel()
	l, c := newLimiter(t)
	for range 10 {
		if got := l.Take(t.Context(), limit, "a"); !got.Allowed || got.Remaining != 2 {
			t.Fatalf("all events were returned, but Take returns %+v", got)
		}
		c.advance(time.Second)
		l.Return(t.Context(), limit, "a")
	}
	// What was never taken is no credit.
	for range 10 {
		l.Return(t.Context(), limit, "a")
	}
	for range 3 {
		l.Take(t.Context(), limit, "a")
	}
	if got := l.Take(t.Context(), limit, "a"); got.Allowed {
		t.Errorf("more events than the limit allows: %+v", got)
	}
}

// The memory is bounded: the least recently used keys are forgotten.
func TestRateLimiter_ForgetsTheLeastRecentlyUsedKeys(t *testing.T) {
	t.Parallel()
	l, _ := newLimiter(t)
	for range 3 {
		l.Take(t.Context(), limit, "old")
	}
	for i := range 1 << 16 {
		l.Take(t.Context(), limit, fmt.Sprint(i))
	}
	if got := l.Take(t.Context(), limit, "old"); !got.Allowed {
		t.Errorf("the store has more than 65,536 keys: %+v", got)
	}
	if got := l.Take(t.Context(), limit, "65535"); got.Remaining != 1 {
		t.Errorf("a recent key was forgotten: %+v", got)
	}
}

func TestRateLimiter_CountsConcurrentEvents(t *testing.T) {
	t.Parallel()
	l, _ := newLimiter(t)
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range 100 {
				if l.Take(t.Context(), domain.RateLimit{Name: "test", Burst: 1000, Every: time.Hour}, "a").Allowed {
					allowed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if got := allowed.Load(); got != 1000 {
		t.Errorf("%d events were allowed, want 1000", got)
	}
}

func BenchmarkRateLimiter(b *testing.B) {
	l, err := memory.NewRateLimiter(time.Now)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		l.Take(b.Context(), limit, "0123456789abcdef")
	}
}
