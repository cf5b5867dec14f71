-- name: GetConnection :one
SELECT sqlc.embed(c), sqlc.embed(a)
FROM wakatime_connections c
JOIN wakatime_accounts a ON a.user_id = c.user_id AND a.ref = c.account_ref
WHERE c.user_id = @user_id;

-- name: GetConnectionReport :one
-- The user with their connection, without its secrets, and all days until a last one, packed as
-- in ListBatchProgress and counted from 1970-01-01. The program counts those that are tracked.
SELECT u.name, u.time_zone AS user_zone, b.id AS batch_id, b.time_zone AS batch_zone, b.starts_on, b.ends_on, b.archived_at, e.enrolled_at, e.enrolled_on,
       c.kind, c.state, c.base_url, c.expires_at, c.scopes, c.account_id, c.account_username, c.account_zone, c.account_plan,
       c.connected_at, c.connected_on, c.last_synced_at, c.next_sync_at, c.leased_until, c.failure_reason, c.failed_at, c.failing_since,
       a.ref, a.server, a.yardstick, a.timeout_minutes,
       ARRAY(
           SELECT ((d.day - date '1970-01-01')::bigint << 38)
               + ((CASE d.state WHEN 'ok' THEN 0 WHEN 'empty' THEN 1 WHEN 'partial' THEN 2 WHEN 'pending' THEN 3 WHEN 'plan_limited' THEN 4 ELSE 5 END)::bigint << 34)
               + ((coalesce(d.ai_seconds, -1) + 1)::bigint << 17) + coalesce(d.seconds, -1) + 1
           FROM days d
           WHERE d.user_id = u.id AND d.day <= sqlc.arg(last)::date
           ORDER BY d.day
       )::bigint[] AS days
FROM users u
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
LEFT JOIN batches b ON b.id = e.batch_id
LEFT JOIN wakatime_connections c ON c.user_id = u.id
LEFT JOIN wakatime_accounts a ON a.user_id = c.user_id AND a.ref = c.account_ref
WHERE u.id = @user_id;

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
    account_id, account_username, account_zone, account_plan, account_ref, connected_at, connected_on)
SELECT u.id, @kind, @state, @base_url, @access_token, @refresh_token, sqlc.narg(expires_at)::timestamptz, @scopes::text[],
    @account_id, @account_username, @account_zone, @account_plan, @account_ref, @connected_at,
    zone_day(coalesce(b.time_zone, u.time_zone), sqlc.arg(utc)::date, sqlc.arg(behind)::text[], sqlc.arg(ahead)::text[])
FROM users u
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
LEFT JOIN batches b ON b.id = e.batch_id
WHERE u.id = @user_id AND (u.suspended_at IS NULL OR EXISTS (SELECT FROM wakatime_connections x WHERE x.user_id = u.id))
ON CONFLICT (user_id) DO UPDATE
SET kind = excluded.kind, state = excluded.state, base_url = excluded.base_url, access_token = excluded.access_token,
    refresh_token = excluded.refresh_token, expires_at = excluded.expires_at, scopes = excluded.scopes,
    account_id = excluded.account_id, account_username = excluded.account_username, account_zone = excluded.account_zone,
    account_plan = excluded.account_plan, account_ref = excluded.account_ref, connected_at = excluded.connected_at,
    connected_on = CASE WHEN c.connected_at = excluded.connected_at THEN c.connected_on ELSE excluded.connected_on END,
    last_synced_at = CASE WHEN c.account_ref = excluded.account_ref THEN c.last_synced_at END,
    leased_until = CASE WHEN c.connected_at = excluded.connected_at THEN c.leased_until END,
    failure_reason = CASE WHEN c.connected_at = excluded.connected_at THEN c.failure_reason END,
    failed_at = CASE WHEN c.connected_at = excluded.connected_at THEN c.failed_at END,
    failing_since = CASE WHEN c.connected_at = excluded.connected_at THEN c.failing_since END;

-- name: DeleteConnection :execrows
DELETE FROM wakatime_connections WHERE user_id = @user_id;

