-- name: InsertConfirmation :exec
INSERT INTO confirmations (token_hash, kind, user_id, email, expires_at) VALUES (@token_hash, @kind, @user_id, @email, @expires_at);

-- name: GetConfirmation :one
SELECT user_id, email, expires_at FROM confirmations WHERE token_hash = @token_hash AND kind = @kind AND expires_at > @now;

-- name: DeleteConfirmation :execrows
-- A concurrent one waits for the row, and then deletes nothing.
DELETE FROM confirmations WHERE token_hash = @token_hash AND kind = @kind AND expires_at > @now;

-- name: DeleteConfirmations :exec
DELETE FROM confirmations WHERE user_id = @user_id;

-- name: DeleteExpiredConfirmations :execrows
DELETE FROM confirmations WHERE expires_at <= @now;
