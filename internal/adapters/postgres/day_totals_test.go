package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// driftedDays counts the days whose stored totals differ from their rows.
func driftedDays(t *testing.T, pool *pgxpool.Pool) (n int) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `
		SELECT count(*)
		FROM (
			SELECT day, sum(seconds) AS seconds, sum(known) AS known, sum(unknown) AS unknown, sum(ai_seconds) AS ai_seconds, sum(ai_unknown) AS ai_unknown,
				sum(partial) AS partial, sum(partial_seconds) AS partial_seconds
			FROM day_totals GROUP BY day
		) stored
		FULL JOIN (
			SELECT day, sum(CASE WHEN known THEN seconds END) AS seconds, count(*) FILTER (WHERE known) AS known, count(*) - count(seconds) AS unknown,
				sum(CASE WHEN known THEN ai_seconds END) AS ai_seconds, count(*) FILTER (WHERE known AND ai_seconds IS NULL) AS ai_unknown,
				count(*) FILTER (WHERE state = 'partial') AS partial, sum(CASE WHEN state = 'partial' THEN seconds END) AS partial_seconds
			FROM (SELECT *, state IN ('ok', 'empty') AS known FROM days) d GROUP BY day
		) counted USING (day)
		WHERE (coalesce(stored.seconds, 0), coalesce(stored.known, 0), coalesce(stored.unknown, 0), coalesce(stored.ai_seconds, 0), coalesce(stored.ai_unknown, 0), coalesce(stored.partial, 0), coalesce(stored.partial_seconds, 0))
		   <> (coalesce(counted.seconds, 0), coalesce(counted.known, 0), coalesce(counted.unknown, 0), coalesce(counted.ai_seconds, 0), coalesce(counted.ai_unknown, 0), coalesce(counted.partial, 0), coalesce(counted.partial_seconds, 0))`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDayTotals_NeverDrift(t *testing.T) {
	t.Parallel()
	for name, slots := range map[string]int{"writers use different slots": 16, "all writers share a slot": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.New(t)
			build.Exec(t, pool, fmt.Sprintf(`DO $$ BEGIN EXECUTE replace(replace(pg_get_functiondef('day_totals_slot'::regproc), '%% 16', '%% %d'), '0..15', '0..%d'); END $$`, slots, slots-1))
			changeDaysConcurrently(t, pool)
			var used int
			if err := pool.QueryRow(t.Context(), `SELECT count(DISTINCT slot) FROM day_totals`).Scan(&used); err != nil || used > slots {
				t.Errorf("%d slots were used, %v; want at most %d", used, err, slots)
			}
		})
	}
}

