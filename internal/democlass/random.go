package democlass

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/wiring"
)

// epoch is the base timestamp of the generated IDs. It is a constant because IDs must not
// depend on when a class is created.
var epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// random is the clock and the random source while a class is created. It proceeds in
// numbered steps: the clock of a step is fixed, and its IDs and keys depend on the
// seed and the number alone, not on the steps before it. It is safe for concurrent use.
type random struct {
	seed uint64
	// fallback provides the IDs and keys of resumed steps, whose own may be taken.
	fallback wiring.Runtime

	mu   sync.Mutex
	now  time.Time
	next int64      // milliseconds after the epoch
	rng  *rand.Rand // nil in a resumed step
}

func newRandom(seed uint64, fallback wiring.Runtime) *random {
	return &random{seed: seed, fallback: fallback}
}

// step starts step n at the given time. IDs of a later step are greater.
func (r *random) step(n int, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = at
	r.next = int64(n) * time.Second.Milliseconds()
	r.rng = rand.New(rand.NewPCG(r.seed, uint64(n))) //nolint:gosec // the class is public, its IDs and keys included
}

// resume starts a step that an earlier run has started. Its IDs may be taken, so IDs are
// not deterministic until the next step.
func (r *random) resume(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now, r.rng = at, nil
}

// advance moves the clock of the step forward.
func (r *random) advance(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// runtime returns base with the clock, the IDs and the registration keys of r.
func (r *random) runtime(base wiring.Runtime) wiring.Runtime {
	base.Now, base.NewID, base.NewKey = r.currentTime, r.nextID, r.nextKey
	return base
}

func (r *random) currentTime() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// nextID returns the next UUIDv7 of the step.
func (r *random) nextID() [16]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rng == nil {
		return r.fallback.NewID()
	}
	var id [16]byte
	binary.BigEndian.PutUint64(id[0:8], uint64(epoch.UnixMilli()+r.next)<<16|r.rng.Uint64()&0xfff)
	binary.BigEndian.PutUint64(id[8:16], r.rng.Uint64())
	id[6] = id[6]&0x0f | 0x70 // version 7
	id[8] = id[8]&0x3f | 0x80 // the variant of RFC 9562
	r.next++
	return id
}

// nextKey returns the next registration key of the step.
func (r *random) nextKey() domain.Secret {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rng == nil {
		return r.fallback.NewKey()
	}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	key := make([]byte, 26)
	for i := range key {
		key[i] = letters[r.rng.IntN(len(letters))]
	}
	return domain.Secret(key)
}
