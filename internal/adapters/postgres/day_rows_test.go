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

func TestDayStore_TrackedUser(t *testing.T) {
	t.Parallel()
	failure := &domain.SyncFailure{Reason: domain.ReasonThrottled, At: build.Now, Since: build.Now.Add(-time.Hour)}
	enrolled := domain.DayAt(build.Now.AddDate(0, 0, -30), time.UTC)
	cases := map[string]struct {
		batch func(*domain.Batch) // nil for users without a batch
		link  func(*domain.Connection)
		after string // SQL
		want  domain.TrackedUser
	}{
		"a connected student of an active batch": {
			batch: func(*domain.Batch) {},
			link:  func(c *domain.Connection) { c.Failure = failure },
			want: domain.TrackedUser{
				TimeZone: domain.UTC, Tracked: domain.TrackedDays(enrolled, build.Today, nil), Active: true, Connection: domain.Connected, Failure: failure,
			},
		},
		"a student whose next day has begun in the batch's time zone": {
			batch: func(b *domain.Batch) { b.TimeZone = "Pacific/Kiritimati" },
			want: domain.TrackedUser{
				TimeZone: "Pacific/Kiritimati", Tracked: domain.TrackedDays(enrolled+1, build.Today+1, nil), Active: true, Connection: domain.NotConnected,
			},
		},
		"a student of a batch that has ended": {
			batch: func(b *domain.Batch) { b.EndsOn = build.Today - 10 },
			link:  func(c *domain.Connection) { c.State = domain.NeedsReconnect },
			want: domain.TrackedUser{
				TimeZone: domain.UTC, Tracked: domain.TrackedDays(enrolled, build.Today-10, nil), Connection: domain.NeedsReconnect,
			},
		},
		"a connected member": {
			link: func(c *domain.Connection) { c.ConnectedAt = build.Now.AddDate(0, 0, -3) },
			want: domain.TrackedUser{TimeZone: "America/Chicago", Tracked: domain.TrackedDays(build.Today-3, build.Today, nil), Connection: domain.Connected},
		},
		"a member who disconnected": {
			link:  func(*domain.Connection) {},
			after: `DELETE FROM wakatime_connections`,
			want:  domain.TrackedUser{TimeZone: "America/Chicago", Tracked: domain.DayRange{From: build.Today, To: build.Today - 1}, Connection: domain.NotConnected},
		},
		"a member without a connection": {
			want: domain.TrackedUser{TimeZone: "America/Chicago", Tracked: domain.DayRange{From: build.Today, To: build.Today - 1}, Connection: domain.NotConnected},
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
			if c.after != "" {
				build.Exec(t, pool, c.after)
			}
			c.want.User, c.want.Name = u.ID, u.Name
			c.want.Today = c.want.TimeZone.Today(build.Now)
			if c.link != nil {
				c.want.EverConnected, c.want.Server = true, source
			}
			tracedPool, queries := traced(t, pool)
			got, err := postgres.NewDayStore(tracedPool, build.Clock).TrackedUser(t.Context(), u.ID, build.Now)
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("%v %s", err, diff)
			}
			if n := len(queries.take()); n != 1 {
				t.Errorf("%d round trips, want 1", n)
			}
		})
	}
	if _, err := postgres.NewDayStore(pgtest.New(t), build.Clock).TrackedUser(t.Context(), domain.UserID(build.ID()), build.Now); !errors.Is(err, domain.ErrUserNotFound) {
		t.Errorf("unknown user: %v", err)
	}
}
