package house

import (
	"io"
	"sync"
	"time"
)

// Clock is a clock that a test moves.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
	still  *time.Time // where it stands still
}

// NewClock returns a clock that shows now and runs on.
func NewClock(now time.Time) *Clock { return &Clock{offset: time.Until(now)} }

// Now returns the clock's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.still != nil {
		return *c.still
	}
	return time.Now().UTC().Add(c.offset)
}

// Set moves the clock to a time, from which it runs on.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset, c.still = time.Until(now), nil
}

// Stop moves the clock to a time, at which it stands still.
func (c *Clock) Stop(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.still = new(now.UTC())
}

// Advance moves the clock on, from where it runs on.
func (c *Clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// Log keeps everything that was logged, for tests that look for secrets.
type Log struct {
	mu   sync.Mutex
	text []byte
}

var _ io.Writer = (*Log)(nil)

// Write keeps p.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

// String returns everything so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
