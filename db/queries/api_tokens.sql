-- name: InsertAPIToken :exec
INSERT INTO api_tokens (id, user_id, token_hash, name, scopes, created_at, expires_at)
VALUES (@id, @user_id, @token_hash, @name, @scopes, @created_at, @expires_at);

-- name: CountAPITokens :one
SELECT count(*) FROM api_tokens WHERE user_id = @user_id AND revoked_at IS NULL AND expires_at > @now;

-- name: GetAPIToken :one
SELECT t.id, t.user_id, u.name AS user_name, t.name, t.scopes, t.created_at, t.expires_at, t.revoked_at, t.last_used_at, t.last_used_address
FROM api_tokens t
JOIN users u ON u.id = t.user_id
WHERE t.id = @id;

-- name: ListAPITokens :many
-- The newest first: IDs are ordered by time. Names are a subquery: a join could be planned for all
-- users.
SELECT t.id, t.user_id, (SELECT u.name FROM users u WHERE u.id = t.user_id)::text AS user_name,
       t.name, t.scopes, t.created_at, t.expires_at, t.revoked_at, t.last_used_at, t.last_used_address
FROM api_tokens t
WHERE t.id < @before_id
ORDER BY t.id DESC
LIMIT @max;

-- name: ListAPITokensOfUser :many
SELECT t.id, t.user_id, (SELECT u.name FROM users u WHERE u.id = t.user_id)::text AS user_name,
       t.name, t.scopes, t.created_at, t.expires_at, t.revoked_at, t.last_used_at, t.last_used_address
FROM api_tokens t
WHERE (t.user_id, t.id) < (@user_id::uuid, @before_id::uuid) AND t.user_id >= @user_id
ORDER BY t.user_id DESC, t.id DESC
LIMIT @max;

-- name: RevokeAPIToken :execrows
UPDATE api_tokens SET revoked_at = @now::timestamptz WHERE id = @id AND user_id = @user_id AND revoked_at IS NULL AND expires_at > @now::timestamptz;

-- name: RevokeAPITokens :execrows
UPDATE api_tokens SET revoked_at = @now::timestamptz WHERE user_id = @user_id AND revoked_at IS NULL AND expires_at > @now::timestamptz;

-- name: UseAPIToken :one
-- Records the use about once a minute, and never of a token that has ended.
WITH used AS (
    UPDATE api_tokens AS x
    SET last_used_at = @now::timestamptz, last_used_address = @address
    WHERE x.token_hash = @token_hash
      AND x.revoked_at IS NULL
      AND x.expires_at > @now::timestamptz
      AND (x.last_used_at IS NULL OR x.last_used_at <= @last_used_before::timestamptz)
)
SELECT t.id, t.name AS token_name, t.scopes, t.created_at AS token_created_at, t.expires_at, t.revoked_at, t.last_used_at, t.last_used_address,
       u.id AS user_id, u.email, u.name, u.role, u.time_zone, u.suspended_at, u.created_at, u.version,
       e.batch_id,
       ARRAY(SELECT bi.batch_id FROM batch_instructors bi WHERE bi.user_id = u.id ORDER BY bi.batch_id)::uuid[] AS teaches,
       EXISTS (SELECT FROM totp f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS totp
FROM api_tokens t
JOIN users u ON u.id = t.user_id
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
WHERE t.token_hash = @token_hash;

-- name: DeleteAPITokens :execrows
DELETE FROM api_tokens WHERE LEAST(expires_at, revoked_at) < @before::timestamptz;
