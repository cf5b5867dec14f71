package seed

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// epoch is the time that the ids of a class carry. It is no time at which anything
// happened: ids must be the same whenever a class is made.
var epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Chance is time and chance while a class is made. It goes by turns: each stands still
// at a time of the class's own, and its chance falls the same way each time, whatever
// other turns there were. It may be used by several goroutines.
type Chance struct {
	seed  uint64
	other ports.NewID // for what was begun before and may hold the ids of the turn
	key   ports.NewKey

	mu     sync.Mutex
	now    time.Time
	next   int64 // milliseconds after the epoch
	random *rand.Rand
}

// NewChance returns the Chance of a seed. other and key are real chance.
func NewChance(seed uint64, other ports.NewID, key ports.NewKey) *Chance {
	return &Chance{seed: seed, other: other, key: key}
}

// Turn begins turn n at a time. Ids of a later turn are greater.
func (c *Chance) Turn(n int, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
	c.next = int64(n) * time.Second.Milliseconds()
	c.random = rand.New(rand.NewPCG(c.seed, uint64(n))) //nolint:gosec // ids and keys of a class that is no secret
}

// Again begins a turn of what was begun before and interrupted: its ids are taken, so
// that real chance rules until the next Turn.
func (c *Chance) Again(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.random = at, nil
}

// Wait lets time go on within a turn.
func (c *Chance) Wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Now returns the time of the turn.
func (c *Chance) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// NewID returns the next UUID of the turn, of version 7.
func (c *Chance) NewID() [16]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.random == nil {
		return c.other()
	}
	var id [16]byte
	binary.BigEndian.PutUint64(id[0:8], uint64(epoch.UnixMilli()+c.next)<<16|c.random.Uint64()&0xfff)
	binary.BigEndian.PutUint64(id[8:16], c.random.Uint64())
	id[6] = id[6]&0x0f | 0x70 // version 7
	id[8] = id[8]&0x3f | 0x80 // the variant of RFC 9562
	c.next++
	return id
}

// NewKey returns the next registration key of the turn.
func (c *Chance) NewKey() domain.Secret {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.random == nil {
		return c.key()
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	key := make([]byte, 26)
	for i := range key {
		key[i] = letters[c.random.IntN(len(letters))]
	}
	return domain.Secret(key)
}
