-- name: GetTOTP :one
SELECT t.secret, t.started_at, t.confirmed_at, t.last_step,
       (SELECT count(*) FROM recovery_codes r WHERE r.user_id = t.user_id) AS recovery_codes
FROM totp t
WHERE t.user_id = @user_id;

-- name: UpsertTOTP :exec
INSERT INTO totp (user_id, secret, started_at, confirmed_at, last_step)
VALUES (@user_id, @secret, @started_at, sqlc.narg('confirmed_at'), @last_step)
ON CONFLICT (user_id) DO UPDATE
SET secret = excluded.secret, started_at = excluded.started_at, confirmed_at = excluded.confirmed_at, last_step = excluded.last_step;

-- name: DeleteTOTP :exec
DELETE FROM totp WHERE user_id = @user_id;

-- name: DeleteRecoveryCodes :exec
DELETE FROM recovery_codes WHERE user_id = @user_id;

-- name: InsertRecoveryCodes :exec
INSERT INTO recovery_codes (user_id, code_hash) SELECT @user_id, unnest(@hashes::bytea[]);

-- name: DeleteRecoveryCode :execrows
DELETE FROM recovery_codes WHERE user_id = @user_id AND code_hash = @code_hash;

-- name: InsertSignInChallenge :exec
INSERT INTO sign_in_challenges (token_hash, user_id, password_hash, user_agent, cookie, wrong_codes, expires_at)
SELECT @token_hash, u.id, sha256(convert_to(u.password_hash, 'UTF8')), @user_agent, @cookie, @wrong_codes, @expires_at
FROM users u
WHERE u.id = @user_id;

-- name: GetSignInChallenge :one
SELECT c.user_id, c.user_agent, c.cookie, c.wrong_codes, c.expires_at
FROM sign_in_challenges c
JOIN users u ON u.id = c.user_id
WHERE c.token_hash = @token_hash AND c.password_hash = sha256(convert_to(u.password_hash, 'UTF8'));

-- name: UpdateSignInChallenge :exec
UPDATE sign_in_challenges SET wrong_codes = @wrong_codes WHERE token_hash = @token_hash;

-- name: DeleteSignInChallenge :exec
DELETE FROM sign_in_challenges WHERE token_hash = @token_hash;

-- name: DeleteExpiredSignInChallenges :execrows
DELETE FROM sign_in_challenges WHERE expires_at <= @now;
