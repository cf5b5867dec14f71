package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func repeats(pool *pgxpool.Pool) *postgres.Repeats {
	return postgres.NewRepeats(pool, sealer{}, build.Clock)
}

// asks is a request of a user; what is asked is one letter.
func asks(user domain.UserID, key string, what byte) domain.IdempotentRequest {
	return domain.IdempotentRequest{User: user, Key: key, Fingerprint: [32]byte{what}}
}

// adds makes a user in a unit of work and answers with their name.
func adds(pool *pgxpool.Pool, u domain.User) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		err := unitOfWork(pool).Do(ctx, admin, func(ctx context.Context) (domain.Change, error) {
			return domain.Change{Action: domain.ActUserCreate, Subject: u.ID.String()}, postgres.NewUserStore(pool).AddUser(ctx, u, "")
		})
		return []byte("made " + u.Name), err
	}
}

func TestRepeats_answerTheSameOnce(t *testing.T) {
	t.Parallel()
	ada, noor := domain.UserID{1}, domain.UserID{2}
	first := asks(ada, "key", 'a')
	tests := map[string]struct {
		then  domain.IdempotentRequest
		again string // what it answers; empty when it is refused
		want  error
		users int
	}{
		"the same request again":                 {first, "made First", nil, 1},
		"another request with the same key":      {asks(ada, "key", 'b'), "", domain.ErrIdempotencyKeyReused, 1},
		"the same request with another key":      {asks(ada, "another", 'a'), "made Second", nil, 2},
		"the same key of somebody else":          {asks(noor, "key", 'a'), "made Second", nil, 2},
		"the same key of nobody who is known":    {asks(domain.UserID{}, "key", 'a'), "made Second", nil, 2},
		"another request of somebody else's key": {asks(noor, "key", 'b'), "made Second", nil, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			one, two := newUser(), newUser()
			one.Name, two.Name = "First", "Second"
			if _, repeated, err := repeats(pool).Once(t.Context(), first, adds(pool, one)); repeated || err != nil {
				t.Fatalf("the first: repeated %v, error %v", repeated, err)
			}
			answer, repeated, err := repeats(pool).Once(t.Context(), tt.then, adds(pool, two))
			if string(answer) != tt.again || !errors.Is(err, tt.want) || repeated != (tt.again == "made First") {
				t.Errorf("answered %q, repeated %v, error %v", answer, repeated, err)
			}
			if users, entries := counts(t, pool); users != tt.users || entries != tt.users {
				t.Errorf("%d users and %d entries, want %d", users, entries, tt.users)
			}
		})
	}
}

func TestRepeats_failuresUseNoKeyUp(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	oops := errors.New("oops")
	u, r := newUser(), asks(domain.UserID{1}, "key", 'a')
	// The unit of work has succeeded when the rest of the request fails.
	_, _, err := repeats(pool).Once(t.Context(), r, func(ctx context.Context) ([]byte, error) {
		if _, err := adds(pool, u)(ctx); err != nil {
			t.Error(err)
		}
		return nil, oops
	})
	if users, entries := counts(t, pool); users != 0 || entries != 0 || !errors.Is(err, oops) {
		t.Errorf("after a failure there are %d users and %d entries, error %v", users, entries, err)
	}
	if _, repeated, err := repeats(pool).Once(t.Context(), asks(domain.UserID{1}, "key", 'b'), adds(pool, u)); repeated || err != nil {
		t.Errorf("another request with that key: repeated %v, error %v", repeated, err)
	}
}

// What a unit of work of the request lost does not end the request.
func TestRepeats_aUnitOfWorkCanFailInside(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u := newUser()
	twin := newUser()
	twin.Email = u.Email
	_, _, err := repeats(pool).Once(t.Context(), asks(u.ID, "key", 'a'), func(ctx context.Context) ([]byte, error) {
		if _, err := adds(pool, u)(ctx); err != nil {
			return nil, err
		}
		if _, err := adds(pool, twin)(ctx); !errors.Is(err, domain.ErrEmailTaken) {
			t.Errorf("the twin: %v", err)
		}
		return []byte("made one"), nil
	})
	if users, entries := counts(t, pool); users != 1 || entries != 1 || err != nil {
		t.Errorf("%d users and %d entries, error %v", users, entries, err)
	}
}

