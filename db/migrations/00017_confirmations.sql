-- +goose Up
SET LOCAL lock_timeout = '5s';

-- Links in mails. Each can be used once: using it deletes the row.
CREATE TABLE confirmations (
    token_hash bytea       PRIMARY KEY, -- SHA-256 of a 256-bit random token
    kind       text        NOT NULL CHECK (kind IN ('password_reset')),
    user_id    uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
-- ResetPasswordHash: those of one user.
CREATE INDEX confirmations_user_idx ON confirmations (user_id);
-- DeleteExpiredConfirmations.
CREATE INDEX confirmations_expires_idx ON confirmations (expires_at);

-- +goose Down
SET LOCAL lock_timeout = '5s';
DROP TABLE confirmations;
