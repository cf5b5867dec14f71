package postgres_test

import (
	"context"
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// cached is a process with a cache of sessions and a clock that tests set.
type cached struct {
	cache       *postgres.SessionCache
	store       *postgres.SessionStore
	uow         *postgres.UnitOfWork
	idempotency *postgres.IdempotencyStore
	now         time.Time
}

func newCached(pool *pgxpool.Pool) *cached {
	c := &cached{now: build.Now, cache: postgres.NewSessionCache(postgres.SessionMaxAge)}
	clock := func() time.Time { return c.now }
	c.store = postgres.NewSessionStore(pool, c.cache, clock, lifetime)
	c.uow = postgres.NewUnitOfWork(pool, c.cache, clock, build.ID, lifetime)
	c.idempotency = postgres.NewIdempotencyStore(pool, c.cache, sealer{}, clock, lifetime)
	return c
}

// change runs fn in a unit of work of the process.
func (c *cached) change(ctx context.Context, user domain.UserID, fn func(context.Context) error) error {
	return c.uow.Do(ctx, domain.System, ports.Locks{User: user}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		return domain.NoChange, fn(ctx)
	})
}

func TestSessionCache_KeepsSessionsForLessThanASecond(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		token   string
		after   time.Duration
		queries int
	}{
		"a moment later, it is not read again":             {"x", 999 * time.Millisecond, 0},
		"a second later, it is":                            {"x", time.Second, 1},
		"so it is after the clock was set back":            {"x", -time.Second, 1},
		"one that has expired in the meantime is":          {"ending", 500 * time.Millisecond, 1},
		"one that will expire later is not":                {"ending", 499 * time.Millisecond, 0},
		"one whose use was recorded in the meantime is":    {"idle", 600 * time.Millisecond, 1},
		"one whose recorded use is recent enough, is not":  {"idle", 400 * time.Millisecond, 0},
		"a token that does not exist is looked up again":   {"unknown", 0, 1},
		"a session without any change is read only once":   {"x", 0, 0},
		"an expired session is looked up again every time": {"ending", time.Hour, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, queries := traced(t, pgtest.New(t))
			u := build.User(t, pool)
			build.Session(t, pool, u.ID, token("x"))
			build.Session(t, pool, u.ID, token("ending"), func(s *domain.Session) { s.ExpiresAt = build.Now.Add(500 * time.Millisecond) })
			build.Session(t, pool, u.ID, token("idle"), func(s *domain.Session) { s.LastSeenAt = build.Now.Add(500*time.Millisecond - lifetime.Idle) })
			c := newCached(pool)
			before, _, first, _ := c.store.Session(t.Context(), token(tc.token))
			queries.take()
			c.now = build.Now.Add(tc.after)
			session, user, actor, err := c.store.Session(t.Context(), token(tc.token))
			if n := len(queries.take()); n != tc.queries {
				t.Errorf("%d queries, want %d", n, tc.queries)
			}
			if tc.token == "unknown" {
				if !errors.Is(err, domain.ErrUnauthenticated) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil || session.ID != before.ID || diff(u, user) != "" || diff(first, actor) != "" {
				t.Errorf("%+v %+v %+v, %v", session, user, actor, err)
			}
		})
	}
}

// TestSessionCache_KeepsNoFailures checks that a session starts to work, and ends, as soon as
// the process has changed it.
func TestSessionCache_KeepsNoFailures(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	c := newCached(pool)
	if _, _, _, err := c.store.Session(t.Context(), token("new")); !errors.Is(err, domain.ErrUnauthenticated) {
		t.Fatalf("error %v", err)
	}
	u := build.User(t, pool, func(u *domain.User) { u.SuspendedAt = &build.Now })
	build.Session(t, pool, u.ID, token("new"))
	if _, user, _, err := c.store.Session(t.Context(), token("new")); err != nil || user.SuspendedAt == nil {
		t.Errorf("%+v, %v", user, err)
	}
	build.Exec(t, pool, `UPDATE users SET suspended_at = NULL`)
	if _, user, _, err := c.store.Session(t.Context(), token("new")); err != nil || user.SuspendedAt != nil {
		t.Errorf("%+v, %v", user, err)
	}
}

