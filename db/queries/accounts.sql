-- name: GetUser :one
SELECT id, email, name, role, time_zone, suspended_at, created_at, version
FROM users
WHERE id = @id;

-- name: GetStudentMe :one
SELECT u.id, u.email, u.name, u.role, u.time_zone, u.suspended_at, u.created_at, u.version,
       b.id AS batch_id, b.name AS batch_name, b.starts_on, b.ends_on, b.time_zone AS batch_time_zone
FROM users u
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
LEFT JOIN batches b ON b.id = e.batch_id
WHERE u.id = @id;

-- name: GetInstructorMe :one
SELECT u.id, u.email, u.name, u.role, u.time_zone, u.suspended_at, u.created_at, u.version,
       ARRAY(SELECT i.batch_id FROM batch_instructors i WHERE i.user_id = u.id)::uuid[] AS teaches
FROM users u
WHERE u.id = @id;

-- name: LockUser :exec
-- An advisory lock, because it is fair: new share locks of a row are granted while an exclusive
-- lock waits, so a busy actor could block their own suspension.
SELECT pg_advisory_xact_lock(hashtextextended(sqlc.arg(id)::uuid::text, 0));

-- name: LockActor :exec
-- Units of work by the same actor do not wait for each other, but for LockUser.
SELECT pg_advisory_xact_lock_shared(hashtextextended(sqlc.arg(id)::uuid::text, 0));

-- name: GetActor :one
-- A separate statement from the lock: one that waits keeps the snapshot from before the wait.
SELECT u.role, u.suspended_at, e.batch_id,
       ARRAY(SELECT bi.batch_id FROM batch_instructors bi WHERE bi.user_id = u.id ORDER BY bi.batch_id)::uuid[] AS teaches,
       s.last_seen_at, s.expires_at, s.authenticated_at,
       t.expires_at AS api_token_expires_at, t.revoked_at AS api_token_revoked_at
FROM users u
LEFT JOIN sessions s ON s.id = @session_id AND s.user_id = u.id
LEFT JOIN api_tokens t ON t.id = @api_token_id AND t.user_id = u.id
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
WHERE u.id = @user_id;

-- name: LockAdmins :exec
-- A separate statement: the next one sees what was committed while this one waited.
SELECT pg_advisory_xact_lock(5104718);

-- name: ListAdmins :many
SELECT id FROM users WHERE role = 'admin' AND suspended_at IS NULL ORDER BY id;

-- name: GetUserByEmail :one
SELECT id, email, name, role, time_zone, suspended_at, created_at, version, password_hash
FROM users
WHERE email = @email;

-- name: ListUsers :many
SELECT id, email, name, role, time_zone, suspended_at, created_at, version, name_key
FROM users
WHERE (name_key, id) > (@after_name::text, @after_id::uuid)
ORDER BY name_key, id
LIMIT @max::integer;

-- name: ListUsersOfRole :many
SELECT id, email, name, role, time_zone, suspended_at, created_at, version, name_key
FROM users
WHERE role = @role AND (name_key, id) > (@after_name::text, @after_id::uuid)
ORDER BY name_key, id
LIMIT @max::integer;

-- name: SearchUsers :many
-- The names that start with the text, then the other matches: decision 0060. The branches are read
-- in this order until the page is full, so a page of the first group reads nothing else.
WITH found AS MATERIALIZED (
    SELECT id, email, name, role, time_zone, suspended_at, created_at, version, name_key FROM users WHERE length(@search::text) > 2 AND search_key LIKE @pattern::text
    UNION ALL
    SELECT id, email, name, role, time_zone, suspended_at, created_at, version, name_key FROM users WHERE length(@search) IN (1, 2) AND search_grams(search_key) @> ARRAY[@search]
    LIMIT 151
)
(SELECT id, email, name, role, time_zone, suspended_at, created_at, version, name_key FROM users u
WHERE (u.name_key, u.id) > (@starts_name::text, @starts_id::uuid) AND u.name_key < @search_end::text
ORDER BY u.name_key, u.id
LIMIT @max::integer)
UNION ALL
-- Few match.
(SELECT * FROM found f
WHERE (SELECT count(*) < 151 FROM found) AND (f.name_key, f.id) > (@rest_name::text, @rest_id::uuid) AND NOT starts_with(f.name_key, @search)
ORDER BY f.name_key, f.id
LIMIT @max)
UNION ALL
-- Many match: reads names in order, from an index, then the users on the page.
(SELECT m.*
FROM (
    SELECT u.id, u.name_key FROM users u
    WHERE NOT (SELECT count(*) < 151 FROM found) AND (u.name_key, u.id) > (@rest_name, @rest_id)
      AND strpos(u.search_key, @search) > 0 AND NOT starts_with(u.name_key, @search)
    ORDER BY u.name_key, u.id
    LIMIT @max
) k
CROSS JOIN LATERAL (SELECT id, email, name, role, time_zone, suspended_at, created_at, version, name_key FROM users u WHERE u.id = k.id OFFSET 0) m
ORDER BY k.name_key, k.id)
LIMIT @max;

