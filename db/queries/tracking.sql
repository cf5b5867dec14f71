-- name: GetConnection :one
SELECT * FROM wakatime_connections WHERE user_id = @user_id;

-- name: LockConnectionUser :exec
-- A connection that does not exist yet has no row to lock.
SELECT id FROM users WHERE id = @user_id FOR NO KEY UPDATE;

-- name: LockConnection :one
SELECT * FROM wakatime_connections WHERE user_id = @user_id FOR UPDATE;

-- name: UpsertConnection :exec
-- A new connection, which has a new connected_at, starts without a failure. The columns
-- of syncs and of the planner are kept.
INSERT INTO wakatime_connections AS c (user_id, kind, state, base_url, access_token, refresh_token, expires_at, scopes,
    account_id, account_username, account_zone, account_plan, connected_at)
VALUES (@user_id, @kind, @state, @base_url, @access_token, @refresh_token, sqlc.narg(expires_at), @scopes,
    @account_id, @account_username, @account_zone, @account_plan, @connected_at)
ON CONFLICT (user_id) DO UPDATE
SET kind = excluded.kind, state = excluded.state, base_url = excluded.base_url, access_token = excluded.access_token,
    refresh_token = excluded.refresh_token, expires_at = excluded.expires_at, scopes = excluded.scopes,
    account_id = excluded.account_id, account_username = excluded.account_username, account_zone = excluded.account_zone,
    account_plan = excluded.account_plan, connected_at = excluded.connected_at,
    failure_reason = CASE WHEN c.connected_at = excluded.connected_at THEN c.failure_reason END,
    failed_at = CASE WHEN c.connected_at = excluded.connected_at THEN c.failed_at END,
    failing_since = CASE WHEN c.connected_at = excluded.connected_at THEN c.failing_since END;

-- name: DeleteConnection :execrows
DELETE FROM wakatime_connections WHERE user_id = @user_id;

-- name: UpdateConnectionLease :one
WITH leased AS (
    UPDATE wakatime_connections SET leased_until = sqlc.arg(until)::timestamptz
    WHERE user_id = @user_id AND (leased_until IS NULL OR leased_until <= sqlc.arg(now)::timestamptz)
    RETURNING user_id
)
SELECT (SELECT count(*) FROM leased) = 1 AS leased, EXISTS (SELECT FROM wakatime_connections c WHERE c.user_id = @user_id) AS found;

-- name: UpdateConnectionSynced :exec
UPDATE wakatime_connections
SET leased_until = NULL,
    next_sync_at = sqlc.narg(next_sync_at),
    last_synced_at = CASE WHEN sqlc.arg(reason)::text = '' THEN sqlc.arg(at)::timestamptz ELSE last_synced_at END,
    failure_reason = nullif(sqlc.arg(reason)::text, ''),
    failed_at = CASE WHEN sqlc.arg(reason)::text <> '' THEN sqlc.arg(at)::timestamptz END,
    failing_since = CASE WHEN sqlc.arg(reason)::text <> '' THEN coalesce(failing_since, sqlc.arg(at)::timestamptz) END
WHERE user_id = @user_id AND leased_until = sqlc.arg(lease)::timestamptz;

-- name: DeleteConnectionLease :exec
UPDATE wakatime_connections SET leased_until = NULL WHERE user_id = @user_id AND leased_until = sqlc.arg(lease)::timestamptz;

-- name: InsertAuthorization :exec
INSERT INTO wakatime_authorizations (state_hash, user_id, session_id, verifier, expires_at)
VALUES (@state_hash, @user_id, @session_id, @verifier, @expires_at);

-- name: DeleteAuthorization :one
DELETE FROM wakatime_authorizations WHERE state_hash = @state_hash RETURNING user_id, session_id, verifier, expires_at;

-- name: DeleteExpiredAuthorizations :execrows
DELETE FROM wakatime_authorizations WHERE expires_at <= @now;

