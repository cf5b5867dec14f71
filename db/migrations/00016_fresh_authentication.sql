-- +goose Up
SET LOCAL lock_timeout = '5s';

-- When the user last proved who they are. A session that an older program starts during an
-- update has just begun, which is what the default says.
ALTER TABLE sessions ADD COLUMN authenticated_at timestamptz NOT NULL DEFAULT now();
UPDATE sessions SET authenticated_at = created_at;

-- +goose Down
SET LOCAL lock_timeout = '5s';
ALTER TABLE sessions DROP COLUMN authenticated_at;
