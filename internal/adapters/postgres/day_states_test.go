package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/statements"
)

func TestDayStore_ListDayStates_LeadsToTheSameRequests(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	store := postgres.NewDayStore(pool, build.Clock)
	user, ref := connectedUser(t, pool)
	elsewhere := knownDay(build.Today-5, ref, 100)
	elsewhere.TimeZone = "Asia/Kathmandu"
	ignored := elsewhere
	ignored.Day, ignored.Reason = build.Today-6, domain.ReasonOtherZone
	hidden := knownDay(build.Today-8, ref, 50)
	hidden.State, hidden.Reason = domain.DayPartial, domain.ReasonPlanLimited
	save(t, store, user, knownDay(build.Today-2, ref, 100), knownDay(build.Today-3, ref, 0), elsewhere, ignored, hidden,
		build.Unknown(build.Today-1, domain.DayError, domain.ReasonThrottled), build.Unknown(build.Today-7, domain.DayPlanLimited, domain.ReasonPlanLimited))
	r := lastDays(20)
	all := must(store.ListDays(t.Context(), user, r, false))
	c := domain.Connection{User: user, Ref: ref, Checks: domain.Checks{{Days: r, At: build.Now}}}
	for _, zone := range []domain.TimeZone{domain.UTC, "Asia/Kathmandu", "America/Chicago"} {
		states := must(store.ListDayStates(t.Context(), user, r, zone))
		for _, c.Ref = range []domain.AccountRef{ref, ref + 1} {
			who := domain.TrackedUser{User: user, TimeZone: zone, Today: build.Today, Tracked: r}
			q := domain.SyncRequest{Scope: domain.SyncRange, Days: r}
			if diff := cmp.Diff(who.DaysToFetch(q, all, c, build.Now), who.DaysToFetch(q, states, c, build.Now)); diff != "" || len(states) != len(all) {
				t.Errorf("in %s, for account %d, %d of %d rows:\n%s", zone, c.Ref, len(states), len(all), diff)
			}
		}
	}
}

func TestDayStore_ListDayStates_ReadsOneRangeOfTheIndex(t *testing.T) {
	t.Parallel()
	config := pgtest.New(t).Config()
	recorder := &statements.Recorder{}
	config.ConnConfig.Tracer = recorder
	pool := must(pgxpool.NewWithConfig(t.Context(), config))
	t.Cleanup(pool.Close)
	store := postgres.NewDayStore(pool, build.Clock)
	user, ref := connectedUser(t, pool)
	save(t, store, user, knownDay(build.Today, ref, 100)) // inserts the labels
	// The days of each night are on other pages.
	build.Exec(t, pool, `ALTER TABLE days DISABLE TRIGGER USER`)
	for range 30 {
		build.User(t, pool)
	}
	build.Exec(t, pool, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username)
		SELECT gen_random_uuid(), id, '', '', id::text, '' FROM users u WHERE NOT EXISTS (SELECT FROM wakatime_accounts a WHERE a.user_id = u.id)`)
	build.Exec(t, pool, `INSERT INTO days (user_id, day, seconds, ai_seconds, zone_id, account_ref, attempts, changed_at, state, parts)
		SELECT a.user_id, $1::date - d, 1000, 10, (SELECT id FROM labels WHERE kind = 'time_zone'), a.ref, 0, now(), 'ok', array_fill(1::bigint << 32, ARRAY[10])
		FROM generate_series(1, 364) d, wakatime_accounts a ON CONFLICT DO NOTHING`, build.Today.Date())
	build.Exec(t, pool, `ANALYZE`)
	vacuum(t, pool, "days")
	recorder.Take()
	if n := len(must(store.ListDayStates(recorder.Context(t.Context()), user, lastDays(365), domain.UTC))); n != 365 {
		t.Fatalf("%d rows", n)
	}
	sent := recorder.Take().Statements
	c := must(pool.Acquire(t.Context()))
	defer c.Release()
	for _, mode := range statements.Modes {
		plan := must(statements.Explain(t.Context(), c.Conn(), sent[0], mode))
		if len(sent) != 1 || plan.Buffers > 30 {
			t.Errorf("%s: %d buffers for a year\n%s", mode, plan.Buffers, must(statements.Text(t.Context(), c.Conn(), sent[0], mode)))
		}
	}
}
