-- Pages of students. Each statement selects the page in one of the ways that docs/slice.md
-- describes, and then reads what is on it: each batch once, and of each student the user, the
-- connection and the days that can be in their last week in any time zone. OFFSET 0 keeps Postgres
-- from joining whole tables. The program counts the days, which are packed as in ListBatchProgress.
-- Only the server of a failing connection is shown.

-- name: GetStudent :one
SELECT e.user_id, u.version, u.name, u.name_key, u.email, e.batch_id, b.name AS batch_name, b.time_zone, b.ends_on, e.status, e.enrolled_at, e.enrolled_on,
       coalesce(c.state, 'not_connected')::text AS connection, c.failure_reason, c.failing_since, coalesce(c.connected_at, e.enrolled_at)::timestamptz AS connected_at,
       CASE WHEN c.failing_since IS NOT NULL OR c.state = 'needs_reconnect'
           THEN (SELECT a.server FROM wakatime_accounts a WHERE a.user_id = c.user_id AND a.ref = c.account_ref) ELSE '' END::text AS server,
       ARRAY(
           SELECT ((x.day - @from_day::date)::bigint << 38) + ((CASE x.state WHEN 'ok' THEN 0 WHEN 'empty' THEN 1 WHEN 'partial' THEN 2 WHEN 'pending' THEN 3 WHEN 'plan_limited' THEN 4 ELSE 5 END)::bigint << 34)
               + ((coalesce(x.ai_seconds, -1) + 1)::bigint << 17) + coalesce(x.seconds, -1) + 1
           FROM days x
           WHERE x.user_id = e.user_id AND x.day BETWEEN @from_day AND @to_day::date
       )::bigint[] AS days
FROM enrolments e
JOIN users u ON u.id = e.user_id
CROSS JOIN LATERAL (SELECT name, time_zone, ends_on FROM batches WHERE id = e.batch_id OFFSET 0) b
LEFT JOIN wakatime_connections c ON c.user_id = e.user_id
WHERE e.user_id = @user_id AND e.ended_at IS NULL;

-- name: ListStudents :many
-- Each status with or without a connection is a range of the index.
WITH page AS MATERIALIZED (
    SELECT m.*
    FROM (SELECT unnest(@statuses::text[]) AS status, unnest(@connected::bool[]) AS connected) s
    CROSS JOIN LATERAL (
        SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
        WHERE e.status = s.status AND e.connected = s.connected AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@after_name::text, @after_id::uuid)
        ORDER BY e.name_key, e.user_id
        LIMIT @max::integer
    ) m
    ORDER BY m.name_key, m.user_id
    LIMIT @max
), taught AS MATERIALIZED (
    SELECT id, name, time_zone, ends_on FROM batches WHERE id = ANY (ARRAY(SELECT batch_id FROM page))
)
SELECT p.user_id, u.version, u.name, p.name_key, u.email, p.batch_id, b.name AS batch_name, b.time_zone, b.ends_on, p.status, p.enrolled_at, p.enrolled_on,
       coalesce(c.state, 'not_connected')::text AS connection, c.failure_reason, c.failing_since, coalesce(c.connected_at, p.enrolled_at)::timestamptz AS connected_at,
       CASE WHEN c.failing_since IS NOT NULL OR c.state = 'needs_reconnect'
           THEN (SELECT a.server FROM wakatime_accounts a WHERE a.user_id = c.user_id AND a.ref = c.account_ref) ELSE '' END::text AS server,
       ARRAY(
           SELECT ((x.day - @from_day::date)::bigint << 38) + ((CASE x.state WHEN 'ok' THEN 0 WHEN 'empty' THEN 1 WHEN 'partial' THEN 2 WHEN 'pending' THEN 3 WHEN 'plan_limited' THEN 4 ELSE 5 END)::bigint << 34)
               + ((coalesce(x.ai_seconds, -1) + 1)::bigint << 17) + coalesce(x.seconds, -1) + 1
           FROM days x
           WHERE x.user_id = p.user_id AND x.day BETWEEN @from_day AND @to_day::date
       )::bigint[] AS days
FROM page p
JOIN taught b ON b.id = p.batch_id
CROSS JOIN LATERAL (SELECT version, name, email FROM users WHERE id = p.user_id OFFSET 0) u
LEFT JOIN LATERAL (SELECT * FROM wakatime_connections WHERE user_id = p.user_id OFFSET 0) c ON true
ORDER BY p.name_key, p.user_id;

