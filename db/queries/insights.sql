-- name: GetDashboard :one
-- Lists are JSON, so that one row holds everything. Triggers maintain the totals. The rest is
-- bounded, however large the school is: 20 batches, of 1,000 that are counted, with 1,000
-- students of each that are counted, and the days of 250 of all students.
--
-- A student's week is today and the six days before, all of them tracked: tracking
-- looks back that far before an enrolment. Today is not over, so six days are expected, and
-- today has partial seconds only. Rows are the days that have one; the others were never
-- fetched, and unfetched are those of connected students. What follows from other counts is
-- left to the program. Sums of nothing are NULL, which JSON decodes to 0.
WITH ending AS MATERIALIZED (
    SELECT b.id, b.name, b.time_zone, b.ends_on, b.ai_time, zone_day(b.time_zone, sqlc.arg(utc)::date, sqlc.arg(behind)::text[], sqlc.arg(ahead)::text[]) AS today
    FROM batches b
    WHERE b.archived_at IS NULL AND b.ends_on >= sqlc.arg(utc)::date - 1
      -- coalesce lets the planner expect that half of them match, and stop after 20.
      AND coalesce(zone_day(b.time_zone, sqlc.arg(utc)::date, sqlc.arg(behind)::text[], sqlc.arg(ahead)::text[]) BETWEEN b.starts_on AND b.ends_on, false)
    ORDER BY b.ends_on, b.id
    LIMIT 20
), counted AS MATERIALIZED (
    -- A batch that is too large on its own does not count for those after it.
    SELECT a.*, n.students, n.connected,
           n.students <= 250 AND sum(n.students) FILTER (WHERE n.students <= 250) OVER (ORDER BY a.ends_on, a.id) <= 250 AS measured
    FROM ending a
    CROSS JOIN LATERAL (
        SELECT count(*) AS students, count(*) FILTER (WHERE e.connected) AS connected
        FROM (SELECT x.connected FROM enrolments x WHERE x.batch_id = a.id AND x.ended_at IS NULL LIMIT 1000) e
    ) n
), newest AS MATERIALIZED (
    SELECT e.user_id, e.batch_id, e.status, e.enrolled_at
    FROM enrolments e WHERE e.ended_at IS NULL ORDER BY e.enrolled_at DESC, e.user_id LIMIT 5
)
SELECT
    coalesce((SELECT json_object_agg(t.name, t.n) FROM (SELECT name, sum(n) AS n FROM tallies GROUP BY name) t), '{}')::json AS counts,
    (SELECT count(*) FROM (
        SELECT FROM batches b
        WHERE b.archived_at IS NULL AND b.ends_on >= sqlc.arg(utc)::date - 1
          AND coalesce(zone_day(b.time_zone, sqlc.arg(utc)::date, sqlc.arg(behind)::text[], sqlc.arg(ahead)::text[]) BETWEEN b.starts_on AND b.ends_on, false)
        LIMIT 1000
    ) b)::integer AS active_batches,
    (SELECT json_build_object(
        'seconds7', coalesce(sum(d.seconds) FILTER (WHERE d.day > sqlc.arg(utc)::date - 7), 0), 'seconds30', coalesce(sum(d.seconds), 0),
        'known7', coalesce(sum(d.known) FILTER (WHERE d.day > sqlc.arg(utc)::date - 7), 0), 'known30', coalesce(sum(d.known), 0),
        'unknown7', coalesce(sum(d.unknown) FILTER (WHERE d.day > sqlc.arg(utc)::date - 7), 0), 'unknown30', coalesce(sum(d.unknown), 0),
        'ai_seconds7', coalesce(sum(d.ai_seconds) FILTER (WHERE d.day > sqlc.arg(utc)::date - 7), 0), 'ai_seconds30', coalesce(sum(d.ai_seconds), 0),
        'ai_unknown7', coalesce(sum(d.ai_unknown) FILTER (WHERE d.day > sqlc.arg(utc)::date - 7), 0), 'ai_unknown30', coalesce(sum(d.ai_unknown), 0),
        'partial7', coalesce(sum(d.partial) FILTER (WHERE d.day > sqlc.arg(utc)::date - 7), 0), 'partial30', coalesce(sum(d.partial), 0),
        'partial_seconds7', coalesce(sum(d.partial_seconds) FILTER (WHERE d.day > sqlc.arg(utc)::date - 7), 0), 'partial_seconds30', coalesce(sum(d.partial_seconds), 0)
    ) FROM day_totals d WHERE d.day BETWEEN sqlc.arg(utc)::date - 29 AND sqlc.arg(utc)::date)::json AS totals,
    coalesce((SELECT json_agg(json_build_object(
        'id', s.user_id, 'version', u.version, 'name', u.name, 'email', u.email, 'batch', s.batch_id, 'batch_name', s.batch_name, 'time_zone', s.time_zone,
        'status', s.status, 'enrolled_at', s.enrolled_at, 'connection', coalesce(c.state, 'not_connected'),
        'failure_reason', c.failure_reason, 'failing_since', c.failing_since, 'connected_at', c.connected_at,
        -- Only the server of a failing connection is shown.
        'server', CASE WHEN c.failing_since IS NOT NULL OR c.state = 'needs_reconnect'
            THEN (SELECT a.server FROM wakatime_accounts a WHERE a.user_id = c.user_id AND a.ref = c.account_ref) END,
        'expected', x.expected, 'rows', w.rows, 'unfetched', CASE WHEN c.state = 'connected' THEN x.expected - w.rows END, 'ok', w.ok, 'empty', w.empty,
        'partial', w.partial, 'pending', w.pending, 'plan_limited', w.plan_limited, 'seen', w.seen, 'seconds', w.seconds, 'ai_seconds', w.ai_seconds, 'ai_known', w.ai_known
    ) ORDER BY s.enrolled_at DESC, s.user_id)
    FROM (
        SELECT n.*, b.name AS batch_name, b.time_zone, x.today, least(x.today, b.ends_on) AS until
        FROM newest n
        CROSS JOIN LATERAL (SELECT * FROM batches y WHERE y.id = n.batch_id OFFSET 0) b
        CROSS JOIN LATERAL (SELECT zone_day(b.time_zone, sqlc.arg(utc)::date, sqlc.arg(behind)::text[], sqlc.arg(ahead)::text[]) AS today) x
        OFFSET 0
    ) s
    JOIN users u ON u.id = s.user_id
    LEFT JOIN wakatime_connections c ON c.user_id = s.user_id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE x.day < s.today) AS rows,
               count(*) FILTER (WHERE x.day < s.today AND x.state = 'ok') AS ok, count(*) FILTER (WHERE x.day < s.today AND x.state = 'empty') AS empty,
               count(*) FILTER (WHERE x.day < s.today AND x.state = 'partial') AS partial, count(*) FILTER (WHERE x.day < s.today AND x.state = 'pending') AS pending,
               count(*) FILTER (WHERE x.day < s.today AND x.state = 'plan_limited') AS plan_limited,
               sum(x.seconds) AS seen, sum(x.seconds) FILTER (WHERE x.day < s.today AND x.state <> 'partial') AS seconds,
               sum(x.ai_seconds) FILTER (WHERE x.day < s.today AND x.state <> 'partial') AS ai_seconds,
               count(x.ai_seconds) FILTER (WHERE x.day < s.today AND x.state <> 'partial') AS ai_known
        FROM days x WHERE x.user_id = s.user_id AND x.day BETWEEN s.today - 6 AND s.until
    ) w
    CROSS JOIN LATERAL (SELECT greatest(0, least(s.until, s.today - 1) - s.today + 7) AS expected) x), '[]')::json AS newest,
    coalesce((SELECT json_agg(json_build_object(
        'id', a.id, 'name', a.name, 'time_zone', a.time_zone, 'ends_on', a.ends_on - date '1970-01-01', 'ai_time', a.ai_time,
        'students', a.students, 'connected', a.connected, 'median', k.median, 'week', CASE WHEN a.measured THEN json_build_object(
            'expected', 6 * a.students, 'rows', k.rows, 'unfetched', k.unfetched, 'ok', k.ok, 'empty', k.empty, 'partial', k.partial, 'pending', k.pending,
            'plan_limited', k.plan_limited, 'seen', k.seen, 'seconds', k.seconds, 'ai_seconds', k.ai_seconds, 'ai_known', k.ai_known) END
    ) ORDER BY a.ends_on, a.id)
    FROM counted a
    CROSS JOIN LATERAL (
        -- The sum of the seconds of a student is NULL when no day is known.
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY s.seconds - CASE a.ai_time WHEN 'exclude' THEN coalesce(s.ai_seconds, 0) ELSE 0 END) AS median,
               sum(s.ok) AS ok, sum(s.empty) AS empty, sum(s.partial) AS partial, sum(s.plan_limited) AS plan_limited, sum(s.rows) AS rows,
               sum(s.pending) AS pending, sum(6 - s.rows) FILTER (WHERE s.connected) AS unfetched,
               sum(s.seconds) AS seconds, sum(s.ai_seconds) AS ai_seconds, sum(s.ai_known) AS ai_known, sum(s.seen) AS seen
        FROM (
            SELECT e.connected, w.*
            FROM enrolments e
            CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE x.day < a.today) AS rows,
                       count(*) FILTER (WHERE x.day < a.today AND x.state = 'ok') AS ok, count(*) FILTER (WHERE x.day < a.today AND x.state = 'empty') AS empty,
                       count(*) FILTER (WHERE x.day < a.today AND x.state = 'partial') AS partial, count(*) FILTER (WHERE x.day < a.today AND x.state = 'pending') AS pending,
                       count(*) FILTER (WHERE x.day < a.today AND x.state = 'plan_limited') AS plan_limited,
                       sum(x.seconds) AS seen, sum(x.seconds) FILTER (WHERE x.day < a.today AND x.state <> 'partial') AS seconds,
                       sum(x.ai_seconds) FILTER (WHERE x.day < a.today AND x.state <> 'partial') AS ai_seconds,
                       count(x.ai_seconds) FILTER (WHERE x.day < a.today AND x.state <> 'partial') AS ai_known
                FROM days x WHERE x.user_id = e.user_id AND x.day BETWEEN a.today - 6 AND a.today
            ) w
            WHERE a.measured AND e.batch_id = a.id AND e.ended_at IS NULL
            OFFSET 0
        ) s
    ) k), '[]')::json AS batches,
    -- The order is that of an index of River's: without it, the planner reads the whole table in
    -- the hope of finding 100 of them soon.
    least(100,
        (SELECT count(*) FROM (SELECT FROM gradus_river.river_job j WHERE j.state = 'retryable' ORDER BY j.queue, j.priority, j.scheduled_at, j.id LIMIT 100) r)
        + (SELECT count(*) FROM (SELECT FROM gradus_river.river_job j WHERE j.state = 'discarded' ORDER BY j.queue, j.priority, j.scheduled_at, j.id LIMIT 100) r)
    )::integer AS jobs_failing;
