package postgres_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// prefixSealer is a sealer with a key.
type prefixSealer struct {
	sealer

	key string
}

func (s prefixSealer) Seal(plain domain.Secret, row, column string) ([]byte, error) {
	sealed, err := s.sealer.Seal(plain, row, column)
	return append([]byte(s.key), sealed...), err
}

func (s prefixSealer) Open(sealed []byte, row, column string) (domain.Secret, error) {
	rest, ok := strings.CutPrefix(string(sealed), s.key)
	if !ok {
		return "", domain.ErrTokenUnreadable
	}
	return s.sealer.Open([]byte(rest), row, column)
}

func isWrong(err error) bool {
	_, ok := errors.AsType[postgres.WrongKeysError](err)
	return ok
}

func TestKeys_TheFirstProcessChoosesTheKeys(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	right, wrong := postgres.NewKeys(pool, prefixSealer{key: "a"}), postgres.NewKeys(pool, prefixSealer{key: "b"})
	for _, k := range []*postgres.Keys{right, wrong} {
		if err := k.Ready(t.Context()); err != nil {
			t.Errorf("an empty database: %v", err)
		}
	}
	for range 2 {
		if err := right.Prepare(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if err := wrong.Ready(t.Context()); !isWrong(err) {
		t.Errorf("Ready: %v", err)
	}
	if err := wrong.Prepare(t.Context()); !isWrong(err) {
		t.Errorf("Prepare: %v", err)
	}
	if err := right.Ready(t.Context()); err != nil {
		t.Errorf("after a wrong key: %v", err)
	}
	if err := wrong.Accept(t.Context()); err != nil || wrong.Ready(t.Context()) != nil || !isWrong(right.Ready(t.Context())) {
		t.Errorf("Accept: %v", err)
	}
}

// Of several processes with different keys that start at once, one wins.
func TestKeys_StartAtTheSameTime(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	errs := make([]error, 6)
	var running sync.WaitGroup
	for i := range errs {
		running.Go(func() {
			errs[i] = postgres.NewKeys(pool, prefixSealer{key: string(rune('a' + i%2))}).Prepare(t.Context())
		})
	}
	running.Wait()
	failed := 0
	for _, err := range errs {
		if err != nil && !isWrong(err) {
			t.Error(err)
		}
		if err != nil {
			failed++
		}
	}
	if failed != 3 {
		t.Errorf("%d processes failed, want all 3 with the other key: %v", failed, errs)
	}
}

// A database from before the canary is checked with its secrets. Some of them may have been
// unreadable for long.
func TestKeys_CheckSecretsWithoutACanary(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	for _, key := range []string{"old", "new"} {
		c := oauthConnection(build.User(t, pool).ID)
		c.Account.ID = key
		if err := postgres.NewConnectionStore(pool, prefixSealer{key: key}, build.Clock).SaveConnection(t.Context(), c, build.ID()); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"old", "new"} {
		if err := postgres.NewKeys(pool, prefixSealer{key: key}).Ready(t.Context()); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	if err := postgres.NewKeys(pool, prefixSealer{key: "wrong"}).Prepare(t.Context()); !isWrong(err) {
		t.Errorf("a wrong key: %v", err)
	}
}

func TestKeys_WriteNothingToAReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	if _, err := pool.Exec(t.Context(), `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`); err != nil {
		t.Fatal(err)
	}
	pool.Reset()
	if err := postgres.NewKeys(pool, sealer{}).Prepare(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestMigrator_Losses(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	m := must(postgres.NewMigrator(t.Context(), pool))
	defer func() { _ = m.Close() }()
	all := map[string][]string{}
	for {
		latest, losses, err := m.Losses(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all[latest.Name] = losses
		if _, err := m.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
		if latest.Version == 1 {
			break
		}
	}
	for name, want := range map[string]string{
		"00009_key_canary.sql": "table key_canary", "00004_repeatable_writes.sql": "column registration_keys.version", "00001_accounts.sql": "table users",
	} {
		if !slices.Contains(all[name], want) {
			t.Errorf("%s deletes %q, want %q", name, all[name], want)
		}
	}
}
