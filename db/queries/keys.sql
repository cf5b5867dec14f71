-- name: GetKeyCanary :one
SELECT sealed FROM key_canary;

-- name: LockKeyCanary :exec
-- Processes that start at the same time check and write the canary one after the other.
LOCK TABLE key_canary IN SHARE ROW EXCLUSIVE MODE;

-- name: UpsertKeyCanary :exec
INSERT INTO key_canary (id, sealed) VALUES (true, @sealed)
ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed;

-- name: ListSealedSecrets :many
-- Some of the newest secrets, for a database that has no canary yet.
(SELECT user_id AS row_id, 'wakatime_connections.access_token'::text AS name, access_token AS sealed
 FROM wakatime_connections WHERE access_token IS NOT NULL ORDER BY connected_at DESC LIMIT 20)
UNION ALL
(SELECT batch_id, 'registration_keys.key_sealed', key_sealed FROM registration_keys ORDER BY rotated_at DESC LIMIT 20)
UNION ALL
(SELECT user_id, 'totp.secret', secret FROM totp ORDER BY started_at DESC LIMIT 20);

-- name: IsReadOnly :one
SELECT current_setting('transaction_read_only')::boolean;
