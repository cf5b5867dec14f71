-- name: GetConnection :one
SELECT sqlc.embed(c), sqlc.embed(a)
FROM wakatime_connections c
JOIN wakatime_accounts a ON a.user_id = c.user_id AND a.ref = c.account_ref
WHERE c.user_id = @user_id;

-- name: GetConnectionReport :one
-- The connection without its secrets, and the coverage of all tracked days that have ended.
SELECT u.id, x.time_zone, x.today, coalesce(x.since, x.today)::date AS since, x.until, (x.since IS NOT NULL)::boolean AS tracked,
       coalesce(c.kind, '')::text AS kind, coalesce(c.state, 'not_connected')::text AS state, coalesce(c.base_url, '')::text AS base_url,
       c.expires_at, coalesce(c.scopes, '{}')::text[] AS scopes, coalesce(c.account_id, '')::text AS account_id, coalesce(c.account_username, '')::text AS account_username,
       coalesce(c.account_zone, '')::text AS account_zone, coalesce(c.account_plan, '')::text AS account_plan, c.connected_at, c.last_synced_at, c.next_sync_at, c.leased_until,
       c.failure_reason, c.failed_at, c.failing_since,
       coalesce(a.ref, 0)::integer AS ref, coalesce(a.server, '')::text AS server, coalesce(a.yardstick, 'unknown')::text AS yardstick, coalesce(a.timeout_minutes, 0)::smallint AS timeout_minutes,
       d.ok, d.empty, d.partial, d.pending, d.plan_limited, d.error, d.seconds, d.ai_seconds, d.ai_unknown, d.partial_seconds
FROM users u
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
LEFT JOIN batches b ON b.id = e.batch_id
LEFT JOIN wakatime_connections c ON c.user_id = u.id
LEFT JOIN wakatime_accounts a ON a.user_id = c.user_id AND a.ref = c.account_ref
CROSS JOIN LATERAL (
    SELECT z.time_zone, z.today, (coalesce(e.enrolled_at, c.connected_at) AT TIME ZONE z.time_zone)::date - sqlc.arg(lead)::integer AS since, least(z.today - 1, b.ends_on)::date AS until
    FROM (SELECT coalesce(b.time_zone, u.time_zone)::text AS time_zone, (sqlc.arg(now)::timestamptz AT TIME ZONE coalesce(b.time_zone, u.time_zone))::date AS today) z
) x
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE d.state = 'ok') AS ok, count(*) FILTER (WHERE d.state = 'empty') AS empty,
           count(*) FILTER (WHERE d.state = 'partial' AND d.day <= x.until) AS partial, count(*) FILTER (WHERE d.state = 'pending') AS pending,
           count(*) FILTER (WHERE d.state = 'plan_limited') AS plan_limited, count(*) FILTER (WHERE d.state = 'error') AS error,
           coalesce(sum(d.seconds) FILTER (WHERE d.state IN ('ok', 'empty')), 0)::bigint AS seconds, coalesce(sum(d.ai_seconds) FILTER (WHERE d.state IN ('ok', 'empty')), 0)::bigint AS ai_seconds,
           count(*) FILTER (WHERE d.state IN ('ok', 'empty') AND d.ai_seconds IS NULL) AS ai_unknown,
           coalesce(sum(d.seconds) FILTER (WHERE d.state = 'partial'), 0)::bigint AS partial_seconds
    FROM days d
    -- Today has partial seconds only.
    WHERE d.user_id = u.id AND d.day BETWEEN x.since AND least(x.today, coalesce(b.ends_on, x.today)) AND (d.day <= x.until OR d.state = 'partial')
) d
WHERE u.id = @user_id;

-- name: LockConnectionUser :exec
-- A connection that does not exist yet has no row to lock.
SELECT id FROM users WHERE id = @user_id FOR NO KEY UPDATE;

-- name: LockConnection :one
SELECT sqlc.embed(c), sqlc.embed(a)
FROM wakatime_connections c
JOIN wakatime_accounts a ON a.user_id = c.user_id AND a.ref = c.account_ref
WHERE c.user_id = @user_id
FOR UPDATE OF c;