-- name: ListSyncCandidates :many
SELECT c.user_id, c.planned_night, u.time_zone AS user_zone, b.time_zone AS batch_zone, b.starts_on, b.ends_on, b.archived_at
FROM wakatime_connections c
JOIN users u ON u.id = c.user_id AND u.suspended_at IS NULL
LEFT JOIN enrolments e ON e.user_id = c.user_id AND e.ended_at IS NULL
LEFT JOIN batches b ON b.id = e.batch_id
WHERE c.state = 'connected' AND c.user_id > sqlc.arg(after)::uuid
ORDER BY c.user_id
LIMIT sqlc.arg(max);

-- name: UpdatePlannedSyncs :exec
-- The date 0001-01-01 means no night.
UPDATE wakatime_connections c
SET next_sync_at = p.at, planned_night = coalesce(nullif(p.night, date '0001-01-01'), c.planned_night)
FROM (SELECT unnest(sqlc.arg(users)::uuid[]) AS user_id, unnest(sqlc.arg(ats)::timestamptz[]) AS at, unnest(sqlc.arg(nights)::date[]) AS night) p
WHERE c.user_id = p.user_id;

-- name: GetTrackedUser :one
SELECT u.id, u.name, u.time_zone AS user_zone, b.id AS batch_id, b.time_zone AS batch_zone, b.starts_on, b.ends_on, b.archived_at, e.enrolled_at,
       c.state, c.connected_at, c.failure_reason, c.failed_at, c.failing_since
FROM users u
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
LEFT JOIN batches b ON b.id = e.batch_id
LEFT JOIN wakatime_connections c ON c.user_id = u.id
WHERE u.id = @user_id;

-- name: ListMissingDays :many
-- Takes every day of a range with the instant at which it ends.
SELECT a.day::date AS day
FROM (SELECT unnest(sqlc.arg(days)::date[]) AS day, unnest(sqlc.arg(ends)::timestamptz[]) AS ends_at) a
LEFT JOIN days d ON d.user_id = @user_id AND d.day = a.day
LEFT JOIN labels z ON z.id = d.zone_id
WHERE d.day IS NULL
   OR d.seconds IS NULL AND d.state <> 'plan_limited'
   OR d.fetched_at < a.ends_at
   OR d.seconds IS NOT NULL AND z.name IS DISTINCT FROM sqlc.arg(zone)::text AND d.reason <> 'other_time_zone'
ORDER BY a.day;

-- name: ListLabels :many
SELECT l.id, l.kind, l.name
FROM (SELECT unnest(sqlc.arg(kinds)::text[]) AS kind, unnest(sqlc.arg(names)::text[]) AS name) w
JOIN labels l ON l.kind = w.kind AND l.name = w.name;

-- name: InsertLabels :exec
-- Sorted, so that two writers who insert the same names do not deadlock.
INSERT INTO labels (kind, name)
SELECT w.kind, w.name
FROM (SELECT unnest(sqlc.arg(kinds)::text[]) AS kind, unnest(sqlc.arg(names)::text[]) AS name) w
ORDER BY w.kind, w.name
ON CONFLICT (kind, name) DO NOTHING;

-- name: UpsertDays :execrows
-- The parts of all days are one array, and each day has a slice of it. Unchanged days
-- are filtered out before the insert: ON CONFLICT would lock and log them.
INSERT INTO days (user_id, day, seconds, zone_id, source_id, fetched_at, attempts, state, reason, parts)
SELECT @user_id, n.day, n.seconds, n.zone_id, sqlc.arg(source_id)::integer, sqlc.arg(now)::timestamptz, 0, n.state, n.reason, n.parts
FROM (
    SELECT a.day, a.seconds, a.zone_id, a.state, a.reason, a.ends_at, (sqlc.arg(parts)::bigint[])[a.first_part:a.last_part] AS parts
    FROM (
        SELECT unnest(sqlc.arg(days)::date[]) AS day, unnest(sqlc.arg(ends)::timestamptz[]) AS ends_at, unnest(sqlc.arg(seconds)::integer[]) AS seconds,
               unnest(sqlc.arg(zone_ids)::integer[]) AS zone_id, unnest(sqlc.arg(states)::text[]) AS state, unnest(sqlc.arg(reasons)::text[]) AS reason,
               unnest(sqlc.arg(first_parts)::integer[]) AS first_part, unnest(sqlc.arg(last_parts)::integer[]) AS last_part
    ) a
) n
LEFT JOIN days d ON d.user_id = @user_id AND d.day = n.day
WHERE d.day IS NULL
   OR d.seconds IS DISTINCT FROM n.seconds OR d.zone_id IS DISTINCT FROM n.zone_id OR d.source_id IS DISTINCT FROM sqlc.arg(source_id)::integer
   OR d.attempts <> 0 OR d.state <> n.state OR d.reason <> n.reason OR d.parts <> n.parts
   OR d.fetched_at < n.ends_at AND n.ends_at <= sqlc.arg(now)::timestamptz -- now it is final
