package bench

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
)

// school is the IDs to request.
type school struct{ batches, students []uuid.UUID }

// load inserts all rows with SQL. It drops the triggers and constraints that slow down the
// bulk of it, and restores them afterwards. It is a worst case: the students of a batch are
// far apart, and no index is filled in the order in which it is read.
func load(b *testing.B, pool *pgxpool.Pool) school {
	b.Helper()
	exec(b, pool, `INSERT INTO users (id, email, name, role, password_hash, created_at)
		SELECT md5('user' || n)::uuid, 'student' || n || '@example.edu', 'Student ' || substr(md5(n::text), 1, 8), 'student', 'none', now() - interval '370 days'
		FROM generate_series(1, $1::integer) n`, students)
	exec(b, pool, `INSERT INTO batches (id, name, starts_on, ends_on, time_zone, created_at)
		SELECT md5('batch' || n)::uuid, 'Batch ' || n, current_date - 364, current_date + 10 + n, (ARRAY['UTC', 'America/Chicago', 'Asia/Kathmandu', 'Europe/Berlin'])[1 + n % 4], now()
		FROM generate_series(1, $1::integer / 25) n`, students)
	exec(b, pool, `INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at)
		SELECT md5('enrolment' || n)::uuid, md5('user' || n)::uuid, md5('batch' || 1 + (n * 7919) % ($1::integer / 25))::uuid, 'active', now() - interval '360 days' + n * interval '1 minute'
		FROM generate_series(1, $1::integer) n`, students)
	// The checks of the nightly, weekly and monthly syncs of a year are a dozen ranges.
	exec(b, pool, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username, checked_from, checked_to, checked_at)
		SELECT md5('account' || n)::uuid, md5('user' || n)::uuid, '', 'wakatime.com', 'account ' || n, 'student' || n,
			(SELECT array_agg(current_date - 30 * k ORDER BY k DESC) FROM generate_series(1, 12) k), (SELECT array_agg(current_date - 30 * k + 29 ORDER BY k DESC) FROM generate_series(1, 12) k),
			(SELECT array_agg(now() - k * interval '1 day' ORDER BY k DESC) FROM generate_series(1, 12) k)
		FROM generate_series(1, $1::integer) n`, students)
	exec(b, pool, `INSERT INTO wakatime_connections (user_id, kind, state, base_url, access_token, refresh_token, scopes, account_id, account_username, account_zone, account_plan, connected_at, last_synced_at, account_ref)
		SELECT md5('user' || n)::uuid, 'oauth', CASE WHEN n % 20 = 0 THEN 'needs_reconnect' ELSE 'connected' END, '', decode(repeat('ab', 90), 'hex'), decode(repeat('cd', 90), 'hex'),
			'{email,read_summaries}', 'account ' || n, 'student' || n, 'UTC', 'free', now() - interval '360 days', now(), a.ref
		FROM generate_series(1, $1::integer) n JOIN wakatime_accounts a ON a.user_id = md5('user' || n)::uuid`, students)
	exec(b, pool, `INSERT INTO labels (kind, name)
		SELECT (ARRAY['language', 'project', 'editor', 'operating_system', 'category', 'dependency', 'machine'])[1 + n % 7], 'Name ' || n FROM generate_series(1, 400) n
		UNION ALL VALUES ('time_zone', 'UTC')`)

	exec(b, pool, `ALTER TABLE days DISABLE TRIGGER USER`)
	exec(b, pool, `ALTER TABLE days DROP CONSTRAINT days_pkey, DROP CONSTRAINT days_user_id_fkey, DROP CONSTRAINT days_zone_id_fkey, DROP CONSTRAINT days_account_fkey`)
	// Today is partial, one day in seven is empty, and one in fifty could not be fetched. The
	// others have ten parts and some AI time.
	exec(b, pool, `INSERT INTO days (user_id, day, seconds, ai_seconds, zone_id, account_ref, attempts, changed_at, state, reason, parts)
		SELECT u.id, current_date - d, CASE WHEN k.state = 'empty' THEN 0 WHEN k.state <> 'error' THEN s.n END, CASE WHEN k.state = 'empty' THEN 0 WHEN k.state <> 'error' THEN s.n / 12 END,
			CASE WHEN k.state <> 'error' THEN z.id END, CASE WHEN k.state <> 'error' THEN u.ref END,
			CASE WHEN k.state = 'error' THEN 3 ELSE 0 END, now(), k.state, CASE WHEN k.state = 'error' THEN 'unavailable' ELSE '' END,
			CASE WHEN k.state IN ('ok', 'partial') THEN ARRAY[(1 + u.n % 40)::bigint << 32 | s.n, (41 + u.n % 40)::bigint << 32 | s.n / 2, (81 + u.n % 40)::bigint << 32 | s.n / 3,
				(121 + u.n % 40)::bigint << 32 | s.n / 4, (161 + u.n % 40)::bigint << 32 | s.n / 5, (201 + u.n % 40)::bigint << 32 | s.n / 6, (241 + u.n % 40)::bigint << 32 | s.n / 7,
				(281 + u.n % 40)::bigint << 32 | s.n / 8, (321 + u.n % 40)::bigint << 32 | s.n / 9, (361 + u.n % 40)::bigint << 32 | s.n / 10] ELSE '{}' END
		FROM generate_series(0, $2::integer - 1) d, (SELECT n, a.user_id AS id, a.ref FROM generate_series(1, $1::integer) n JOIN wakatime_accounts a ON a.user_id = md5('user' || n)::uuid) u,
			LATERAL (SELECT 600 + (u.n * 7919 + d * 104729) % 20000 AS n) s,
			LATERAL (SELECT CASE WHEN (u.n + d) % 50 = 0 THEN 'error' WHEN d = 0 THEN 'partial' WHEN (u.n + d) % 7 = 0 THEN 'empty' ELSE 'ok' END AS state) k,
			(SELECT id FROM labels WHERE kind = 'time_zone') z`, students, days)
	exec(b, pool, `ALTER TABLE days ADD CONSTRAINT days_pkey PRIMARY KEY (user_id, day) INCLUDE (seconds, state, ai_seconds, zone_id)`)
	exec(b, pool, `ALTER TABLE days ADD CONSTRAINT days_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
		ADD CONSTRAINT days_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES labels (id),
		ADD CONSTRAINT days_account_fkey FOREIGN KEY (user_id, account_ref) REFERENCES wakatime_accounts (user_id, ref) ON DELETE CASCADE`)
	exec(b, pool, `INSERT INTO day_totals (day, slot, seconds, known, unknown, ai_seconds, partial, partial_seconds)
		SELECT day, 0, coalesce(sum(seconds) FILTER (WHERE state <> 'partial'), 0), count(seconds) FILTER (WHERE state <> 'partial'), count(*) - count(seconds),
			coalesce(sum(ai_seconds) FILTER (WHERE state <> 'partial'), 0), count(*) FILTER (WHERE state = 'partial'), coalesce(sum(seconds) FILTER (WHERE state = 'partial'), 0)
		FROM days GROUP BY day`)
	exec(b, pool, `ALTER TABLE days ENABLE TRIGGER USER`)
	exec(b, pool, `VACUUM (ANALYZE)`)
	return school{
		batches:  ids(b, pool, `SELECT id FROM batches`),
		students: ids(b, pool, `SELECT user_id FROM enrolments`),
	}
}