-- name: LeaseConnection :one
-- It returns what a sync has to know. The sub-select sees the lease as it was when the
-- statement began, so a sync that ended while this one waited counts as busy: its checks, which
-- are in the other row, would be missed.
UPDATE wakatime_connections c SET leased_until = sqlc.arg(until)::timestamptz
FROM wakatime_accounts a
JOIN (
    SELECT u.id, u.name, u.time_zone AS user_zone, b.id AS batch_id, b.time_zone AS batch_zone, b.starts_on, b.ends_on, b.archived_at, e.enrolled_at, e.enrolled_on
    FROM users u
    LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
    LEFT JOIN batches b ON b.id = e.batch_id
) t ON t.id = a.user_id
WHERE c.user_id = @user_id AND a.user_id = c.user_id AND a.ref = c.account_ref
  AND (c.leased_until IS NULL OR c.leased_until <= sqlc.arg(now)::timestamptz)
  AND (SELECT s.leased_until IS NULL OR s.leased_until <= sqlc.arg(now)::timestamptz FROM wakatime_connections s WHERE s.user_id = @user_id)
RETURNING sqlc.embed(c), sqlc.embed(a), t.name, t.user_zone, t.batch_id, t.batch_zone, t.starts_on, t.ends_on, t.archived_at, t.enrolled_at, t.enrolled_on;

-- name: ConnectionExists :one
SELECT EXISTS (SELECT FROM wakatime_connections c WHERE c.user_id = @user_id);

-- name: UpdateConnectionSynced :exec
-- A sync that is unfinished only releases the lease. The account's checks are written by the
-- same statement, so that nobody sees a sync that has ended without them.
WITH synced AS (
    UPDATE wakatime_connections c
    SET leased_until = NULL,
        next_sync_at = CASE WHEN sqlc.arg(unfinished)::boolean THEN c.next_sync_at ELSE sqlc.narg(next_sync_at) END,
        last_synced_at = CASE WHEN sqlc.arg(reason)::text = '' AND NOT sqlc.arg(unfinished) THEN sqlc.arg(at)::timestamptz ELSE c.last_synced_at END,
        failure_reason = CASE WHEN sqlc.arg(unfinished) THEN c.failure_reason ELSE nullif(sqlc.arg(reason)::text, '') END,
        failed_at = CASE WHEN sqlc.arg(unfinished) THEN c.failed_at WHEN sqlc.arg(reason)::text <> '' THEN sqlc.arg(at)::timestamptz END,
        failing_since = CASE WHEN sqlc.arg(unfinished) THEN c.failing_since WHEN sqlc.arg(reason)::text <> '' THEN coalesce(c.failing_since, sqlc.arg(at)::timestamptz) END
    WHERE c.user_id = @user_id AND c.leased_until = sqlc.arg(lease)::timestamptz
    RETURNING c.user_id
), checked AS (
    UPDATE wakatime_accounts a
    SET checked_from = sqlc.arg(froms)::date[], checked_to = sqlc.arg(tos)::date[], checked_at = sqlc.arg(ats)::timestamptz[],
        yardstick = coalesce(sqlc.narg(yardstick)::text, a.yardstick), timeout_minutes = coalesce(sqlc.narg(timeout_minutes)::smallint, a.timeout_minutes)
    FROM synced
    WHERE a.user_id = synced.user_id AND a.ref = @ref
)
SELECT FROM synced;

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
SELECT u.id, u.name, u.time_zone AS user_zone, b.id AS batch_id, b.time_zone AS batch_zone, b.starts_on, b.ends_on, b.archived_at, e.enrolled_at, e.enrolled_on,
       c.state, c.connected_at, c.connected_on, c.failure_reason, c.failed_at, c.failing_since,
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

-- name: ListLedger :many
-- The user, once for each of their accounts or once if they have none, then the days of the
-- ledger in any order, and then the days that are set aside, which have no state. They are one
-- statement, so that days and accounts fit together. scanLedger reads the columns by position.
SELECT NULL::date AS day, NULL::text AS state, NULL::integer AS seconds, NULL::integer AS ai_seconds, NULL::integer AS zone_id, NULL::integer AS account_ref,
       NULL::smallint AS attempts, NULL::timestamptz AS changed_at, NULL::text AS reason, NULL::text AS absent, NULL::bigint[] AS parts,
       u.name, u.time_zone AS user_zone, b.id AS batch_id, b.time_zone AS batch_zone, b.starts_on, b.ends_on, b.archived_at, e.enrolled_at, e.enrolled_on,
       c.state AS connection, c.connected_at, c.connected_on, c.failure_reason, c.failed_at, c.failing_since, c.account_ref AS current_ref,
       a.ref, a.server, a.username, a.checked_from, a.checked_to, a.checked_at