-- name: UpsertConnection :execrows
-- A suspended user cannot connect. A new connection, which has a new connected_at, starts
-- without a failure, and a sync of the old one loses its lease. The other columns of syncs
-- and of the planner are kept.
INSERT INTO wakatime_connections AS c (user_id, kind, state, base_url, access_token, refresh_token, expires_at, scopes,
    account_id, account_username, account_zone, account_plan, account_ref, connected_at)
SELECT u.id, @kind, @state, @base_url, @access_token, @refresh_token, sqlc.narg(expires_at)::timestamptz, @scopes::text[],
    @account_id, @account_username, @account_zone, @account_plan, @account_ref, @connected_at
FROM users u
WHERE u.id = @user_id AND (u.suspended_at IS NULL OR EXISTS (SELECT FROM wakatime_connections x WHERE x.user_id = u.id))
ON CONFLICT (user_id) DO UPDATE
SET kind = excluded.kind, state = excluded.state, base_url = excluded.base_url, access_token = excluded.access_token,
    refresh_token = excluded.refresh_token, expires_at = excluded.expires_at, scopes = excluded.scopes,
    account_id = excluded.account_id, account_username = excluded.account_username, account_zone = excluded.account_zone,
    account_plan = excluded.account_plan, account_ref = excluded.account_ref, connected_at = excluded.connected_at,
    last_synced_at = CASE WHEN c.account_ref = excluded.account_ref THEN c.last_synced_at END,
    leased_until = CASE WHEN c.connected_at = excluded.connected_at THEN c.leased_until END,
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

-- name: UpdateConnectionSynced :execrows
-- The reason "unfinished" only releases the lease.
UPDATE wakatime_connections
SET leased_until = NULL,
    next_sync_at = CASE WHEN sqlc.arg(unfinished)::boolean THEN next_sync_at ELSE sqlc.narg(next_sync_at) END,
    last_synced_at = CASE WHEN sqlc.arg(reason)::text = '' AND NOT sqlc.arg(unfinished) THEN sqlc.arg(at)::timestamptz ELSE last_synced_at END,
    failure_reason = CASE WHEN sqlc.arg(unfinished) THEN failure_reason ELSE nullif(sqlc.arg(reason)::text, '') END,
    failed_at = CASE WHEN sqlc.arg(unfinished) THEN failed_at WHEN sqlc.arg(reason)::text <> '' THEN sqlc.arg(at)::timestamptz END,
    failing_since = CASE WHEN sqlc.arg(unfinished) THEN failing_since WHEN sqlc.arg(reason)::text <> '' THEN coalesce(failing_since, sqlc.arg(at)::timestamptz) END
WHERE user_id = @user_id AND leased_until = sqlc.arg(lease)::timestamptz;

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
       c.state, c.connected_at, c.failure_reason, c.failed_at, c.failing_since,
       (a.ref IS NOT NULL)::boolean AS ever_connected, coalesce(a.server, '')::text AS server
FROM users u
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
LEFT JOIN batches b ON b.id = e.batch_id
LEFT JOIN wakatime_connections c ON c.user_id = u.id
LEFT JOIN LATERAL (
    SELECT x.ref, x.server FROM wakatime_accounts x WHERE x.user_id = u.id ORDER BY coalesce(x.ref = c.account_ref, false) DESC, x.ref DESC LIMIT 1
) a ON true
WHERE u.id = @user_id;

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

-- name: UpsertDays :exec
-- The parts of all days are one array, and each day has a slice of it.
INSERT INTO days (user_id, day, seconds, ai_seconds, zone_id, account_ref, attempts, changed_at, state, reason, absent, parts)
SELECT @user_id, a.day, nullif(a.seconds, -1), nullif(a.ai_seconds, -1), nullif(a.zone_id, 0), nullif(a.account_ref, 0), a.attempts,
       sqlc.arg(now)::timestamptz, a.state, a.reason, a.absent, (sqlc.arg(parts)::bigint[])[a.first_part:a.last_part]