// TestSessionCache_ForgetsWhoMayHaveChanged changes the role of a user in all ways in which a
// process can write, and expects the new one at once.
func TestSessionCache_ForgetsWhoMayHaveChanged(t *testing.T) {
	t.Parallel()
	fault := errors.New("disk full")
	for name, write := range map[string]func(t *testing.T, c *cached, u domain.UserID, change func(context.Context) error) error{
		"a unit of work": func(t *testing.T, c *cached, u domain.UserID, change func(context.Context) error) error {
			t.Helper()
			return c.change(t.Context(), u, change)
		},
		"a unit of work with an error": func(t *testing.T, c *cached, u domain.UserID, change func(context.Context) error) error {
			t.Helper()
			if err := c.change(t.Context(), u, func(ctx context.Context) error { return errors.Join(change(ctx), fault) }); !errors.Is(err, fault) {
				t.Errorf("error %v", err)
			}
			return nil
		},
		"an idempotent request": func(t *testing.T, c *cached, u domain.UserID, change func(context.Context) error) error {
			t.Helper()
			r := domain.IdempotentRequest{Actor: domain.System, Key: "key"}
			_, _, err := c.idempotency.Once(t.Context(), r, func(ctx context.Context) ([]byte, error) {
				err := c.change(ctx, u, func(ctx context.Context) error { return errors.Join(change(ctx), nil) })
				// Before the commit, the session is as it was, and is kept.
				if _, user, _, early := c.store.Session(t.Context(), token("x")); early != nil || user.Role != domain.RoleMember {
					t.Errorf("before the commit: %+v, %v", user, early)
				}
				return []byte("{}"), err
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			u := build.User(t, pool)
			build.Session(t, pool, u.ID, token("x"))
			c := newCached(pool)
			users := postgres.NewUserStore(pool)
			if _, _, a, err := c.store.Session(t.Context(), token("x")); err != nil || a.Role != domain.RoleMember {
				t.Fatalf("%+v, %v", a, err)
			}
			err := write(t, c, u.ID, func(ctx context.Context) error {
				u.Role = domain.RoleInstructor
				return users.SaveUser(ctx, u)
			})
			if err != nil {
				t.Fatal(err)
			}
			var want string
			if err := pool.QueryRow(t.Context(), `SELECT role FROM users`).Scan(&want); err != nil {
				t.Fatal(err)
			}
			build.Exec(t, pool, `UPDATE users SET name = 'Read Again'`)
			if _, user, a, err := c.store.Session(t.Context(), token("x")); err != nil || string(a.Role) != want || user.Name != "Read Again" {
				t.Errorf("the actor is %+v, %v; want role %s", a, err, want)
			}
		})
	}
}

// TestSessionCache_ForgetsWhoseSessionWasReplaced ends the session of a user whom the unit of
// work has not locked.
func TestSessionCache_ForgetsWhoseSessionWasReplaced(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.Session(t, pool, build.User(t, pool).ID, token("x"))
	other := build.User(t, pool).ID
	c := newCached(pool)
	if _, _, _, err := c.store.Session(t.Context(), token("x")); err != nil {
		t.Fatal(err)
	}
	err := c.change(t.Context(), other, func(ctx context.Context) error {
		_, err := c.store.RemoveSessionOf(ctx, token("x"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := c.store.Session(t.Context(), token("x")); !errors.Is(err, domain.ErrUnauthenticated) {
		t.Errorf("error %v", err)
	}
}

// TestSessionCache_ForgetsWhoseRightsAStoreChanges calls every method that changes rights in a unit
// of work that names no user.
func TestSessionCache_ForgetsWhoseRightsAStoreChanges(t *testing.T) {
	t.Parallel()
	type target struct {
		pool    *pgxpool.Pool
		user    domain.User
		session domain.SessionID
		batch   domain.BatchID
	}
	for name, change := range map[string]func(context.Context, target) error{
		"SaveUser": func(ctx context.Context, x target) error {
			return postgres.NewUserStore(x.pool).SaveUser(ctx, x.user)
		},
		"RemoveSession": func(ctx context.Context, x target) error {
			return sessionStore(x.pool, build.Now).RemoveSession(ctx, x.session)
		},
		"RemoveSessions": func(ctx context.Context, x target) error {
			_, err := sessionStore(x.pool, build.Now).RemoveSessions(ctx, x.user.ID)
			return err
		},
		"AddEnrolment": func(ctx context.Context, x target) error {
			e := domain.Enrolment{ID: build.ID(), User: x.user.ID, Batch: x.batch, Status: domain.EnrolmentActive, EnrolledAt: build.Now}
			return postgres.NewEnrolmentStore(x.pool, build.Clock).AddEnrolment(ctx, e)
		},
		"EndEnrolment": func(ctx context.Context, x target) error {
			return postgres.NewEnrolmentStore(x.pool, build.Clock).EndEnrolment(ctx, x.user.ID, domain.EnrolmentDropped)
		},
		"AddInstructor": func(ctx context.Context, x target) error {
			_, err := postgres.NewInstructorStore(x.pool).AddInstructor(ctx, x.batch, domain.Instructor{User: x.user.ID, AssignedAt: build.Now})
			return err
		},
		"RemoveInstructor": func(ctx context.Context, x target) error {
			err := postgres.NewInstructorStore(x.pool).RemoveInstructor(ctx, x.batch, x.user.ID)
			if errors.Is(err, domain.ErrInstructorNotFound) {
				return nil
			}
			return err
		},
		"RemoveAssignments": func(ctx context.Context, x target) error {
			return postgres.NewInstructorStore(x.pool).RemoveAssignments(ctx, x.user.ID)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, queries := traced(t, pgtest.New(t))
			x := target{pool: pool, user: build.User(t, pool), batch: build.Batch(t, pool).ID}
			x.session = build.Session(t, pool, x.user.ID, token("x")).ID
			c := newCached(pool)
			if _, _, _, err := c.store.Session(t.Context(), token("x")); err != nil {
				t.Fatal(err)
			}
			if err := c.change(t.Context(), domain.UserID{}, func(ctx context.Context) error { return change(ctx, x) }); err != nil {
				t.Fatal(err)
			}
			queries.take()
			if _, _, _, err := c.store.Session(t.Context(), token("x")); err != nil && !errors.Is(err, domain.ErrUnauthenticated) {
				t.Error(err)
			}
			if n := len(queries.take()); n != 1 {
				t.Errorf("%d queries for the session after the change, want 1", n)
			}
		})
	}
}

func TestSessionCache_ForgetsTheLockedUser(t *testing.T) {
	t.Parallel()
	pool, queries := traced(t, pgtest.New(t))
	u := build.User(t, pool).ID
	build.Session(t, pool, u, token("x"))
	c := newCached(pool)
	for _, locked := range []domain.UserID{{}, u} {
		_, _, _, before := c.store.Session(t.Context(), token("x"))
		err := c.change(t.Context(), locked, func(context.Context) error { return nil })
		queries.take()
		_, _, _, after := c.store.Session(t.Context(), token("x"))
		if n := len(queries.take()); (n == 1) != (locked == u) || errors.Join(before, err, after) != nil {
			t.Errorf("after a unit of work that locks %s: %d queries, %v", locked, n, errors.Join(before, err, after))
		}
	}
}

func TestSessionCache_IsBounded(t *testing.T) {
	t.Parallel()
	c := postgres.NewSessionCache(postgres.SessionMaxAge)
	for i := range uint32(20_000) {
		c.Add([32]byte(binary.BigEndian.AppendUint32(make([]byte, 28, 32), i)))
	}
	if n := c.Len(); n == 0 || n > 4096 {
		t.Errorf("%d sessions are kept, want at most 4096", n)
	}
	off := postgres.NewSessionCache(0)
	off.Add([32]byte{})
	if n := off.Len(); n != 0 {
		t.Errorf("a cache that is off keeps %d sessions", n)
	}
}

// TestSessionCache_CountsTheAgeFromTheRequest checks that the time that the database takes counts.
func TestSessionCache_CountsTheAgeFromTheRequest(t *testing.T) {
	t.Parallel()
	direct := pgtest.New(t)
	build.Session(t, direct, build.User(t, direct).ID, token("x"))
	now, queries := build.Now, 0
	slow := direct.Config()
	slow.ConnConfig.Tracer = afterQuery(func() { now, queries = now.Add(900*time.Millisecond), queries+1 })
	pool, err := pgxpool.NewWithConfig(t.Context(), slow)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store := postgres.NewSessionStore(pool, postgres.NewSessionCache(postgres.SessionMaxAge), func() time.Time { return now }, lifetime)
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {900 * time.Millisecond, 1}, {time.Second, 2}} {
		now = build.Now.Add(step.after)
		if _, _, _, err := store.Session(t.Context(), token("x")); err != nil || queries != step.want {
			t.Errorf("after %v: %d queries, want %d: %v", step.after, queries, step.want, err)
		}
	}
}

// afterQuery calls itself when a query has ended.
type afterQuery func()

func (afterQuery) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (f afterQuery) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) { f() }

// TestSessionCache_DropsWhatWasReadBeforeAChange changes a user after their session was read
// from the database and before it is in the cache.
func TestSessionCache_DropsWhatWasReadBeforeAChange(t *testing.T) {
	t.Parallel()
	direct := pgtest.New(t)
	u := build.User(t, direct)
	build.Session(t, direct, u.ID, token("x"))
	c := newCached(direct)
	slow := direct.Config()
	changes := 0
	slow.ConnConfig.Tracer = afterQuery(func() {
		if changes++; changes > 1 {
			return
		}
		err := c.change(t.Context(), u.ID, func(ctx context.Context) error {
			_, err := c.store.RemoveSessions(ctx, u.ID)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	pool, err := pgxpool.NewWithConfig(t.Context(), slow)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	reader := postgres.NewSessionStore(pool, c.cache, build.Clock, lifetime)
	if _, _, _, err := reader.Session(t.Context(), token("x")); err != nil || changes != 1 {
		t.Fatalf("%d changes, %v", changes, err)
	}
	if _, _, _, err := reader.Session(t.Context(), token("x")); !errors.Is(err, domain.ErrUnauthenticated) {
		t.Errorf("error %v", err)
	}
}
