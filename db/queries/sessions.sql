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
    INSERT INTO sessions (id, user_id, token_hash, user_agent, address, created_at, last_seen_at, expires_at, authenticated_at)
    VALUES (@id, @user_id, @token_hash, @user_agent, @address, @created_at, @last_seen_at, @expires_at, @authenticated_at)
)
DELETE FROM sessions
WHERE id IN (SELECT x.id FROM sessions x WHERE x.user_id = @user_id ORDER BY x.last_seen_at DESC, x.id DESC OFFSET sqlc.arg(max_others)::integer)
RETURNING id;

-- name: RenewSession :one
-- Of two requests that saw the same proof, one replaces the token.
UPDATE sessions SET token_hash = @token_hash, authenticated_at = @authenticated_at
WHERE id = @id AND user_id = @user_id AND authenticated_at = @since
RETURNING user_agent, address, created_at, last_seen_at, expires_at;

-- name: UsedFrom :one
SELECT EXISTS (SELECT FROM sessions WHERE user_id = @user_id AND id <> @id AND user_agent = @user_agent AND address = @address);
