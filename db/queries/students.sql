-- name: ListStudents :many
-- Sent unprepared: Postgres plans it for the given filters. The inner query selects the
-- page; last weeks are read only for the students on it.
SELECT s.id, s.version, s.name, s.name_key, s.email, s.batch_id, s.batch_name, s.time_zone, s.status, s.enrolled_at, s.connection,
       s.failure_reason, s.failing_since, s.connected_at,
       -- Only the server of a failing connection is shown.
       CASE WHEN s.failing_since IS NOT NULL OR s.connection = 'needs_reconnect'
           THEN (SELECT a.server FROM wakatime_accounts a WHERE a.user_id = s.id AND a.ref = s.account_ref) ELSE '' END::text AS server,
       w.expected, w.states, w.seen, w.seconds, w.ai_seconds
FROM (
    SELECT u.id, u.version, u.name, u.name_key, u.email, e.batch_id, b.name AS batch_name, b.time_zone, e.status, e.enrolled_at,
           coalesce(c.state, 'not_connected')::text AS connection, c.failure_reason, c.failing_since, c.connected_at, c.account_ref, t.today,
           -- domain.TrackedDays, within the last week.
           greatest(t.today, e.enrolled_on) - 6 AS week_from,
           least(t.today, b.ends_on) AS week_to
    FROM users u
    JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
    JOIN batches b ON b.id = e.batch_id
    LEFT JOIN wakatime_connections c ON c.user_id = u.id
    CROSS JOIN LATERAL (SELECT zone_day(b.time_zone, @utc::date, @behind::text[], @ahead::text[]) AS today) t
    WHERE (u.name_key, u.id) > (@after_name::text, @after_id::uuid)
      AND (@all_batches::bool OR e.batch_id = ANY (@batch_ids::uuid[]))
      AND (sqlc.narg('user_id')::uuid IS NULL OR u.id = sqlc.narg('user_id'))
      AND (sqlc.narg('status')::text IS NULL OR e.status = sqlc.narg('status'))
      AND (sqlc.narg('connected')::bool IS NULL OR coalesce(c.state = 'connected', false) = sqlc.narg('connected'))
      AND (sqlc.narg('search')::text IS NULL OR u.search_key LIKE '%' || sqlc.narg('search') || '%')
    ORDER BY u.name_key, u.id
    LIMIT @max
) s
CROSS JOIN LATERAL (
    -- As in GetDashboard, but the days in each state are counted in four bits of one number, in
    -- the order ok, empty, partial, pending, plan_limited, error, and known without AI time.
    SELECT greatest(least(s.week_to, s.today - 1) - s.week_from + 1, 0)::int AS expected,
           coalesce(sum(x.seconds), 0)::int AS seen, coalesce(sum(x.seconds) FILTER (WHERE x.day < s.today AND x.state <> 'partial'), 0)::int AS seconds,
           coalesce(sum(x.ai_seconds) FILTER (WHERE x.day < s.today AND x.state <> 'partial'), 0)::int AS ai_seconds,
           coalesce(sum(CASE x.state WHEN 'ok' THEN 1 WHEN 'empty' THEN 1 << 4 WHEN 'partial' THEN 1 << 8 WHEN 'pending' THEN 1 << 12 WHEN 'plan_limited' THEN 1 << 16 ELSE 1 << 20 END
               + CASE WHEN x.ai_seconds IS NULL AND x.state IN ('ok', 'empty') THEN 1 << 24 ELSE 0 END) FILTER (WHERE x.day < s.today), 0)::int AS states
    FROM days x
    WHERE x.user_id = s.id AND x.day BETWEEN s.week_from AND s.week_to
) w
ORDER BY s.name_key, s.id;

-- name: InsertEnrolment :execrows
-- The calendar is that of enrolled_at.
INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at, enrolled_on, ended_at)
SELECT @id, @user_id, b.id, @status, @enrolled_at, zone_day(b.time_zone, @utc::date, @behind::text[], @ahead::text[]), sqlc.narg('ended_at')
FROM batches b
WHERE b.id = @batch_id;

-- name: UpdateEnrolmentEnded :exec
UPDATE enrolments SET status = @status, ended_at = @now::timestamptz WHERE user_id = @user_id AND ended_at IS NULL;