func TestDayTotals_WritersTakeAFreeSlot(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	user, ref := connectedUser(t, pool)
	tx := must(pool.Begin(t.Context()))
	defer func() { _ = tx.Rollback(t.Context()) }()
	// Another writer has all slots but one.
	if _, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(5104718, n) FROM generate_series(0, 15) n WHERE n <> 11`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	store := postgres.NewDayStore(pool, build.Clock)
	for seconds := range 3 { // by several connections, which begin with different slots
		if err := store.SaveDays(ctx, user, []domain.DailySummary{knownDay(build.Today-1, ref, 10+seconds)}, build.Now); err != nil {
			t.Fatal(err)
		}
	}
	var slots []int16
	if err := pool.QueryRow(t.Context(), `SELECT array_agg(slot) FROM day_totals`).Scan(&slots); err != nil || len(slots) != 1 || slots[0] != 11 {
		t.Errorf("slots %v, %v; want 11", slots, err)
	}
}

func changeDaysConcurrently(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	store := postgres.NewDayStore(pool, build.Clock)
	const workers, rounds, span = 8, 40, 20
	users := make([]domain.UserID, workers*2)
	refs := map[domain.UserID]domain.AccountRef{}
	for i := range users {
		user, ref := connectedUser(t, pool)
		users[i], refs[user] = user, ref
	}
	errs := concurrently(workers, func(i int) error {
		rnd := rand.New(rand.NewPCG(1, uint64(i)))
		for range rounds {
			// Workers share users, so that they contend for rows.
			user := users[rnd.IntN(len(users))]
			from := build.Today - domain.Day(rnd.IntN(span))
			var err error
			switch rnd.IntN(6) {
			case 0:
				_, err = pool.Exec(t.Context(), `DELETE FROM days WHERE user_id = $1 AND day BETWEEN $2 AND $3`, uuid.UUID(user), from.Date(), (from + 3).Date())
			case 1, 2:
				var rows []domain.DailySummary
				for d := range domain.Day(6) {
					rows = append(rows, build.Unknown(from+d, domain.DayError, domain.ReasonThrottled))
				}
				err = store.SaveDays(t.Context(), user, rows, build.Now)
			default:
				var rows []domain.DailySummary
				for d := range domain.Day(6) {
					row := knownDay(from+d, refs[user], 10+rnd.IntN(3))
					switch rnd.IntN(4) {
					case 0:
						row.State = domain.DayPartial
					case 1:
						row.AISeconds = nil
					}
					rows = append(rows, row)
				}
				err = store.SaveDays(t.Context(), user, rows, build.Now)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if n := driftedDays(t, pool); n != 0 {
		t.Errorf("%d days drifted", n)
	}
	for _, user := range readTexts(t, pool, driftedSummaries) {
		t.Error("drifted: " + user)
	}
	build.Exec(t, pool, `UPDATE user_summaries SET days = days[2:] WHERE user_id = (SELECT user_id FROM days LIMIT 1)`)
	if n := len(readTexts(t, pool, driftedSummaries)); n != 1 {
		t.Errorf("got %d drifted summaries after a day was removed from one, want 1", n)
	}
	build.Exec(t, pool, `DELETE FROM users`)
	if n := driftedDays(t, pool); n != 0 {
		t.Errorf("%d days drifted after all users were removed", n)
	}
	build.Exec(t, pool, `UPDATE day_totals SET seconds = seconds + 1 WHERE day = $1`, build.Today.Date())
	if n := driftedDays(t, pool); n != 1 {
		t.Errorf("got %d drifted days after a change of one second, want 1", n)
	}
}

// driftedSummaries lists the users whose summary differs from their rows.
const driftedSummaries = `
	SELECT concat_ws(E'\n', coalesce(stored.user_id, counted.user_id), stored.summary, counted.summary)
	FROM (
		SELECT user_id, concat_ws(' ', version, name, email, connection, coalesce(failure_reason, '-'), coalesce(failing_since::text, '-'), coalesce(connected_at::text, '-'), server, (
			SELECT string_agg(concat_ws(' ', date '1970-01-01' + (p >> 38)::integer, (ARRAY['ok', 'empty', 'partial', 'pending', 'plan_limited', 'error'])[(p >> 34 & 15) + 1],
				(p & 131071) - 1, (p >> 17 & 131071) - 1), ', ' ORDER BY n) FROM unnest(days) WITH ORDINALITY d(p, n))) AS summary
		FROM user_summaries
	) stored
	FULL JOIN (
		SELECT u.id AS user_id, concat_ws(' ', u.version, u.name, u.email, coalesce(c.state, 'not_connected'), coalesce(c.failure_reason, '-'), coalesce(c.failing_since::text, '-'),
			coalesce(c.connected_at::text, '-'), coalesce(a.server, ''), (
			SELECT string_agg(concat_ws(' ', day, state, coalesce(seconds, -1), coalesce(ai_seconds, -1)), ', ' ORDER BY day DESC)
			FROM (SELECT * FROM days d WHERE d.user_id = u.id ORDER BY day DESC LIMIT 9) d)) AS summary
		FROM users u
		LEFT JOIN wakatime_connections c ON c.user_id = u.id
		LEFT JOIN wakatime_accounts a ON a.user_id = c.user_id AND a.ref = c.account_ref
	) counted USING (user_id)
	WHERE stored.summary IS DISTINCT FROM counted.summary`

// driftedBatches lists the batches whose stored counts differ from their rows.
const driftedBatches = `
	SELECT concat_ws(' ', b.id, c.students, c.connected, c.instructors, 'counted', e.students, e.connected, i.instructors)
	FROM batches b
	LEFT JOIN batch_counts c ON c.batch_id = b.id,
		LATERAL (SELECT count(*) AS students, count(*) FILTER (WHERE connected) AS connected FROM enrolments WHERE batch_id = b.id AND ended_at IS NULL) e,
		LATERAL (SELECT count(*) AS instructors FROM batch_instructors WHERE batch_id = b.id) i
	WHERE (coalesce(c.students, 0), coalesce(c.connected, 0), coalesce(c.instructors, 0)) <> (e.students, e.connected, i.instructors)`

func TestTallies_NeverDrift(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	batch := uuid.UUID(build.Batch(t, pool).ID)
	other := uuid.UUID(build.Batch(t, pool).ID)
	const workers, rounds = 8, 60
	users := make([]uuid.UUID, 6)
	for i := range users {
		users[i] = uuid.UUID(build.User(t, pool).ID)
		build.Exec(t, pool, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username) VALUES (gen_random_uuid(), $1, '', '', '', '')`, users[i])
	}
	statements := []string{
		`INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at) SELECT gen_random_uuid(), id, $2, 'active', now() FROM users WHERE id = $1 ON CONFLICT DO NOTHING`,
		`UPDATE enrolments SET ended_at = now() WHERE user_id = $1 AND ended_at IS NULL AND $2::uuid IS NOT NULL`,
		`DELETE FROM enrolments WHERE user_id = $1 AND batch_id = $2`,
		`INSERT INTO batch_instructors (batch_id, user_id, assigned_at) VALUES ($2, $1, now()) ON CONFLICT DO NOTHING`,
		`DELETE FROM batch_instructors WHERE user_id = $1 AND batch_id = $2`,
		`INSERT INTO wakatime_connections (user_id, kind, state, base_url, scopes, account_id, account_username, account_zone, account_plan, account_ref, connected_at)
			SELECT user_id, 'oauth', 'connected', $2::uuid::text, '{}', $1::uuid::text, '', '', '', ref, now() FROM wakatime_accounts WHERE user_id = $1 ON CONFLICT DO NOTHING`,
		`UPDATE wakatime_connections SET state = 'needs_reconnect' WHERE user_id = $1 AND $2::uuid IS NOT NULL`,
		`UPDATE wakatime_connections SET state = 'connected' WHERE user_id = $1 AND $2::uuid IS NOT NULL`,
		`DELETE FROM wakatime_connections WHERE user_id = $1 AND $2::uuid IS NOT NULL`,
		`UPDATE users SET role = CASE role WHEN 'member' THEN 'student' ELSE 'member' END WHERE id = $1 AND $2::uuid IS NOT NULL`,
		`UPDATE users SET name = $2::uuid::text, version = version + 1 WHERE id = $1`,
		`UPDATE wakatime_connections SET failure_reason = 'throttled', failing_since = now() WHERE user_id = $1 AND $2::uuid IS NOT NULL`,
	}
	errs := concurrently(workers, func(i int) error {
		rnd := rand.New(rand.NewPCG(2, uint64(i)))
		for range rounds {
			if _, err := pool.Exec(t.Context(), statements[rnd.IntN(len(statements))], users[rnd.IntN(len(users))], []uuid.UUID{batch, other}[rnd.IntN(2)]); err != nil {
				return err
			}
		}
		return nil
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	check := func() {
		t.Helper()
		var stored, counted string
		err := pool.QueryRow(t.Context(), `
			SELECT coalesce((SELECT string_agg(name || '=' || n, ' ' ORDER BY name) FROM (SELECT name, sum(n) AS n FROM tallies GROUP BY name HAVING sum(n) <> 0) t), ''),
			       coalesce((SELECT string_agg(name || '=' || n, ' ' ORDER BY name) FROM (
			           SELECT 'role:' || role AS name, count(*) AS n FROM users GROUP BY role
			           UNION ALL SELECT 'students', count(*) FROM enrolments WHERE ended_at IS NULL HAVING count(*) > 0
			           UNION ALL SELECT 'connected', count(*) FROM enrolments e JOIN wakatime_connections c USING (user_id) WHERE e.ended_at IS NULL AND c.state = 'connected' HAVING count(*) > 0
			       ) c), '')`).Scan(&stored, &counted)
		if err != nil || stored != counted {
			t.Errorf("stored %q, counted %q, %v", stored, counted, err)
		}
		for _, row := range slices.Concat(readTexts(t, pool, driftedBatches), readTexts(t, pool, driftedSummaries)) {
			t.Error("drifted: " + row)
		}
	}
	check()
	var rows int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM tallies`).Scan(&rows); err != nil || rows > 100 {
		t.Errorf("%d rows after %d changes, %v: rows are not merged", rows, workers*rounds, err)
	}
	build.Exec(t, pool, fmt.Sprintf(`DELETE FROM users WHERE id = '%s'`, users[0]))
	check()
	build.Exec(t, pool, `DELETE FROM users`)
	check()
}

func TestTallies_WritersDoNotWaitForMerges(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	build.User(t, pool)
	tx := must(pool.Begin(t.Context()))
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), `SELECT FROM tallies FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for range 20 { // two rows each; rows are merged in between
		if _, err := pool.Exec(ctx, `UPDATE users SET role = CASE role WHEN 'member' THEN 'admin' ELSE 'member' END`); err != nil {
			t.Fatal(err)
		}
	}
}
