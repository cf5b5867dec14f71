package secrets

import (
	"context"
	"encoding/base64"
	"fmt"
	"runtime"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// params follow the OWASP recommendation for argon2id: 19 MiB, two passes, one thread.
var params = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// dummyHash is a well-formed hash that no known password matches. Verify compares a
// password with it if there is no user.
var dummyHash = fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", params.Memory, params.Iterations, params.Parallelism,
	base64.RawStdEncoding.EncodeToString(make([]byte, params.SaltLength)),
	base64.RawStdEncoding.EncodeToString(make([]byte, params.KeyLength)))

// defaultWaiting lets a class of 60 sign in at the same moment. A hash takes 35 ms of a core, so the
// last waits two seconds.
const defaultWaiting = 64

// busyRetryAfter is the Retry-After of a full queue.
const busyRetryAfter = time.Second

// PasswordHasher implements ports.PasswordHasher with argon2id. It limits the number of
// concurrent hashes, because each uses 19 MiB and a core. It also limits the queue: a
// hash that outlives its caller is wasted work.
type PasswordHasher struct{ slots *queue }

var _ ports.PasswordHasher = (*PasswordHasher)(nil)

// NewPasswordHasher returns a PasswordHasher.
func NewPasswordHasher(cfg Config) *PasswordHasher {
	concurrent, waiting := cfg.ConcurrentHashes, cfg.WaitingHashes
	if concurrent <= 0 {
		concurrent = max(1, runtime.GOMAXPROCS(0)-1)
	}
	if waiting <= 0 {
		waiting = defaultWaiting
	}
	return &PasswordHasher{newQueue(concurrent, waiting)}
}

// Hash implements ports.PasswordHasher. It waits for a free slot until ctx is cancelled.
func (h *PasswordHasher) Hash(ctx context.Context, password domain.Secret) (string, error) {
	release, err := h.slots.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return argon2id.CreateHash(domain.NormalizePassword(password).Reveal(), &params)
}

// Verify implements ports.PasswordHasher. It waits for a free slot until ctx is cancelled.
func (h *PasswordHasher) Verify(ctx context.Context, password domain.Secret, hash string) (bool, error) {
	release, err := h.slots.acquire(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	if hash == "" {
		_, err := argon2id.ComparePasswordAndHash(password.Reveal(), dummyHash)
		return false, err
	}
	return argon2id.ComparePasswordAndHash(password.Reveal(), hash)
}
