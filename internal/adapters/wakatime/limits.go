package wakatime

import (
	"context"
	"math"
	"sync"

	"golang.org/x/time/rate"

	"github.com/gradus-dev/gradus/internal/domain"
)

// maxUsers is the number of limiters to keep before idle ones are deleted.
const maxUsers = 1024

// limits limits the request rate, overall and per user.
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

// wait blocks until user may send a request. The zero user is subject only to the
// overall limit. It fails immediately if ctx would end first.
func (l *limits) wait(ctx context.Context, user domain.UserID) error {
	// Wait for the user's own limit first, so as not to delay other users.
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
		// A full limiter is equivalent to a new one.
		for id, u := range l.users {
			if u.Tokens() >= float64(u.Burst()) {
				delete(l.users, id)
			}
		}
	}
	created := newLimiter(l.perUser)
	l.users[user] = created
	return created
}
