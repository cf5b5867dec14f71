package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestRefreshTokenStore(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store, u := sessionStore(pool, build.Now), build.User(t, pool)
	session := build.Session(t, pool, u.ID, token("access"))
	first := domain.TokenFamily{Family: token("family"), Current: token("first")}
	read := func(want domain.TokenFamily, session domain.Session) {
		t.Helper()
		err := inUnitOfWorkOn(t, pool, u.ID, func(ctx context.Context) error {
			f, s, err := store.LockedTokenFamily(ctx, want.Family)
			if d := diff([]any{want, session}, []any{f, s}); d != "" {
				t.Error(d)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	if err := store.SaveTokenFamily(t.Context(), session.ID, first); err != nil {
		t.Fatal(err)
	}
	read(first, session)
	if s, role, err := store.SessionOfFamily(t.Context(), first.Family); s.ID != session.ID || s.User != u.ID || role != u.Role || err != nil {
		t.Errorf("SessionOfFamily = %+v, %s, %v", s, role, err)
	}

	rotated := first
	rotated.Rotate(token("second"), "salt", build.Now.Add(time.Second))
	session.LastSeenAt, session.TokenExpiresAt = build.Now.Add(time.Second), build.Now.Add(time.Minute)
	rotate := func(ctx context.Context) error { return store.RotateTokens(ctx, rotated, session, token("renewed")) }
	if err := inUnitOfWorkOn(t, pool, u.ID, rotate); err != nil {
		t.Fatal(err)
	}
	read(rotated, session)
	for tokenHash, want := range map[[32]byte]error{token("access"): domain.ErrUnauthenticated, token("renewed"): nil} {
		if s, _, _, err := store.Session(t.Context(), tokenHash); !errors.Is(err, want) || err == nil && !s.TokenExpiresAt.Equal(session.TokenExpiresAt) {
			t.Errorf("got %+v, %v; want %v", s, err, want)
		}
	}

	another := domain.TokenFamily{Family: token("another"), Current: token("third")}
	if err := store.SaveTokenFamily(t.Context(), session.ID, another); err != nil {
		t.Fatal(err)
	}
	read(another, session)
	if _, _, err := store.SessionOfFamily(t.Context(), first.Family); !errors.Is(err, domain.ErrRefreshTokenInvalid) {
		t.Errorf("a family that was replaced: error %v", err)
	}

	if _, _, err := store.LockedTokenFamily(t.Context(), another.Family); err == nil {
		t.Error("LockedTokenFamily works without a lock of the user")
	}
	if err := rotate(t.Context()); err == nil {
		t.Error("RotateTokens works without a lock of the user")
	}
	build.Exec(t, pool, `DELETE FROM sessions WHERE id = $1`, uuid.UUID(session.ID))
	if _, _, err := store.SessionOfFamily(t.Context(), another.Family); !errors.Is(err, domain.ErrRefreshTokenInvalid) {
		t.Errorf("the family of a session that ended: error %v", err)
	}
}
