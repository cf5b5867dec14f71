-- name: ListStudents :many
-- Sent unprepared: Postgres plans it for the given filters. The inner query selects the
-- page; last weeks are read only for the students on it.
SELECT s.id, s.version, s.name, s.sort_name, s.email, s.batch_id, s.batch_name, s.time_zone, s.status, s.enrolled_at, s.connection,
       s.failure_reason, s.failing_since, s.connected_at,
       -- Only the server of a failing connection is shown.
       CASE WHEN s.failing_since IS NOT NULL OR s.connection = 'needs_reconnect'
           THEN (SELECT a.server FROM wakatime_accounts a WHERE a.user_id = s.id AND a.ref = s.account_ref) ELSE '' END::text AS server,
       w.expected, w.counts, w.seconds, w.ai_seconds, w.ai_unknown, w.partial_seconds
FROM (
    SELECT u.id, u.version, u.name, lower(u.name)::text AS sort_name, u.email, e.batch_id, b.name AS batch_name, b.time_zone, e.status, e.enrolled_at,
           coalesce(c.state, 'not_connected')::text AS connection, c.failure_reason, c.failing_since, c.connected_at, c.account_ref, t.today,
           -- domain.TrackedDays, within the last week.
           greatest(t.today, (e.enrolled_at AT TIME ZONE b.time_zone)::date) - 6 AS week_from,
           least(t.today, b.ends_on) AS week_to
    FROM users u
    JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
    JOIN batches b ON b.id = e.batch_id
    LEFT JOIN wakatime_connections c ON c.user_id = u.id
    CROSS JOIN LATERAL (SELECT timezone(b.time_zone, @now::timestamptz)::date AS today) t
    WHERE (lower(u.name), u.id) > (@after_name::text, @after_id::uuid)
      AND (@all_batches::bool OR e.batch_id = ANY (@batch_ids::uuid[]))
      AND (sqlc.narg('user_id')::uuid IS NULL OR u.id = sqlc.narg('user_id'))
      AND (sqlc.narg('status')::text IS NULL OR e.status = sqlc.narg('status'))
      AND (sqlc.narg('connected')::bool IS NULL OR coalesce(c.state = 'connected', false) = sqlc.narg('connected'))
      AND (sqlc.narg('search')::text IS NULL OR (lower(u.name) || ' ' || u.email) ILIKE '%' || sqlc.narg('search') || '%')
    ORDER BY lower(u.name), u.id
    LIMIT @max
) s
CROSS JOIN LATERAL (
    -- Today is not over: it has partial seconds only. The days in each state are counted in
    -- four bits of one number, in the order ok, empty, partial, pending, plan_limited, error.
    SELECT greatest(least(s.week_to, s.today - 1) - s.week_from + 1, 0)::int AS expected,
           coalesce(sum(1 << d.code * 4) FILTER (WHERE d.over), 0)::int AS counts,
           coalesce(sum(d.seconds) FILTER (WHERE d.code < 2), 0)::int AS seconds,
           coalesce(sum(d.ai_seconds) FILTER (WHERE d.code < 2), 0)::int AS ai_seconds,
           count(*) FILTER (WHERE d.code < 2 AND d.ai_seconds IS NULL)::int AS ai_unknown,
           coalesce(sum(d.seconds) FILTER (WHERE d.code = 2), 0)::int AS partial_seconds
    FROM (
        SELECT x.seconds, x.ai_seconds, x.day < s.today AS over,
               CASE x.state WHEN 'ok' THEN 0 WHEN 'empty' THEN 1 WHEN 'partial' THEN 2 WHEN 'pending' THEN 3 WHEN 'plan_limited' THEN 4 ELSE 5 END AS code
        FROM days x
        WHERE x.user_id = s.id AND x.day BETWEEN s.week_from AND s.week_to AND (x.day < s.today OR x.state = 'partial')
        OFFSET 0
    ) d
) w
ORDER BY s.sort_name, s.id;

-- name: InsertEnrolment :exec
INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at, ended_at)
VALUES (@id, @user_id, @batch_id, @status, @enrolled_at, sqlc.narg('ended_at'));

-- name: UpdateEnrolmentEnded :exec
UPDATE enrolments SET status = @status, ended_at = @now::timestamptz WHERE user_id = @user_id AND ended_at IS NULL;
