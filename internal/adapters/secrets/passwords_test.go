package secrets_test

import (
	"context"
	"errors"
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

func TestAPasswordMatchesItsHash(t *testing.T) {
	t.Parallel()
	h := secrets.NewPasswordHasher(secrets.Config{})
	hash, err := h.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, password.Reveal()) {
		t.Errorf("the hash is %q", hash)
	}
	other, err := h.Hash(t.Context(), password)
	if err != nil || other == hash {
		t.Errorf("the same salt twice, or %v", err)
	}
	for typed, want := range map[domain.Secret]bool{password: true, password + " ": false, "": false, "Correct horse battery staple": false} {
		if got, err := h.Verify(t.Context(), typed, hash); err != nil || got != want {
			t.Errorf("%q: got %t, %v", typed.Reveal(), got, err)
		}
	}
}

func TestAnEmptyHashNeverMatches(t *testing.T) {
	t.Parallel()
	h := secrets.NewPasswordHasher(secrets.Config{})
	for _, typed := range []domain.Secret{"", password, domain.Secret(make([]byte, 32))} {
		if got, err := h.Verify(t.Context(), typed, ""); err != nil || got {
			t.Errorf("%q: got %t, %v", typed.Reveal(), got, err)
		}
	}
}

func TestAnEmptyHashTakesAsLongAsAnyOther(t *testing.T) {
	t.Parallel()
	h := secrets.NewPasswordHasher(secrets.Config{})
	hash, err := h.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	// The least of several runs is what it takes; the rest is other people's work.
	least := map[string]time.Duration{hash: time.Hour, "": time.Hour}
	for range 10 {
		for against, best := range least {
			begin := time.Now()
			if _, err := h.Verify(t.Context(), password, against); err != nil {
				t.Fatal(err)
			}
			least[against] = min(best, time.Since(begin))
		}
	}
	if with, without := least[hash], least[""]; without < with/2 || without > with*2 {
		t.Errorf("%s with a hash and %s without", with, without)
	}
}

func TestAHashThatIsNoneIsAFault(t *testing.T) {
	t.Parallel()
	h := secrets.NewPasswordHasher(secrets.Config{})
	for _, hash := range []string{"x", "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "$argon2id$v=19$m=x,t=2,p=1$c2FsdA$aGFzaA"} {
		if ok, err := h.Verify(t.Context(), password, hash); err == nil || ok || strings.Contains(err.Error(), hash) {
			t.Errorf("%q: got %t, %v", hash, ok, err)
		}
	}
}

func TestTheQueueOfHashesIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := secrets.NewPasswordHasher(secrets.Config{ConcurrentHashes: 1, WaitingHashes: 2})
		giveBack := h.Occupy()
		var waiting sync.WaitGroup
		var done atomic.Int32
		for range 2 {
			waiting.Go(func() {
				if ok, err := h.Verify(t.Context(), password, ""); err != nil || ok {
					t.Errorf("one who waited: %t, %v", ok, err)
				}
				done.Add(1)
			})
		}
		synctest.Wait()
		if n := done.Load(); n != 0 {
			t.Errorf("%d did not wait", n)
		}
		for range 3 {
			_, err := h.Hash(t.Context(), password)
			busy, ok := errors.AsType[*domain.Error](err)
			if !ok || !errors.Is(err, domain.ErrBusy) || busy.RetryAfter != time.Second {
				t.Errorf("beyond the queue: %v", err)
			}
		}
		giveBack()
		waiting.Wait()
		for range 4 {
			if _, err := h.Hash(t.Context(), password); err != nil {
				t.Errorf("after the rush: %v", err)
			}
		}
	})
}

func TestWhoGivesUpWaitingLeavesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := secrets.NewPasswordHasher(secrets.Config{ConcurrentHashes: 1, WaitingHashes: 1})
		giveBack := h.Occupy()
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			begin := time.Now()
			if _, err := h.Verify(ctx, password, ""); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
				t.Errorf("got %v after %s", err, time.Since(begin))
			}
			cancel()
		}
		giveBack()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 {
			if _, err := h.Hash(gone, password); !errors.Is(err, context.Canceled) {
				t.Errorf("one who had left was served: %v", err)
			}
		}
		if _, err := h.Hash(t.Context(), password); err != nil {
			t.Errorf("a turn was lost: %v", err)
		}
	})
}

func TestByDefaultACoreIsLeftForOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := secrets.NewPasswordHasher(secrets.Config{})
		for range max(1, runtime.GOMAXPROCS(0)-1) {
			h.Occupy() // more than there are turns would never return
		}
		var served atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		for range 40 {
			go func() {
				if _, err := h.Verify(ctx, password, ""); errors.Is(err, domain.ErrBusy) {
					served.Add(1)
				}
			}()
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		if n := served.Load(); n != 8 {
			t.Errorf("%d of 40 were turned away, want 8: 32 may wait", n)
		}
	})
}

func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	common := secrets.CommonPasswords()
	for typed, want := range map[string]bool{
		"password": true, "12345678": true, "iloveyou": true, "trustno1": true, "football": true, "sunshine": true,
		"": false, "Password": false, "password\n": false, "passw": false, "correct horse battery staple": false,
	} {
		if got := common(typed); got != want {
			t.Errorf("%q: got %t", typed, got)
		}
	}
}

func TestTokensAndKeysAreFresh(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fresh    func() domain.Secret
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
				s := tc.fresh()
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