FROM (
    SELECT unnest(sqlc.arg(days)::date[]) AS day, unnest(sqlc.arg(seconds)::integer[]) AS seconds, unnest(sqlc.arg(ai_seconds)::integer[]) AS ai_seconds,
           unnest(sqlc.arg(zone_ids)::integer[]) AS zone_id, unnest(sqlc.arg(account_refs)::integer[]) AS account_ref,
           unnest(sqlc.arg(attempts)::smallint[]) AS attempts, unnest(sqlc.arg(states)::text[]) AS state,
           unnest(sqlc.arg(reasons)::text[]) AS reason, unnest(sqlc.arg(absents)::text[]) AS absent,
           unnest(sqlc.arg(first_parts)::integer[]) AS first_part, unnest(sqlc.arg(last_parts)::integer[]) AS last_part
) a
ORDER BY a.day
ON CONFLICT (user_id, day) DO UPDATE
SET seconds = excluded.seconds, ai_seconds = excluded.ai_seconds, zone_id = excluded.zone_id, account_ref = excluded.account_ref,
    attempts = excluded.attempts, changed_at = excluded.changed_at, state = excluded.state, reason = excluded.reason,
    absent = excluded.absent, parts = excluded.parts;

-- name: ListDays :many
-- The first row carries the names of all labels and the accounts that the rows refer to.
-- Accounts are JSON, so that one row holds them all.
WITH found AS MATERIALIZED (
    SELECT d.day, d.state, d.seconds, d.ai_seconds, d.zone_id, d.account_ref, d.attempts, d.changed_at, d.reason, d.absent,
           CASE WHEN sqlc.arg(with_parts)::boolean THEN d.parts ELSE '{}' END AS parts,
           (SELECT coalesce(sum(o.seconds), 0) FROM account_days o WHERE o.user_id = d.user_id AND o.day = d.day AND o.account_ref IS DISTINCT FROM d.account_ref)::integer AS other_seconds,
           row_number() OVER (ORDER BY d.day) AS n
    FROM days d
    WHERE d.user_id = @user_id AND d.day BETWEEN sqlc.arg(from_day)::date AND sqlc.arg(to_day)::date
), named AS (
    SELECT array_agg(l.id) AS ids, array_agg(l.kind) AS kinds, array_agg(l.name) AS names
    FROM labels l
    WHERE l.id IN (SELECT zone_id FROM found UNION SELECT (p.part >> 32)::integer FROM found f, unnest(f.parts) AS p(part))
), accounts AS (
    SELECT json_agg(json_build_object('ref', a.ref, 'server', a.server, 'username', a.username, 'current', c.user_id IS NOT NULL,
        'from', a.checked_from, 'to', a.checked_to, 'at', a.checked_at)) AS list
    FROM wakatime_accounts a
    LEFT JOIN wakatime_connections c ON c.user_id = a.user_id AND c.account_ref = a.ref
    WHERE a.user_id = @user_id
)
SELECT f.day, f.state, f.seconds, f.ai_seconds, f.zone_id, f.account_ref, f.attempts, f.changed_at, f.reason, f.absent, f.other_seconds, f.parts::bigint[] AS parts,
       coalesce(l.ids, '{}')::integer[] AS label_ids, coalesce(l.kinds, '{}')::text[] AS label_kinds, coalesce(l.names, '{}')::text[] AS label_names,
       coalesce(a.list, '[]')::json AS accounts
FROM found f
LEFT JOIN named l ON f.n = 1
LEFT JOIN accounts a ON f.n = 1
ORDER BY f.day;

