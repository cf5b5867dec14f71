-- Pages of students. Each statement selects the page in one of the ways that docs/slice.md
-- describes, and then reads what is on it: each batch once, and the summary of each student. OFFSET
-- 0 keeps Postgres from joining whole tables. The program counts the days that are in the week of
-- the student.

-- name: GetStudent :one
SELECT e.user_id, s.version, s.name, e.name_key, s.email, e.batch_id, b.name AS batch_name, b.time_zone, b.ends_on, e.status, e.enrolled_at, e.enrolled_on,
       s.connection, s.failure_reason, s.failing_since, coalesce(s.connected_at, e.enrolled_at)::timestamptz AS connected_at, s.server, s.days
FROM enrolments e
CROSS JOIN LATERAL (SELECT name, time_zone, ends_on FROM batches WHERE id = e.batch_id OFFSET 0) b
JOIN user_summaries s ON s.user_id = e.user_id
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
SELECT p.user_id, s.version, s.name, p.name_key, s.email, p.batch_id, b.name AS batch_name, b.time_zone, b.ends_on, p.status, p.enrolled_at, p.enrolled_on,
       s.connection, s.failure_reason, s.failing_since, coalesce(s.connected_at, p.enrolled_at)::timestamptz AS connected_at, s.server, s.days
FROM page p
JOIN taught b ON b.id = p.batch_id
CROSS JOIN LATERAL (SELECT * FROM user_summaries WHERE user_id = p.user_id OFFSET 0) s
ORDER BY p.name_key, p.user_id;

-- name: ListStudentsOfBatches :many
WITH page AS MATERIALIZED (
    SELECT m.*
    FROM unnest(@batch_ids::uuid[]) AS b(id)
    CROSS JOIN LATERAL (
        SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
        WHERE e.batch_id = b.id AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@after_name::text, @after_id::uuid)
          AND (@status::text = '' OR e.status = @status) AND (sqlc.narg('connected')::bool IS NULL OR e.connected = sqlc.narg('connected'))
        ORDER BY e.name_key, e.user_id
        LIMIT @max::integer
    ) m
    ORDER BY m.name_key, m.user_id
    LIMIT @max
), taught AS MATERIALIZED (
    SELECT id, name, time_zone, ends_on FROM batches WHERE id = ANY (ARRAY(SELECT batch_id FROM page))
)
SELECT p.user_id, s.version, s.name, p.name_key, s.email, p.batch_id, b.name AS batch_name, b.time_zone, b.ends_on, p.status, p.enrolled_at, p.enrolled_on,
       s.connection, s.failure_reason, s.failing_since, coalesce(s.connected_at, p.enrolled_at)::timestamptz AS connected_at, s.server, s.days
FROM page p
JOIN taught b ON b.id = p.batch_id
CROSS JOIN LATERAL (SELECT * FROM user_summaries WHERE user_id = p.user_id OFFSET 0) s
ORDER BY p.name_key, p.user_id;

-- name: SearchStudents :many
-- As SearchUsers: the branches are read in order until the page is full.
WITH found AS MATERIALIZED (
    SELECT id, name_key FROM users WHERE length(@search::text) > 2 AND search_key LIKE @pattern::text
    UNION ALL
    SELECT id, name_key FROM users WHERE length(@search) IN (1, 2) AND search_grams(search_key) @> ARRAY[@search]
    LIMIT 151
), page AS MATERIALIZED (
    (SELECT m.*
    FROM (SELECT unnest(@statuses::text[]) AS status, unnest(@connected::bool[]) AS connected) s
    CROSS JOIN LATERAL (
        SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
        WHERE e.status = s.status AND e.connected = s.connected AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@starts_name::text, @starts_id::uuid) AND e.name_key < @search_end::text
        ORDER BY e.name_key, e.user_id
        LIMIT @max::integer
    ) m
    ORDER BY m.name_key, m.user_id
    LIMIT @max)
    UNION ALL
    -- Few others match.
    (SELECT m.*
    FROM found f
    CROSS JOIN LATERAL (
        SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
        WHERE e.user_id = f.id AND e.ended_at IS NULL AND e.status = ANY (@statuses) AND e.connected = ANY (@connected)
        OFFSET 0
    ) m
    WHERE (SELECT count(*) < 151 FROM found) AND (f.name_key, f.id) > (@rest_name::text, @rest_id::uuid) AND NOT starts_with(f.name_key, @search)
    ORDER BY f.name_key, f.id
    LIMIT @max)
    UNION ALL
    -- Many others match.
    (SELECT m.*
    FROM (SELECT unnest(@statuses) AS status, unnest(@connected) AS connected) s
    CROSS JOIN LATERAL (
        SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
        WHERE e.status = s.status AND e.connected = s.connected AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@rest_name, @rest_id)
          AND strpos(e.search_key, @search) > 0 AND NOT starts_with(e.name_key, @search)
        ORDER BY e.name_key, e.user_id
        LIMIT @max
    ) m
    WHERE NOT (SELECT count(*) < 151 FROM found)
    ORDER BY m.name_key, m.user_id
    LIMIT @max)
    LIMIT @max
), taught AS MATERIALIZED (
    SELECT id, name, time_zone, ends_on FROM batches WHERE id = ANY (ARRAY(SELECT batch_id FROM page))
)
SELECT p.user_id, s.version, s.name, p.name_key, s.email, p.batch_id, b.name AS batch_name, b.time_zone, b.ends_on, p.status, p.enrolled_at, p.enrolled_on,
       s.connection, s.failure_reason, s.failing_since, coalesce(s.connected_at, p.enrolled_at)::timestamptz AS connected_at, s.server, s.days