FROM users u
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
LEFT JOIN batches b ON b.id = e.batch_id
LEFT JOIN wakatime_connections c ON c.user_id = u.id
LEFT JOIN wakatime_accounts a ON a.user_id = u.id
WHERE u.id = @user_id
UNION ALL
SELECT d.day, d.state, d.seconds, d.ai_seconds, d.zone_id, d.account_ref, d.attempts, d.changed_at, d.reason, d.absent,
       CASE WHEN sqlc.arg(with_parts)::boolean THEN d.parts END,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM days d
WHERE d.user_id = @user_id AND d.day BETWEEN sqlc.arg(from_day)::date AND sqlc.arg(to_day)::date
UNION ALL
SELECT o.day, NULL, o.seconds, NULL, NULL, o.account_ref, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM account_days o
WHERE o.user_id = @user_id AND o.day BETWEEN sqlc.arg(from_day)::date AND sqlc.arg(to_day)::date;

-- name: ListLabelNames :many
SELECT l.id, l.kind, l.name FROM labels l WHERE l.id = ANY(sqlc.arg(ids)::integer[]);

-- name: ListDayStates :many
-- Whether days are missing. One range of the index tells this of days that are known in the
-- requested zone, which are nearly all. The table is read for the others only.
WITH stored AS MATERIALIZED (
    SELECT d.day, d.state, d.seconds,
           coalesce(d.state IN ('ok', 'empty') AND d.zone_id = (SELECT z.id FROM labels z WHERE z.kind = 'time_zone' AND z.name = @zone), false) AS settled
    FROM days d
    WHERE d.user_id = @user_id AND d.day BETWEEN sqlc.arg(from_day)::date AND sqlc.arg(to_day)::date
)
SELECT s.day, s.state, s.seconds, s.settled::boolean AS settled,
       coalesce(o.account_ref, 0)::integer AS account_ref, coalesce(o.reason, '')::text AS reason, coalesce(o.zone, '')::text AS zone
FROM stored s
LEFT JOIN LATERAL (
    SELECT d.account_ref, d.reason, l.name AS zone
    FROM days d LEFT JOIN labels l ON l.id = d.zone_id
    WHERE NOT s.settled AND d.user_id = @user_id AND d.day = s.day
    OFFSET 0
) o ON true
ORDER BY s.day;

-- name: ListBatchProgress :many
-- One row per student of the page, or one row without a student. The first page continues with
-- all students after it, who count for its total: they have days, but no name and no connection.
-- It reads no days if there are too many students for the range; the number of students tells.
-- The range has a day more on each side if it depends on today, which depends on the time
-- zone: the caller knows it, and which days count.
--
-- The days of a student are one array of numbers, which costs a quarter of an array per
-- column: from the lowest bit, 17 bits each for the seconds and the AI seconds, both plus
-- one because 0 stands for NULL, 3 for the state, in the order ok, empty, partial, pending,
-- plan_limited, error, one that ListBatchGaps sets, and the rest for the place in the range.
WITH batch AS MATERIALIZED (
    SELECT b.time_zone, b.ends_on, b.ai_time,
           (SELECT count(*) FROM enrolments e WHERE e.batch_id = b.id AND e.ended_at IS NULL)::integer AS students
    FROM batches b
    WHERE b.id = @batch_id
), student AS (
    SELECT e.user_id, e.name_key, e.connected, coalesce(e.enrolled_on, (e.enrolled_at AT TIME ZONE interval '0')::date) AS enrolled_on,
           row_number() OVER () <= sqlc.arg(max)::integer AS listed
    FROM (
        SELECT e.* FROM enrolments e
        WHERE e.batch_id = @batch_id AND e.ended_at IS NULL AND (SELECT b.students <= sqlc.arg(max_students)::integer FROM batch b)
          AND (e.name_key, e.user_id) > (sqlc.arg(after_name)::text, sqlc.arg(after_id)::uuid)
        ORDER BY e.name_key, e.user_id
        LIMIT sqlc.arg(max_read)::integer
    ) e
)
SELECT b.time_zone, b.ends_on, b.ai_time, b.students,
       coalesce(s.user_id, '00000000-0000-0000-0000-000000000000')::uuid AS student_id, coalesce(s.name_key, '')::text AS name_key,
       coalesce(s.connected, false)::boolean AS connected, coalesce(s.enrolled_on, b.ends_on)::date AS enrolled_on, coalesce(u.name, '')::text AS name,
       coalesce(c.state, 'not_connected')::text AS connection, c.failure_reason, c.failing_since, coalesce(c.connected_at, 'epoch')::timestamptz AS connected_at,
       coalesce(a.server, '')::text AS server, coalesce(a.yardstick, 'unknown')::text AS yardstick, coalesce(a.timeout_minutes, 0)::smallint AS timeout_minutes,
       ARRAY(
           SELECT ((d.day - sqlc.arg(from_day)::date)::bigint << 38)
               + ((CASE d.state WHEN 'ok' THEN 0 WHEN 'empty' THEN 1 WHEN 'partial' THEN 2 WHEN 'pending' THEN 3 WHEN 'plan_limited' THEN 4 ELSE 5 END)::bigint << 34)
               + ((coalesce(d.ai_seconds, -1) + 1)::bigint << 17) + coalesce(d.seconds, -1) + 1
           FROM days d
           WHERE d.user_id = s.user_id AND d.day BETWEEN sqlc.arg(from_day)::date AND sqlc.arg(to_day)::date
           ORDER BY d.day
       )::bigint[] AS days
