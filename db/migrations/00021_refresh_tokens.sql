-- +goose Up
SET LOCAL lock_timeout = '5s';

-- When the access token expires. Null for sessions with one token, which lasts as long as they
-- do: those in cookies, and those that an older program started.
ALTER TABLE sessions ADD COLUMN token_expires_at timestamptz;

-- The refresh tokens of a session, which are a family.
CREATE TABLE refresh_tokens (
    session_id   uuid        PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    family_hash  bytea       NOT NULL, -- SHA-256 of the 256 random bits that all have in common
    current_hash bytea       NOT NULL, -- SHA-256 of the token that renews the session
    used_hash    bytea,                -- SHA-256 of the token that it replaced
    used_at      timestamptz,          -- when that was
    salt         text        NOT NULL, -- from which the successors of that token were derived
    CONSTRAINT refresh_tokens_family_hash_key UNIQUE (family_hash)
);

-- +goose Down
SET LOCAL lock_timeout = '5s';
DROP TABLE refresh_tokens;
-- An older program would accept their access tokens until the sessions end.
DELETE FROM sessions WHERE token_expires_at IS NOT NULL;
ALTER TABLE sessions DROP COLUMN token_expires_at;
