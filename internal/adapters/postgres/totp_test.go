package postgres_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/adapters/secrets"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func totpStore(pool *pgxpool.Pool) *postgres.TOTPStore {
	return postgres.NewTOTPStore(pool, sealer{})
}

func TestTOTPStore_KeepsTheTOTPOfAUser(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store, user := totpStore(pool), build.User(t, pool).ID
	expect := func(want domain.TOTP, recoveryCodes int) {
		t.Helper()
		got, n, err := store.TOTP(t.Context(), user)
		if d := diff(want, got); d != "" || err != nil || n != recoveryCodes {
			t.Errorf("TOTP: %d recovery codes, want %d; %v\n%s", n, recoveryCodes, err, d)
		}
	}
	in := func(fn func(ctx context.Context) error) {
		t.Helper()
		if err := inUnitOfWorkOn(t, pool, user, fn); err != nil {
			t.Fatal(err)
		}
	}
	expect(domain.TOTP{}, 0)
	pending := domain.NewTOTP(user, "ABC", build.Now)
	in(func(ctx context.Context) error { return store.SaveTOTP(ctx, pending) })
	expect(pending, 0)
	enabled := pending
	enabled.Secret, enabled.ConfirmedAt, enabled.LastStep = "DEF", new(build.Now.Add(time.Minute)), 59_000_000
	in(func(ctx context.Context) error { return store.SaveTOTP(ctx, enabled) })
	in(func(ctx context.Context) error {
		return store.ReplaceRecoveryCodes(ctx, user, [][32]byte{token("1"), token("2")})
	})
	expect(enabled, 2)
	in(func(ctx context.Context) error {
		return store.ReplaceRecoveryCodes(ctx, user, [][32]byte{token("3"), token("4"), token("5")})
	})
	expect(enabled, 3)
	for code, want := range map[string]bool{"1": false, "3": true} {
		if used, err := store.UseRecoveryCode(t.Context(), user, token(code)); used != want || err != nil {
			t.Errorf("UseRecoveryCode(%s) = %t, %v", code, used, err)
		}
	}
	if used, err := store.UseRecoveryCode(t.Context(), build.User(t, pool).ID, token("4")); used || err != nil {
		t.Errorf("UseRecoveryCode of another user = %t, %v", used, err)
	}
	expect(enabled, 2)
	in(func(ctx context.Context) error { return store.RemoveTOTP(ctx, user) })
	expect(domain.TOTP{}, 0)
	if used, _ := store.UseRecoveryCode(t.Context(), user, token("4")); used {
		t.Error("a recovery code outlived its TOTP")
	}
}

func TestTOTPStore_WritesNeedTheLockOfTheUser(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store, user := totpStore(pool), build.User(t, pool).ID
	for name, err := range map[string]error{
		"SaveTOTP":             store.SaveTOTP(t.Context(), domain.NewTOTP(user, "ABC", build.Now)),
		"RemoveTOTP":           store.RemoveTOTP(t.Context(), user),
		"ReplaceRecoveryCodes": store.ReplaceRecoveryCodes(t.Context(), user, nil),
	} {
		if err == nil {
			t.Errorf("%s works without the lock", name)
		}
	}
}

func TestTOTPStore_UseRecoveryCode_OneCallUsesIt(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store, user := totpStore(pool), build.User(t, pool).ID
	if err := inUnitOfWorkOn(t, pool, user, func(ctx context.Context) error {
		return store.ReplaceRecoveryCodes(ctx, user, [][32]byte{token("1")})
	}); err != nil {
		t.Fatal(err)
	}
	var used atomic.Int64
	errs := concurrently(8, func(int) error {
		ok, err := store.UseRecoveryCode(t.Context(), user, token("1"))
		if ok {
			used.Add(1)
		}
		return err
	})
	if n := used.Load(); n != 1 || errors.Join(errs...) != nil {
		t.Errorf("%d calls used the code, %v", n, errors.Join(errs...))
	}
}

