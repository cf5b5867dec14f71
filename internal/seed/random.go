package seed

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// epoch is the base timestamp of the generated IDs. It is a constant because IDs must not
// depend on when a class is created.
var epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Random is the clock and the random source while a class is created. It proceeds in
// numbered steps: the clock of a step stands still, and its IDs and keys depend on the
// seed and the number alone, not on the steps before it. It is safe for concurrent use.
type Random struct {
	seed   uint64
	newID  ports.NewID // for steps that are resumed: their own IDs may be taken
	newKey ports.NewKey

	mu   sync.Mutex
	now  time.Time
	next int64      // milliseconds after the epoch
	rng  *rand.Rand // nil in a resumed step
}

// NewRandom returns a Random for the seed. newID and newKey are not deterministic; they
// serve resumed steps.
func NewRandom(seed uint64, newID ports.NewID, newKey ports.NewKey) *Random {
	return &Random{seed: seed, newID: newID, newKey: newKey}
}

// Step starts step n at the given time. IDs of a later step are greater.
func (r *Random) Step(n int, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = at
	r.next = int64(n) * time.Second.Milliseconds()
	r.rng = rand.New(rand.NewPCG(r.seed, uint64(n))) //nolint:gosec // the class is public, its IDs and keys included
}

// Resume starts a step that an earlier run has started. Its IDs may be taken, so IDs are
// not deterministic until the next Step.
func (r *Random) Resume(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now, r.rng = at, nil
}

// Advance moves the clock of the step forward.
func (r *Random) Advance(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// Now returns the time of the step.
func (r *Random) Now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// NewID returns the next UUIDv7 of the step.
func (r *Random) NewID() [16]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rng == nil {
		return r.newID()
	}
	var id [16]byte
	binary.BigEndian.PutUint64(id[0:8], uint64(epoch.UnixMilli()+r.next)<<16|r.rng.Uint64()&0xfff)
	binary.BigEndian.PutUint64(id[8:16], r.rng.Uint64())
	id[6] = id[6]&0x0f | 0x70 // version 7
	id[8] = id[8]&0x3f | 0x80 // the variant of RFC 9562
	r.next++
	return id
}

// NewKey returns the next registration key of the step.
func (r *Random) NewKey() domain.Secret {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rng == nil {
		return r.newKey()
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	key := make([]byte, 26)
	for i := range key {
		key[i] = letters[r.rng.IntN(len(letters))]
	}
	return domain.Secret(key)
}
