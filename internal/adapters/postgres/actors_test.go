package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/domain/accounts"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/fake"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestUnitOfWork_ReadsTheActorAgain(t *testing.T) {
	t.Parallel()
	batch := domain.BatchID(build.ID())
	for name, tt := range map[string]struct {
		sql  string // executed after authentication, for the user $1
		want error
		role domain.Role   // if there is no error
		age  time.Duration // of the last proof
	}{
		"nothing has changed":             {`SELECT $1::uuid`, nil, domain.RoleInstructor, 0},
		"the role has changed":            {`UPDATE users SET role = 'member' WHERE id = $1`, nil, domain.RoleMember, 0},
		"the account was suspended":       {`UPDATE users SET suspended_at = created_at WHERE id = $1`, domain.ErrUnauthenticated, "", 0},
		"the account was deleted":         {`DELETE FROM users WHERE id = $1`, domain.ErrUnauthenticated, "", 0},
		"the session has ended":           {`DELETE FROM sessions WHERE user_id = $1`, domain.ErrUnauthenticated, "", 0},
		"the session has expired":         {`UPDATE sessions SET created_at = created_at - interval '2 days', expires_at = expires_at - interval '2 days' WHERE user_id = $1`, domain.ErrSessionExpired, "", 0},
		"the session is that of another":  {`UPDATE sessions SET user_id = (SELECT id FROM users WHERE id <> $1)`, domain.ErrUnauthenticated, "", 0},
		"the session has not been in use": {`UPDATE sessions SET last_seen_at = last_seen_at - interval '1 day', created_at = created_at - interval '1 day' WHERE user_id = $1`, domain.ErrSessionExpired, "", 0},
		"the proof is old":                {`UPDATE sessions SET authenticated_at = authenticated_at - interval '15 minutes' WHERE user_id = $1`, nil, domain.RoleInstructor, 15 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			build.User(t, pool)
			build.Batch(t, pool, func(b *domain.Batch) { b.ID = batch })
			u := build.Instructor(t, pool, batch)
			session := build.Session(t, pool, u.ID, token("s"))
			stale := domain.Actor{
				UserID: u.ID, Role: domain.RoleAdmin, SessionID: session.ID, Teaches: []domain.BatchID{batch, build.ID()},
				Batch: build.ID(), Origin: domain.Origin{RequestID: "r"},
			}
			build.Exec(t, pool, tt.sql, uuid.UUID(u.ID))
			ran := false
			err := unitOfWork(pool).Do(t.Context(), stale, ports.Locks{}, func(_ context.Context, current domain.Actor) (domain.Change, error) {
				ran = true
				want := domain.Actor{UserID: u.ID, Role: tt.role, SessionID: session.ID, Teaches: []domain.BatchID{batch}, Origin: stale.Origin}
				want = want.Authenticated(session.AuthenticatedAt.Add(-tt.age), build.Now)
				if d := diff(want, current); d != "" {
					t.Error(d)
				}
				return domain.Change{Action: domain.ActBatchCreate}, nil
			})
			if !errors.Is(err, tt.want) || ran != (tt.want == nil) {
				t.Errorf("error %v, ran %v", err, ran)
			}
			if _, entries := countRows(t, pool); entries > 0 != ran {
				t.Errorf("%d audit entries", entries)
			}
		})
	}
}

// Once a suspension has ended, its user has no unit of work left that could still commit.
func TestUnitOfWork_LocksItsActor(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u := build.User(t, pool)
	actor := domain.Actor{UserID: u.ID, Role: domain.RoleMember}
	changed := make(chan error, 1)
	err := unitOfWork(pool).Do(t.Context(), actor, ports.Locks{}, func(context.Context, domain.Actor) (domain.Change, error) {
		// Another unit of work of the same actor does not wait.
		err := unitOfWork(pool).Do(t.Context(), actor, ports.Locks{}, func(context.Context, domain.Actor) (domain.Change, error) {
			return domain.NoChange, nil
		})
		go func() {
			changed <- inUnitOfWorkOn(t, pool, u.ID, func(context.Context) error { return nil })
		}()
		waitForLocks(t, pool)
		if len(changed) > 0 {
			t.Error("a unit of work with a lock of the user did not wait")
		}
		return domain.NoChange, err
	})
	if err := errors.Join(err, <-changed); err != nil {
		t.Error(err)
	}
}

