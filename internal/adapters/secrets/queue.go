package secrets

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const (
	// turnCost is how long a client comes after newcomers for each hash. It is far longer than a
	// hash takes, so that those who hash all the time come last, even if they are hundreds.
	turnCost = 2 * time.Minute
	// headStart is how long known clients come before newcomers. It is worth 60 hashes, so that
	// somebody with one account cannot keep out everybody else.
	headStart = 2 * time.Hour
	// manyClients is the number of clients from which those who can be forgotten are.
	manyClients = 1024
)

// queue gives a limited number of slots to clients in turn. The turn of a client is now, or after
// its last one, whichever is later: a client with hundreds of calls waits behind one with its
// first call. When the queue is full, the last in turn is rejected, not the last to arrive.
type queue struct {
	mu      sync.Mutex
	free    int                            // slots
	max     int                            // waiting calls
	waiting []*call                        // in the order of arrival
	next    map[ports.HashClient]time.Time // turn of the next call of a client
	forget  int                            // number of clients from which some are forgotten
}

// call is a call that waits for a slot.
type call struct {
	client  ports.HashClient
	turn    time.Time
	decided chan struct{} // closed when it is granted or rejected
	granted bool
}

func newQueue(slots, waiting int) *queue {
	return &queue{free: slots, max: waiting, next: map[ports.HashClient]time.Time{}, forget: manyClients}
}

// acquire waits for a slot until ctx is cancelled. The caller must call release.
func (q *queue) acquire(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("wait for a password hashing slot: %w", err)
	}
	c := q.enter(ports.HashClientOf(ctx))
	select {
	case <-c.decided:
	case <-ctx.Done():
		if q.leave(c) {
			return nil, fmt.Errorf("wait for a password hashing slot: %w", ctx.Err())
		}
		<-c.decided
		if c.granted {
			q.release()
			return nil, fmt.Errorf("wait for a password hashing slot: %w", ctx.Err())
		}
	}
	if !c.granted {
		return nil, domain.ErrBusy.After(busyRetryAfter)
	}
	return q.release, nil
}

// enter adds a call: it is granted, waits, or another one is rejected for it.
func (q *queue) enter(client ports.HashClient) *call {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := &call{client: client, turn: q.takeTurn(client), decided: make(chan struct{})}
	if q.free > 0 {
		q.free--
		c.decide(true)
		return c
	}
	q.waiting = append(q.waiting, c)
	if len(q.waiting) > q.max {
		last := q.waiting[0]
		for _, other := range q.waiting {
			if !other.turn.Before(last.turn) {
				last = other
			}
		}
		q.remove(last)
		last.decide(false)
	}
	return c
}

// leave removes a call that waits, or reports false if it is decided.
func (q *queue) leave(c *call) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !slices.Contains(q.waiting, c) {
		return false
	}
	q.remove(c)
	return true
}

// release gives a slot to the waiting call whose turn is first.
func (q *queue) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.free++
		return
	}
	first := slices.MinFunc(q.waiting, func(a, b *call) int { return a.turn.Compare(b.turn) })
	q.waiting = slices.DeleteFunc(q.waiting, func(c *call) bool { return c == first })
	first.decide(true)
}

// takeTurn returns the turn of a client's call.
func (q *queue) takeTurn(client ports.HashClient) time.Time {
	now := time.Now() //nolint:forbidigo // waiting takes real time, even if the clock of the data is fixed
	if len(q.next) > q.forget {
		for other, next := range q.next {
			if !next.After(firstTurn(other, now)) {
				delete(q.next, other)
			}
		}
		q.forget = max(manyClients, 2*len(q.next))
	}
	turn := firstTurn(client, now)
	if next := q.next[client]; next.After(turn) {
		turn = next
	}
	q.next[client] = turn.Add(turnCost)
	return turn
}

// firstTurn returns the turn of a client's first call.
func firstTurn(client ports.HashClient, now time.Time) time.Time {
	if client.Known {
		return now.Add(-headStart)
	}
	return now
}

// remove removes a call that was not granted, and gives its client the turn back.
func (q *queue) remove(c *call) {
	q.waiting = slices.DeleteFunc(q.waiting, func(other *call) bool { return other == c })
	q.next[c.client] = q.next[c.client].Add(-turnCost)
}

func (c *call) decide(granted bool) {
	c.granted = granted
	close(c.decided)
}
