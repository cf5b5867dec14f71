-- name: ListEnrolledUsers :many
SELECT user_id FROM enrolments WHERE batch_id = @batch_id AND ended_at IS NULL ORDER BY user_id;

-- name: GetBatch :one
SELECT b.id, b.name, b.description, b.starts_on, b.ends_on, b.time_zone, b.weekly_goal_seconds, b.ai_time, b.archived_at, b.created_at, b.version,
       coalesce(c.students, 0)::int AS students, coalesce(c.instructors, 0)::int AS instructors
FROM batches b
LEFT JOIN batch_counts c ON c.batch_id = b.id
WHERE b.id = @id;

-- name: LockBatch :one
SELECT id FROM batches WHERE id = @id FOR NO KEY UPDATE;

-- name: ListBatches :many
SELECT b.id, b.name, b.description, b.starts_on, b.ends_on, b.time_zone, b.weekly_goal_seconds, b.ai_time, b.archived_at, b.created_at, b.version,
       coalesce(c.students, 0)::int AS students, coalesce(c.instructors, 0)::int AS instructors, b.name_key
FROM (
    SELECT * FROM batches a WHERE (a.name_key, a.id) > (@after_name::text, @after_id::uuid) ORDER BY a.name_key, a.id LIMIT @max::integer
) b
LEFT JOIN LATERAL (SELECT n.students, n.instructors FROM batch_counts n WHERE n.batch_id = b.id OFFSET 0) c ON true
ORDER BY b.name_key, b.id;

-- name: ListBatchesWithStatus :many
-- The index has all that the filter needs.
SELECT b.id, b.name, b.description, b.starts_on, b.ends_on, b.time_zone, b.weekly_goal_seconds, b.ai_time, b.archived_at, b.created_at, b.version,
       coalesce(c.students, 0)::int AS students, coalesce(c.instructors, 0)::int AS instructors, b.name_key
FROM (
    SELECT a.id FROM batches a
    WHERE (a.name_key, a.id) > (@after_name::text, @after_id::uuid) AND @status::text = batch_status(a.starts_on, a.ends_on, a.archived_at, zone_day(a.time_zone, @utc::date, @behind::text[], @ahead::text[]))
    ORDER BY a.name_key, a.id
    LIMIT @max::integer
) k
CROSS JOIN LATERAL (SELECT * FROM batches a WHERE a.id = k.id OFFSET 0) b
LEFT JOIN LATERAL (SELECT n.students, n.instructors FROM batch_counts n WHERE n.batch_id = b.id OFFSET 0) c ON true
ORDER BY b.name_key, b.id;

-- name: ListBatchesOf :many
-- Those of an instructor or a student, with any search and status. In a search, the names that
-- start with the text come first.
SELECT b.id, b.name, b.description, b.starts_on, b.ends_on, b.time_zone, b.weekly_goal_seconds, b.ai_time, b.archived_at, b.created_at, b.version,
       coalesce(c.students, 0)::int AS students, coalesce(c.instructors, 0)::int AS instructors, b.name_key
FROM (
    SELECT * FROM batches a
    WHERE a.id = ANY (@batch_ids::uuid[]) AND (NOT starts_with(a.name_key, @search::text), a.name_key, a.id) > (@after_rest::bool, @after_name::text, @after_id::uuid)
      AND (@search = '' OR strpos(a.name_key, @search) > 0) AND (@status::text = '' OR @status = batch_status(a.starts_on, a.ends_on, a.archived_at, zone_day(a.time_zone, @utc::date, @behind::text[], @ahead::text[])))
    ORDER BY NOT starts_with(a.name_key, @search), a.name_key, a.id
    LIMIT @max::integer
) b
LEFT JOIN LATERAL (SELECT n.students, n.instructors FROM batch_counts n WHERE n.batch_id = b.id OFFSET 0) c ON true
ORDER BY NOT starts_with(b.name_key, @search), b.name_key, b.id;

