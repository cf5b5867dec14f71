package secrets_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
)

const password = domain.Secret("correct horse battery staple")

func TestVerify_MatchesOnlyTheHashedPassword(t *testing.T) {
	t.Parallel()
	h := secrets.NewPasswordHasher(secrets.Config{})
	hash, err := h.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, password.Reveal()) {
		t.Errorf("the hash %q is not argon2id or contains the password", hash)
	}
	other, err := h.Hash(t.Context(), password)
	if err != nil || other == hash {
		t.Errorf("the salt is reused, or %v", err)
	}
	for candidate, want := range map[domain.Secret]bool{password: true, password + " ": false, "": false, "Correct horse battery staple": false} {
		if got, err := h.Verify(t.Context(), candidate, hash); err != nil || got != want {
			t.Errorf("%q: got %t, %v", candidate.Reveal(), got, err)
		}
	}
}

// Otherwise a password that one keyboard sends would not match that of another.
func TestHash_NormalizesThePassword(t *testing.T) {
	t.Parallel()
	h := secrets.NewPasswordHasher(secrets.Config{})
	hash, err := h.Hash(t.Context(), "se\u0301ven blue\u00a0otters")
	if err != nil {
		t.Fatal(err)
	}
	for candidate, want := range map[domain.Secret]bool{"s\u00e9ven blue otters": true, "se\u0301ven blue\u00a0otters": false} {
		if got, err := h.Verify(t.Context(), candidate, hash); err != nil || got != want {
			t.Errorf("%q: got %t, %v", candidate.Reveal(), got, err)
		}
	}
}

func TestVerify_RejectsAnEmptyHash(t *testing.T) {
	t.Parallel()
	h := secrets.NewPasswordHasher(secrets.Config{})
	for _, candidate := range []domain.Secret{"", password, domain.Secret(make([]byte, 32))} {
		if got, err := h.Verify(t.Context(), candidate, ""); err != nil || got {
			t.Errorf("%q: got %t, %v", candidate.Reveal(), got, err)
		}
	}
}

func TestVerify_TakesTheSameTimeForAnEmptyHash(t *testing.T) {
	t.Parallel()
	h := secrets.NewPasswordHasher(secrets.Config{})
	hash, err := h.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	// The minimum of several runs excludes the noise of the machine.
	fastest := map[string]time.Duration{hash: time.Hour, "": time.Hour}
	for range 10 {
		for against, best := range fastest {
			start := time.Now()
			if _, err := h.Verify(t.Context(), password, against); err != nil {
				t.Fatal(err)
			}
			fastest[against] = min(best, time.Since(start))
		}
	}
	if with, without := fastest[hash], fastest[""]; without < with/2 || without > with*2 {
		t.Errorf("%s with a hash and %s without", with, without)
	}
}

func TestVerify_FailsOnAMalformedHash(t *testing.T) {
	t.Parallel()
	h := secrets.NewPasswordHasher(secrets.Config{})
	for _, hash := range []string{"x", "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "$argon2id$v=19$m=x,t=2,p=1$c2FsdA$aGFzaA"} {
		if ok, err := h.Verify(t.Context(), password, hash); err == nil || ok || strings.Contains(err.Error(), hash) {
			t.Errorf("%q: got %t, %v", hash, ok, err)
		}
	}
}

func TestPasswordHasher_LimitsTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := secrets.NewPasswordHasher(secrets.Config{ConcurrentHashes: 1, WaitingHashes: 2})
		release := h.Occupy()
		var waiting sync.WaitGroup
		var done atomic.Int32
		for range 2 {
			waiting.Go(func() {
				if ok, err := h.Verify(t.Context(), password, ""); err != nil || ok {
					t.Errorf("a waiting call: %t, %v", ok, err)
				}
				done.Add(1)
			})
		}
		synctest.Wait()
		if n := done.Load(); n != 0 {
			t.Errorf("%d calls did not wait", n)
		}
		for range 3 {
			_, err := h.Hash(t.Context(), password)
			busy, ok := errors.AsType[*domain.Error](err)
			if !ok || !errors.Is(err, domain.ErrBusy) || busy.RetryAfter != time.Second {
				t.Errorf("with a full queue: %v", err)
			}
		}
		release()
		waiting.Wait()
		for range 4 {
			if _, err := h.Hash(t.Context(), password); err != nil {
				t.Errorf("after the queue is empty: %v", err)
			}
		}
	})
}

