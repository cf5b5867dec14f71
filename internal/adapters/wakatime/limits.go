package wakatime

import (
	"context"
	"math"
	"sync"

	"golang.org/x/time/rate"

	"github.com/gradus-dev/gradus/internal/domain"
)

// maxUsers is how many users' limiters are kept before idle ones are thrown away.
const maxUsers = 1024

// limits bounds how often servers are asked, over all users and for each.
type limits struct {
	overall *rate.Limiter
	perUser float64

	mu    sync.Mutex
	users map[domain.UserID]*rate.Limiter
}

func newLimits(overall, perUser float64) *limits {
	return &limits{overall: newLimiter(overall), perUser: perUser, users: map[domain.UserID]*rate.Limiter{}}
}

func newLimiter(perSecond float64) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(perSecond), int(min(1e6, math.Ceil(perSecond))))
}

// wait returns when user may ask. The zero user is bound by the overall limit alone.
// It fails at once when ctx would end first.
func (l *limits) wait(ctx context.Context, user domain.UserID) error {
	// Their own limit comes first, so that who waits for it holds nobody else up.
	if !user.IsZero() {
		if err := l.limiter(user).Wait(ctx); err != nil {
			return err
		}
	}
	return l.overall.Wait(ctx)
}

func (l *limits) limiter(user domain.UserID) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if found, ok := l.users[user]; ok {
		return found
	}
	if len(l.users) >= maxUsers {
		// A limiter that is full again is the same as a new one.
		for id, u := range l.users {
			if u.Tokens() >= float64(u.Burst()) {
				delete(l.users, id)
			}
		}
	}
	fresh := newLimiter(l.perUser)
	l.users[user] = fresh
	return fresh
}