FROM batch b
LEFT JOIN student s ON true
LEFT JOIN LATERAL (SELECT u.name FROM users u WHERE u.id = s.user_id AND s.listed OFFSET 0) u ON true
LEFT JOIN LATERAL (SELECT * FROM wakatime_connections c WHERE c.user_id = s.user_id AND s.listed OFFSET 0) c ON true
LEFT JOIN LATERAL (SELECT * FROM wakatime_accounts a WHERE a.user_id = s.user_id AND a.ref = c.account_ref OFFSET 0) a ON true
ORDER BY s.name_key, s.user_id;

-- name: ListBatchGaps :many
-- One row per student of the page, or one row without a student, as in ListBatchProgress. Pages
-- have the students with a gap: with days that have ended and are unknown or were split in
-- another time zone than the batch's, or with a failing connection. The first page continues with
-- all other students, who count for its total. The bit of a packed day marks those of another
-- zone. The reason is that of the last unknown day with a row. The names of the zones where today
-- is the day before or after UTC have a space on each side.
--
-- The days of a student are read once: a page takes students in the order of their names until it
-- is full, and the first page takes all others after that.
WITH batch AS MATERIALIZED (
    SELECT b.time_zone, b.ends_on, x.today, x.from_day, x.to_day, least(x.to_day, x.today, b.ends_on) AS until, least(x.to_day, x.today - 1, b.ends_on) AS counted_until,
           (SELECT count(*) FROM enrolments e WHERE e.batch_id = b.id AND e.ended_at IS NULL)::integer AS students,
           coalesce((SELECT l.id FROM labels l WHERE l.kind = 'time_zone' AND l.name = b.time_zone), 0) AS zone_id
    FROM batches b
    CROSS JOIN LATERAL (
        SELECT t.today, coalesce(sqlc.narg(from_day)::date, coalesce(sqlc.narg(to_day)::date, t.today) - sqlc.arg(default_days)::integer + 1) AS from_day, coalesce(sqlc.narg(to_day)::date, t.today) AS to_day
        FROM (
            SELECT sqlc.arg(utc)::date + CASE WHEN strpos(sqlc.arg(behind), ' ' || b.time_zone || ' ') > 0 THEN -1 WHEN strpos(sqlc.arg(ahead), ' ' || b.time_zone || ' ') > 0 THEN 1 ELSE 0 END AS today
        ) t
    ) x
    WHERE b.id = @batch_id
), student AS MATERIALIZED (
    SELECT e.user_id, e.name_key, e.connected, e.enrolled_on, d.days, d.last_unknown, d.known <= e.counted_until - e.since AS incomplete
    FROM (
        SELECT e.user_id, e.name_key, e.connected, coalesce(e.enrolled_on, (e.enrolled_at AT TIME ZONE interval '0')::date) AS enrolled_on, b.today, b.from_day, b.until, b.counted_until, b.zone_id,
               greatest(b.from_day, coalesce(e.enrolled_on, (e.enrolled_at AT TIME ZONE interval '0')::date) - sqlc.arg(lead)::integer) AS since
        FROM enrolments e
        CROSS JOIN batch b
        WHERE e.batch_id = @batch_id AND e.ended_at IS NULL AND greatest(0, b.to_day - b.from_day + 1) * b.students <= sqlc.arg(max_student_days)::integer
          AND (e.name_key, e.user_id) > (sqlc.arg(after_name)::text, sqlc.arg(after_id)::uuid)
        ORDER BY e.name_key, e.user_id
    ) e
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE d.code < 2 AND d.day < e.today) AS known, max(d.day) FILTER (WHERE d.code % 8 > 1 AND d.day < e.today) AS last_unknown,
               array_agg(((d.day - e.from_day)::bigint << 38) + (d.code::bigint << 34) + ((coalesce(d.ai_seconds, -1) + 1)::bigint << 17) + coalesce(d.seconds, -1) + 1) AS days
        FROM (
            SELECT d.day, d.seconds, d.ai_seconds,
                   CASE d.state WHEN 'ok' THEN 0 WHEN 'empty' THEN 1 WHEN 'partial' THEN 2 WHEN 'pending' THEN 3 WHEN 'plan_limited' THEN 4 ELSE 5 END
                   + CASE WHEN d.zone_id <> e.zone_id THEN 8 ELSE 0 END AS code
            FROM days d WHERE d.user_id = e.user_id AND d.day BETWEEN e.since AND e.until
            ORDER BY d.day
            OFFSET 0
        ) d
    ) d
), page AS MATERIALIZED (
    SELECT p.*, u.name, a.ref, a.server, d.reason
    FROM (
        SELECT s.user_id, s.name_key, s.connected, s.enrolled_on, s.days, s.last_unknown, c.state, c.last_synced_at, c.failure_reason, c.failing_since, c.connected_at, c.account_ref
        FROM student s
        LEFT JOIN LATERAL (SELECT * FROM wakatime_connections c WHERE c.user_id = s.user_id OFFSET 0) c ON true
        WHERE s.incomplete OR c.state = 'needs_reconnect' OR c.failure_reason IS NOT NULL AND c.failing_since IS NOT NULL
        LIMIT sqlc.arg(max)::integer
    ) p
    LEFT JOIN LATERAL (SELECT u.name FROM users u WHERE u.id = p.user_id OFFSET 0) u ON true
    LEFT JOIN LATERAL (SELECT d.reason FROM days d WHERE d.user_id = p.user_id AND d.day = p.last_unknown OFFSET 0) d ON true
    LEFT JOIN LATERAL (
        SELECT x.ref, x.server FROM wakatime_accounts x WHERE x.user_id = p.user_id AND x.ref <= coalesce(p.account_ref, 2147483647) ORDER BY x.ref DESC LIMIT 1
    ) a ON true
)
SELECT b.time_zone, b.ends_on, b.students::integer AS students,
       coalesce(s.user_id, '00000000-0000-0000-0000-000000000000')::uuid AS student_id, coalesce(s.name_key, '')::text AS name_key,
       coalesce(s.connected, false)::boolean AS connected, coalesce(s.listed, false)::boolean AS listed, coalesce(s.name, '')::text AS name,
       coalesce(s.state, 'not_connected')::text AS connection, s.last_synced_at, s.failure_reason, s.failing_since, coalesce(s.connected_at, 'epoch')::timestamptz AS connected_at,
       (s.ref IS NOT NULL)::boolean AS ever_connected, coalesce(s.server, '')::text AS server,
       coalesce(s.enrolled_on, b.ends_on)::date AS enrolled_on, coalesce(s.days, '{}')::bigint[] AS days, coalesce(s.reason, '')::text AS reason
FROM batch b
LEFT JOIN (
    SELECT p.user_id, p.name_key, p.connected, p.enrolled_on, p.days, p.state, p.last_synced_at, p.failure_reason, p.failing_since, p.connected_at, p.name, p.ref, p.server, p.reason, true AS listed
    FROM page p
    UNION ALL
    SELECT s.user_id, s.name_key, s.connected, s.enrolled_on, s.days, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false
    FROM student s
    WHERE sqlc.arg(first_page)::boolean AND NOT EXISTS (SELECT FROM page p WHERE p.user_id = s.user_id)
) s ON true
ORDER BY s.name_key, s.user_id;
