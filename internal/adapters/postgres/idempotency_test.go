package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func newIdempotencyStore(pool *pgxpool.Pool) *postgres.IdempotencyStore {
	return postgres.NewIdempotencyStore(pool, postgres.NewSessionCache(0), sealer{}, build.Clock, build.Lifetime)
}

// request returns a request with a fingerprint of one byte, of a user who need not exist.
func request(user domain.UserID, key string, fingerprint byte) domain.IdempotentRequest {
	return domain.IdempotentRequest{Actor: domain.Actor{UserID: user, Role: domain.RoleSystem}, Key: key, Fingerprint: [32]byte{fingerprint}}
}

// addUser returns a request that adds u in a unit of work and responds with their name.
func addUser(pool *pgxpool.Pool, u domain.User) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		err := unitOfWork(pool).Do(ctx, domain.System, ports.Locks{}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
			return domain.Change{Action: domain.ActUserCreate, Subject: u.ID.String()}, postgres.NewUserStore(pool).AddUser(ctx, u, "")
		})
		return []byte("added " + u.Name), err
	}
}

func TestOnce_RunsARequestOnce(t *testing.T) {
	t.Parallel()
	ada, noor := domain.UserID{1}, domain.UserID{2}
	first := request(ada, "key", 'a')
	tests := map[string]struct {
		second   domain.IdempotentRequest
		response string // empty when it is rejected
		want     error
		users    int
	}{
		"the same request gets the same response":      {first, "added First", nil, 1},
		"another request with the key is rejected":     {request(ada, "key", 'b'), "", domain.ErrIdempotencyKeyReused, 1},
		"the same request with another key runs":       {request(ada, "another", 'a'), "added Second", nil, 2},
		"the same key of another user runs":            {request(noor, "key", 'a'), "added Second", nil, 2},
		"the same key of an anonymous caller runs":     {request(domain.UserID{}, "key", 'a'), "added Second", nil, 2},
		"another request with another user's key runs": {request(noor, "key", 'b'), "added Second", nil, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			one, two := newUser(), newUser()
			one.Name, two.Name = "First", "Second"
			if _, replayed, err := newIdempotencyStore(pool).Once(t.Context(), first, addUser(pool, one)); replayed || err != nil {
				t.Fatalf("first request: replayed %v, error %v", replayed, err)
			}
			response, replayed, err := newIdempotencyStore(pool).Once(t.Context(), tt.second, addUser(pool, two))
			if string(response) != tt.response || !errors.Is(err, tt.want) || replayed != (tt.response == "added First") {
				t.Errorf("response %q, replayed %v, error %v", response, replayed, err)
			}
			if users, entries := countRows(t, pool); users != tt.users || entries != tt.users {
				t.Errorf("%d users and %d audit entries, want %d", users, entries, tt.users)
			}
		})
	}
}

func TestOnce_FailureLeavesTheKeyUnused(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	errFailed := errors.New("failed")
	u, r := newUser(), request(domain.UserID{1}, "key", 'a')
	// The unit of work has succeeded when the rest of the request fails.
	_, _, err := newIdempotencyStore(pool).Once(t.Context(), r, func(ctx context.Context) ([]byte, error) {
		if _, err := addUser(pool, u)(ctx); err != nil {
			t.Error(err)
		}
		return nil, errFailed
	})
	if users, entries := countRows(t, pool); users != 0 || entries != 0 || !errors.Is(err, errFailed) {
		t.Errorf("after a failure: %d users and %d audit entries, error %v", users, entries, err)
	}
	if _, replayed, err := newIdempotencyStore(pool).Once(t.Context(), request(domain.UserID{1}, "key", 'b'), addUser(pool, u)); replayed || err != nil {
		t.Errorf("another request with the key: replayed %v, error %v", replayed, err)
	}
}

// A failed unit of work does not abort the transaction of the request.
func TestOnce_ContinuesAfterAFailedUnitOfWork(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u := newUser()
	duplicate := newUser()
	duplicate.Email = u.Email
	_, _, err := newIdempotencyStore(pool).Once(t.Context(), request(u.ID, "key", 'a'), func(ctx context.Context) ([]byte, error) {
		if _, err := addUser(pool, u)(ctx); err != nil {
			return nil, err
		}
		if _, err := addUser(pool, duplicate)(ctx); !errors.Is(err, domain.ErrEmailTaken) {
			t.Errorf("second user: error %v", err)
		}
		return []byte("added one"), nil
	})
	if users, entries := countRows(t, pool); users != 1 || entries != 1 || err != nil {
		t.Errorf("%d users and %d audit entries, error %v", users, entries, err)
	}
}

