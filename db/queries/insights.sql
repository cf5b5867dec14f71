-- name: GetDashboard :one
-- Lists are JSON, so that one row holds everything. Triggers maintain the totals; only
-- the last week of a bounded number of students is aggregated here.
--
-- A student's week is today and the six days before, all of them tracked: tracking
-- looks back that far before an enrolment. Today is not over, so six days are expected, and
-- today has partial seconds only. The days in each state are counted in four bits of one
-- number.
WITH utc AS (
    SELECT (sqlc.arg(now)::timestamptz AT TIME ZONE 'UTC')::date AS today
), active AS (
    SELECT b.id, b.name, b.time_zone, b.ends_on, b.ai_time
    FROM batches b, utc
    -- No time zone is more than a day away from UTC, so the zone matters only near
    -- the start and the end of a batch.
    WHERE b.archived_at IS NULL AND b.ends_on >= utc.today - 1
      AND (b.ends_on > utc.today AND b.starts_on < utc.today
           OR (sqlc.arg(now)::timestamptz AT TIME ZONE b.time_zone)::date BETWEEN b.starts_on AND b.ends_on)
), ending AS MATERIALIZED (
    SELECT a.id, a.name, a.time_zone, a.ends_on, a.ai_time, (sqlc.arg(now)::timestamptz AT TIME ZONE a.time_zone)::date AS today
    FROM (SELECT * FROM active ORDER BY ends_on, id LIMIT 20) a
), newest AS MATERIALIZED (
    SELECT e.user_id, e.batch_id, e.status, e.enrolled_at
    FROM enrolments e WHERE e.ended_at IS NULL ORDER BY e.enrolled_at DESC, e.user_id LIMIT 5
)
SELECT
    coalesce((SELECT json_object_agg(t.name, t.n) FROM (SELECT name, sum(n) AS n FROM tallies GROUP BY name) t), '{}')::json AS counts,
    (SELECT count(*) FROM active)::integer AS active_batches,
    (SELECT json_build_object(
        'seconds7', coalesce(sum(d.seconds) FILTER (WHERE d.day > utc.today - 7), 0), 'seconds30', coalesce(sum(d.seconds), 0),
        'known7', coalesce(sum(d.known) FILTER (WHERE d.day > utc.today - 7), 0), 'known30', coalesce(sum(d.known), 0),
        'unknown7', coalesce(sum(d.unknown) FILTER (WHERE d.day > utc.today - 7), 0), 'unknown30', coalesce(sum(d.unknown), 0),
        'ai_seconds7', coalesce(sum(d.ai_seconds) FILTER (WHERE d.day > utc.today - 7), 0), 'ai_seconds30', coalesce(sum(d.ai_seconds), 0),
        'ai_unknown7', coalesce(sum(d.ai_unknown) FILTER (WHERE d.day > utc.today - 7), 0), 'ai_unknown30', coalesce(sum(d.ai_unknown), 0),
        'partial7', coalesce(sum(d.partial) FILTER (WHERE d.day > utc.today - 7), 0), 'partial30', coalesce(sum(d.partial), 0),
        'partial_seconds7', coalesce(sum(d.partial_seconds) FILTER (WHERE d.day > utc.today - 7), 0), 'partial_seconds30', coalesce(sum(d.partial_seconds), 0)
    ) FROM utc, day_totals d WHERE d.day BETWEEN utc.today - 29 AND utc.today)::json AS totals,
    coalesce((SELECT json_agg(json_build_object(
        'id', s.user_id, 'version', u.version, 'name', u.name, 'email', u.email, 'batch', s.batch_id, 'batch_name', s.batch_name, 'time_zone', s.time_zone,
        'status', s.status, 'enrolled_at', s.enrolled_at, 'connection', coalesce(c.state, 'not_connected'),
        'failure_reason', c.failure_reason, 'failing_since', c.failing_since, 'connected_at', c.connected_at,
        'server', (SELECT a.server FROM wakatime_accounts a WHERE a.user_id = c.user_id AND a.ref = c.account_ref),
        'expected', x.expected, 'missing', CASE WHEN c.state = 'connected' THEN x.expected - w.stored ELSE 0 END, 'ok', w.states & 15, 'empty', w.states >> 4 & 15,
        'pending', w.states >> 8 & 15, 'plan_limited', w.states >> 12 & 15, 'error', w.states >> 16 & 15, 'partial', w.states >> 20 & 15,
        'seconds', w.seconds, 'ai_seconds', w.ai_seconds, 'ai_unknown', w.ai_unknown, 'partial_seconds', w.partial_seconds
    ) ORDER BY s.enrolled_at DESC, s.user_id)
    FROM (
        SELECT n.*, b.name AS batch_name, b.time_zone, b.ends_on, x.today, least(x.today, b.ends_on) AS until
        FROM newest n JOIN batches b ON b.id = n.batch_id, LATERAL (SELECT (sqlc.arg(now)::timestamptz AT TIME ZONE b.time_zone)::date AS today) x
        OFFSET 0
    ) s
    JOIN users u ON u.id = s.user_id
    LEFT JOIN wakatime_connections c ON c.user_id = s.user_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE d.day < s.today) AS stored,
               coalesce(sum(d.seconds) FILTER (WHERE d.state <> 'partial'), 0) AS seconds, coalesce(sum(d.ai_seconds) FILTER (WHERE d.state <> 'partial'), 0) AS ai_seconds,
               count(*) FILTER (WHERE d.state IN ('ok', 'empty') AND d.ai_seconds IS NULL) AS ai_unknown, coalesce(sum(d.seconds) FILTER (WHERE d.state = 'partial'), 0) AS partial_seconds,
               coalesce(sum(CASE d.state WHEN 'ok' THEN 1 WHEN 'empty' THEN 16 WHEN 'pending' THEN 256 WHEN 'plan_limited' THEN 4096 WHEN 'error' THEN 65536 ELSE 1048576 END) FILTER (WHERE d.day < s.today), 0) AS states
        FROM days d WHERE d.user_id = s.user_id AND d.day BETWEEN s.today - 6 AND s.until AND (d.day < s.today OR d.state = 'partial')
    ) w
    CROSS JOIN LATERAL (SELECT greatest(0, least(s.until, s.today - 1) - s.today + 7) AS expected) x), '[]')::json AS newest,
    coalesce((SELECT json_agg(json_build_object(
        'id', a.id, 'name', a.name, 'time_zone', a.time_zone, 'ends_on', a.ends_on - date '1970-01-01', 'ai_time', a.ai_time,
        'students', k.students, 'connected', k.connected, 'median', k.median,
        'seconds', k.seconds, 'ai_seconds', k.ai_seconds, 'ai_unknown', k.ai_unknown, 'partial_seconds', k.partial_seconds,
        'ok', k.ok, 'empty', k.empty, 'partial', k.partial, 'pending', k.pending, 'plan_limited', k.plan_limited, 'error', k.error,
        'expected', 6 * k.students, 'missing', k.missing
    ) ORDER BY a.ends_on, a.id)
    FROM ending a
    CROSS JOIN LATERAL (
        SELECT count(*) AS students, count(*) FILTER (WHERE s.connected) AS connected,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY s.seconds - CASE a.ai_time WHEN 'exclude' THEN coalesce(s.ai_seconds, 0) ELSE 0 END) AS median,
               coalesce(sum(s.seconds), 0) AS seconds, coalesce(sum(s.ai_seconds), 0) AS ai_seconds,
               coalesce(sum(s.ai_unknown), 0) AS ai_unknown, coalesce(sum(s.partial_seconds), 0) AS partial_seconds, coalesce(sum(s.states >> 20 & 15), 0) AS partial,
               coalesce(sum(s.states & 15), 0) AS ok, coalesce(sum(s.states >> 4 & 15), 0) AS empty, coalesce(sum(s.states >> 8 & 15), 0) AS pending,
               coalesce(sum(s.states >> 12 & 15), 0) AS plan_limited, coalesce(sum(s.states >> 16 & 15), 0) AS error,
               coalesce(sum(6 - s.stored) FILTER (WHERE s.connected), 0) AS missing
        FROM (
            SELECT w.*, e.connected
            FROM enrolments e
            CROSS JOIN LATERAL (
                -- The sum of the seconds is NULL when no day is known.
                SELECT count(*) FILTER (WHERE d.day < a.today) AS stored, sum(d.seconds) FILTER (WHERE d.state <> 'partial') AS seconds,
                       sum(d.ai_seconds) FILTER (WHERE d.state <> 'partial') AS ai_seconds, sum(d.seconds) FILTER (WHERE d.state = 'partial') AS partial_seconds,
                       count(*) FILTER (WHERE d.state IN ('ok', 'empty') AND d.ai_seconds IS NULL) AS ai_unknown,
                       sum(CASE d.state WHEN 'ok' THEN 1 WHEN 'empty' THEN 16 WHEN 'pending' THEN 256 WHEN 'plan_limited' THEN 4096 WHEN 'error' THEN 65536 ELSE 1048576 END) FILTER (WHERE d.day < a.today) AS states
                FROM days d WHERE d.user_id = e.user_id AND d.day BETWEEN a.today - 6 AND a.today AND (d.day < a.today OR d.state = 'partial')
            ) w
            WHERE e.batch_id = a.id AND e.ended_at IS NULL
            OFFSET 0
        ) s
    ) k), '[]')::json AS batches,
    (SELECT count(*) FROM river_job WHERE state IN ('retryable', 'discarded'))::integer AS jobs_failing;
