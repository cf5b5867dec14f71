-- +goose Up
SET LOCAL lock_timeout = '5s';

-- A known text, sealed with the first of GRADUS_SECRET_KEYS by the first process that starts.
-- Keys that do not open it do not open the tokens either.
CREATE TABLE key_canary (
    id     boolean PRIMARY KEY CHECK (id), -- at most one row
    sealed bytea   NOT NULL
);

-- +goose Down
SET LOCAL lock_timeout = '5s';
DROP TABLE key_canary;
