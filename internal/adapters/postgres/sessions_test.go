package postgres_test

import (
	"context"
	"crypto/sha256"
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

var lifetime = build.Lifetime

func sessionStore(pool *pgxpool.Pool, at time.Time) *postgres.SessionStore {
	return postgres.NewSessionStore(pool, postgres.NewSessionCache(0), func() time.Time { return at }, lifetime)
}

func token(s string) [32]byte { return sha256.Sum256([]byte(s)) }

func TestSessionStore_Session_ReturnsUserAndActor(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	b, other := build.Batch(t, pool), build.Batch(t, pool)
	archived := build.Batch(t, pool, func(b *domain.Batch) { b.ArchivedAt = &build.Now })
	for name, tc := range map[string]struct {
		user  domain.User
		actor domain.Actor
	}{
		"a member":                       {build.User(t, pool), domain.Actor{Role: domain.RoleMember}},
		"a student":                      {build.Student(t, pool, b.ID), domain.Actor{Role: domain.RoleStudent, Batch: b.ID}},
		"an instructor":                  {build.Instructor(t, pool, b.ID, other.ID), domain.Actor{Role: domain.RoleInstructor, Teaches: []domain.BatchID{b.ID, other.ID}}},
		"a student who left":             {build.Student(t, pool, b.ID, func(_ *domain.User, e *domain.Enrolment) { e.EndedAt = &build.Now }), domain.Actor{Role: domain.RoleStudent}},
		"a suspended user":               {build.User(t, pool, func(u *domain.User) { u.SuspendedAt = &build.Now }), domain.Actor{Role: domain.RoleMember}},
		"a student of an archived batch": {build.Student(t, pool, archived.ID), domain.Actor{Role: domain.RoleStudent, Batch: archived.ID}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := sessionStore(pool, build.Now)
			want := domain.Session{
				ID: build.ID(), User: tc.user.ID, CreatedAt: build.Now, LastSeenAt: build.Now, ExpiresAt: build.Now.Add(time.Hour), UserAgent: "curl",
				AuthenticatedAt: build.Now.Add(time.Minute), TokenExpiresAt: build.Now.Add(2 * time.Minute),
			}
			if _, err := store.AddSession(t.Context(), want, token(name), lifetime.Max); err != nil {
				t.Fatal(err)
			}
			session, user, actor, err := store.Session(t.Context(), token(name))
			if err != nil {
				t.Fatal(err)
			}
			tc.actor.UserID, tc.actor.SessionID = tc.user.ID, want.ID
			if d := diff([]any{want, tc.user, tc.actor}, []any{session, user, actor}); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSessionStore_Session_RejectsAnUnknownToken(t *testing.T) {
	t.Parallel()
	_, _, _, err := sessionStore(pgtest.New(t), build.Now).Session(t.Context(), token("x"))
	if !errors.Is(err, domain.ErrUnauthenticated) {
		t.Errorf("got %v", err)
	}
}

func TestSessionStore_Session_IsOneRoundTrip(t *testing.T) {
	t.Parallel()
	pool, queries := traced(t, pgtest.New(t))
	build.Session(t, pool, build.User(t, pool).ID, token("x"))
	queries.take()
	if _, _, _, err := sessionStore(pool, build.Now.Add(2*time.Minute)).Session(t.Context(), token("x")); err != nil {
		t.Fatal(err)
	}
	if n := len(queries.take()); n != 1 {
		t.Errorf("%d round trips", n)
	}
}

func TestSessionStore_Session_RecordsUse(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user := build.User(t, pool).ID
	for name, tc := range map[string]struct {
		after    time.Duration
		recorded bool
		access   time.Duration // how long the access token is valid; 0 if as long as the session
	}{
		"within a minute, nothing is recorded":            {59 * time.Second, false, 0},
		"after a minute, it is recorded":                  {time.Minute, true, 0},
		"just before the idle timeout, it is recorded":    {59 * time.Minute, true, 0},
		"after the idle timeout, nothing is recorded":     {time.Hour, false, 0},
		"after the absolute timeout, nothing is recorded": {24 * time.Hour, false, 0},
		"with a clock that lags, nothing is recorded":     {-time.Hour, false, 0},
		"with an access token, it is recorded":            {15*time.Minute - 1000, true, 15 * time.Minute},
		"with an expired one, nothing is recorded":        {15 * time.Minute, false, 15 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := build.Session(t, pool, user, token(name))
			if tc.access > 0 {
				build.Exec(t, pool, `UPDATE sessions SET token_expires_at = $2 WHERE id = $1`, uuid.UUID(s.ID), build.Now.Add(tc.access))
			}
			at := build.Now.Add(tc.after)
			got, _, _, err := sessionStore(pool, at).Session(t.Context(), token(name))
			if err != nil || !got.LastSeenAt.Equal(build.Now) {
				t.Errorf("last seen %v before this use, error %v", got.LastSeenAt, err)
			}
			var seen time.Time
			if err := pool.QueryRow(t.Context(), `SELECT last_seen_at FROM sessions WHERE id = $1`, uuid.UUID(s.ID)).Scan(&seen); err != nil {
				t.Fatal(err)
			}
			if recorded := seen.Equal(at); recorded != tc.recorded {
				t.Errorf("last seen at %v, recorded: %t", seen, recorded)
			}
		})
	}
}

func TestSessionStore_RemoveSessions(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := sessionStore(pool, build.Now)
	u, other := build.User(t, pool).ID, build.User(t, pool).ID
	one := build.Session(t, pool, u, token("one"))
	build.Session(t, pool, u, token("two"))
	build.Session(t, pool, u, token("three"))
	build.Session(t, pool, other, token("other"))

	if err := store.RemoveSession(t.Context(), one.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := store.Session(t.Context(), token("one")); !errors.Is(err, domain.ErrUnauthenticated) {
		t.Errorf("removed session: error %v", err)
	}
	last := build.Session(t, pool, u, token("last"))
	for _, want := range []domain.SessionID{last.ID, {}} {
		err := inUnitOfWork(t, pool, func(ctx context.Context) error {
			id, err := store.RemoveSessionOf(ctx, token("last"))
			if id != want {
				t.Errorf("RemoveSessionOf = %s; want %s", id, want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := store.RemoveSessionOf(t.Context(), token("two")); err == nil {
		t.Error("RemoveSessionOf works outside of a unit of work, which could not forget the user")
	}
	if n, err := store.RemoveSessions(t.Context(), u); n != 2 || err != nil {
		t.Errorf("removed %d, %v; want 2", n, err)
	}
	if _, _, _, err := store.Session(t.Context(), token("other")); err != nil {
		t.Errorf("session of another user: error %v", err)
	}
}

func TestSessionStore_RemoveExpiredSessions(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := sessionStore(pool, build.Now)
	u := build.User(t, pool).ID
	build.Session(t, pool, u, token("active"))
	build.Session(t, pool, u, token("expired"), func(s *domain.Session) { s.ExpiresAt = build.Now })
	build.Session(t, pool, u, token("idle"), func(s *domain.Session) { s.LastSeenAt = build.Now.Add(-lifetime.Idle) })

	if n, err := store.RemoveExpiredSessions(t.Context(), lifetime, build.Now); n != 2 || err != nil {
		t.Errorf("removed %d, %v; want 2", n, err)
	}
	if _, _, _, err := store.Session(t.Context(), token("active")); err != nil {
		t.Errorf("active session: error %v", err)
	}
}

func TestSessionStore_RenewSession(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store, u := sessionStore(pool, build.Now), build.User(t, pool).ID
	want := build.Session(t, pool, u, token("old"))
	since, at := want.AuthenticatedAt, build.Now.Add(time.Minute)
	renew := func(user domain.UserID, since time.Time, tokenHash [32]byte) (got domain.Session, err error) {
		err = inUnitOfWorkOn(t, pool, user, func(ctx context.Context) error {
			renewed := domain.Session{ID: want.ID, User: user, AuthenticatedAt: at, TokenExpiresAt: at.AddDate(1, 0, 0)}
			got, err = store.RenewSession(ctx, renewed, since, tokenHash)
			return err
		})
		return got, err
	}

	if _, err := renew(build.User(t, pool).ID, since, token("others")); !errors.Is(err, domain.ErrUnauthenticated) {
		t.Errorf("another user: error %v", err)
	}
	got, err := renew(u, since, token("new"))
	want.AuthenticatedAt, want.TokenExpiresAt = at, want.ExpiresAt // and not after it
	if d := diff(want, got); d != "" || err != nil {
		t.Errorf("error %v\n%s", err, d)
	}
	if _, err := renew(u, since, token("newer")); !errors.Is(err, domain.ErrUnauthenticated) {
		t.Errorf("the second of two requests: error %v", err)
	}
	for tokenHash, want := range map[[32]byte]error{token("old"): domain.ErrUnauthenticated, token("new"): nil, token("newer"): domain.ErrUnauthenticated} {
		if s, _, _, err := store.Session(t.Context(), tokenHash); !errors.Is(err, want) || err == nil && !s.AuthenticatedAt.Equal(at) {
			t.Errorf("got %+v, %v; want %v", s, err, want)
		}
	}
	if _, err := store.RenewSession(t.Context(), want, at, token("x")); err == nil {
		t.Error("RenewSession works without a lock of the user")
	}
}
