package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestConfirmationStore(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewConfirmationStore(pool)
	ada, ben := build.User(t, pool), build.User(t, pool)
	c := domain.Confirmation{Kind: domain.ConfirmPasswordReset, User: ada.ID, ExpiresAt: build.Now.Add(time.Minute)}
	add := func(user domain.UserID, hash byte) {
		t.Helper()
		c := c
		c.User = user
		if err := store.AddConfirmation(t.Context(), c, [32]byte{hash}); err != nil {
			t.Fatal(err)
		}
	}
	valid := func(hash byte, now time.Time) bool {
		t.Helper()
		_, err := store.Confirmation(t.Context(), c.Kind, [32]byte{hash}, now)
		if err != nil && !errors.Is(err, domain.ErrConfirmationInvalid) {
			t.Fatal(err)
		}
		return err == nil
	}
	add(ada.ID, 1)
	if got, err := store.Confirmation(t.Context(), c.Kind, [32]byte{1}, build.Now); err != nil || got != c {
		t.Errorf("Confirmation returned %+v, %v; want %+v", got, err, c)
	}
	if valid(1, c.ExpiresAt) || valid(2, build.Now) {
		t.Error("an expired or unknown confirmation is valid")
	}
	if err := store.UseConfirmation(t.Context(), "another", [32]byte{1}, build.Now); !errors.Is(err, domain.ErrConfirmationInvalid) {
		t.Errorf("using it for something else returned %v", err)
	}
	if err := store.UseConfirmation(t.Context(), c.Kind, [32]byte{1}, build.Now); err != nil {
		t.Error(err)
	}
	if err := store.UseConfirmation(t.Context(), c.Kind, [32]byte{1}, build.Now); !errors.Is(err, domain.ErrConfirmationInvalid) {
		t.Errorf("using it again returned %v", err)
	}

	add(ada.ID, 3)
	add(ben.ID, 4)
	if err := postgres.NewUserStore(pool).SavePassword(t.Context(), ada.ID, "new"); err != nil {
		t.Fatal(err)
	}
	if valid(3, build.Now) || !valid(4, build.Now) {
		t.Error("a new password ended the wrong confirmations")
	}
	if n, err := store.RemoveExpiredConfirmations(t.Context(), build.Now); err != nil || n != 0 {
		t.Errorf("removed %d, %v; want none", n, err)
	}
	if n, err := store.RemoveExpiredConfirmations(t.Context(), c.ExpiresAt); err != nil || n != 1 {
		t.Errorf("removed %d, %v; want 1", n, err)
	}
}