ORDER BY n.day
ON CONFLICT (user_id, day) DO UPDATE
SET seconds = excluded.seconds, zone_id = excluded.zone_id, source_id = excluded.source_id, fetched_at = excluded.fetched_at,
    attempts = excluded.attempts, state = excluded.state, reason = excluded.reason, parts = excluded.parts;

-- name: UpsertFailedAttempts :exec
INSERT INTO days AS d (user_id, day, attempts, state, reason)
SELECT @user_id, a.day, 1, a.state, a.reason
FROM (SELECT unnest(sqlc.arg(days)::date[]) AS day, unnest(sqlc.arg(states)::text[]) AS state, unnest(sqlc.arg(reasons)::text[]) AS reason) a
ORDER BY a.day
ON CONFLICT (user_id, day) DO UPDATE
SET attempts = least(d.attempts + 1, 32767), reason = excluded.reason,
    state = CASE WHEN d.seconds IS NULL THEN excluded.state ELSE d.state END;

-- name: ListDays :many
-- The first row carries the names of all labels that the rows refer to.
WITH found AS MATERIALIZED (
    SELECT d.day, d.state, d.seconds, d.zone_id, d.source_id, d.fetched_at, d.attempts, d.reason,
           CASE WHEN sqlc.arg(with_parts)::boolean THEN d.parts ELSE '{}' END AS parts,
           row_number() OVER (ORDER BY d.day) AS n
    FROM days d
    WHERE d.user_id = @user_id AND d.day BETWEEN sqlc.arg(from_day)::date AND sqlc.arg(to_day)::date
), named AS (
    SELECT array_agg(l.id) AS ids, array_agg(l.kind) AS kinds, array_agg(l.name) AS names
    FROM labels l
    WHERE l.id IN (SELECT zone_id FROM found UNION SELECT source_id FROM found UNION SELECT (p.part >> 32)::integer FROM found f, unnest(f.parts) AS p(part))
)
SELECT f.day, f.state, f.seconds, f.zone_id, f.source_id, f.fetched_at, f.attempts, f.reason, f.parts::bigint[] AS parts,
       coalesce(l.ids, '{}')::integer[] AS label_ids, coalesce(l.kinds, '{}')::text[] AS label_kinds, coalesce(l.names, '{}')::text[] AS label_names
FROM found f
LEFT JOIN named l ON f.n = 1
ORDER BY f.day;

