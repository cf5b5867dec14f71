-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE TABLE api_tokens (
    id                uuid        PRIMARY KEY,
    user_id           uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash        bytea       NOT NULL, -- SHA-256 of the text of the token, which has 256 random bits
    name              text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    scopes            text[]      NOT NULL CHECK (cardinality(scopes) > 0),
    created_at        timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    revoked_at        timestamptz,
    last_used_at      timestamptz,
    last_used_address text        NOT NULL DEFAULT '',
    CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash)
);
-- ListAPITokensOfUser, CountAPITokens, RevokeAPITokens.
CREATE INDEX api_tokens_user_idx ON api_tokens (user_id, id);
-- DeleteAPITokens.
CREATE INDEX api_tokens_ended_idx ON api_tokens (LEAST(expires_at, revoked_at));

-- +goose Down
SET LOCAL lock_timeout = '5s';
DROP TABLE api_tokens;