-- name: ListStudentsOfBatches :many
WITH page AS MATERIALIZED (
    SELECT m.*
    FROM unnest(@batch_ids::uuid[]) AS b(id)
    CROSS JOIN LATERAL (
        SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
        WHERE e.batch_id = b.id AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@after_name::text, @after_id::uuid)
          AND (@status::text = '' OR e.status = @status) AND (sqlc.narg('connected')::bool IS NULL OR e.connected = sqlc.narg('connected'))
          AND (@search::text = '' OR strpos(e.search_key, @search) > 0)
        ORDER BY e.name_key, e.user_id
        LIMIT @max::integer
    ) m
    ORDER BY m.name_key, m.user_id
    LIMIT @max
), taught AS MATERIALIZED (
    SELECT id, name, time_zone, ends_on FROM batches WHERE id = ANY (ARRAY(SELECT batch_id FROM page))
)
SELECT p.user_id, u.version, u.name, p.name_key, u.email, p.batch_id, b.name AS batch_name, b.time_zone, b.ends_on, p.status, p.enrolled_at, p.enrolled_on,
       coalesce(c.state, 'not_connected')::text AS connection, c.failure_reason, c.failing_since, coalesce(c.connected_at, p.enrolled_at)::timestamptz AS connected_at,
       CASE WHEN c.failing_since IS NOT NULL OR c.state = 'needs_reconnect'
           THEN (SELECT a.server FROM wakatime_accounts a WHERE a.user_id = c.user_id AND a.ref = c.account_ref) ELSE '' END::text AS server,
       ARRAY(
           SELECT ((x.day - @from_day::date)::bigint << 38) + ((CASE x.state WHEN 'ok' THEN 0 WHEN 'empty' THEN 1 WHEN 'partial' THEN 2 WHEN 'pending' THEN 3 WHEN 'plan_limited' THEN 4 ELSE 5 END)::bigint << 34)
               + ((coalesce(x.ai_seconds, -1) + 1)::bigint << 17) + coalesce(x.seconds, -1) + 1
           FROM days x
           WHERE x.user_id = p.user_id AND x.day BETWEEN @from_day AND @to_day::date
       )::bigint[] AS days
FROM page p
JOIN taught b ON b.id = p.batch_id
CROSS JOIN LATERAL (SELECT version, name, email FROM users WHERE id = p.user_id OFFSET 0) u
LEFT JOIN LATERAL (SELECT * FROM wakatime_connections WHERE user_id = p.user_id OFFSET 0) c ON true
ORDER BY p.name_key, p.user_id;

-- name: SearchStudents :many
WITH found AS MATERIALIZED (
    SELECT id FROM users WHERE length(@search::text) > 2 AND search_key LIKE @pattern::text
    UNION ALL
    SELECT id FROM users WHERE length(@search) IN (1, 2) AND search_grams(search_key) @> ARRAY[@search]
), few AS MATERIALIZED (
    SELECT count(*) <= 100 AS few FROM (SELECT FROM found LIMIT 101) f
), page AS MATERIALIZED (
    SELECT p.*
    FROM (
        -- Few match.
        SELECT m.*
        FROM found f
        CROSS JOIN LATERAL (
            SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
            WHERE e.user_id = f.id AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@after_name::text, @after_id::uuid)
              AND e.status = ANY (@statuses::text[]) AND e.connected = ANY (@connected::bool[])
            OFFSET 0
        ) m
        WHERE (SELECT few FROM few)
        UNION ALL
        -- All.
        SELECT m.*
        FROM (SELECT unnest(@statuses) AS status, unnest(@connected) AS connected) s
        CROSS JOIN LATERAL (
            SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
            WHERE e.status = s.status AND e.connected = s.connected AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@after_name, @after_id)
              AND strpos(e.search_key, @search) > 0
            ORDER BY e.name_key, e.user_id
            LIMIT @max::integer
        ) m
        WHERE NOT (SELECT few FROM few)
    ) p
    ORDER BY p.name_key, p.user_id
    LIMIT @max
), taught AS MATERIALIZED (
    SELECT id, name, time_zone, ends_on FROM batches WHERE id = ANY (ARRAY(SELECT batch_id FROM page))
)
SELECT p.user_id, u.version, u.name, p.name_key, u.email, p.batch_id, b.name AS batch_name, b.time_zone, b.ends_on, p.status, p.enrolled_at, p.enrolled_on,
       coalesce(c.state, 'not_connected')::text AS connection, c.failure_reason, c.failing_since, coalesce(c.connected_at, p.enrolled_at)::timestamptz AS connected_at,
       CASE WHEN c.failing_since IS NOT NULL OR c.state = 'needs_reconnect'
           THEN (SELECT a.server FROM wakatime_accounts a WHERE a.user_id = c.user_id AND a.ref = c.account_ref) ELSE '' END::text AS server,
       ARRAY(
           SELECT ((x.day - @from_day::date)::bigint << 38) + ((CASE x.state WHEN 'ok' THEN 0 WHEN 'empty' THEN 1 WHEN 'partial' THEN 2 WHEN 'pending' THEN 3 WHEN 'plan_limited' THEN 4 ELSE 5 END)::bigint << 34)
               + ((coalesce(x.ai_seconds, -1) + 1)::bigint << 17) + coalesce(x.seconds, -1) + 1
           FROM days x
           WHERE x.user_id = p.user_id AND x.day BETWEEN @from_day AND @to_day::date
       )::bigint[] AS days
FROM page p
JOIN taught b ON b.id = p.batch_id
CROSS JOIN LATERAL (SELECT version, name, email FROM users WHERE id = p.user_id OFFSET 0) u
LEFT JOIN LATERAL (SELECT * FROM wakatime_connections WHERE user_id = p.user_id OFFSET 0) c ON true
ORDER BY p.name_key, p.user_id;

-- name: InsertEnrolment :execrows
-- The calendar is that of enrolled_at.
INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at, enrolled_on, ended_at)
SELECT @id, @user_id, b.id, @status, @enrolled_at, zone_day(b.time_zone, @utc::date, @behind::text[], @ahead::text[]), sqlc.narg('ended_at')
FROM batches b
WHERE b.id = @batch_id;

-- name: UpdateEnrolmentEnded :exec
UPDATE enrolments SET status = @status, ended_at = @now::timestamptz WHERE user_id = @user_id AND ended_at IS NULL;