-- name: ListBatchProgress :many
-- One row per student of the page, or one row without a student; the totals of the
-- whole batch are the same in each row. Expected days without a row are counted apart:
-- their state depends on the connection.
WITH batch AS (
    SELECT b.id, b.time_zone, b.ends_on, x.today,
           coalesce(sqlc.narg(from_day)::date, coalesce(sqlc.narg(to_day)::date, x.today) - sqlc.arg(default_days)::integer + 1) AS from_day,
           coalesce(sqlc.narg(to_day)::date, x.today) AS to_day
    FROM batches b, LATERAL (SELECT (sqlc.arg(now)::timestamptz AT TIME ZONE b.time_zone)::date AS today) x
    WHERE b.id = @batch_id
), student AS (
    SELECT u.id, u.name, lower(u.name) AS sort_name, coalesce(c.state, 'not_connected') AS connection, b.from_day,
           (e.enrolled_at AT TIME ZONE b.time_zone)::date AS enrolled_on,
           greatest(b.from_day, (e.enrolled_at AT TIME ZONE b.time_zone)::date - sqlc.arg(lead)::integer) AS since,
           least(b.to_day, b.today, b.ends_on) AS until
    FROM batch b
    JOIN enrolments e ON e.batch_id = b.id AND e.ended_at IS NULL
    JOIN users u ON u.id = e.user_id
    LEFT JOIN wakatime_connections c ON c.user_id = e.user_id
), progress AS MATERIALIZED (
    SELECT s.*, greatest(0, s.until - s.since + 1) AS expected, d.*
    FROM student s
    CROSS JOIN LATERAL (
        SELECT count(*) AS stored, coalesce(sum(d.seconds), 0) AS total_seconds,
               count(*) FILTER (WHERE d.state = 'ok') AS ok, count(*) FILTER (WHERE d.state = 'empty') AS empty,
               count(*) FILTER (WHERE d.state = 'pending') AS pending, count(*) FILTER (WHERE d.state = 'plan_limited') AS plan_limited,
               count(*) FILTER (WHERE d.state = 'error') AS error,
               array_agg(d.day - s.from_day) AS days, array_agg(d.state) AS states, array_agg(coalesce(d.seconds, -1)) AS seconds
        FROM (SELECT d.day, d.state, d.seconds FROM days d WHERE d.user_id = s.id AND d.day BETWEEN s.since AND s.until ORDER BY d.day) d
    ) d
)
SELECT b.time_zone, b.ends_on, b.today, b.from_day::date AS from_day, b.to_day::date AS to_day,
       t.expected, t.connected_missing, t.other_missing, t.ok, t.empty, t.pending, t.plan_limited, t.error, t.seconds AS total_seconds,
       coalesce(p.id, '00000000-0000-0000-0000-000000000000')::uuid AS student_id, coalesce(p.name, '')::text AS name, coalesce(p.sort_name, '')::text AS sort_name, coalesce(p.connection, '')::text AS connection,
       coalesce(p.enrolled_on, b.today)::date AS enrolled_on,
       coalesce(p.days, '{}')::integer[] AS days, coalesce(p.states, '{}')::text[] AS states, coalesce(p.seconds, '{}')::integer[] AS seconds
FROM batch b
CROSS JOIN (
    SELECT coalesce(sum(expected), 0)::integer AS expected, coalesce(sum(total_seconds), 0)::bigint AS seconds,
           coalesce(sum(expected - stored) FILTER (WHERE connection = 'connected'), 0)::integer AS connected_missing,
           coalesce(sum(expected - stored) FILTER (WHERE connection <> 'connected'), 0)::integer AS other_missing,
           coalesce(sum(ok), 0)::integer AS ok, coalesce(sum(empty), 0)::integer AS empty, coalesce(sum(pending), 0)::integer AS pending,
           coalesce(sum(plan_limited), 0)::integer AS plan_limited, coalesce(sum(error), 0)::integer AS error
    FROM progress
) t
LEFT JOIN (
    SELECT * FROM progress
    WHERE sqlc.arg(first_page)::boolean OR (sort_name, id) > (sqlc.arg(after_name)::text, sqlc.arg(after_id)::uuid)
    ORDER BY sort_name, id
    LIMIT sqlc.arg(max)::integer
) p ON true
ORDER BY p.sort_name, p.id;