// Two users who act on each other, on themselves, and on others, in all combinations. The
// database is told to detect no deadlock, so that one lasts until the lock timeout.
func TestUnitOfWork_UsersWhoActOnEachOtherDoNotDeadlock(t *testing.T) {
	t.Parallel()
	other := pgtest.New(t)
	config := other.Config()
	config.MaxConns = 8
	config.ConnConfig.RuntimeParams["deadlock_timeout"] = "10min"
	config.ConnConfig.RuntimeParams["lock_timeout"] = "5s"
	pool := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(pool.Close)
	users := []domain.UserID{build.User(t, pool).ID, build.User(t, pool).ID, build.User(t, pool).ID}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for n := range 90 {
				actor := domain.Actor{UserID: users[(i+n)%3], Role: domain.RoleMember}
				locks := ports.Locks{User: users[(i*7+n/3)%3], Admins: (i+n)%4 == 0}
				if n%5 == 0 {
					locks.User = domain.UserID{}
				}
				err := unitOfWork(pool).Do(t.Context(), actor, locks, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
					if locks.User.IsZero() {
						return domain.Change{Action: domain.ActBatchCreate}, nil
					}
					u, err := postgres.NewUserStore(pool).LockedUser(ctx, locks.User)
					if err != nil {
						return domain.NoChange, err
					}
					return domain.Change{Action: domain.ActAccountUpdate}, postgres.NewUserStore(pool).SaveUser(ctx, u)
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// Reading the actor again costs each write one statement, and locks cost one for each user.
func TestUnitOfWork_CostsFewStatements(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u, target := build.User(t, pool).ID, build.User(t, pool).ID
	actor := domain.Actor{UserID: u, Role: domain.RoleMember}
	pool, queries := traced(t, pool)
	for name, tt := range map[string]struct {
		actor domain.Actor
		locks ports.Locks
		want  string
	}{
		"a job":                              {domain.System, ports.Locks{}, "begin, commit"},
		"a job on a user":                    {domain.System, ports.Locks{User: u}, "begin, LockUser, commit"},
		"a caller who is not signed in":      {domain.Actor{Role: domain.RoleAnyone}, ports.Locks{}, "begin, commit"},
		"an actor":                           {actor, ports.Locks{}, "begin, LockActor, GetActor, commit"},
		"an actor on themselves":             {actor, ports.Locks{User: u}, "begin, LockUser, GetActor, commit"},
		"an actor on a user with a later ID": {actor, ports.Locks{User: target}, "begin, LockActor, LockUser, GetActor, commit"},
		"a user with an earlier ID": {
			domain.Actor{UserID: target, Role: domain.RoleMember}, ports.Locks{User: u, Admins: true}, "begin, LockAdmins, LockUser, LockActor, GetActor, commit",
		},
	} {
		queries.take() // sequential: all units of work share the tracer
		err := unitOfWork(pool).Do(t.Context(), tt.actor, tt.locks, func(context.Context, domain.Actor) (domain.Change, error) { return domain.NoChange, nil })
		if err != nil {
			t.Error(err)
		}
		var names []string
		for _, q := range queries.take() {
			name, _, _ := strings.Cut(strings.TrimPrefix(q.SQL, "-- name: "), " ")
			names = append(names, name)
		}
		if got := strings.Join(names, ", "); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// A stored response can contain a session token, so it is not returned after the session.
func TestOnce_RejectsActorsWhoLostTheirSession(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u := build.User(t, pool).ID
	session := build.Session(t, pool, u, token("s"))
	r := request(u, "key", 'a')
	r.Actor = domain.Actor{UserID: u, Role: domain.RoleMember, SessionID: session.ID}
	if _, _, err := newIdempotencyStore(pool).Once(t.Context(), r, addUser(pool, newUser())); err != nil {
		t.Fatal(err)
	}
	build.Exec(t, pool, `DELETE FROM sessions`)
	if response, _, err := newIdempotencyStore(pool).Once(t.Context(), r, addUser(pool, newUser())); !errors.Is(err, domain.ErrUnauthenticated) {
		t.Errorf("got %q, %v", response, err)
	}
}

// Work before the first unit of work, such as hashing a password, holds no connection.
func TestOnce_HoldsNoConnectionBeforeItsFirstUnitOfWork(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := request(domain.UserID{1}, "key", 'a')
	_, _, err := newIdempotencyStore(pool).Once(t.Context(), r, func(ctx context.Context) ([]byte, error) {
		if n := pool.Stat().AcquiredConns(); n != 0 {
			t.Errorf("%d connections are held before the unit of work", n)
		}
		response, err := addUser(pool, newUser())(ctx)
		if n := pool.Stat().AcquiredConns(); n != 1 {
			t.Errorf("%d connections are held until the response is stored, want 1", n)
		}
		return response, err
	})
	if n := pool.Stat().AcquiredConns(); err != nil || n != 0 {
		t.Errorf("%d connections are held afterwards, error %v", n, err)
	}
}

// The second of two requests has found no response when the first one stores its own.
func TestOnce_ReplaysAResponseThatWasStoredMeanwhile(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := request(domain.UserID{1}, "key", 'a')
	first, second := newUser(), newUser()
	first.Name, second.Name = "First", "Second"
	response, replayed, err := newIdempotencyStore(pool).Once(t.Context(), r, func(ctx context.Context) ([]byte, error) {
		if _, _, err := newIdempotencyStore(pool).Once(t.Context(), r, addUser(pool, first)); err != nil {
			t.Error(err)
		}
		return addUser(pool, second)(ctx)
	})
	if string(response) != "added First" || !replayed || err != nil {
		t.Errorf("response %q, replayed %v, error %v", response, replayed, err)
	}
	if users, entries := countRows(t, pool); users != 1 || entries != 1 {
		t.Errorf("%d users and %d audit entries", users, entries)
	}
}

// waitingHasher fails the test if a connection is held where a hash would wait for a slot.
type waitingHasher struct {
	plainHasher

	t     *testing.T
	pool  *pgxpool.Pool
	calls *int
}

func (h waitingHasher) Hash(ctx context.Context, p domain.Secret) (string, error) {
	h.check()
	return h.plainHasher.Hash(ctx, p)
}

func (h waitingHasher) Verify(ctx context.Context, p domain.Secret, hash string) (bool, error) {
	h.check()
	return h.plainHasher.Verify(ctx, p, hash)
}

func (h waitingHasher) check() {
	*h.calls++
	if n := h.pool.Stat().AcquiredConns(); n != 0 {
		h.t.Errorf("%d connections are held during hash %d", n, *h.calls)
	}
}

func TestHashing_HoldsNoConnection(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	calls := 0
	hasher := waitingHasher{t: t, pool: pool, calls: &calls}
	sessions := newSessions(pool, hasher)
	users := postgres.NewUserStore(pool)
	operator := accounts.NewOperator(unitOfWork(pool), users, users, postgres.NewSessionStore(pool, postgres.NewSessionCache(0), build.Clock, build.Lifetime), apiTokenStore(pool, build.Now), totpStore(pool), &fake.MailQueue{}, hasher, passwords, build.Clock, build.ID)
	anyone := domain.Actor{Role: domain.RoleAnyone}
	r := domain.IdempotentRequest{Actor: anyone, Key: "key"}
	_, _, err := newIdempotencyStore(pool).Once(t.Context(), r, func(ctx context.Context) ([]byte, error) {
		_, err := sessions.Register(ctx, anyone, registration("ada@example.com", nil))
		return []byte("registered"), err
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := sessions.SignIn(t.Context(), anyone, "ada@example.com", registration("", nil).Password, ports.Device{}); err != nil {
		t.Error(err)
	}
	if err := operator.BootstrapAdmin(t.Context(), domain.System, registration("bo@example.com", nil)); err != nil {
		t.Error(err)
	}
	if _, err := operator.CreateUser(t.Context(), domain.System, registration("cy@example.com", nil), domain.RoleAdmin); err != nil {
		t.Error(err)
	}
	if calls != 3 { // there are users, so no admin is bootstrapped
		t.Errorf("%d hashes", calls)
	}
}
