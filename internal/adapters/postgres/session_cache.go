package postgres

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/gradus-dev/gradus/internal/domain"
)

// SessionMaxAge is how long a session can be used without being read again. A process sees
// the changes of the others within this time, and its own at once.
const SessionMaxAge = time.Second

const (
	maxCachedSessions = 4096
	userSlots         = 1024
)

// SessionCache keeps sessions and API tokens that were read a moment ago, by the hash of their
// text. What it says of sessions is true of API tokens, too.
//
// Every change of a user has a number. A session is valid if it was read after the last change
// of its user, so one that was read before a change is never used after it, even if it is added
// later. Users share slots: a change can make the sessions of others invalid, too, which only
// costs reading them again.
type SessionCache struct {
	maxAge   time.Duration
	sessions *otter.Cache[[32]byte, cachedSession]
	changing sync.Mutex
	changes  atomic.Uint64            // number of the last change
	last     [userSlots]atomic.Uint64 // by slot: number of the last change of its users
}

// cachedSession is what SessionStore.Session returns, or APITokenStore.UseAPIToken.
type cachedSession struct {
	session domain.Session
	token   domain.APIToken // instead of a session
	user    domain.User
	actor   domain.Actor
	at      time.Time // when it was requested from the database
	after   uint64    // number of the last change at that time
}

// NewSessionCache returns an empty SessionCache. With a maxAge of zero it keeps nothing, for
// clocks that stand still.
func NewSessionCache(maxAge time.Duration) *SessionCache {
	return &SessionCache{
		maxAge:   maxAge,
		sessions: otter.Must(&otter.Options[[32]byte, cachedSession]{MaximumSize: maxCachedSessions}),
	}
}

// find returns the session with a token, if it is still valid at now.
func (c *SessionCache) find(tokenHash [32]byte, now time.Time) (cachedSession, bool) {
	s, ok := c.sessions.GetIfPresent(tokenHash)
	// The age is negative if the clock was set back.
	age := now.Sub(s.at)
	return s, ok && 0 <= age && age < c.maxAge && c.slot(s.user.ID).Load() <= s.after
}

// add keeps a session that was read from the database.
func (c *SessionCache) add(tokenHash [32]byte, s cachedSession) {
	if c.maxAge > 0 {
		c.sessions.Set(tokenHash, s)
	}
}

// lastChange returns the number of the last change. Call it before reading a session.
func (c *SessionCache) lastChange() uint64 { return c.changes.Load() }

// forget makes the sessions of users invalid. Call it after the change was committed.
func (c *SessionCache) forget(users ...domain.UserID) {
	c.changing.Lock()
	defer c.changing.Unlock()
	for _, id := range users {
		c.slot(id).Store(c.changes.Add(1))
	}
}

// slot returns the slot of a user. The last bytes of an ID are random.
func (c *SessionCache) slot(id domain.UserID) *atomic.Uint64 {
	return &c.last[(int(id[14])<<8|int(id[15]))%userSlots]
}
