package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

const wrong = domain.Secret("not my password at all")

// guessing returns a harness in which Ada has an account whose password is password, with a count
// of verifications.
func guessing(t *testing.T) (h harness, verified *atomic.Int64) {
	t.Helper()
	h, verified = newHarness(t), &atomic.Int64{}
	h.users.EXPECT().User(gomock.Any(), ada.ID).Return(ada, nil).AnyTimes()
	h.users.EXPECT().UserByEmail(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, email domain.Email) (domain.User, string, error) {
		if email != ada.Email {
			return domain.User{}, "", domain.ErrUserNotFound
		}
		return ada, "hash", nil
	}).AnyTimes()
	h.hasher.EXPECT().Verify(gomock.Any(), gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, p domain.Secret, hash string) (bool, error) {
		verified.Add(1)
		return p == password && hash == "hash", nil
	}).AnyTimes()
	h.sessions.EXPECT().AddSession(gomock.Any(), gomock.Any(), gomock.Any(), gomock.Any()).Return(nil, nil).AnyTimes()
	h.refresh.EXPECT().SaveTokenFamily(gomock.Any(), gomock.Any(), gomock.Any()).Return(nil).AnyTimes()
	h.users.EXPECT().Me(gomock.Any(), ada.ID, ada.Role).Return(domain.Me{User: ada}, nil).AnyTimes()
	return h, verified
}

// from is an actor at an address.
func from(address string) domain.Actor {
	return domain.Actor{Role: domain.RoleAnyone, Origin: domain.Origin{Address: address}}
}

// An attacker with any number of addresses has at most 100 guesses in any 24 hours, and the owner
// can still sign in with a device that they used before. Nobody else can: not with the token of
// another account, and not with the right password.
func TestSignIn_LimitsGuessesFromAnyNumberOfAddresses(t *testing.T) {
	t.Parallel()
	h, verified := guessing(t)
	var guessedAt []time.Duration
	for at := time.Duration(0); at < 49*time.Hour; at += 20 * time.Second {
		h.elapsed.Store(int64(at))
		before := verified.Load()
		address := fmt.Sprintf("2001:db8:%x:%x::1", int(at/time.Minute), int(at/time.Second))
		_, err := h.SignIn(t.Context(), from(address), "ada@example.com", wrong, ports.Device{})
		switch {
		case errors.Is(err, domain.ErrInvalidCredentials) && verified.Load() == before+1:
			guessedAt = append(guessedAt, at)
		case errors.Is(err, domain.ErrRateLimited) && verified.Load() == before:
		default:
			t.Fatalf("at %v: %v after %d verifications", at, err, verified.Load()-before)
		}
	}
	for i, first := range guessedAt {
		n := 0
		for _, at := range guessedAt[i:] {
			if at-first < 24*time.Hour {
				n++
			}
		}
		if n > 100 {
			t.Fatalf("%d guesses within 24 hours from %v", n, first)
		}
	}
	t.Logf("%d guesses in 49 hours", len(guessedAt))

	sign := func(p domain.Secret, device domain.Secret) error {
		_, err := h.SignIn(t.Context(), from("192.0.2.1"), "ada@example.com", p, ports.Device{Token: device})
		return err
	}
	if err := sign(password, ""); !errors.Is(err, domain.ErrRateLimited) {
		t.Errorf("the right password on an unknown device: %v", err)
	}
	if err := sign(password, devices{}.NewDeviceToken(admin.UserID)); !errors.Is(err, domain.ErrRateLimited) {
		t.Errorf("the right password with the token of another account: %v", err)
	}
	if err := sign(password, devices{}.NewDeviceToken(ada.ID)); err != nil {
		t.Errorf("the right password on a known device: %v", err)
	}
	// A known device has limits, too.
	for range 10 {
		if err := sign(wrong, devices{}.NewDeviceToken(ada.ID)); !errors.Is(err, domain.ErrInvalidCredentials) {
			t.Fatalf("a guess on a known device: %v", err)
		}
	}
	if err := sign(wrong, devices{}.NewDeviceToken(ada.ID)); !errors.Is(err, domain.ErrRateLimited) {
		t.Errorf("11 guesses on a known device: %v", err)
	}
}

