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

// addKey stores a key of a batch that is switched on and has no limits.
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

func TestRegistrationKeyStore_readsWhatItStored(t *testing.T) {
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
		err = within(t, pool, func(ctx context.Context) error {
			got, err := store.LockRegistrationKey(ctx, b)
			if d := diff(want, got); d != "" {
				t.Errorf("locked:\n%s", d)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestRegistrationKeyStore_remembersSinceWhenItIsOff(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	k := addKey(t, pool, build.Batch(t, pool).ID)
	offSince := func() *time.Time {
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
	if at := offSince(); at != nil {
		t.Errorf("on, and off since %v", at)
	}
	save(false, build.Now)
	save(false, build.Now.Add(time.Hour))
	if at := offSince(); at == nil || !at.Equal(build.Now) {
		t.Errorf("off since %v, want the first time", at)
	}
	save(true, build.Now.Add(2*time.Hour))
	if at := offSince(); at != nil {
		t.Errorf("on again, and off since %v", at)
	}
}

func TestRegistrationKeyStore_isSealedForItsRow(t *testing.T) {
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

	// A row that was moved to another batch does not open there, and says so.
	other := build.Batch(t, pool).ID
	build.Exec(t, pool, `UPDATE registration_keys SET batch_id = $1`, uuid.UUID(other))
	got, err := keyStore(pool).RegistrationKey(t.Context(), other)
	if !errors.Is(err, domain.ErrTokenUnreadable) || !got.Enabled || got.Key != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	// It can still be replaced, and who has it on paper can still join.
	err = within(t, pool, func(ctx context.Context) error {
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

func TestRegistrationKeyStore_isFoundHoweverItIsTyped(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.Student(t, pool, addKey(t, pool, build.Batch(t, pool).ID, func(k *domain.RegistrationKey) { k.Seats = new(9) }).Batch)
	for _, typed := range []string{keyText.Reveal(), strings.ToLower(keyText.Reveal()), " abcde-fghjk lmnpq-rstuv\twxyz2-34567 \n"} {
		err := within(t, pool, func(ctx context.Context) error {
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

func TestRegistrationKeyStore_errors(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := keyStore(pool)
	nowhere := domain.BatchID(build.ID())
	archived := build.Batch(t, pool, func(b *domain.Batch) { b.ArchivedAt = &build.Now })
	addKey(t, pool, archived.ID, func(k *domain.RegistrationKey) { k.Key = "OFANARCHIVEDBATCH" })
	rotated := build.Batch(t, pool)
	addKey(t, pool, rotated.ID, func(k *domain.RegistrationKey) { k.Key = "OLD" })
	addKey(t, pool, rotated.ID, func(k *domain.RegistrationKey) { k.Key = "NEW" })

	for name, tc := range map[string]struct {
		do   func(ctx context.Context) error
		want error
	}{
		"no such batch": {func(ctx context.Context) error {
			_, err := store.RegistrationKey(ctx, nowhere)
			return err
		}, domain.ErrBatchNotFound},
		"no such batch to lock": {func(ctx context.Context) error {
			_, err := store.LockRegistrationKey(ctx, nowhere)
			return err
		}, domain.ErrBatchNotFound},
		"a key that never was":         {func(ctx context.Context) error { return lockByText(ctx, pool, "GUESSED") }, domain.ErrRegistrationKeyInvalid},
		"no key at all":                {func(ctx context.Context) error { return lockByText(ctx, pool, "") }, domain.ErrRegistrationKeyInvalid},
		"the key of an archived batch": {func(ctx context.Context) error { return lockByText(ctx, pool, "OFANARCHIVEDBATCH") }, domain.ErrRegistrationKeyInvalid},
		"the key before the last":      {func(ctx context.Context) error { return lockByText(ctx, pool, "OLD") }, domain.ErrRegistrationKeyInvalid},
		"the new one":                  {func(ctx context.Context) error { return lockByText(ctx, pool, "NEW") }, nil},
		"a key with NUL":               {func(ctx context.Context) error { return lockByText(ctx, pool, "NEW\x00") }, domain.ErrRegistrationKeyInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := within(t, pool, tc.do); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestRegistrationKeyStore_locksOnlyInsideAUnitOfWork(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	k := addKey(t, pool, build.Batch(t, pool).ID)
	if _, err := keyStore(pool).LockRegistrationKey(t.Context(), k.Batch); err == nil {
		t.Error("LockRegistrationKey locked nothing and said nothing")
	}
	if err := lockByText(t.Context(), pool, keyText); err == nil {
		t.Error("LockRegistrationKeyByText locked nothing and said nothing")
	}
}

func TestRegistrationKeyStore_whoWaitsForARotationIsTooLate(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	k := addKey(t, pool, build.Batch(t, pool).ID)
	done := make(chan error, 1)
	err := within(t, pool, func(ctx context.Context) error {
		if _, err := keyStore(pool).LockRegistrationKey(ctx, k.Batch); err != nil {
			return err
		}
		go func() {
			done <- within(t, pool, func(ctx context.Context) error { return lockByText(ctx, pool, keyText) })
		}()
		waiting(t, pool, 1)
		k.Rotate("REPLACED", build.Now)
		return keyStore(pool).SaveRegistrationKey(ctx, k)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, domain.ErrRegistrationKeyInvalid) {
		t.Errorf("the old key still let somebody in: %v", err)
	}
}
