-- +goose Up
SET LOCAL lock_timeout = '5s';

ALTER TABLE registration_keys ADD COLUMN version integer NOT NULL DEFAULT 1;

-- Responses to requests with an Idempotency-Key, written in the transaction of the
-- request.
CREATE TABLE idempotency_keys (
    user_id    uuid        NOT NULL, -- zero for callers who are not signed in; no reference: a foreign key would lock the user
    key_hash   bytea       NOT NULL, -- SHA-256 of the user and the key that the client chose
    answer     bytea       NOT NULL, -- sealed: the request's hash and the response, which may hold a session's token
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key_hash)
);
-- DeleteExpiredResponses.
CREATE INDEX idempotency_keys_created_idx ON idempotency_keys (created_at);

-- +goose Down
SET LOCAL lock_timeout = '5s';
DROP TABLE idempotency_keys;
ALTER TABLE registration_keys DROP COLUMN version;