FROM page p
JOIN taught b ON b.id = p.batch_id
CROSS JOIN LATERAL (SELECT * FROM user_summaries WHERE user_id = p.user_id OFFSET 0) s
ORDER BY starts_with(p.name_key, @search) DESC, p.name_key, p.user_id;

-- name: SearchStudentsOfBatches :many
-- As SearchStudents. Each batch is a range, which is not read if nobody has such a name. All names
-- of a batch are few buffers, so the matches of the school are read only instead of many batches.
WITH found AS MATERIALIZED (
    SELECT id, name_key FROM users WHERE cardinality(@batch_ids::uuid[]) > 4 AND length(@search::text) > 2 AND search_key LIKE @pattern::text
    UNION ALL
    SELECT id, name_key FROM users WHERE cardinality(@batch_ids) > 4 AND length(@search) IN (1, 2) AND search_grams(search_key) @> ARRAY[@search]
    LIMIT 26
), few AS MATERIALIZED (
    SELECT cardinality(@batch_ids) > 4 AND count(*) < 26 AS few FROM found
), page AS MATERIALIZED (
    (SELECT m.*
    FROM unnest(@batch_ids) AS b(id)
    CROSS JOIN LATERAL (
        SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
        WHERE e.batch_id = b.id AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@starts_name::text, @starts_id::uuid) AND e.name_key < @search_end::text
          AND (@status::text = '' OR e.status = @status) AND (sqlc.narg('connected')::bool IS NULL OR e.connected = sqlc.narg('connected'))
        ORDER BY e.name_key, e.user_id
        LIMIT @max::integer
    ) m
    WHERE EXISTS (SELECT FROM users WHERE name_key >= @search AND name_key < @search_end)
    ORDER BY m.name_key, m.user_id
    LIMIT @max)
    UNION ALL
    -- Few others match.
    (SELECT m.*
    FROM found f
    CROSS JOIN LATERAL (
        SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
        WHERE e.user_id = f.id AND e.ended_at IS NULL AND e.batch_id = ANY (@batch_ids) AND (@status::text = '' OR e.status = @status) AND (sqlc.narg('connected')::bool IS NULL OR e.connected = sqlc.narg('connected'))
        OFFSET 0
    ) m
    WHERE (SELECT few FROM few) AND (f.name_key, f.id) > (@rest_name::text, @rest_id::uuid) AND NOT starts_with(f.name_key, @search)
    ORDER BY f.name_key, f.id
    LIMIT @max)
    UNION ALL
    -- Many others match.
    (SELECT m.*
    FROM unnest(@batch_ids) AS b(id)
    CROSS JOIN LATERAL (
        SELECT e.user_id, e.name_key, e.batch_id, e.status, e.enrolled_at, e.enrolled_on FROM enrolments e
        WHERE e.batch_id = b.id AND e.ended_at IS NULL AND (e.name_key, e.user_id) > (@rest_name, @rest_id)
          AND (@status::text = '' OR e.status = @status) AND (sqlc.narg('connected')::bool IS NULL OR e.connected = sqlc.narg('connected'))
          AND strpos(e.search_key, @search) > 0 AND NOT starts_with(e.name_key, @search)
        ORDER BY e.name_key, e.user_id
        LIMIT @max
    ) m
    WHERE NOT (SELECT few FROM few)
    ORDER BY m.name_key, m.user_id
    LIMIT @max)
    LIMIT @max
), taught AS MATERIALIZED (
    SELECT id, name, time_zone, ends_on FROM batches WHERE id = ANY (ARRAY(SELECT batch_id FROM page))
)
SELECT p.user_id, s.version, s.name, p.name_key, s.email, p.batch_id, b.name AS batch_name, b.time_zone, b.ends_on, p.status, p.enrolled_at, p.enrolled_on,
       s.connection, s.failure_reason, s.failing_since, coalesce(s.connected_at, p.enrolled_at)::timestamptz AS connected_at, s.server, s.days
FROM page p
JOIN taught b ON b.id = p.batch_id
CROSS JOIN LATERAL (SELECT * FROM user_summaries WHERE user_id = p.user_id OFFSET 0) s
ORDER BY starts_with(p.name_key, @search) DESC, p.name_key, p.user_id;

-- name: InsertEnrolment :execrows
-- The calendar is that of enrolled_at.
INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at, enrolled_on, ended_at)
SELECT @id, @user_id, b.id, @status, @enrolled_at, zone_day(b.time_zone, @utc::date, @behind::text[], @ahead::text[]), sqlc.narg('ended_at')
FROM batches b
WHERE b.id = @batch_id;

-- name: UpdateEnrolmentEnded :exec
UPDATE enrolments SET status = @status, ended_at = @now::timestamptz WHERE user_id = @user_id AND ended_at IS NULL;
