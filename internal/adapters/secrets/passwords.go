package secrets

import (
	"context"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// params are what OWASP advises for argon2id: 19 MiB, two passes, one thread.
var params = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// nobodys is a well-formed hash that no password is known to have: what a password is
// compared with when there is no user.
var nobodys = fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", params.Memory, params.Iterations, params.Parallelism,
	base64.RawStdEncoding.EncodeToString(make([]byte, params.SaltLength)),
	base64.RawStdEncoding.EncodeToString(make([]byte, params.KeyLength)))

const defaultWaiting = 32

// busyFor is when the queue is worth another try.
const busyFor = time.Second

// PasswordHasher implements ports.PasswordHasher with argon2id. It bounds how many
// hashes run at once, because each takes 19 MiB and a core, and how many wait, because
// a login that waits longer than its caller is work for nothing.
type PasswordHasher struct {
	inside  chan struct{} // one element for each call that runs or waits
	running chan struct{} // one for each that runs
}

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
	return &PasswordHasher{
		inside:  make(chan struct{}, concurrent+waiting),
		running: make(chan struct{}, concurrent),
	}
}

// Hash implements ports.PasswordHasher. It waits for a free slot until ctx is cancelled.
func (h *PasswordHasher) Hash(ctx context.Context, password domain.Secret) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return argon2id.CreateHash(password.Reveal(), &params)
}

// Verify implements ports.PasswordHasher. It waits for a free slot until ctx is cancelled.
func (h *PasswordHasher) Verify(ctx context.Context, password domain.Secret, hash string) (bool, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	if hash == "" {
		_, err := argon2id.ComparePasswordAndHash(password.Reveal(), nobodys)
		return false, err
	}
	return argon2id.ComparePasswordAndHash(password.Reveal(), hash)
}

// enter waits for a turn; the caller must leave.
func (h *PasswordHasher) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.inside <- struct{}{}:
	default:
		return nil, domain.ErrBusy.After(busyFor)
	}
	select {
	case <-ctx.Done():
	case h.running <- struct{}{}:
		if ctx.Err() == nil {
			return func() { <-h.running; <-h.inside }, nil
		}
		<-h.running
	}
	<-h.inside
	return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
}

//go:embed common_passwords.txt
var commonPasswords string

// CommonPasswords returns a function that reports whether a password, in lower case,
// is among the 10,000 most common ones of at least 6 characters.
func CommonPasswords() func(lowerCase string) bool {
	list := map[string]bool{}
	for line := range strings.Lines(commonPasswords) {
		list[strings.TrimSuffix(line, "\n")] = true
	}
	return func(lowerCase string) bool { return list[lowerCase] }
}