-- name: ListBatchProgress :many
-- One row per student of the page, or one row without a student; the totals of the
-- whole batch are the same in each row. Days are counted up to yesterday, and today has
-- partial seconds only. Counted days without a row are counted apart: their state depends
-- on the connection. The days in each state are counted in ten bits of one number, in the
-- order ok, empty, partial, pending, plan_limited, error: six filtered counts cost a third
-- of the query.
WITH batch AS (
    SELECT b.id, b.time_zone, b.ends_on, b.ai_time, x.today,
           coalesce(sqlc.narg(from_day)::date, coalesce(sqlc.narg(to_day)::date, x.today) - sqlc.arg(default_days)::integer + 1) AS from_day,
           coalesce(sqlc.narg(to_day)::date, x.today) AS to_day
    FROM batches b, LATERAL (SELECT (sqlc.arg(now)::timestamptz AT TIME ZONE b.time_zone)::date AS today) x
    WHERE b.id = @batch_id
), student AS (
    SELECT u.id, u.name, lower(u.name) AS sort_name, coalesce(c.state, 'not_connected') AS connection, c.failure_reason, c.failing_since, c.connected_at,
           c.account_ref, b.from_day, b.today,
           (e.enrolled_at AT TIME ZONE b.time_zone)::date AS enrolled_on,
           greatest(b.from_day, (e.enrolled_at AT TIME ZONE b.time_zone)::date - sqlc.arg(lead)::integer) AS since,
           least(b.to_day, b.today, b.ends_on) AS until,
           least(b.to_day, b.today - 1, b.ends_on) AS counted_until
    FROM batch b
    JOIN enrolments e ON e.batch_id = b.id AND e.ended_at IS NULL
    JOIN users u ON u.id = e.user_id
    LEFT JOIN wakatime_connections c ON c.user_id = e.user_id
), progress AS MATERIALIZED (
    SELECT s.*, greatest(0, s.counted_until - s.since + 1) AS expected, d.*
    FROM student s
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE d.over) AS stored,
               coalesce(sum(d.seconds) FILTER (WHERE d.known), 0) AS total_seconds, coalesce(sum(d.ai_seconds) FILTER (WHERE d.known), 0) AS total_ai_seconds,
               count(*) FILTER (WHERE d.known AND d.ai_seconds IS NULL) AS ai_unknown, coalesce(sum(d.seconds) FILTER (WHERE d.code = 2), 0) AS partial_seconds,
               coalesce(sum(1::bigint << d.code * 10) FILTER (WHERE d.over), 0)::bigint AS counts,
               array_agg(d.day - s.from_day) AS days, array_agg(d.state) AS states, array_agg(coalesce(d.seconds, -1)) AS seconds, array_agg(coalesce(d.ai_seconds, -1)) AS ai_seconds
        FROM (
            SELECT c.*, c.over AND c.code < 2 AS known
            FROM (
                SELECT d.day, d.state, d.seconds, d.ai_seconds, d.day < s.today AS over,
                       CASE d.state WHEN 'ok' THEN 0 WHEN 'empty' THEN 1 WHEN 'partial' THEN 2 WHEN 'pending' THEN 3 WHEN 'plan_limited' THEN 4 ELSE 5 END AS code
                FROM days d WHERE d.user_id = s.id AND d.day BETWEEN s.since AND s.until
                ORDER BY d.day
            ) c
        ) d
    ) d
)
SELECT b.time_zone, b.ends_on, b.ai_time, b.today, b.from_day::date AS from_day, b.to_day::date AS to_day,
       t.expected, t.connected_missing, t.other_missing, t.ok, t.empty, t.partial, t.pending, t.plan_limited, t.error,
       t.seconds AS total_seconds, t.ai_seconds AS total_ai_seconds, t.ai_unknown, t.partial_seconds,
       coalesce(p.id, '00000000-0000-0000-0000-000000000000')::uuid AS student_id, coalesce(p.name, '')::text AS name, coalesce(p.sort_name, '')::text AS sort_name, coalesce(p.connection, '')::text AS connection,
       p.failure_reason, p.failing_since, p.connected_at, coalesce(a.server, '')::text AS server, coalesce(a.yardstick, 'unknown')::text AS yardstick, coalesce(a.timeout_minutes, 0)::smallint AS timeout_minutes,
       (p.connection = 'not_connected' AND EXISTS (SELECT FROM wakatime_accounts x WHERE x.user_id = p.id))::boolean AS disconnected,
       coalesce(p.enrolled_on, b.today)::date AS enrolled_on,
       coalesce(p.days, '{}')::integer[] AS days, coalesce(p.states, '{}')::text[] AS states, coalesce(p.seconds, '{}')::integer[] AS seconds, coalesce(p.ai_seconds, '{}')::integer[] AS ai_seconds
