-- name: ListStudents :many
-- Selects the page in one of the ways that docs/slice.md describes, then reads the students on
-- it one by one: OFFSET 0 keeps Postgres from joining whole tables.
WITH found AS MATERIALIZED (
    SELECT id FROM users WHERE @all_batches::bool AND length(@search::text) > 2 AND search_key LIKE @pattern::text
    UNION ALL
    SELECT id FROM users WHERE @all_batches AND length(@search) IN (1, 2) AND search_grams(search_key) @> ARRAY[@search]
), few AS MATERIALIZED (
    SELECT @search <> '' AND count(*) <= 100 AS few FROM (SELECT FROM found LIMIT 101) f
), page AS MATERIALIZED (
    SELECT p.*
    FROM (
        -- One student.
        SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e WHERE e.user_id = sqlc.narg('user_id')::uuid AND e.ended_at IS NULL
        UNION ALL
        -- Those of some batches.
        SELECT m.*
        FROM unnest(@batch_ids::uuid[]) AS b(id)
        CROSS JOIN LATERAL (
            SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
            WHERE e.batch_id = b.id AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@after_name::text, @after_id::uuid)
              AND e.status = ANY (@statuses::text[]) AND e.connected = ANY (@connected::bool[]) AND strpos(e.search_key, @search) > 0
            ORDER BY e.name_key, e.user_id
            LIMIT @max::integer
        ) m
        UNION ALL
        -- All, few of whom match the search.
        SELECT m.*
        FROM found f
        CROSS JOIN LATERAL (
            SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
            WHERE e.user_id = f.id AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@after_name, @after_id)
              AND e.status = ANY (@statuses) AND e.connected = ANY (@connected)
            OFFSET 0
        ) m
        WHERE @all_batches AND (SELECT few FROM few)
        UNION ALL
        -- All.
        SELECT m.*
        FROM unnest(@statuses) AS s(status)
        CROSS JOIN unnest(@connected) AS c(connected)
        CROSS JOIN LATERAL (
            SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
            WHERE e.status = s.status AND e.connected = c.connected AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@after_name, @after_id)
              AND strpos(e.search_key, @search) > 0
            ORDER BY e.name_key, e.user_id
            LIMIT @max
        ) m
        WHERE @all_batches AND NOT (SELECT few FROM few)
    ) p
    ORDER BY p.name_key, p.user_id
    LIMIT @max
)
SELECT s.id, s.version, s.name, p.name_key, s.email, p.batch_id, s.batch_name, s.time_zone, p.status, p.enrolled_at, s.connection,
       s.failure_reason, s.failing_since, s.connected_at,
       -- Only the server of a failing connection is shown.
       CASE WHEN s.failing_since IS NOT NULL OR s.connection = 'needs_reconnect'
           THEN (SELECT a.server FROM wakatime_accounts a WHERE a.user_id = s.id AND a.ref = s.account_ref) ELSE '' END::text AS server,
       w.expected, w.states, w.seen, w.seconds, w.ai_seconds
FROM page p
CROSS JOIN LATERAL (
    SELECT u.id, u.version, u.name, u.email, b.name AS batch_name, b.time_zone,
           coalesce(c.state, 'not_connected')::text AS connection, c.failure_reason, c.failing_since, c.connected_at, c.account_ref, t.today,
           -- domain.TrackedDays, within the last week.
           greatest(t.today, p.enrolled_on) - 6 AS week_from,
           least(t.today, b.ends_on) AS week_to
    FROM users u
    JOIN batches b ON b.id = p.batch_id
    LEFT JOIN wakatime_connections c ON c.user_id = u.id
    CROSS JOIN LATERAL (SELECT zone_day(b.time_zone, @utc::date, @behind::text[], @ahead::text[]) AS today) t
    WHERE u.id = p.user_id
    OFFSET 0
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
ORDER BY p.name_key, p.user_id;

-- name: InsertEnrolment :execrows
-- The calendar is that of enrolled_at.
INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at, enrolled_on, ended_at)
SELECT @id, @user_id, b.id, @status, @enrolled_at, zone_day(b.time_zone, @utc::date, @behind::text[], @ahead::text[]), sqlc.narg('ended_at')
FROM batches b
WHERE b.id = @batch_id;

-- name: UpdateEnrolmentEnded :exec
UPDATE enrolments SET status = @status, ended_at = @now::timestamptz WHERE user_id = @user_id AND ended_at IS NULL;
