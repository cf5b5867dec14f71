-- +goose Up
SET LOCAL lock_timeout = '5s';

-- The address that a session was started from; empty for older ones.
ALTER TABLE sessions ADD COLUMN address text NOT NULL DEFAULT '';

-- +goose Down
SET LOCAL lock_timeout = '5s';
ALTER TABLE sessions DROP COLUMN address;
