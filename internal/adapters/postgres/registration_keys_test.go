package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

const keyText = domain.Secret("ABCDEFGHJKLMNPQRSTUVWXYZ234567")

func keyStore(pool *pgxpool.Pool) *postgres.RegistrationKeyStore {
	return postgres.NewRegistrationKeyStore(pool, sealer{}, build.Clock)
}

// addKey stores an enabled key of a batch without limits.
func addKey(t *testing.T, pool *pgxpool.Pool, batch domain.BatchID, change ...func(*domain.RegistrationKey)) domain.RegistrationKey {
	t.Helper()
	k := domain.RegistrationKey{Batch: batch, Key: keyText, Enabled: true, RotatedAt: build.Now}
	for _, f := range change {
		f(&k)
	}
	if err := keyStore(pool).SaveRegistrationKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	return k
}

func lockByText(ctx context.Context, pool *pgxpool.Pool, typed domain.Secret) error {
	_, err := keyStore(pool).LockRegistrationKeyByText(ctx, typed)
	return err
}

func TestRegistrationKeyStore_RoundTrip(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := keyStore(pool)
	b := build.Batch(t, pool).ID
	build.Student(t, pool, b)
	build.Student(t, pool, b, func(_ *domain.User, e *domain.Enrolment) { e.EndedAt = &build.Now })

	limited := domain.RegistrationKey{Batch: b, Key: keyText, ExpiresAt: new(build.Now.Add(time.Hour)), Seats: new(5), RotatedAt: build.Now, Version: 4}
	free := domain.RegistrationKey{Batch: b, Key: "ANOTHER", Enabled: true, RotatedAt: build.Now.Add(time.Minute), Version: 5}
	for _, want := range []domain.RegistrationKey{limited, free} {
		if err := store.SaveRegistrationKey(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		want.Taken = 1
		got, err := store.RegistrationKey(t.Context(), b)
		if d := diff(want, got); d != "" || err != nil {
			t.Errorf("%v\n%s", err, d)
		}
		err = inUnitOfWork(t, pool, func(ctx context.Context) error {
			got, err := store.LockRegistrationKey(ctx, b)
			if d := diff(want, got); d != "" {
				t.Errorf("LockRegistrationKey:\n%s", d)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestRegistrationKeyStore_RecordsWhenAKeyWasDisabled(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	k := addKey(t, pool, build.Batch(t, pool).ID)
	disabledAt := func() *time.Time {
		var at *time.Time
		if err := pool.QueryRow(t.Context(), `SELECT switched_off_at FROM registration_keys`).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	save := func(enabled bool, at time.Time) {
		k.Enabled = enabled
		store := postgres.NewRegistrationKeyStore(pool, sealer{}, func() time.Time { return at })
		if err := store.SaveRegistrationKey(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	if at := disabledAt(); at != nil {
		t.Errorf("enabled key is disabled since %v", at)
	}
	save(false, build.Now)
	save(false, build.Now.Add(time.Hour))
	if at := disabledAt(); at == nil || !at.Equal(build.Now) {
		t.Errorf("disabled since %v, want the first time", at)
	}
	save(true, build.Now.Add(2*time.Hour))
	if at := disabledAt(); at != nil {
		t.Errorf("re-enabled key is disabled since %v", at)
	}
}

func TestRegistrationKeyStore_SealsKeysForTheirRow(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	k := addKey(t, pool, build.Batch(t, pool).ID)
	var sealed []byte
	if err := pool.QueryRow(t.Context(), `SELECT key_sealed FROM registration_keys`).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	if want := "sealed:" + k.Batch.String() + ":registration_keys.key_sealed:" + keyText.Reveal(); string(sealed) != want {
		t.Errorf("sealed %q, want %q", sealed, want)
	}

	// A row moved to another batch cannot be opened.
	other := build.Batch(t, pool).ID
	build.Exec(t, pool, `UPDATE registration_keys SET batch_id = $1`, uuid.UUID(other))
	got, err := keyStore(pool).RegistrationKey(t.Context(), other)
	if !errors.Is(err, domain.ErrTokenUnreadable) || !got.Enabled || got.Key != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	// The key can still be replaced, and users who have it can still join.
	err = inUnitOfWork(t, pool, func(ctx context.Context) error {
		got, err := keyStore(pool).LockRegistrationKey(ctx, other)
		if !errors.Is(err, domain.ErrTokenUnreadable) || got.Batch != other {
			t.Errorf("got %+v, %v", got, err)
		}
		return lockByText(ctx, pool, keyText)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRegistrationKeyStore_LockRegistrationKeyByText_NormalizesText(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.Student(t, pool, addKey(t, pool, build.Batch(t, pool).ID, func(k *domain.RegistrationKey) { k.Seats = new(9) }).Batch)
	for _, typed := range []string{keyText.Reveal(), strings.ToLower(keyText.Reveal()), " abcde-fghjk lmnpq-rstuv\twxyz2-34567 \n"} {
		err := inUnitOfWork(t, pool, func(ctx context.Context) error {
			k, err := keyStore(pool).LockRegistrationKeyByText(ctx, domain.Secret(typed))
			if k.Key != keyText || k.Taken != 1 || k.Seats == nil || *k.Seats != 9 || !k.Enabled {
				t.Errorf("%q: got %+v", typed, k)
			}
			return err
		})
		if err != nil {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func TestRegistrationKeyStore_Errors(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := keyStore(pool)
	unknown := domain.BatchID(build.ID())
	archived := build.Batch(t, pool, func(b *domain.Batch) { b.ArchivedAt = &build.Now })
	addKey(t, pool, archived.ID, func(k *domain.RegistrationKey) { k.Key = "OFANARCHIVEDBATCH" })
	rotated := build.Batch(t, pool)
	addKey(t, pool, rotated.ID, func(k *domain.RegistrationKey) { k.Key = "OLD" })
	addKey(t, pool, rotated.ID, func(k *domain.RegistrationKey) { k.Key = "NEW" })

	for name, tc := range map[string]struct {
		do   func(ctx context.Context) error
		want error
	}{
		"RegistrationKey returns not found": {func(ctx context.Context) error {
			_, err := store.RegistrationKey(ctx, unknown)
			return err
		}, domain.ErrBatchNotFound},
		"LockRegistrationKey returns not found": {func(ctx context.Context) error {
			_, err := store.LockRegistrationKey(ctx, unknown)
			return err
		}, domain.ErrBatchNotFound},
		"an unknown key is rejected":             {func(ctx context.Context) error { return lockByText(ctx, pool, "GUESSED") }, domain.ErrRegistrationKeyInvalid},
		"an empty key is rejected":               {func(ctx context.Context) error { return lockByText(ctx, pool, "") }, domain.ErrRegistrationKeyInvalid},
		"a key of an archived batch is rejected": {func(ctx context.Context) error { return lockByText(ctx, pool, "OFANARCHIVEDBATCH") }, domain.ErrRegistrationKeyInvalid},
		"a rotated key is rejected":              {func(ctx context.Context) error { return lockByText(ctx, pool, "OLD") }, domain.ErrRegistrationKeyInvalid},
		"the new key is accepted":                {func(ctx context.Context) error { return lockByText(ctx, pool, "NEW") }, nil},
		"a key with NUL is rejected":             {func(ctx context.Context) error { return lockByText(ctx, pool, "NEW\x00") }, domain.ErrRegistrationKeyInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := inUnitOfWork(t, pool, tc.do); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestRegistrationKeyStore_LocksNeedAUnitOfWork(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	k := addKey(t, pool, build.Batch(t, pool).ID)
	if _, err := keyStore(pool).LockRegistrationKey(t.Context(), k.Batch); err == nil {
		t.Error("LockRegistrationKey succeeded outside a unit of work")
	}
	if err := lockByText(t.Context(), pool, keyText); err == nil {
		t.Error("LockRegistrationKeyByText succeeded outside a unit of work")
	}
}

func TestRegistrationKeyStore_RejectsAKeyRotatedDuringTheWait(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	k := addKey(t, pool, build.Batch(t, pool).ID)
	done := make(chan error, 1)
	err := inUnitOfWork(t, pool, func(ctx context.Context) error {
		if _, err := keyStore(pool).LockRegistrationKey(ctx, k.Batch); err != nil {
			return err
		}
		go func() {
			done <- inUnitOfWork(t, pool, func(ctx context.Context) error { return lockByText(ctx, pool, keyText) })
		}()
		waitForLocks(t, pool)
		k.Rotate("REPLACED", build.Now)
		return keyStore(pool).SaveRegistrationKey(ctx, k)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, domain.ErrRegistrationKeyInvalid) {
		t.Errorf("rotated key: error %v", err)
	}
}
