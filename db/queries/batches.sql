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
-- As ListStudents, but for the search: there are so few batches that all names can be read.
SELECT p.id, p.name, p.description, p.starts_on, p.ends_on, p.time_zone, p.weekly_goal_seconds, p.ai_time, p.archived_at, p.created_at, p.version,
       coalesce(c.students, 0)::int AS students, coalesce(c.instructors, 0)::int AS instructors, p.name_key
FROM (
    -- Some.
    SELECT m.*
    FROM unnest(@batch_ids::uuid[]) AS i(id)
    CROSS JOIN LATERAL (
        SELECT * FROM batches b
        WHERE b.id = i.id AND (b.name_key, b.id) > (@after_name::text, @after_id::uuid) AND strpos(b.name_key, @search::text) > 0
          AND (@status::text = '' OR @status = batch_status(b.starts_on, b.ends_on, b.archived_at, zone_day(b.time_zone, @utc::date, @behind::text[], @ahead::text[])))
        OFFSET 0
    ) m
    UNION ALL
    -- All.
    (SELECT * FROM batches b
    WHERE @all_batches::bool AND @search = '' AND @status = '' AND (b.name_key, b.id) > (@after_name, @after_id)
    ORDER BY b.name_key, b.id
    LIMIT @max::integer)
    UNION ALL
    -- Those that match filters: the index has all that these need.
    SELECT m.*
    FROM (
        SELECT b.id FROM batches b
        WHERE @all_batches AND (@search <> '' OR @status <> '') AND (b.name_key, b.id) > (@after_name, @after_id) AND strpos(b.name_key, @search) > 0
          AND (@status = '' OR @status = batch_status(b.starts_on, b.ends_on, b.archived_at, zone_day(b.time_zone, @utc, @behind, @ahead)))
        ORDER BY b.name_key, b.id
        LIMIT @max
    ) k
    CROSS JOIN LATERAL (SELECT * FROM batches b WHERE b.id = k.id OFFSET 0) m
    ORDER BY name_key, id
    LIMIT @max
) p
LEFT JOIN LATERAL (SELECT n.students, n.instructors FROM batch_counts n WHERE n.batch_id = p.id OFFSET 0) c ON true
ORDER BY p.name_key, p.id;

-- name: InsertBatch :exec
INSERT INTO batches (id, name, name_key, description, starts_on, ends_on, time_zone, weekly_goal_seconds, ai_time, archived_at, created_at, version)
VALUES (@id, @name, @name_key, @description, @starts_on, @ends_on, @time_zone, sqlc.narg('weekly_goal_seconds'), @ai_time, sqlc.narg('archived_at'), @created_at, @version);

-- name: UpdateBatch :execrows
UPDATE batches
SET name = @name, name_key = @name_key, description = @description, starts_on = @starts_on, ends_on = @ends_on, time_zone = @time_zone,
    weekly_goal_seconds = sqlc.narg('weekly_goal_seconds'), ai_time = @ai_time, archived_at = sqlc.narg('archived_at'), version = version + 1
WHERE id = @id;

-- name: ListInstructors :many
SELECT u.id, u.name, u.email, i.assigned_at
FROM batch_instructors i
JOIN users u ON u.id = i.user_id
WHERE i.batch_id = @batch_id
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
