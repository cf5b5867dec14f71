package postgres_test

import (
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// A name that its ID no longer has is shown for ten minutes at most. This one stands for a time
// zone that the Migrator renames.
func TestDayStore_ReadsNamesAgain(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	now := build.Now
	user, ref := connectedUser(t, pool)
	save(t, postgres.NewDayStore(pool, build.Clock), user, domain.DailySummary{
		Day: build.Today, State: domain.DayPartial, Seconds: new(60), TimeZone: "Asia/Calcutta",
		Account: ref, Shares: []domain.Share{{Dimension: domain.ByLanguage, Name: "Go", Seconds: 60}},
	})
	tracedPool, queries := traced(t, pool)
	store := postgres.NewDayStore(tracedPool, func() time.Time { return now })
	read := func(trips int, zone string) {
		t.Helper()
		got := must(store.ListDays(t.Context(), user, lastDays(1), true))
		if len(got) != 1 || got[0].TimeZone != zone || len(got[0].Shares) != 1 || got[0].Shares[0].Name != "Go" {
			t.Errorf("the days are %+v, want one in %s", got, zone)
		}
		if n := len(queries.take()); n != trips {
			t.Errorf("%d round trips, want %d", n, trips)
		}
	}

	read(2, "Asia/Calcutta")
	build.Exec(t, pool, `UPDATE labels SET name = 'Asia/Kolkata' WHERE name = 'Asia/Calcutta'`)
	now = now.Add(9 * time.Minute)
	read(1, "Asia/Calcutta")
	now = now.Add(time.Minute)
	read(2, "Asia/Kolkata")
	now = now.Add(-time.Hour)
	read(2, "Asia/Kolkata")
}