-- name: SearchUsersOfRole :many
-- As SearchUsers, with an index that leads with the role.
WITH found AS MATERIALIZED (
    SELECT id, email, name, role, time_zone, suspended_at, created_at, version, name_key FROM users WHERE length(@search::text) > 2 AND search_key LIKE @pattern::text AND role = @role::text
    UNION ALL
    SELECT id, email, name, role, time_zone, suspended_at, created_at, version, name_key FROM users WHERE length(@search) IN (1, 2) AND search_grams(search_key) @> ARRAY[@search] AND role = @role
    LIMIT 151
)
(SELECT id, email, name, role, time_zone, suspended_at, created_at, version, name_key FROM users u
WHERE u.role = @role AND (u.name_key, u.id) > (@starts_name::text, @starts_id::uuid) AND u.name_key < @search_end::text
ORDER BY u.name_key, u.id
LIMIT @max::integer)
UNION ALL
-- Few match.
(SELECT * FROM found f
WHERE (SELECT count(*) < 151 FROM found) AND (f.name_key, f.id) > (@rest_name::text, @rest_id::uuid) AND NOT starts_with(f.name_key, @search)
ORDER BY f.name_key, f.id
LIMIT @max)
UNION ALL
-- Many match: reads names in order, from an index, then the users on the page.
(SELECT m.*
FROM (
    SELECT u.id, u.name_key FROM users u
    WHERE u.role = @role AND NOT (SELECT count(*) < 151 FROM found) AND (u.name_key, u.id) > (@rest_name, @rest_id)
      AND strpos(u.search_key, @search) > 0 AND NOT starts_with(u.name_key, @search)
    ORDER BY u.name_key, u.id
    LIMIT @max
) k
CROSS JOIN LATERAL (SELECT id, email, name, role, time_zone, suspended_at, created_at, version, name_key FROM users u WHERE u.id = k.id OFFSET 0) m
ORDER BY k.name_key, k.id)
LIMIT @max;

-- name: InsertUser :exec
INSERT INTO users (id, email, name, name_key, search_key, role, time_zone, password_hash, suspended_at, created_at, version)
VALUES (@id, @email, @name, @name_key, @search_key, @role, @time_zone, @password_hash, sqlc.narg('suspended_at'), @created_at, @version);

-- name: UpdateUser :execrows
UPDATE users
SET name = @name, name_key = @name_key, search_key = @search_key, role = @role, time_zone = @time_zone, suspended_at = sqlc.narg('suspended_at'), version = version + 1
WHERE id = @id;

-- name: UpdateUserEmail :execrows
UPDATE users SET email = @email, search_key = @search_key, version = version + 1 WHERE id = @id;

-- name: UpdatePasswordHash :exec
UPDATE users SET password_hash = @to_hash WHERE id = @id AND password_hash = @from_hash;

-- name: ResetPasswordHash :execrows
WITH ended AS (DELETE FROM confirmations c WHERE c.user_id = @id AND c.kind IN ('password_reset', 'email_change'))
UPDATE users SET password_hash = @password_hash WHERE id = @id;

-- name: GetSession :one
-- Records the use about once a minute, and never for an expired session or token: that would
-- revive them.
WITH touched AS (
    UPDATE sessions AS x
    SET last_seen_at = @now::timestamptz
    WHERE x.token_hash = @token_hash
      AND x.last_seen_at <= @last_seen_before::timestamptz
      AND x.last_seen_at > @idle_since::timestamptz
      AND x.expires_at > @now::timestamptz
      AND (x.token_expires_at IS NULL OR x.token_expires_at > @now::timestamptz)
)
SELECT s.id, s.user_agent, s.created_at, s.last_seen_at, s.expires_at, s.authenticated_at, s.token_expires_at,
       u.id AS user_id, u.email, u.name, u.role, u.time_zone, u.suspended_at, u.created_at AS user_created_at, u.version,
       e.batch_id,
       ARRAY(SELECT bi.batch_id FROM batch_instructors bi WHERE bi.user_id = u.id ORDER BY bi.batch_id)::uuid[] AS teaches,
       EXISTS (SELECT FROM totp t WHERE t.user_id = u.id AND t.confirmed_at IS NOT NULL) AS totp
FROM sessions s
JOIN users u ON u.id = s.user_id
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
WHERE s.token_hash = @token_hash;

-- name: DeleteSession :many
DELETE FROM sessions WHERE id = @id RETURNING user_id;

-- name: DeleteSessionByToken :one
DELETE FROM sessions WHERE token_hash = @token_hash RETURNING id, user_id;

-- name: DeleteSessions :execrows
DELETE FROM sessions WHERE user_id = @user_id;

-- name: DeleteExpiredSessions :execrows
DELETE FROM sessions WHERE expires_at <= @now OR last_seen_at <= @idle_since;