FROM batch b
CROSS JOIN (
    SELECT coalesce(sum(expected), 0)::integer AS expected, coalesce(sum(total_seconds), 0)::bigint AS seconds, coalesce(sum(total_ai_seconds), 0)::bigint AS ai_seconds,
           coalesce(sum(ai_unknown), 0)::integer AS ai_unknown, coalesce(sum(partial_seconds), 0)::bigint AS partial_seconds,
           coalesce(sum(expected - stored) FILTER (WHERE connection = 'connected'), 0)::integer AS connected_missing,
           coalesce(sum(expected - stored) FILTER (WHERE connection <> 'connected'), 0)::integer AS other_missing,
           coalesce(sum(counts & 1023), 0)::integer AS ok, coalesce(sum(counts >> 10 & 1023), 0)::integer AS empty, coalesce(sum(counts >> 20 & 1023), 0)::integer AS partial,
           coalesce(sum(counts >> 30 & 1023), 0)::integer AS pending, coalesce(sum(counts >> 40 & 1023), 0)::integer AS plan_limited, coalesce(sum(counts >> 50 & 1023), 0)::integer AS error
    FROM progress
) t
LEFT JOIN (
    SELECT * FROM progress
    WHERE sqlc.arg(first_page)::boolean OR (sort_name, id) > (sqlc.arg(after_name)::text, sqlc.arg(after_id)::uuid)
    ORDER BY sort_name, id
    LIMIT sqlc.arg(max)::integer
) p ON true
LEFT JOIN wakatime_accounts a ON a.user_id = p.id AND a.ref = p.account_ref
ORDER BY p.sort_name, p.id;

-- name: ListBatchGaps :many
-- One row per student with a gap or a failing connection, or one row without a student,
-- with the totals of the whole batch. A day is complete when it is known and was split in
-- the batch's time zone. Complete days are numbered from both ends of the counted range,
-- which ends yesterday: the first number out of place is a gap. Days are counted in bits as
-- in ListBatchProgress.
WITH batch AS (
    SELECT b.id, b.time_zone, b.ends_on, x.today,
           coalesce(sqlc.narg(from_day)::date, coalesce(sqlc.narg(to_day)::date, x.today) - sqlc.arg(default_days)::integer + 1) AS from_day,
           coalesce(sqlc.narg(to_day)::date, x.today) AS to_day,
           (SELECT l.id FROM labels l WHERE l.kind = 'time_zone' AND l.name = b.time_zone) AS zone_id
    FROM batches b, LATERAL (SELECT (sqlc.arg(now)::timestamptz AT TIME ZONE b.time_zone)::date AS today) x
    WHERE b.id = @batch_id
), student AS (
    SELECT u.id, u.name, coalesce(c.state, 'not_connected') AS connection, c.last_synced_at, c.failure_reason, c.failing_since, c.connected_at, c.account_ref,
           greatest(b.from_day, (e.enrolled_at AT TIME ZONE b.time_zone)::date - sqlc.arg(lead)::integer) AS since,
           least(b.to_day, b.today, b.ends_on) AS listed_until,
           least(b.to_day, b.today - 1, b.ends_on) AS until, b.today, b.zone_id
    FROM batch b
    JOIN enrolments e ON e.batch_id = b.id AND e.ended_at IS NULL
    JOIN users u ON u.id = e.user_id
    LEFT JOIN wakatime_connections c ON c.user_id = e.user_id
), coverage AS MATERIALIZED (
    SELECT s.*, greatest(0, s.until - s.since + 1) AS expected, d.*
    FROM student s
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE k.over) AS stored,
               coalesce(sum(k.seconds) FILTER (WHERE k.known), 0) AS seconds, coalesce(sum(k.ai_seconds) FILTER (WHERE k.known), 0) AS ai_seconds,
               count(*) FILTER (WHERE k.known AND k.ai_seconds IS NULL) AS ai_unknown, coalesce(sum(k.seconds) FILTER (WHERE k.code = 2), 0) AS partial_seconds,
               coalesce(sum(1::bigint << k.code * 10) FILTER (WHERE k.over), 0)::bigint AS counts,
               count(*) FILTER (WHERE k.complete) AS complete,
               s.since + (count(*) FILTER (WHERE k.complete AND k.day = s.since + k.before))::integer AS first_gap,
               s.until - (count(*) FILTER (WHERE k.complete AND k.day = s.until - k.after))::integer AS last_gap
        FROM (
            SELECT d.*,
                   (count(*) FILTER (WHERE d.complete) OVER (ORDER BY d.day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))::integer AS before,
                   (count(*) FILTER (WHERE d.complete) OVER (ORDER BY d.day ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING))::integer AS after
            FROM (
                SELECT c.*, c.over AND c.code < 2 AS known, c.over AND c.code < 2 AND coalesce(c.zone_id = s.zone_id, c.zone_id IS NULL) AS complete
                FROM (
                    SELECT x.day, x.seconds, x.ai_seconds, x.zone_id, x.day <= s.until AS over,
                           CASE x.state WHEN 'ok' THEN 0 WHEN 'empty' THEN 1 WHEN 'partial' THEN 2 WHEN 'pending' THEN 3 WHEN 'plan_limited' THEN 4 ELSE 5 END AS code
                    FROM days x
                    WHERE x.user_id = s.id AND x.day BETWEEN s.since AND s.listed_until
                    OFFSET 0
                ) c
                OFFSET 0
            ) d
        ) k
    ) d
)
SELECT b.time_zone, b.from_day::date AS from_day, b.to_day::date AS to_day, b.today,
       t.expected AS all_expected, t.connected_missing, t.other_missing, t.ok AS all_ok, t.empty AS all_empty, t.partial AS all_partial, t.pending AS all_pending,
       t.plan_limited AS all_plan_limited, t.error AS all_error, t.seconds AS all_seconds, t.ai_seconds AS all_ai_seconds, t.ai_unknown AS all_ai_unknown, t.partial_seconds AS all_partial_seconds,
       coalesce(p.id, '00000000-0000-0000-0000-000000000000')::uuid AS student_id, coalesce(p.name, '')::text AS name, coalesce(p.connection, '')::text AS connection, p.last_synced_at,
       p.failure_reason, p.failing_since, p.connected_at, (a.ref IS NOT NULL)::boolean AS ever_connected, coalesce(a.server, '')::text AS server,
       coalesce(p.expected, 0)::integer AS expected, coalesce(p.stored, 0)::integer AS stored, coalesce(p.complete, 0)::integer AS complete,
       coalesce(p.seconds, 0)::integer AS seconds, coalesce(p.ai_seconds, 0)::integer AS ai_seconds, coalesce(p.ai_unknown, 0)::integer AS ai_unknown, coalesce(p.partial_seconds, 0)::integer AS partial_seconds,
       coalesce(p.counts, 0)::bigint AS counts,
       coalesce(p.first_gap, b.from_day)::date AS first_gap,
       coalesce(CASE WHEN d.state = 'partial' AND d.reason = '' THEN 'partial' WHEN d.state IN ('ok', 'empty') THEN 'other_time_zone' ELSE d.reason END, '')::text AS reason