// The secret of a user is sealed with the new key when they use a code, and can be opened only
// for that user.
func TestTOTPStore_SealsWithTheFirstKey(t *testing.T) {
	t.Parallel()
	const first, second = "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "b:/+3dzczLysnIx8bFxMPCwcC/vr28u7q5uLe2tbSzsrE="
	pool := pgtest.New(t)
	user, other := build.User(t, pool).ID, build.User(t, pool).ID
	with := func(keys domain.Secret) *postgres.TOTPStore {
		return postgres.NewTOTPStore(pool, must(secrets.NewSealer(secrets.Config{Keys: keys})))
	}
	save := func(store *postgres.TOTPStore, totp domain.TOTP) {
		t.Helper()
		if err := inUnitOfWorkOn(t, pool, totp.User, func(ctx context.Context) error { return store.SaveTOTP(ctx, totp) }); err != nil {
			t.Fatal(err)
		}
	}
	save(with(first), domain.NewTOTP(user, "ABC", build.Now))
	save(with(first), domain.NewTOTP(other, "DEF", build.Now))
	got, _, err := with(second).TOTP(t.Context(), user)
	if !errors.Is(err, domain.ErrTokenUnreadable) || got.User != user || got.Secret != "" {
		t.Errorf("without its key: %+v, %v", got, err)
	}
	if err := postgres.NewKeys(pool, must(secrets.NewSealer(secrets.Config{Keys: second}))).Ready(t.Context()); !errors.As(err, new(postgres.WrongKeysError)) {
		t.Errorf("without its key, the server is ready: %v", err)
	}
	rotated := with(second + "," + first)
	if got, _, err = rotated.TOTP(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	save(rotated, got)
	if got, _, err := with(second).TOTP(t.Context(), user); err != nil || got.Secret != "ABC" {
		t.Errorf("after it was sealed again: %v", err)
	}
	build.Exec(t, pool, `UPDATE totp SET secret = (SELECT secret FROM totp WHERE user_id = $1) WHERE user_id = $2`, other.String(), user.String())
	if _, _, err := with(first).TOTP(t.Context(), user); !errors.Is(err, domain.ErrTokenUnreadable) {
		t.Errorf("the secret of another user: %v", err)
	}
}

func TestSignInChallengeStore(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store, user := postgres.NewSignInChallengeStore(pool), build.User(t, pool).ID
	add := func(name string, at time.Time) domain.SignInChallenge {
		t.Helper()
		c := domain.NewSignInChallenge(user, "Firefox", true, at)
		if err := store.AddSignInChallenge(t.Context(), c, token(name)); err != nil {
			t.Fatal(err)
		}
		return c
	}
	expect := func(name string, want domain.SignInChallenge, wantErr error) {
		t.Helper()
		got, err := store.SignInChallenge(t.Context(), token(name))
		if d := diff(want, got); d != "" || !errors.Is(err, wantErr) {
			t.Errorf("SignInChallenge(%s): %v, want %v\n%s", name, err, wantErr, d)
		}
	}
	one, two := add("one", build.Now), add("two", build.Now)
	expect("one", one, nil)
	expect("unknown", domain.SignInChallenge{}, domain.ErrSignInChallengeInvalid)
	if err := store.SaveWrongCodes(t.Context(), token("one"), 3); err != nil {
		t.Fatal(err)
	}
	one.WrongCodes = 3
	expect("one", one, nil)
	expect("two", two, nil)
	if err := store.RemoveSignInChallenge(t.Context(), token("one")); err != nil {
		t.Fatal(err)
	}
	expect("one", domain.SignInChallenge{}, domain.ErrSignInChallengeInvalid)
	add("old", build.Now.Add(-5*time.Minute))
	if n, err := store.RemoveExpiredSignInChallenges(t.Context(), build.Now); n != 1 || err != nil {
		t.Errorf("removed %d, %v; want 1", n, err)
	}
	expect("two", two, nil)
	build.Exec(t, pool, `UPDATE users SET password_hash = 'another' WHERE id = $1`, user.String())
	expect("two", domain.SignInChallenge{}, domain.ErrSignInChallengeInvalid)
}