// The answers to guesses at an account that does not exist are those at one that does.
func TestSignIn_LimitsGuessesAtUnknownAddressesInTheSameWay(t *testing.T) {
	t.Parallel()
	h, _ := guessing(t)
	for i := range 200 {
		h.elapsed.Store(int64(time.Duration(i*7) * time.Second))
		var answers [2]error
		for j, email := range []string{" ADA@example.com", "eve@example.com"} {
			_, answers[j] = h.SignIn(t.Context(), from(fmt.Sprintf("192.0.%d.%d", j, i)), email, wrong, ports.Device{})
		}
		known, unknown := new(domain.Error), new(domain.Error)
		if !errors.As(answers[0], &known) || !errors.As(answers[1], &unknown) || known.Code != unknown.Code || known.RetryAfter != unknown.RetryAfter {
			t.Fatalf("guess %d: %v at a known address, %v at an unknown one", i, answers[0], answers[1])
		}
	}
}

// Only wrong guesses count: programs sign in as often as they like.
func TestSignIn_DoesNotLimitRightPasswords(t *testing.T) {
	t.Parallel()
	h, _ := guessing(t)
	for i := range 300 {
		if _, err := h.SignIn(t.Context(), from("192.0.2.1"), "ada@example.com", password, ports.Device{}); err != nil {
			t.Fatalf("sign-in %d: %v", i, err)
		}
	}
}

// Guesses at the same moment count before they are verified.
func TestSignIn_LimitsConcurrentGuesses(t *testing.T) {
	t.Parallel()
	h, verified := guessing(t)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			_, _ = h.SignIn(t.Context(), from(fmt.Sprintf("192.0.2.%d", i)), "ada@example.com", wrong, ports.Device{})
		})
	}
	all.Wait()
	if got := verified.Load(); got != 10 {
		t.Errorf("%d guesses were verified at once, want 10", got)
	}
}

// One address can guess at many accounts, but not without end. A guess that is not verified does
// not count against the account.
func TestSignIn_LimitsGuessesFromOneAddress(t *testing.T) {
	t.Parallel()
	h, verified := guessing(t)
	for i := range 500 {
		email := fmt.Sprintf("student%d@example.com", i)
		_, _ = h.SignIn(t.Context(), from("192.0.2.1"), email, wrong, ports.Device{})
	}
	if got := verified.Load(); got != 120 {
		t.Errorf("%d guesses were verified, want 120", got)
	}
	for range 10 {
		if _, err := h.SignIn(t.Context(), from("192.0.2.2"), "student499@example.com", wrong, ports.Device{}); !errors.Is(err, domain.ErrInvalidCredentials) {
			t.Fatalf("a guess from another address at an account whose guesses were not verified: %v", err)
		}
	}
}

// A flood is one security event a minute per limit and key.
func TestSignIn_ReportsLimitsOnce(t *testing.T) {
	t.Parallel()
	h, _ := guessing(t)
	for range 100 {
		_, _ = h.SignIn(t.Context(), from("192.0.2.1"), "ada@example.com", wrong, ports.Device{UserAgent: "curl"})
	}
	var got []domain.SecurityEvent
	for _, e := range h.security.Events() {
		if e.Kind == domain.EventRateLimited {
			got = append(got, e)
		}
	}
	want := domain.SecurityEvent{Kind: domain.EventRateLimited, User: ada.ID, Device: "curl", Reason: "guesses", Origin: domain.Origin{Address: "192.0.2.1"}}
	if len(got) != 1 || got[0] != want {
		t.Errorf("the events are %+v, want one %+v", got, want)
	}
}

// Somebody with a stolen session cannot guess the password, and does not keep its owner from
// signing in.
func TestGuesses_WithASession(t *testing.T) {
	t.Parallel()
	h, verified := guessing(t)
	for range 50 {
		_, _ = h.Reauthenticate(t.Context(), as(ada), wrong, ports.Device{})
		_ = h.ChangePassword(t.Context(), as(ada), ports.PasswordChange{Current: wrong, New: "nine grey herons wading home"})
	}
	if got := verified.Load(); got != 10 {
		t.Errorf("%d guesses were verified, want 10", got)
	}
	if _, err := h.SignIn(t.Context(), from("192.0.2.1"), "ada@example.com", password, ports.Device{}); err != nil {
		t.Errorf("the owner signs in: %v", err)
	}
}