func TestPasswordHasher_FreesTheSlotOfACancelledCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := secrets.NewPasswordHasher(secrets.Config{ConcurrentHashes: 1, WaitingHashes: 1})
		release := h.Occupy()
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			start := time.Now()
			if _, err := h.Verify(ctx, password, ""); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
				t.Errorf("got %v after %s", err, time.Since(start))
			}
			cancel()
		}
		release()
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 {
			if _, err := h.Hash(cancelled, password); !errors.Is(err, context.Canceled) {
				t.Errorf("a cancelled call was served: %v", err)
			}
		}
		if _, err := h.Hash(t.Context(), password); err != nil {
			t.Errorf("a slot was lost: %v", err)
		}
	})
}

func TestPasswordHasher_LeavesACoreFreeByDefault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := secrets.NewPasswordHasher(secrets.Config{})
		for range max(1, runtime.GOMAXPROCS(0)-1) {
			h.Occupy() // blocks forever if there are too few slots
		}
		var rejected atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		for range 72 {
			go func() {
				if _, err := h.Verify(ctx, password, ""); errors.Is(err, domain.ErrBusy) {
					rejected.Add(1)
				}
			}()
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		if n := rejected.Load(); n != 8 {
			t.Errorf("%d of 72 calls were rejected, want 8: the queue holds 64", n)
		}
	})
}

func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	common := secrets.CommonPasswords()
	for candidate, want := range map[string]bool{
		"password": true, "12345678": true, "iloveyou": true, "trustno1": true, "football": true, "sunshine": true,
		"manchesterunited": true, "пароль": true, "1q2w3e4r5t6y7u8i": true,
		"": false, "Password": false, "password\n": false, "seven quiet otters": false,
	} {
		if got := common(candidate); got != want {
			t.Errorf("%q: got %t", candidate, got)
		}
	}
}

// TestCommonPasswords_RejectFewRandomOnes checks that the list and the rules leave people the
// passwords that managers generate.
func TestCommonPasswords_RejectFewRandomOnes(t *testing.T) {
	t.Parallel()
	policy := domain.PasswordPolicy{MinLength: 15, Common: secrets.CommonPasswords()}
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#%+:=?-"
	random := rand.New(rand.NewPCG(1, 2))
	rejected := 0
	for range 20_000 {
		var p [15]byte
		for i := range p {
			p[i] = alphabet[random.IntN(len(alphabet))]
		}
		if err := policy.Check(domain.Secret(p[:]), "", ""); err != nil {
			rejected++
		}
	}
	if rejected > 20 {
		t.Errorf("%d of 20,000 random passwords were rejected, want at most 20", rejected)
	}
}

func TestNewTokenAndNewKey_ReturnUniqueSecrets(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		generate func() domain.Secret
		length   int
		alphabet string
	}{
		"tokens": {secrets.NewToken, 43, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"},
		"keys":   {secrets.NewKey, 26, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := map[domain.Secret]bool{}
			for range 10_000 {
				s := tc.generate()
				if len(s) != tc.length || strings.Trim(s.Reveal(), tc.alphabet) != "" || seen[s] {
					t.Fatalf("got %q", s.Reveal())
				}
				seen[s] = true
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	h := secrets.NewPasswordHasher(secrets.Config{ConcurrentHashes: 1})
	b.ReportAllocs()
	for b.Loop() {
		_, _ = h.Verify(b.Context(), password, "")
	}
}
