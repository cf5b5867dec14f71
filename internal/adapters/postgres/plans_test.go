package postgres_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestPlanStore_ListSyncCandidates(t *testing.T) {
	t.Parallel()
	batch := func(change func(*domain.Batch)) func(*domain.Batch) {
		return func(b *domain.Batch) {
			b.TimeZone = "Asia/Kathmandu"
			change(b)
		}
	}
	cases := map[string]struct {
		batch   func(*domain.Batch) // nil for users without a batch
		user    func(*domain.User)
		link    func(*domain.Connection) // nil for a working connection
		planned domain.Day               // the last planned night; 0 for none
		absent  bool
		want    domain.SyncCandidate
	}{
		"a student of an active batch": {
			batch: batch(func(*domain.Batch) {}),
			want:  domain.SyncCandidate{TimeZone: "Asia/Kathmandu", Active: true},
		},
		"a student of a batch that ends today": {
			batch: batch(func(b *domain.Batch) { b.EndsOn = build.Today }),
			want:  domain.SyncCandidate{TimeZone: "Asia/Kathmandu", Active: true},
		},
		"a student of a batch that starts tomorrow": {
			batch: batch(func(b *domain.Batch) { b.StartsOn = build.Today + 1 }),
			want:  domain.SyncCandidate{TimeZone: "Asia/Kathmandu"},
		},
		"a student of a batch that ended a week ago": {
			batch: batch(func(b *domain.Batch) { b.EndsOn = build.Today - 7 }),
			want:  domain.SyncCandidate{TimeZone: "Asia/Kathmandu"},
		},
		"a student of a batch that ended more than a week ago": {
			batch:   batch(func(b *domain.Batch) { b.EndsOn = build.Today - 8 }),
			planned: build.Today - 7,
			want:    domain.SyncCandidate{TimeZone: "Asia/Kathmandu", Ended: true, PlannedNight: new(build.Today - 7)},
		},
		"a student without a planned night since the batch ended": {
			batch:   batch(func(b *domain.Batch) { b.EndsOn = build.Today - 8 }),
			planned: build.Today - 8,
			want:    domain.SyncCandidate{TimeZone: "Asia/Kathmandu", PlannedNight: new(build.Today - 8)},
		},
		"a student of an archived batch": {
			batch: batch(func(b *domain.Batch) { b.ArchivedAt = &build.Now }),
			want:  domain.SyncCandidate{TimeZone: "Asia/Kathmandu", Ended: true},
		},
		"a member": {
			user: func(u *domain.User) { u.TimeZone = "Europe/Berlin" },
			want: domain.SyncCandidate{TimeZone: "Europe/Berlin"},
		},
		"a suspended user is excluded": {
			user:   func(u *domain.User) { u.SuspendedAt = &build.Now },
			absent: true,
		},
		"a user who must reconnect is excluded": {
			link:   func(c *domain.Connection) { c.State = domain.NeedsReconnect },
			absent: true,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			var u domain.User
			change := c.user
			if change == nil {
				change = func(*domain.User) {}
			}
			if c.batch != nil {
				u = build.Student(t, pool, build.Batch(t, pool, c.batch).ID, func(u *domain.User, _ *domain.Enrolment) { change(u) })
			} else {
				u = build.User(t, pool, change)
			}
			if c.link == nil {
				c.link = func(*domain.Connection) {}
			}
			build.Connection(t, pool, u.ID, c.link)
			build.User(t, pool) // not connected
			want := []domain.SyncCandidate{}
			if !c.absent {
				c.want.User = u.ID
				want = append(want, c.want)
			}
			store := postgres.NewPlanStore(pool)
			if c.planned != 0 {
				planned := domain.PlannedSync{User: u.ID, SyncRequest: domain.SyncRequest{Scope: domain.SyncNightly}, At: build.Now, Night: c.planned}
				if err := store.RecordPlanned(t.Context(), []domain.PlannedSync{planned}); err != nil {
					t.Fatal(err)
				}
			}
			got, err := store.ListSyncCandidates(t.Context(), build.Now, domain.UserID{}, 10)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

func TestPlanStore_ListSyncCandidates_Pages(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewPlanStore(pool)
	want := map[domain.UserID]bool{}
	for range 5 {
		u := build.User(t, pool)
		build.Connection(t, pool, u.ID)
		want[u.ID] = true
	}
	got := map[domain.UserID]bool{}
	var after domain.UserID
	for {
		page := must(store.ListSyncCandidates(t.Context(), build.Now, after, 2))
		for _, d := range page {
			after = d.User
			got[d.User] = true
		}
		if len(page) < 2 {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPlanStore_RecordPlanned_IsOneStatement(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	tracedPool, queries := traced(t, pool)
	store := postgres.NewPlanStore(tracedPool)
	nightly, hourly := build.User(t, pool).ID, build.User(t, pool).ID
	for _, u := range []domain.UserID{nightly, hourly} {
		build.Connection(t, pool, u, withoutTokens)
	}
	build.Exec(t, pool, `UPDATE wakatime_connections SET planned_night = '2026-11-01'`)
	at := build.Now.Add(time.Minute)
	err := store.RecordPlanned(t.Context(), []domain.PlannedSync{
		{User: nightly, SyncRequest: domain.SyncRequest{Scope: domain.SyncNightly}, At: at, Night: build.Today},
		{User: hourly, SyncRequest: domain.SyncRequest{Scope: domain.SyncToday}, At: at},
		{User: domain.UserID(build.ID()), SyncRequest: domain.SyncRequest{Scope: domain.SyncToday}, At: at},
	})
	if n := len(queries.take()); err != nil || n != 1 {
		t.Fatalf("%d statements, %v", n, err)
	}
	nights := map[domain.UserID]string{}
	for _, d := range must(store.ListSyncCandidates(t.Context(), build.Now, domain.UserID{}, 10)) {
		nights[d.User] = d.PlannedNight.String()
		if c := must(connectionStore(pool).Connection(t.Context(), d.User)); c.NextSyncAt == nil || !c.NextSyncAt.Equal(at) {
			t.Errorf("next sync is at %v, want %v", c.NextSyncAt, at)
		}
	}
	if diff := cmp.Diff(map[domain.UserID]string{nightly: build.Today.String(), hourly: "2026-11-01"}, nights); diff != "" {
		t.Error(diff)
	}
}
