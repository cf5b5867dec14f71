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
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func apiTokenStore(pool *pgxpool.Pool, at time.Time) *postgres.APITokenStore {
	return postgres.NewAPITokenStore(pool, postgres.NewSessionCache(0), func() time.Time { return at })
}

// locked runs fn in a unit of work that locks a user.
func locked(t *testing.T, pool *pgxpool.Pool, user domain.UserID, fn func(context.Context) error) error {
	t.Helper()
	return unitOfWork(pool).Do(t.Context(), domain.System, ports.Locks{User: user}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		return domain.NoChange, fn(ctx)
	})
}

// apiToken adds a token of a user with the text name.
func apiToken(t *testing.T, pool *pgxpool.Pool, user domain.User, name string, change ...func(*domain.APIToken)) domain.APIToken {
	t.Helper()
	out := domain.APIToken{
		ID: build.ID(), User: user.ID, UserName: user.Name, Name: name, Scopes: []domain.APIScope{"read", "students:write"},
		CreatedAt: build.Now, ExpiresAt: build.Now.Add(24 * time.Hour),
	}
	for _, f := range change {
		f(&out)
	}
	if err := locked(t, pool, user.ID, func(ctx context.Context) error {
		return apiTokenStore(pool, build.Now).AddAPIToken(ctx, out, token(name))
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func expired(x *domain.APIToken) { x.ExpiresAt = build.Now }

func TestAPITokenStore_UseAPIToken_ReturnsUserAndActor(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	b := build.Batch(t, pool)
	for name, tc := range map[string]struct {
		user  domain.User
		actor domain.Actor
	}{
		"a member":         {build.User(t, pool), domain.Actor{Role: domain.RoleMember}},
		"a student":        {build.Student(t, pool, b.ID), domain.Actor{Role: domain.RoleStudent, Batch: b.ID}},
		"an instructor":    {build.Instructor(t, pool, b.ID), domain.Actor{Role: domain.RoleInstructor, Teaches: []domain.BatchID{b.ID}}},
		"a suspended user": {build.User(t, pool, func(u *domain.User) { u.SuspendedAt = &build.Now }), domain.Actor{Role: domain.RoleMember}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := apiToken(t, pool, tc.user, name)
			got, user, actor, err := apiTokenStore(pool, build.Now).UseAPIToken(t.Context(), token(name), "192.0.2.1")
			if err != nil {
				t.Fatal(err)
			}
			tc.actor.UserID, tc.actor.TokenID, tc.actor.Scopes = tc.user.ID, want.ID, want.Scopes
			if d := diff([]any{want, tc.user, tc.actor}, []any{got, user, actor}); d != "" {
				t.Error(d)
			}
		})
	}
	_, _, _, err := apiTokenStore(pool, build.Now).UseAPIToken(t.Context(), token("unknown"), "")
	if !errors.Is(err, domain.ErrAPITokenInvalid) {
		t.Errorf("an unknown token: %v", err)
	}
}

func TestAPITokenStore_UseAPIToken_IsOneRoundTripAndRecordsTheUse(t *testing.T) {
	t.Parallel()
	pool, queries := traced(t, pgtest.New(t))
	user := build.User(t, pool)
	used := apiToken(t, pool, user, "x")
	ended := apiToken(t, pool, user, "expired", expired)
	for _, step := range []struct {
		after   time.Duration
		address string
		want    string // the recorded address
	}{
		{0, "192.0.2.1", "192.0.2.1"},
		{time.Minute - time.Microsecond, "192.0.2.2", "192.0.2.1"},
		{time.Minute, "192.0.2.3", "192.0.2.3"},
	} {
		store := apiTokenStore(pool, build.Now.Add(step.after))
		queries.take()
		if _, _, _, err := store.UseAPIToken(t.Context(), token("x"), step.address); err != nil {
			t.Fatal(err)
		}
		if n := len(queries.take()); n != 1 {
			t.Errorf("%d round trips", n)
		}
		if _, _, _, err := store.UseAPIToken(t.Context(), token("expired"), step.address); err != nil {
			t.Fatal(err)
		}
		got, err := store.APIToken(t.Context(), used.ID)
		if err != nil || got.LastUsedAddress != step.want || got.LastUsedAt == nil {
			t.Errorf("after %s: %+v, %v, want %s", step.after, got, err, step.want)
		}
	}
	if got, err := apiTokenStore(pool, build.Now).APIToken(t.Context(), ended.ID); err != nil || got.LastUsedAt != nil {
		t.Errorf("the use of a token that has expired was recorded: %+v, %v", got, err)
	}
}

func TestAPITokenStore_RevokesAndCounts(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user, other := build.User(t, pool), build.User(t, pool)
	first, second, ended := apiToken(t, pool, user, "1"), apiToken(t, pool, user, "2"), apiToken(t, pool, user, "3", expired)
	foreign := apiToken(t, pool, other, "4")
	later := build.Now.Add(time.Minute)
	store := apiTokenStore(pool, later)
	count := func(want int) {
		t.Helper()
		err := locked(t, pool, user.ID, func(ctx context.Context) error {
			n, err := store.CountAPITokens(ctx, user.ID, later)
			if n != want {
				t.Errorf("%d tokens work, want %d", n, want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	revoke := func(id domain.APITokenID, want bool, wantErr error) {
		t.Helper()
		err := locked(t, pool, user.ID, func(ctx context.Context) error {
			revoked, err := store.RevokeAPIToken(ctx, user.ID, id, later)
			if revoked != want {
				t.Errorf("revoked: %v, want %v", revoked, want)
			}
			return err
		})
		if !errors.Is(err, wantErr) {
			t.Errorf("got %v, want %v", err, wantErr)
		}
	}
	count(2)
	revoke(first.ID, true, nil)
	revoke(first.ID, false, nil)
	revoke(ended.ID, false, nil)
	revoke(foreign.ID, false, domain.ErrAPITokenNotFound)
	revoke(build.ID(), false, domain.ErrAPITokenNotFound)
	count(1)
	err := locked(t, pool, user.ID, func(ctx context.Context) error {
		n, err := store.RevokeAPITokens(ctx, user.ID, later)
		if n != 1 {
			t.Errorf("revoked %d tokens", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	count(0)
	for id, revoked := range map[domain.APITokenID]bool{first.ID: true, second.ID: true, ended.ID: false, foreign.ID: false} {
		if got, err := store.APIToken(t.Context(), id); err != nil || (got.RevokedAt != nil && got.RevokedAt.Equal(later)) != revoked {
			t.Errorf("%s: %+v, %v, want revoked: %v", got.Name, got, err, revoked)
		}
	}
}

func TestAPITokenStore_ListsTheNewestFirst(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user, other := build.User(t, pool), build.User(t, pool)
	for _, name := range []string{"1", "2", "3"} {
		apiToken(t, pool, user, name)
	}
	apiToken(t, pool, other, "4")
	store := apiTokenStore(pool, build.Now)
	names := func(f domain.APITokenFilter) (out string) {
		req := domain.PageRequest{Limit: 2}
		for {
			page, err := store.ListAPITokens(t.Context(), f, req)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range page.Items {
				out += found.Name
			}
			if req.After = page.Next; req.After == "" {
				return out
			}
			out += " "
		}
	}
	for want, f := range map[string]domain.APITokenFilter{"43 21": {}, "32 1": {User: user.ID}, "4": {User: other.ID}, "": {User: build.ID()}} {
		if got := names(f); got != want {
			t.Errorf("the tokens of %v are %q, want %q", f.User, got, want)
		}
	}
	page, err := store.ListAPITokens(t.Context(), domain.APITokenFilter{}, domain.PageRequest{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.ListAPITokens(t.Context(), domain.APITokenFilter{User: user.ID}, domain.PageRequest{Limit: 1, After: page.Next})
	if !errors.Is(err, domain.ErrInvalidCursor) {
		t.Errorf("the cursor of another list: %v", err)
	}
}

func TestAPITokenStore_RemovesThoseThatEndedLongAgo(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user := build.User(t, pool)
	apiToken(t, pool, user, "works")
	apiToken(t, pool, user, "expired", expired)
	revoked := apiToken(t, pool, user, "revoked")
	build.Exec(t, pool, `UPDATE api_tokens SET revoked_at = $2 WHERE id = $1`, uuid.UUID(revoked.ID), build.Now)
	store := apiTokenStore(pool, build.Now)
	for before, want := range map[time.Time]int{build.Now: 0} {
		if n, err := store.RemoveAPITokens(t.Context(), before); n != want || err != nil {
			t.Errorf("removed %d, %v, want %d", n, err, want)
		}
	}
	if n, err := store.RemoveAPITokens(t.Context(), build.Now.Add(time.Microsecond)); n != 2 || err != nil {
		t.Errorf("removed %d, %v", n, err)
	}
	page, err := store.ListAPITokens(t.Context(), domain.APITokenFilter{}, domain.PageRequest{Limit: 5})
	if err != nil || len(page.Items) != 1 || page.Items[0].Name != "works" {
		t.Errorf("left: %+v, %v", page.Items, err)
	}
}

func TestAPITokenStore_NeedsTheLockOfTheUser(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user := build.User(t, pool)
	store, ctx := apiTokenStore(pool, build.Now), t.Context()
	for name, err := range map[string]error{
		"AddAPIToken":     store.AddAPIToken(ctx, domain.APIToken{User: user.ID}, token("x")),
		"CountAPITokens":  second(store.CountAPITokens(ctx, user.ID, build.Now)),
		"RevokeAPIToken":  second(store.RevokeAPIToken(ctx, user.ID, build.ID(), build.Now)),
		"RevokeAPITokens": second(store.RevokeAPITokens(ctx, user.ID, build.Now)),
	} {
		if err == nil {
			t.Errorf("%s works without a lock", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A process sees its own revocation at once, and those of others within a second.
func TestSessionCache_ForgetsAPITokens(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user := build.User(t, pool)
	apiToken(t, pool, user, "x")
	here, there := newCached(pool), newCached(pool)
	use := func(c *cached) bool {
		t.Helper()
		got, _, _, err := postgres.NewAPITokenStore(pool, c.cache, func() time.Time { return c.now }).UseAPIToken(t.Context(), token("x"), "")
		if err != nil {
			t.Fatal(err)
		}
		return got.Alive(c.now)
	}
	if !use(here) || !use(there) {
		t.Fatal("the token does not work")
	}
	err := here.change(t.Context(), user.ID, func(ctx context.Context) error {
		_, err := apiTokenStore(pool, build.Now).RevokeAPITokens(ctx, user.ID, build.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	there.now = there.now.Add(postgres.SessionMaxAge)
	if use(here) || use(there) {
		t.Error("a revoked token works")
	}
}

func TestUnitOfWork_ReadsTheAPITokenAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		sql  string // executed after authentication, for the user $1
		want error
	}{
		"nothing has changed":       {`SELECT $1::uuid`, nil},
		"the account was suspended": {`UPDATE users SET suspended_at = created_at WHERE id = $1`, domain.ErrUnauthenticated},
		"the token was removed":     {`DELETE FROM api_tokens WHERE user_id = $1`, domain.ErrAPITokenInvalid},
		"the token was revoked":     {`UPDATE api_tokens SET revoked_at = created_at WHERE user_id = $1`, domain.ErrAPITokenInvalid},
		"the token has expired":     {`UPDATE api_tokens SET expires_at = created_at WHERE user_id = $1`, domain.ErrAPITokenInvalid},
		"the token is of another":   {`UPDATE api_tokens SET user_id = (SELECT id FROM users WHERE id <> $1)`, domain.ErrAPITokenInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			build.User(t, pool)
			user := build.User(t, pool)
			used := apiToken(t, pool, user, "x")
			stale := domain.Actor{UserID: user.ID, Role: domain.RoleAdmin, TokenID: used.ID, Scopes: used.Scopes}
			build.Exec(t, pool, tt.sql, uuid.UUID(user.ID))
			err := unitOfWork(pool).Do(t.Context(), stale, ports.Locks{}, func(_ context.Context, current domain.Actor) (domain.Change, error) {
				if current.Role != domain.RoleMember || current.Fresh {
					t.Errorf("the actor is %+v", current)
				}
				return domain.Change{Action: domain.ActBatchCreate, Details: map[string]any{"name": "x"}}, nil
			})
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if err != nil {
				return
			}
			page, err := postgres.NewAuditStore(pool).ListAuditEntries(t.Context(), domain.AuditFilter{}, domain.PageRequest{Limit: 1})
			if err != nil {
				t.Fatal(err)
			}
			if d := diff(map[string]any{"name": "x", "api_token_id": used.ID.String()}, page.Items[0].Details); d != "" {
				t.Errorf("the entry does not name the token: %s", d)
			}
		})
	}
}
