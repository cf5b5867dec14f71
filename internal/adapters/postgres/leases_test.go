package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// startSync takes the lease of a connection, whose secrets need not be readable.
func startSync(ctx context.Context, s *postgres.ConnectionStore, user domain.UserID, now, until time.Time) error {
	_, _, err := s.StartSync(ctx, user, now, until)
	if errors.Is(err, domain.ErrTokenUnreadable) {
		return nil
	}
	return err
}

func TestConnectionStore_FinishSync_RecordsChecksOfTheAccount(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	c := oauthConnection(build.User(t, pool).ID)
	lease := build.Now.Add(time.Minute)
	if err := store.SaveConnection(t.Context(), c, build.ID()); err != nil {
		t.Fatal(err)
	}
	ref := must(store.Connection(t.Context(), c.User)).Ref
	checks := domain.Checks{
		{Days: domain.DayRange{From: build.Today - 60, To: build.Today - 7}, At: build.Now.Add(-24 * time.Hour)},
		{Days: domain.DayRange{From: build.Today - 6, To: build.Today}, At: build.Now},
	}
	measured := domain.Yardstick{Kind: domain.YardstickOther, Timeout: 5}
	finish := func(lease time.Time, checks domain.Checks, y *domain.Yardstick) {
		t.Helper()
		err := store.FinishSync(t.Context(), c.User, domain.SyncResult{At: build.Now, Lease: lease, Account: ref, Checks: checks, Yardstick: y})
		if err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, want domain.Checks) {
		t.Helper()
		got := must(store.Connection(t.Context(), c.User))
		if diff := diff(want, got.Checks) + diff(measured, got.Yardstick); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	if err := startSync(t.Context(), store, c.User, build.Now, lease); err != nil {
		t.Fatal(err)
	}
	finish(lease, checks, &measured)
	expect("after a sync", checks)
	finish(lease, nil, nil) // without the lease
	expect("after a sync that lost its lease", checks)
	if err := startSync(t.Context(), store, c.User, build.Now, lease); err != nil {
		t.Fatal(err)
	}
	finish(lease, checks[:1], nil)
	expect("after a sync that did not measure", checks[:1])
	if err := startSync(t.Context(), store, c.User, build.Now, lease); err != nil {
		t.Fatal(err)
	}
	later := domain.SyncResult{At: build.Now.Add(time.Hour), Lease: lease, Account: ref, Yardstick: &domain.Yardstick{Kind: "none"}}
	if err := store.FinishSync(t.Context(), c.User, later); err == nil {
		t.Fatal("FinishSync stored a yardstick of no kind")
	}
	if got := must(store.Connection(t.Context(), c.User)); !got.LastSyncedAt.Equal(build.Now) {
		t.Errorf("a sync whose checks could not be stored ended at %v", got.LastSyncedAt)
	}
}

func TestConnectionStore_Lease_IsExclusive(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	user := build.User(t, pool).ID
	build.Connection(t, pool, user, withoutTokens)
	until := build.Now.Add(time.Minute)

	counts := map[error]int{}
	for _, err := range concurrently(8, func(int) error { return startSync(t.Context(), store, user, build.Now, until) }) {
		counts[err]++
	}
	if want := (map[error]int{nil: 1, domain.ErrSyncBusy: 7}); !cmp.Equal(counts, want, cmp.Comparer(errors.Is)) {
		t.Errorf("8 concurrent leases: got %v, want %v", counts, want)
	}
	if err := startSync(t.Context(), store, user, until.Add(-time.Second), until.Add(time.Hour)); !errors.Is(err, domain.ErrSyncBusy) {
		t.Errorf("before the lease expires: %v", err)
	}
	if err := startSync(t.Context(), store, user, until, until.Add(time.Hour)); err != nil {
		t.Errorf("after the lease expired: %v", err)
	}
	// The first holder finishes late, when another caller holds the lease.
	if err := store.FinishSync(t.Context(), user, domain.SyncResult{At: until, Lease: until}); err != nil {
		t.Fatal(err)
	}
	if err := startSync(t.Context(), store, user, until, until.Add(time.Hour)); !errors.Is(err, domain.ErrSyncBusy) {
		t.Errorf("after a late FinishSync: %v", err)
	}
	if err := store.FinishSync(t.Context(), user, domain.SyncResult{At: until, Lease: until.Add(time.Hour), Unfinished: true}); err != nil {
		t.Fatal(err)
	}
	if err := startSync(t.Context(), store, user, until, until.Add(time.Hour)); err != nil {
		t.Errorf("after the lease was released: %v", err)
	}
	if c := must(store.Connection(t.Context(), user)); c.LastSyncedAt != nil {
		t.Errorf("an unfinished sync set LastSyncedAt to %v", c.LastSyncedAt)
	}
}

func TestConnectionStore_FinishSync_RecordsTheResult(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := connectionStore(pool)
	user := build.User(t, pool).ID
	build.Connection(t, pool, user, withoutTokens)
	hour := func(n int) time.Time { return build.Now.Add(time.Duration(n) * time.Hour) }
	steps := []struct {
		reason  domain.Reason
		synced  *time.Time
		failure *domain.SyncFailure
	}{
		{domain.ReasonNone, new(hour(0)), nil},
		{domain.ReasonThrottled, new(hour(0)), &domain.SyncFailure{Reason: domain.ReasonThrottled, At: hour(1), Since: hour(1)}},
		{domain.ReasonUnavailable, new(hour(0)), &domain.SyncFailure{Reason: domain.ReasonUnavailable, At: hour(2), Since: hour(1)}},
		{domain.ReasonNone, new(hour(3)), nil},
		{domain.ReasonInvalid, new(hour(3)), &domain.SyncFailure{Reason: domain.ReasonInvalid, At: hour(4), Since: hour(4)}},
	}
	for i, s := range steps {
		err := startSync(t.Context(), store, user, hour(i), hour(i+1))
		if err == nil {
			err = store.FinishSync(t.Context(), user, domain.SyncResult{At: hour(i), Lease: hour(i + 1), Reason: s.reason})
		}
		if err != nil {
			t.Fatal(err)
		}
		c := must(store.Connection(t.Context(), user))
		if diff := cmp.Diff(s.synced, c.LastSyncedAt) + cmp.Diff(s.failure, c.Failure); diff != "" || c.Syncing {
			t.Errorf("after step %d (syncing %v): %s", i, c.Syncing, diff)
		}
	}
}