-- name: SearchBatches :many
-- As SearchUsers, with any status.
WITH found AS MATERIALIZED (
    SELECT id, name_key, starts_on, ends_on, time_zone, archived_at FROM batches WHERE length(@search::text) > 2 AND name_key LIKE @pattern::text
    UNION ALL
    SELECT id, name_key, starts_on, ends_on, time_zone, archived_at FROM batches WHERE length(@search) IN (1, 2) AND search_grams(name_key) @> ARRAY[@search]
    LIMIT 151
), page AS MATERIALIZED (
    (SELECT a.id FROM batches a
    WHERE (a.name_key, a.id) > (@starts_name::text, @starts_id::uuid) AND a.name_key < @search_end::text
      AND (@status::text = '' OR @status = batch_status(a.starts_on, a.ends_on, a.archived_at, zone_day(a.time_zone, @utc::date, @behind::text[], @ahead::text[])))
    ORDER BY a.name_key, a.id
    LIMIT @max::integer)
    UNION ALL
    -- Few match.
    (SELECT f.id FROM found f
    WHERE (SELECT count(*) < 151 FROM found) AND (f.name_key, f.id) > (@rest_name::text, @rest_id::uuid) AND NOT starts_with(f.name_key, @search)
      AND (@status = '' OR @status = batch_status(f.starts_on, f.ends_on, f.archived_at, zone_day(f.time_zone, @utc, @behind, @ahead)))
    ORDER BY f.name_key, f.id
    LIMIT @max)
    UNION ALL
    -- Many match: reads names in order, from an index.
    (SELECT a.id FROM batches a
    WHERE NOT (SELECT count(*) < 151 FROM found) AND (a.name_key, a.id) > (@rest_name, @rest_id) AND strpos(a.name_key, @search) > 1
      AND (@status = '' OR @status = batch_status(a.starts_on, a.ends_on, a.archived_at, zone_day(a.time_zone, @utc, @behind, @ahead)))
    ORDER BY a.name_key, a.id
    LIMIT @max)
    LIMIT @max
)
SELECT b.id, b.name, b.description, b.starts_on, b.ends_on, b.time_zone, b.weekly_goal_seconds, b.ai_time, b.archived_at, b.created_at, b.version,
       coalesce(c.students, 0)::int AS students, coalesce(c.instructors, 0)::int AS instructors, b.name_key
FROM page k
CROSS JOIN LATERAL (SELECT * FROM batches a WHERE a.id = k.id OFFSET 0) b
LEFT JOIN LATERAL (SELECT n.students, n.instructors FROM batch_counts n WHERE n.batch_id = b.id OFFSET 0) c ON true
ORDER BY NOT starts_with(b.name_key, @search), b.name_key, b.id;

-- name: InsertBatch :exec
INSERT INTO batches (id, name, name_key, description, starts_on, ends_on, time_zone, weekly_goal_seconds, ai_time, archived_at, created_at, version)
VALUES (@id, @name, @name_key, @description, @starts_on, @ends_on, @time_zone, sqlc.narg('weekly_goal_seconds'), @ai_time, sqlc.narg('archived_at'), @created_at, @version);

-- name: UpdateBatch :execrows
UPDATE batches
SET name = @name, name_key = @name_key, description = @description, starts_on = @starts_on, ends_on = @ends_on, time_zone = @time_zone,
    weekly_goal_seconds = sqlc.narg('weekly_goal_seconds'), ai_time = @ai_time, archived_at = sqlc.narg('archived_at'), version = version + 1
WHERE id = @id;

-- name: ListInstructors :many
-- One row without an instructor if there are none, and no row without the batch.
SELECT u.id, u.name, u.email, i.assigned_at
FROM batches b
LEFT JOIN batch_instructors i ON i.batch_id = b.id
LEFT JOIN users u ON u.id = i.user_id
WHERE b.id = @batch_id
ORDER BY u.name_key, u.id;

-- name: InsertInstructor :execrows
INSERT INTO batch_instructors (batch_id, user_id, assigned_at)
VALUES (@batch_id, @user_id, @assigned_at)
ON CONFLICT (batch_id, user_id) DO NOTHING;

-- name: DeleteInstructor :execrows
DELETE FROM batch_instructors WHERE batch_id = @batch_id AND user_id = @user_id;

-- name: DeleteInstructorAssignments :exec
DELETE FROM batch_instructors WHERE user_id = @user_id;

-- name: GetRegistrationKey :one
SELECT k.batch_id, k.key_sealed, (k.switched_off_at IS NULL)::bool AS enabled, k.expires_at, k.seats, k.rotated_at, k.version,
       (SELECT count(*) FROM enrolments e WHERE e.batch_id = k.batch_id AND e.ended_at IS NULL)::int AS taken
FROM registration_keys k
WHERE k.batch_id = @batch_id;

-- name: LockRegistrationKey :one
-- The next statement counts the seats: a statement that waits for a lock keeps the
-- snapshot from before the wait and would allow too many students.
SELECT batch_id FROM registration_keys WHERE batch_id = @batch_id FOR UPDATE;

-- name: LockRegistrationKeyByHash :one
SELECT k.batch_id
FROM registration_keys k
JOIN batches b ON b.id = k.batch_id
WHERE k.key_hash = @key_hash AND b.archived_at IS NULL
FOR UPDATE OF k;

-- name: UpsertRegistrationKey :exec
INSERT INTO registration_keys AS k (batch_id, key_hash, key_sealed, switched_off_at, expires_at, seats, rotated_at, version)
VALUES (@batch_id, @key_hash, @key_sealed, CASE WHEN NOT @enabled::bool THEN @now::timestamptz END, sqlc.narg('expires_at'), sqlc.narg('seats'), @rotated_at, @version)
ON CONFLICT (batch_id) DO UPDATE
SET key_hash = excluded.key_hash, key_sealed = excluded.key_sealed, expires_at = excluded.expires_at, seats = excluded.seats, rotated_at = excluded.rotated_at, version = excluded.version,
    switched_off_at = CASE WHEN NOT @enabled::bool THEN coalesce(k.switched_off_at, @now::timestamptz) END;