func TestOnce_RejectsAKeyInUse(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u, r := newUser(), request(domain.UserID{1}, "key", 'a')
	_, _, err := newIdempotencyStore(pool).Once(t.Context(), r, func(ctx context.Context) ([]byte, error) {
		response, err := addUser(pool, u)(ctx)
		if _, _, err := newIdempotencyStore(pool).Once(t.Context(), r, addUser(pool, newUser())); !errors.Is(err, domain.ErrIdempotencyKeyInUse) {
			t.Errorf("concurrent request: error %v", err)
		}
		// That of another user is run, without an entry in the audit log, which is locked.
		other := request(domain.UserID{2}, "key", 'a')
		ran := func(context.Context) ([]byte, error) { return []byte("ran"), nil }
		if response, _, err := newIdempotencyStore(pool).Once(t.Context(), other, ran); string(response) != "ran" || err != nil {
			t.Errorf("concurrent request of another user: %q, error %v", response, err)
		}
		return response, err
	})
	if users, _ := countRows(t, pool); users != 1 || err != nil {
		t.Errorf("%d users, error %v", users, err)
	}
}

func TestOnce_ConcurrentRequestsRunOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := request(domain.UserID{1}, "key", 'a')
	errs := concurrently(16, func(int) error {
		_, _, err := newIdempotencyStore(pool).Once(t.Context(), r, addUser(pool, newUser()))
		return err
	})
	for _, err := range errs {
		if err != nil && !errors.Is(err, domain.ErrIdempotencyKeyInUse) {
			t.Error(err)
		}
	}
	if users, entries := countRows(t, pool); users != 1 || entries != 1 {
		t.Errorf("%d users and %d audit entries", users, entries)
	}
}

func TestOnce_ResponsesExpire(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	at := func(d time.Duration) *postgres.IdempotencyStore {
		return postgres.NewIdempotencyStore(pool, postgres.NewSessionCache(0), sealer{}, func() time.Time { return build.Now.Add(d) }, build.Lifetime)
	}
	r := request(domain.UserID{1}, "key", 'a')
	for _, tt := range []struct {
		after    time.Duration
		replayed bool
	}{{0, false}, {domain.IdempotencyRetention - time.Second, true}, {domain.IdempotencyRetention, false}} {
		if _, replayed, err := at(tt.after).Once(t.Context(), r, addUser(pool, newUser())); replayed != tt.replayed || err != nil {
			t.Errorf("after %v: replayed %v, error %v", tt.after, replayed, err)
		}
	}
	for _, tt := range []struct {
		after   time.Duration
		removed int
	}{{2*domain.IdempotencyRetention - time.Second, 0}, {2 * domain.IdempotencyRetention, 1}, {3 * domain.IdempotencyRetention, 0}} {
		if n, err := at(tt.after).RemoveExpiredResponses(t.Context()); n != tt.removed || err != nil {
			t.Errorf("after %v: removed %d, error %v", tt.after, n, err)
		}
	}
}

// A response can contain a session token, and a request a password.
func TestOnce_SealsResponses(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := request(domain.UserID{1}, "key", 'a')
	if _, _, err := newIdempotencyStore(pool).Once(t.Context(), r, addUser(pool, newUser())); err != nil {
		t.Fatal(err)
	}
	// A response copied to another key cannot be opened.
	other := request(domain.UserID{1}, "another", 'a')
	if _, _, err := newIdempotencyStore(pool).Once(t.Context(), other, addUser(pool, newUser())); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), `UPDATE idempotency_keys SET answer = (SELECT answer FROM idempotency_keys ORDER BY key_hash LIMIT 1)`); err != nil {
		t.Fatal(err)
	}
	rejected := 0
	for _, r := range []domain.IdempotentRequest{r, other} {
		if _, _, err := newIdempotencyStore(pool).Once(t.Context(), r, addUser(pool, newUser())); errors.Is(err, domain.ErrIdempotencyKeyReused) {
			rejected++
		} else if err != nil {
			t.Error(err)
		}
	}
	if rejected != 1 {
		t.Errorf("%d of 2 responses were rejected, want 1", rejected)
	}
}
