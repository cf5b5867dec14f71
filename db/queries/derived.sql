-- name: ListUserKeys :many
SELECT id, name, email, name_key, search_key FROM users WHERE id > @after ORDER BY id LIMIT @max;

-- name: UpdateUserKeys :exec
-- A name that has changed since it was read has its keys.
UPDATE users u SET name_key = k.name_key, search_key = k.search_key
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@names::text[]) AS name, unnest(@name_keys::text[]) AS name_key, unnest(@search_keys::text[]) AS search_key) k
WHERE u.id = k.id AND u.name = k.name;

-- name: ListBatchKeys :many
SELECT id, name, name_key FROM batches WHERE id > @after ORDER BY id LIMIT @max;

-- name: UpdateBatchKey :exec
UPDATE batches SET name_key = @name_key WHERE id = @id AND name = @name;

-- name: ListTimeZones :many
SELECT time_zone FROM users UNION SELECT time_zone FROM batches ORDER BY 1;

-- name: ListTimeZoneLabels :many
SELECT name FROM labels WHERE kind = 'time_zone' ORDER BY name;

-- name: RenameUserTimeZone :exec
UPDATE users SET time_zone = @current, version = version + 1 WHERE time_zone = @alias;

-- name: RenameBatchTimeZone :exec
UPDATE batches SET time_zone = @current, version = version + 1 WHERE time_zone = @alias;

-- name: RenameTimeZoneLabel :execrows
UPDATE labels l SET name = @current
WHERE l.kind = 'time_zone' AND l.name = @alias AND NOT EXISTS (SELECT FROM labels x WHERE x.kind = 'time_zone' AND x.name = @current);

-- name: MergeTimeZoneLabels :exec
-- Both names are labels.
WITH label AS (
    SELECT a.id AS alias, c.id AS current
    FROM labels a, labels c
    WHERE a.kind = 'time_zone' AND a.name = @alias AND c.kind = 'time_zone' AND c.name = @current
), account AS (
    UPDATE account_days d SET zone_id = l.current FROM label l WHERE d.zone_id = l.alias
)
UPDATE days d SET zone_id = l.current FROM label l WHERE d.zone_id = l.alias;

-- name: DeleteTimeZoneLabel :exec
DELETE FROM labels l
WHERE l.kind = 'time_zone' AND l.name = @alias
  AND NOT EXISTS (SELECT FROM days d WHERE d.zone_id = l.id) AND NOT EXISTS (SELECT FROM account_days d WHERE d.zone_id = l.id);

-- name: ListEnrolmentsWithoutDay :many
SELECT e.id, e.enrolled_at, b.time_zone
FROM enrolments e JOIN batches b ON b.id = e.batch_id
WHERE e.enrolled_on IS NULL AND e.id > @after ORDER BY e.id LIMIT @max;

-- name: UpdateEnrolmentDays :exec
UPDATE enrolments e SET enrolled_on = d.day
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@days::date[]) AS day) d
WHERE e.id = d.id;

-- name: ListConnectionsWithoutDay :many
SELECT c.user_id AS id, c.connected_at, coalesce(b.time_zone, u.time_zone)::text AS time_zone
FROM wakatime_connections c
JOIN users u ON u.id = c.user_id
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
LEFT JOIN batches b ON b.id = e.batch_id
WHERE c.connected_on IS NULL AND c.user_id > @after ORDER BY c.user_id LIMIT @max;

-- name: UpdateConnectionDays :exec
UPDATE wakatime_connections c SET connected_on = d.day
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@days::date[]) AS day) d
WHERE c.user_id = d.id AND c.connected_on IS NULL;