FROM batch b
CROSS JOIN (
    SELECT coalesce(sum(expected), 0)::integer AS expected, coalesce(sum(seconds), 0)::bigint AS seconds, coalesce(sum(ai_seconds), 0)::bigint AS ai_seconds,
           coalesce(sum(ai_unknown), 0)::integer AS ai_unknown, coalesce(sum(partial_seconds), 0)::bigint AS partial_seconds,
           coalesce(sum(expected - stored) FILTER (WHERE connection = 'connected'), 0)::integer AS connected_missing,
           coalesce(sum(expected - stored) FILTER (WHERE connection <> 'connected'), 0)::integer AS other_missing,
           coalesce(sum(counts & 1023), 0)::integer AS ok, coalesce(sum(counts >> 10 & 1023), 0)::integer AS empty, coalesce(sum(counts >> 20 & 1023), 0)::integer AS partial,
           coalesce(sum(counts >> 30 & 1023), 0)::integer AS pending, coalesce(sum(counts >> 40 & 1023), 0)::integer AS plan_limited, coalesce(sum(counts >> 50 & 1023), 0)::integer AS error
    FROM coverage
) t
LEFT JOIN coverage p ON p.expected > p.complete OR p.failure_reason IS NOT NULL OR p.connection = 'needs_reconnect'
LEFT JOIN days d ON d.user_id = p.id AND d.day = p.last_gap AND p.expected > p.complete
LEFT JOIN LATERAL (
    SELECT x.ref, x.server FROM wakatime_accounts x WHERE x.user_id = p.id ORDER BY coalesce(x.ref = p.account_ref, false) DESC, x.ref DESC LIMIT 1
) a ON true
ORDER BY p.expected - p.complete DESC, lower(p.name), p.id;
