-- name: GetDashboard :one
-- Lists are JSON, so that one row holds everything. Triggers maintain the totals; only
-- the last week of a bounded number of students is aggregated here.
--
-- A student's week is today and the six days before, all of them tracked: tracking
-- looks back that far before an enrolment. Today is not over, so six days are expected, and
-- today has partial seconds only. The days in each state are counted in four bits of one
-- number per student, in the order ok, empty, partial, pending, plan_limited, error; known
-- days without AI time follow, and whether the student is connected. Adding up the bits here
-- would cost a tenth of the query. Sums of nothing are NULL, which JSON decodes to 0.
WITH utc AS (
    SELECT sqlc.arg(utc)::date AS today
), active AS (
    SELECT b.id, b.name, b.time_zone, b.ends_on, b.ai_time
    FROM batches b, utc
    -- No time zone is more than a day away from UTC, so the zone matters only near
    -- the start and the end of a batch.
    WHERE b.archived_at IS NULL AND b.ends_on >= utc.today - 1
      AND (b.ends_on > utc.today AND b.starts_on < utc.today
           OR zone_day(b.time_zone, sqlc.arg(utc)::date, sqlc.arg(behind)::text[], sqlc.arg(ahead)::text[]) BETWEEN b.starts_on AND b.ends_on)
), ending AS MATERIALIZED (
    SELECT a.id, a.name, a.time_zone, a.ends_on, a.ai_time, zone_day(a.time_zone, sqlc.arg(utc)::date, sqlc.arg(behind)::text[], sqlc.arg(ahead)::text[]) AS today
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
        'expected', x.expected, 'states', ARRAY[coalesce(w.states, 0) + ((c.user_id IS NOT NULL AND c.state = 'connected')::integer << 28)], 'seen', w.seen, 'seconds', w.seconds, 'ai_seconds', w.ai_seconds
    ) ORDER BY s.enrolled_at DESC, s.user_id)
    FROM (
        SELECT n.*, b.name AS batch_name, b.time_zone, b.ends_on, x.today, least(x.today, b.ends_on) AS until
        FROM newest n JOIN batches b ON b.id = n.batch_id, LATERAL (SELECT zone_day(b.time_zone, sqlc.arg(utc)::date, sqlc.arg(behind)::text[], sqlc.arg(ahead)::text[]) AS today) x
        OFFSET 0
    ) s
    JOIN users u ON u.id = s.user_id
    LEFT JOIN wakatime_connections c ON c.user_id = s.user_id
    CROSS JOIN LATERAL (
        SELECT sum(x.seconds) AS seen, sum(x.seconds) FILTER (WHERE x.day < s.today AND x.state <> 'partial') AS seconds,
               sum(x.ai_seconds) FILTER (WHERE x.day < s.today AND x.state <> 'partial') AS ai_seconds,
               (sum(CASE x.state WHEN 'ok' THEN 1 WHEN 'empty' THEN 1 << 4 WHEN 'partial' THEN 1 << 8 WHEN 'pending' THEN 1 << 12 WHEN 'plan_limited' THEN 1 << 16 ELSE 1 << 20 END
                    + CASE WHEN x.ai_seconds IS NULL AND x.state IN ('ok', 'empty') THEN 1 << 24 ELSE 0 END) FILTER (WHERE x.day < s.today))::integer AS states
        FROM days x WHERE x.user_id = s.user_id AND x.day BETWEEN s.today - 6 AND s.until
    ) w
    CROSS JOIN LATERAL (SELECT greatest(0, least(s.until, s.today - 1) - s.today + 7) AS expected) x), '[]')::json AS newest,
    coalesce((SELECT json_agg(json_build_object(
        'id', a.id, 'name', a.name, 'time_zone', a.time_zone, 'ends_on', a.ends_on - date '1970-01-01', 'ai_time', a.ai_time,
        'median', k.median, 'expected', 6, 'states', k.states, 'seen', k.seen, 'seconds', k.seconds, 'ai_seconds', k.ai_seconds
    ) ORDER BY a.ends_on, a.id)
    FROM ending a
    CROSS JOIN LATERAL (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY s.seconds - CASE a.ai_time WHEN 'exclude' THEN coalesce(s.ai_seconds, 0) ELSE 0 END) AS median,
               sum(s.seen) AS seen, sum(s.seconds) AS seconds, sum(s.ai_seconds) AS ai_seconds, array_agg(s.states) AS states
        FROM (
            SELECT w.seen, w.seconds, w.ai_seconds, coalesce(w.states, 0) + (e.connected::integer << 28) AS states
            FROM enrolments e
            CROSS JOIN LATERAL (
                -- The sum of the seconds is NULL when no day is known.
                SELECT sum(x.seconds) AS seen, sum(x.seconds) FILTER (WHERE x.day < a.today AND x.state <> 'partial') AS seconds,
                       sum(x.ai_seconds) FILTER (WHERE x.day < a.today AND x.state <> 'partial') AS ai_seconds,
                       (sum(CASE x.state WHEN 'ok' THEN 1 WHEN 'empty' THEN 1 << 4 WHEN 'partial' THEN 1 << 8 WHEN 'pending' THEN 1 << 12 WHEN 'plan_limited' THEN 1 << 16 ELSE 1 << 20 END
                            + CASE WHEN x.ai_seconds IS NULL AND x.state IN ('ok', 'empty') THEN 1 << 24 ELSE 0 END) FILTER (WHERE x.day < a.today))::integer AS states
                FROM days x WHERE x.user_id = e.user_id AND x.day BETWEEN a.today - 6 AND a.today
            ) w
            WHERE e.batch_id = a.id AND e.ended_at IS NULL
            OFFSET 0
        ) s
    ) k), '[]')::json AS batches,
    (SELECT count(*) FROM gradus_river.river_job WHERE state IN ('retryable', 'discarded'))::integer AS jobs_failing;
