package domain

import "time"

// ErrRateLimited means that a limit is reached. Its RetryAfter says when the next attempt is
// allowed.
var ErrRateLimited = define(KindTooMany, "rate_limited", "Too many requests of this kind. Wait, then try again.")

// LimitEvents limits the security events about limits that one caller reaches, so that a flood of
// requests is not a flood of events.
var LimitEvents = RateLimit{Name: "limit_events", Burst: 1, Every: time.Minute}

// RateLimit allows Burst events at once, and then one more every Every. It has no windows that
// all callers share, so that they are not allowed again all at the same moment.
type RateLimit struct {
	Name  string // also the name of the policy in the headers RateLimit and RateLimit-Policy
	Burst int    // at least 1
	Every time.Duration
}

// Scaled returns the limit with factor times as many events, but at least one at once.
func (l RateLimit) Scaled(factor float64) RateLimit {
	l.Burst = max(1, int(float64(l.Burst)*factor))
	l.Every = max(1, time.Duration(float64(l.Every)/factor))
	return l
}

// Window returns the time after which all Burst events are allowed again.
func (l RateLimit) Window() time.Duration { return time.Duration(l.Burst) * l.Every }

// Quota is the state of a RateLimit for one key.
type Quota struct {
	Allowed    bool
	Remaining  int           // events that are allowed now
	ResetAfter time.Duration // until all events are allowed again
	RetryAfter time.Duration // until the next event is allowed; 0 if Allowed
}

// Err returns ErrRateLimited, or nil if the quota of a limit allows the event.
func (q Quota) Err(limit RateLimit) error {
	if q.Allowed {
		return nil
	}
	err := ErrRateLimited.After(q.RetryAfter)
	err.Limit, err.Quota = limit, q
	return err
}
