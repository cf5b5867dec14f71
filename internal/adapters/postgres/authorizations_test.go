package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

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

func TestAuthorizationStore_ConsumeAuthorization_OneCallIsFirst(t *testing.T) {
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
			fresh := domain.Authorization{User: user, Session: session.ID, Verifier: verifier, ExpiresAt: build.Now.Add(domain.AuthorizationLifetime)}
			if err := store.AddAuthorization(t.Context(), state, fresh); err != nil {
				t.Fatal(err)
			}
			got := make([]domain.Authorization, 8)
			errs := concurrently(8, func(i int) (err error) {
				got[i], err = store.ConsumeAuthorization(t.Context(), state, token("code"), build.Now)
				return err
			})
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			consumed := fresh
			consumed.ConsumedAt, consumed.CodeHash = &build.Now, token("code")
			first := 0
			for _, a := range got {
				want := consumed
				if a.ConsumedAt == nil {
					first++
					want = fresh
				}
				if diff := diff(want, a); diff != "" {
					t.Error(diff)
				}
			}
			if first != 1 {
				t.Errorf("%d of 8 concurrent calls were first, want 1", first)
			}

			later := must(store.ConsumeAuthorization(t.Context(), state, token("another code"), build.Now.Add(time.Hour)))
			if diff := diff(consumed, later); diff != "" {
				t.Errorf("another code changed the flow: %s", diff)
			}
		})
	}
}

// The second of two calls waits for the first one, and must not see the flow as it was when
// the wait began.
func TestAuthorizationStore_ConsumeAuthorization_WaitsForTheFirstCall(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := authorizationStore(pool)
	user := build.User(t, pool).ID
	session := build.Session(t, pool, user, token("s"))
	if err := store.AddAuthorization(t.Context(), token("state"), domain.Authorization{User: user, Session: session.ID, ExpiresAt: build.Now}); err != nil {
		t.Fatal(err)
	}
	second := make(chan domain.Authorization, 1)
	err := inUnitOfWork(t, pool, func(ctx context.Context) error {
		first, err := store.ConsumeAuthorization(ctx, token("state"), token("code"), build.Now)
		if first.ConsumedAt != nil {
			t.Error("the first call finds the flow consumed")
		}
		go func() {
			a, err := store.ConsumeAuthorization(t.Context(), token("state"), token("code"), build.Now)
			if err != nil {
				t.Error(err)
			}
			second <- a
		}()
		waitForLocks(t, pool)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := <-second; a.ConsumedAt == nil {
		t.Error("the second call finds the flow as it was before the first one")
	}
}

func TestAuthorizationStore_CompleteAuthorization_RecordsTheResult(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := authorizationStore(pool)
	user := build.User(t, pool).ID
	session := build.Session(t, pool, user, token("s"))
	cases := map[string]*domain.Error{
		"success": nil,
		"failure": domain.ErrWakaTimeAccountTaken.Withf("This waka.example account is connected."),
	}
	for name, want := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := errors.Join(
				store.AddAuthorization(t.Context(), token(name), domain.Authorization{User: user, Session: session.ID, ExpiresAt: build.Now}),
				store.CompleteAuthorization(t.Context(), token(name), build.Now, want),
			)
			if err != nil {
				t.Fatal(err)
			}
			a := must(store.ConsumeAuthorization(t.Context(), token(name), token("code"), build.Now))
			if diff := diff(want, a.Result); diff != "" || !a.Completed {
				t.Errorf("completed %t %s", a.Completed, diff)
			}
		})
	}
}

func TestAuthorizationStore_UnknownResultIsAnError(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := authorizationStore(pool)
	user := build.User(t, pool).ID
	session := build.Session(t, pool, user, token("s"))
	if err := store.AddAuthorization(t.Context(), token("state"), domain.Authorization{User: user, Session: session.ID, ExpiresAt: build.Now}); err != nil {
		t.Fatal(err)
	}
	build.Exec(t, pool, `UPDATE wakatime_authorizations SET completed_at = $1, error_code = 'of_another_version'`, build.Now)
	a := must(store.ConsumeAuthorization(t.Context(), token("state"), token("code"), build.Now))
	if !errors.Is(a.Result, domain.ErrWakaTimeStateInvalid) {
		t.Errorf("got result %v, want %v", a.Result, domain.ErrWakaTimeStateInvalid)
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
		if _, err := authorizationStore(pool).ConsumeAuthorization(t.Context(), state, token("code"), build.Now); !errors.Is(err, domain.ErrWakaTimeStateInvalid) {
			t.Errorf("got %v", err)
		}
	}
	var consumed bool
	if err := pool.QueryRow(t.Context(), `SELECT consumed_at IS NOT NULL FROM wakatime_authorizations`).Scan(&consumed); err != nil || !consumed {
		t.Errorf("consumed %t, %v", consumed, err)
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
