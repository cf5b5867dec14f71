-- name: LockIdempotencyKey :one
-- The lock ends with the transaction. A request that does not get it must not wait: the
-- first one may take long.
SELECT pg_try_advisory_xact_lock(@lock::bigint);

-- name: GetResponse :one
SELECT answer FROM idempotency_keys WHERE user_id = @user_id AND key_hash = @key_hash AND created_at > @since;

-- name: UpsertResponse :exec
INSERT INTO idempotency_keys (user_id, key_hash, answer, created_at)
VALUES (@user_id, @key_hash, @answer, @created_at)
ON CONFLICT (user_id, key_hash) DO UPDATE SET answer = excluded.answer, created_at = excluded.created_at;

-- name: DeleteExpiredResponses :execrows
DELETE FROM idempotency_keys WHERE created_at <= @since;
