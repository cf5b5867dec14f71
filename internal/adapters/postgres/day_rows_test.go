package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestDayStore_ListDays_FinalFollowsTheTimeZoneOfTheDay(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ ends time.Time }{
		"Asia/Kathmandu":  {time.Date(2026, 11, 22, 18, 15, 0, 0, time.UTC)},
		"America/Chicago": {time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)},
		"+14:00":          {time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)},
		"Unknown/Zone":    {time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)},
	}
	for zone, c := range cases {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			store := postgres.NewDayStore(pool)
			user := build.User(t, pool).ID
			day := fetchedDay(build.Today-1, 60)
			day.TimeZone = zone
			for _, at := range []time.Time{c.ends.Add(-time.Second), c.ends} {
				if n := must(store.ReplaceDays(t.Context(), user, fetchedDays(day), at)); n != 1 {
					t.Errorf("at %v: wrote %d rows, want 1", at, n)
				}
				if got := must(store.ListDays(t.Context(), user, lastDays(2), false))[0]; got.Final != at.Equal(c.ends) {
					t.Errorf("fetched at %v: final is %v", at, got.Final)
				}
			}
		})
	}
}

func TestDayStore_TrackedUser(t *testing.T) {
	t.Parallel()
	failure := &domain.SyncFailure{Reason: domain.ReasonThrottled, At: build.Now, Since: build.Now.Add(-time.Hour)}
	enrolled := domain.DayAt(build.Now.AddDate(0, 0, -30), time.UTC)
	cases := map[string]struct {
		batch func(*domain.Batch) // nil for users without a batch
		link  func(*domain.Connection)
		want  domain.TrackedUser
	}{
		"a connected student of an active batch": {
			batch: func(*domain.Batch) {},
			link:  func(c *domain.Connection) { c.Failure = failure },
			want: domain.TrackedUser{
				TimeZone: domain.UTC, Expected: domain.ExpectedDays(enrolled, build.Today, nil), Active: true, Connection: domain.Connected, Failure: failure,
			},
		},
		"a student whose next day has begun in the batch's time zone": {
			batch: func(b *domain.Batch) { b.TimeZone = "Pacific/Kiritimati" },
			want: domain.TrackedUser{
				TimeZone: "Pacific/Kiritimati", Expected: domain.ExpectedDays(enrolled+1, build.Today+1, nil), Active: true, Connection: domain.NotConnected,
			},
		},
		"a student of a batch that has ended": {
			batch: func(b *domain.Batch) { b.EndsOn = build.Today - 10 },
			link:  func(c *domain.Connection) { c.State = domain.NeedsReconnect },
			want: domain.TrackedUser{
				TimeZone: domain.UTC, Expected: domain.ExpectedDays(enrolled, build.Today-10, nil), Connection: domain.NeedsReconnect,
			},
		},
		"a connected member": {
			link: func(c *domain.Connection) { c.ConnectedAt = build.Now.AddDate(0, 0, -3) },
			want: domain.TrackedUser{TimeZone: "America/Chicago", Expected: domain.ExpectedDays(build.Today-3, build.Today, nil), Connection: domain.Connected},
		},
		"a member without a connection": {
			want: domain.TrackedUser{TimeZone: "America/Chicago", Expected: domain.DayRange{From: build.Today, To: build.Today - 1}, Connection: domain.NotConnected},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			zone := func(u *domain.User) { u.TimeZone = "America/Chicago" }
			var u domain.User
			if c.batch == nil {
				u = build.User(t, pool, zone)
			} else {
				c.want.Batch = build.Batch(t, pool, c.batch).ID
				u = build.Student(t, pool, c.want.Batch, func(u *domain.User, _ *domain.Enrolment) { zone(u) })
			}
			if c.link != nil {
				build.Connection(t, pool, u.ID, c.link)
			}
			c.want.User, c.want.Name = u.ID, u.Name
			tracedPool, queries := traced(t, pool)
			got, err := postgres.NewDayStore(tracedPool).TrackedUser(t.Context(), u.ID, build.Now)
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
			if n := len(queries.take()); n != 1 {
				t.Errorf("%d round trips, want 1", n)
			}
		})
	}
	if _, err := postgres.NewDayStore(pgtest.New(t)).TrackedUser(t.Context(), domain.UserID(build.ID()), build.Now); !errors.Is(err, domain.ErrUserNotFound) {
		t.Errorf("unknown user: %v", err)
	}
}
