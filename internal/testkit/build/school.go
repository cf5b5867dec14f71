package build

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// School inserts a large number of rows with few statements, for tests of query plans and
// for benchmarks: students in batches of 25, each with the given number of days up to
// Today, and a tenth as many members. Every tenth student has no connection, and every
// tenth day is empty.
func School(tb testing.TB, pool *pgxpool.Pool, students, days int) {
	tb.Helper()
	Exec(tb, pool, `INSERT INTO batches (id, name, starts_on, ends_on, time_zone, created_at)
		SELECT gen_random_uuid(), 'Class ' || n, $2::date - 200, $2::date - 30 + (n % 365), (ARRAY['UTC', 'America/Chicago', 'Asia/Kathmandu'])[1 + n % 3], $3
		FROM generate_series(1, 1 + ($1 - 1) / 25) n`, students, Today.Date(), Now)
	Exec(tb, pool, `INSERT INTO users (id, email, name, role, password_hash, created_at)
		SELECT gen_random_uuid(), 'pupil' || n || '@example.edu',
			(ARRAY['Ada', 'Bo', 'Chidi', 'Dilnoza', 'Eun', 'Fatima', 'Goran', 'Hana'])[1 + n % 8] || ' ' || substr(md5(n::text), 1, 10),
			CASE WHEN n <= $1 THEN 'student' ELSE 'member' END, 'no hash', $2
		FROM generate_series(1, $1 + $1 / 10) n`, students, Now)
	Exec(tb, pool, `INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at)
		SELECT gen_random_uuid(), u.id, b.id, 'active', $1::timestamptz - make_interval(days => (u.n % 180)::int)
		FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM users WHERE email LIKE 'pupil%' AND role = 'student') u
		JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM batches WHERE name LIKE 'Class %') b ON b.n = 1 + (u.n - 1) / 25`, Now)
	Exec(tb, pool, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username, checked_from, checked_to, checked_at)
		SELECT gen_random_uuid(), user_id, '', 'wakatime.com', user_id::text, '', ARRAY[$1::date - $2::integer + 1], ARRAY[$1::date], ARRAY[$3::timestamptz]
		FROM enrolments`, Today.Date(), days, Now)
	Exec(tb, pool, `INSERT INTO wakatime_connections (user_id, kind, state, base_url, scopes, account_id, account_username, account_zone, account_plan, account_ref, connected_at)
		SELECT e.user_id, 'oauth', 'connected', '', '{}', e.user_id::text, '', 'UTC', '', a.ref, $1
		FROM (SELECT user_id, row_number() OVER (ORDER BY user_id) AS n FROM enrolments) e JOIN wakatime_accounts a ON a.user_id = e.user_id WHERE e.n % 10 <> 0`, Now)
	Exec(tb, pool, `INSERT INTO days (user_id, day, seconds, ai_seconds, account_ref, changed_at, state)
		SELECT s.user_id, s.day, s.seconds, s.seconds / 12, s.ref, $2, CASE WHEN s.day >= $1 THEN 'partial' WHEN s.seconds = 0 THEN 'empty' ELSE 'ok' END
		FROM (
			SELECT e.user_id, e.n, a.ref, $1::date - d AS day, CASE WHEN d % 10 = 0 THEN 0 ELSE 600 + (d * 7919 + e.n * 104729) % 20000 END AS seconds
			FROM (SELECT user_id, row_number() OVER (ORDER BY user_id) AS n FROM enrolments) e JOIN wakatime_accounts a ON a.user_id = e.user_id, generate_series(0, $3 - 1) d
		) s
		ORDER BY s.user_id, s.day`, Today.Date(), Now, days)
	Exec(tb, pool, `VACUUM (ANALYZE) users, batches, enrolments, wakatime_connections, wakatime_accounts, days`)
}