-- name: ListBatchGaps :many
-- One row per student with a gap, or one row without a student, with the totals of the
-- whole batch. A day is complete when it is known and cut in the batch's time zone.
-- Complete days are numbered from both ends of the expected range: the first number out
-- of place is a gap.
WITH batch AS (
    SELECT b.id, b.time_zone, b.ends_on, x.today,
           coalesce(sqlc.narg(from_day)::date, coalesce(sqlc.narg(to_day)::date, x.today) - sqlc.arg(default_days)::integer + 1) AS from_day,
           coalesce(sqlc.narg(to_day)::date, x.today) AS to_day,
           (SELECT l.id FROM labels l WHERE l.kind = 'time_zone' AND l.name = b.time_zone) AS zone_id
    FROM batches b, LATERAL (SELECT (sqlc.arg(now)::timestamptz AT TIME ZONE b.time_zone)::date AS today) x
    WHERE b.id = @batch_id
), student AS (
    SELECT u.id, u.name, coalesce(c.state, 'not_connected') AS connection, c.last_synced_at,
           greatest(b.from_day, (e.enrolled_at AT TIME ZONE b.time_zone)::date - sqlc.arg(lead)::integer) AS since,
           least(b.to_day, b.today, b.ends_on) AS until, b.zone_id
    FROM batch b
    JOIN enrolments e ON e.batch_id = b.id AND e.ended_at IS NULL
    JOIN users u ON u.id = e.user_id
    LEFT JOIN wakatime_connections c ON c.user_id = e.user_id
), coverage AS MATERIALIZED (
    SELECT s.*, greatest(0, s.until - s.since + 1) AS expected, d.*
    FROM student s
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(k.ok + k.empty + k.pending + k.plan_limited + k.error), 0) AS stored, coalesce(sum(k.seconds), 0) AS seconds,
               coalesce(sum(k.ok), 0) AS ok, coalesce(sum(k.empty), 0) AS empty, coalesce(sum(k.pending), 0) AS pending,
               coalesce(sum(k.plan_limited), 0) AS plan_limited, coalesce(sum(k.error), 0) AS error,
               count(*) FILTER (WHERE k.complete) AS complete,
               s.since + (count(*) FILTER (WHERE k.complete AND k.day = s.since + k.before))::integer AS first_gap,
               s.until - (count(*) FILTER (WHERE k.complete AND k.day = s.until - k.after))::integer AS last_gap
        FROM (
            SELECT d.day, d.seconds, d.complete,
                   (d.state = 'ok')::integer AS ok, (d.state = 'empty')::integer AS empty, (d.state = 'pending')::integer AS pending,
                   (d.state = 'plan_limited')::integer AS plan_limited, (d.state = 'error')::integer AS error,
                   (count(*) FILTER (WHERE d.complete) OVER (ORDER BY d.day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))::integer AS before,
                   (count(*) FILTER (WHERE d.complete) OVER (ORDER BY d.day ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING))::integer AS after
            FROM (
                SELECT *, seconds IS NOT NULL AND coalesce(zone_id = s.zone_id, zone_id IS NULL) AS complete FROM days
                WHERE user_id = s.id AND day BETWEEN s.since AND s.until
            ) d
        ) k
    ) d
)
SELECT b.time_zone, b.from_day::date AS from_day, b.to_day::date AS to_day,
       t.expected AS all_expected, t.connected_missing, t.other_missing, t.ok AS all_ok, t.empty AS all_empty, t.pending AS all_pending,
       t.plan_limited AS all_plan_limited, t.error AS all_error, t.seconds AS all_seconds,
       coalesce(p.id, '00000000-0000-0000-0000-000000000000')::uuid AS student_id, coalesce(p.name, '')::text AS name, coalesce(p.connection, '')::text AS connection, p.last_synced_at,
       coalesce(p.expected, 0)::integer AS expected, coalesce(p.stored, 0)::integer AS stored, coalesce(p.seconds, 0)::integer AS seconds,
       coalesce(p.ok, 0)::integer AS ok, coalesce(p.empty, 0)::integer AS empty, coalesce(p.pending, 0)::integer AS pending,
       coalesce(p.plan_limited, 0)::integer AS plan_limited, coalesce(p.error, 0)::integer AS error,
       coalesce(p.first_gap, b.from_day)::date AS first_gap, coalesce(CASE WHEN d.seconds IS NULL THEN d.reason ELSE 'other_time_zone' END, '')::text AS reason
FROM batch b
CROSS JOIN (
    SELECT coalesce(sum(expected), 0)::integer AS expected, coalesce(sum(seconds), 0)::bigint AS seconds,
           coalesce(sum(expected - stored) FILTER (WHERE connection = 'connected'), 0)::integer AS connected_missing,
           coalesce(sum(expected - stored) FILTER (WHERE connection <> 'connected'), 0)::integer AS other_missing,
           coalesce(sum(ok), 0)::integer AS ok, coalesce(sum(empty), 0)::integer AS empty, coalesce(sum(pending), 0)::integer AS pending,
           coalesce(sum(plan_limited), 0)::integer AS plan_limited, coalesce(sum(error), 0)::integer AS error
    FROM coverage
) t
LEFT JOIN coverage p ON p.expected > p.complete
LEFT JOIN days d ON d.user_id = p.id AND d.day = p.last_gap
ORDER BY p.expected - p.complete DESC, lower(p.name), p.id;