func TestRepeats_whoComesTooEarlyIsToldSo(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	u, r := newUser(), asks(domain.UserID{1}, "key", 'a')
	_, _, err := repeats(pool).Once(t.Context(), r, func(ctx context.Context) ([]byte, error) {
		if _, _, err := repeats(pool).Once(t.Context(), r, adds(pool, newUser())); !errors.Is(err, domain.ErrIdempotencyKeyInUse) {
			t.Errorf("a second one in the meantime: %v", err)
		}
		if _, _, err := repeats(pool).Once(t.Context(), asks(domain.UserID{2}, "key", 'a'), adds(pool, newUser())); err != nil {
			t.Errorf("somebody else in the meantime: %v", err)
		}
		return adds(pool, u)(ctx)
	})
	if users, _ := counts(t, pool); users != 2 || err != nil {
		t.Errorf("%d users, error %v", users, err)
	}
}

func TestRepeats_manyAtOnceMakeOne(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := asks(domain.UserID{1}, "key", 'a')
	errs := together(16, func(int) error {
		_, _, err := repeats(pool).Once(t.Context(), r, adds(pool, newUser()))
		return err
	})
	for _, err := range errs {
		if err != nil && !errors.Is(err, domain.ErrIdempotencyKeyInUse) {
			t.Error(err)
		}
	}
	if users, entries := counts(t, pool); users != 1 || entries != 1 {
		t.Errorf("%d users and %d entries", users, entries)
	}
}

func TestRepeats_areForgottenAfterADay(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	at := func(d time.Duration) *postgres.Repeats {
		return postgres.NewRepeats(pool, sealer{}, func() time.Time { return build.Now.Add(d) })
	}
	r := asks(domain.UserID{1}, "key", 'a')
	for _, tt := range []struct {
		after    time.Duration
		repeated bool
	}{{0, false}, {domain.IdempotencyRetention - time.Second, true}, {domain.IdempotencyRetention, false}} {
		if _, repeated, err := at(tt.after).Once(t.Context(), r, adds(pool, newUser())); repeated != tt.repeated || err != nil {
			t.Errorf("after %v: repeated %v, error %v", tt.after, repeated, err)
		}
	}
	for _, tt := range []struct {
		after time.Duration
		swept int
	}{{2*domain.IdempotencyRetention - time.Second, 0}, {2 * domain.IdempotencyRetention, 1}, {3 * domain.IdempotencyRetention, 0}} {
		if n, err := at(tt.after).RemoveExpiredResponses(t.Context()); n != tt.swept || err != nil {
			t.Errorf("swept after %v: %d, error %v", tt.after, n, err)
		}
	}
}

// An answer can hold the token of a session, and the request a password.
func TestRepeats_sealAnswers(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	r := asks(domain.UserID{1}, "key", 'a')
	if _, _, err := repeats(pool).Once(t.Context(), r, adds(pool, newUser())); err != nil {
		t.Fatal(err)
	}
	// Moved to another key, it opens no more.
	other := asks(domain.UserID{1}, "another", 'a')
	if _, _, err := repeats(pool).Once(t.Context(), other, adds(pool, newUser())); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), `UPDATE idempotency_keys SET answer = (SELECT answer FROM idempotency_keys ORDER BY key_hash LIMIT 1)`); err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, r := range []domain.IdempotentRequest{r, other} {
		if _, _, err := repeats(pool).Once(t.Context(), r, adds(pool, newUser())); errors.Is(err, domain.ErrIdempotencyKeyReused) {
			refused++
		} else if err != nil {
			t.Error(err)
		}
	}
	if refused != 1 {
		t.Errorf("%d of two answers did not open", refused)
	}
}
