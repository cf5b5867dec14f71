-- name: ListSessions :many
-- The newest first: IDs are ordered by time. A user has few sessions.
SELECT id, user_agent, address, created_at, last_seen_at, expires_at
FROM sessions
WHERE user_id = @user_id AND expires_at > @now AND last_seen_at > @idle_since AND id < @before_id
ORDER BY id DESC
LIMIT @max;

-- name: DeleteSessionOfUser :execrows
DELETE FROM sessions WHERE id = @id AND user_id = @user_id;

-- name: DeleteOtherSessions :execrows
DELETE FROM sessions WHERE user_id = @user_id AND id <> @keep_id;

-- name: InsertSession :many
-- Deletes and returns the sessions that are too many with the new one: those that were not used
-- for the longest time, and of those used at the same time, the older ones.
WITH inserted AS (
    INSERT INTO sessions (id, user_id, token_hash, user_agent, address, created_at, last_seen_at, expires_at, authenticated_at, token_expires_at)
    VALUES (@id, @user_id, @token_hash, @user_agent, @address, @created_at, @last_seen_at, @expires_at, @authenticated_at, sqlc.narg('token_expires_at'))
)
DELETE FROM sessions
WHERE id IN (SELECT x.id FROM sessions x WHERE x.user_id = @user_id ORDER BY x.last_seen_at DESC, x.id DESC OFFSET sqlc.arg(max_others)::integer)
RETURNING id;

-- name: RenewSession :one
-- Of two requests that saw the same proof, one replaces the token.
UPDATE sessions
SET token_hash = @token_hash, authenticated_at = @authenticated_at,
    token_expires_at = CASE WHEN sqlc.narg('token_expires_at')::timestamptz IS NOT NULL THEN LEAST(sqlc.narg('token_expires_at'), expires_at) END
WHERE id = @id AND user_id = @user_id AND authenticated_at = @since
RETURNING user_agent, address, created_at, last_seen_at, expires_at, token_expires_at;

-- name: UpsertRefreshToken :exec
INSERT INTO refresh_tokens (session_id, family_hash, current_hash, salt)
VALUES (@session_id, @family_hash, @current_hash, '')
ON CONFLICT (session_id) DO UPDATE
SET family_hash = excluded.family_hash, current_hash = excluded.current_hash, salt = '', used_hash = NULL, used_at = NULL;

-- name: GetSessionOfFamily :one
SELECT s.id, s.user_id, u.role
FROM refresh_tokens r
JOIN sessions s ON s.id = r.session_id
JOIN users u ON u.id = s.user_id
WHERE r.family_hash = @family_hash;

-- name: GetRefreshToken :one
SELECT r.current_hash, r.used_hash, r.used_at, r.salt,
       s.id, s.user_id, s.user_agent, s.address, s.created_at, s.last_seen_at, s.expires_at, s.authenticated_at, s.token_expires_at
FROM refresh_tokens r
JOIN sessions s ON s.id = r.session_id
WHERE r.family_hash = @family_hash;

-- name: RotateTokens :exec
WITH renewed AS (
    UPDATE sessions SET token_hash = @token_hash, token_expires_at = @token_expires_at, last_seen_at = @last_seen_at WHERE id = @session_id
)
UPDATE refresh_tokens SET current_hash = @current_hash, used_hash = @used_hash, used_at = @used_at, salt = @salt WHERE session_id = @session_id;

-- name: UsedFrom :one
SELECT EXISTS (SELECT FROM sessions WHERE user_id = @user_id AND id <> @id AND user_agent = @user_agent AND address = @address);
