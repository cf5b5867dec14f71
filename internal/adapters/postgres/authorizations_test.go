package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func authorizationStore(pool *pgxpool.Pool) *postgres.AuthorizationStore {
	return postgres.NewAuthorizationStore(pool, sealer{})
}

func TestAuthorizationStore_ConsumeAuthorization_SucceedsOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := authorizationStore(pool)
	user := build.User(t, pool).ID
	session := build.Session(t, pool, user, token("s"))
	cases := map[string]domain.Secret{"with PKCE": "verifier", "without PKCE": ""}
	for name, verifier := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := token(name)
			want := domain.Authorization{User: user, Session: session.ID, Verifier: verifier, ExpiresAt: build.Now.Add(domain.AuthorizationLifetime)}
			if err := store.AddAuthorization(t.Context(), state, want); err != nil {
				t.Fatal(err)
			}
			taken := make([]domain.Authorization, 8)
			errs := concurrently(8, func(i int) (err error) {
				taken[i], err = store.ConsumeAuthorization(t.Context(), state)
				return err
			})
			if counts := countErrors(errs, domain.ErrWakaTimeStateInvalid); counts["ok"] != 1 || counts["wakatime_state_invalid"] != 7 {
				t.Errorf("8 concurrent calls: %v", counts)
			}
			for i, err := range errs {
				if diff := cmp.Diff(want, taken[i]); err == nil && diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestAuthorizationStore_ConsumeAuthorization_ConsumesAnUnreadableFlow(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user := build.User(t, pool).ID
	session := build.Session(t, pool, user, token("s"))
	state := token("state")
	build.Exec(t, pool, `INSERT INTO wakatime_authorizations (state_hash, user_id, session_id, verifier, expires_at) VALUES ($1, $2, $3, 'rubbish', $4)`,
		state[:], uuid.UUID(user), uuid.UUID(session.ID), build.Now)
	for range 2 {
		if _, err := authorizationStore(pool).ConsumeAuthorization(t.Context(), state); !errors.Is(err, domain.ErrWakaTimeStateInvalid) {
			t.Errorf("got %v", err)
		}
	}
}

func TestAuthorizationStore_RemovesExpiredAuthorizations(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user := build.User(t, pool).ID
	session := build.Session(t, pool, user, token("s"))
	for i, end := range []time.Time{build.Now.Add(-time.Second), build.Now, build.Now.Add(time.Second)} {
		build.Exec(t, pool, `INSERT INTO wakatime_authorizations (state_hash, user_id, session_id, expires_at) VALUES ($1, $2, $3, $4)`,
			[]byte{byte(i)}, uuid.UUID(user), uuid.UUID(session.ID), end)
	}
	if n, err := authorizationStore(pool).RemoveExpiredAuthorizations(t.Context(), build.Now); n != 2 || err != nil {
		t.Errorf("removed %d, %v; want 2", n, err)
	}
}
