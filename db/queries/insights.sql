-- name: GetDashboard :one
-- Lists are JSON and arrays, so that one row holds everything. Triggers maintain the totals. The
-- rest is bounded, however large the school is: 20 batches, of 1,000 that are counted, and the
-- days of 100 of all students.
--
-- The program counts the days of each student, and decides which of them are in the week of the
-- student, because that depends on the time zone. They come from summaries, and their users are the
-- bytes of the IDs: an array of IDs takes longer than finding the days.
WITH ending AS MATERIALIZED (
    -- Active everywhere, or else where they are.
    SELECT b.id, b.name, b.time_zone, b.ends_on - date '1970-01-01' AS ends_on, b.ai_time
    FROM batches b
    WHERE b.archived_at IS NULL AND b.ends_on >= sqlc.arg(utc)::date - 1 AND b.starts_on <= sqlc.arg(utc)::date + 1
      AND (b.starts_on < sqlc.arg(utc)::date AND b.ends_on > sqlc.arg(utc)::date
          OR zone_day(b.time_zone, sqlc.arg(utc)::date, sqlc.arg(behind)::text[], sqlc.arg(ahead)::text[]) BETWEEN b.starts_on AND b.ends_on)
    ORDER BY b.ends_on, b.id
    LIMIT 20
), counted AS MATERIALIZED (
    -- A batch that is too large on its own does not count for those after it.
    SELECT a.*, c.students, c.connected, row_number() OVER by_end AS place,
           coalesce(c.students <= 100 AND sum(c.students) FILTER (WHERE c.students <= 100) OVER by_end <= 100, true) AS measured
    FROM ending a
    LEFT JOIN LATERAL (SELECT x.students, x.connected FROM batch_counts x WHERE x.batch_id = a.id OFFSET 0) c ON true
    WINDOW by_end AS (ORDER BY a.ends_on, a.id)
), members AS MATERIALIZED (
    SELECT a.place, e.user_id, e.connected
    FROM counted a
    CROSS JOIN LATERAL (SELECT x.user_id, x.connected FROM enrolments x WHERE x.batch_id = a.id AND x.ended_at IS NULL OFFSET 0) e
    WHERE a.measured
), newest AS MATERIALIZED (
    SELECT e.user_id, e.batch_id, e.status, e.enrolled_at
    FROM enrolments e WHERE e.ended_at IS NULL ORDER BY e.enrolled_at DESC, e.user_id LIMIT 5
)
SELECT
    t.names::text[] AS count_names, t.counts::integer[] AS counts,
    (SELECT count(*) FROM (
        SELECT FROM batches b
        WHERE b.archived_at IS NULL AND b.ends_on >= sqlc.arg(utc)::date - 1 AND b.starts_on <= sqlc.arg(utc)::date + 1
          AND (b.starts_on < sqlc.arg(utc)::date AND b.ends_on > sqlc.arg(utc)::date
              OR zone_day(b.time_zone, sqlc.arg(utc)::date, sqlc.arg(behind)::text[], sqlc.arg(ahead)::text[]) BETWEEN b.starts_on AND b.ends_on)
        LIMIT 1000
    ) b)::integer AS active_batches,
    w.totals::bigint[] AS totals7, m.totals::bigint[] AS totals30,
    coalesce((SELECT json_agg(s ORDER BY s.enrolled_at DESC, s.id) FROM (
        SELECT n.user_id AS id, u.version, u.name, u.email, n.batch_id AS batch, b.name AS batch_name, b.time_zone, b.ends_on - date '1970-01-01' AS ends_on,
               n.status, n.enrolled_at, u.connection, u.failure_reason, u.failing_since, u.connected_at, u.server
        FROM newest n
        CROSS JOIN LATERAL (SELECT x.name, x.time_zone, x.ends_on FROM batches x WHERE x.id = n.batch_id OFFSET 0) b
        CROSS JOIN LATERAL (SELECT * FROM user_summaries x WHERE x.user_id = n.user_id OFFSET 0) u
    ) s), '[]')::json AS newest,
    coalesce((SELECT json_agg(a ORDER BY a.ends_on, a.id) FROM counted a), '[]')::json AS batches,
    e.users::bytea AS members, e.places::integer[] AS member_places, e.connected::boolean[] AS members_connected,
    d.users::bytea AS day_users, d.days::bigint[] AS days,
    -- The order is that of an index of River's: without it, the planner reads the whole table in
    -- the hope of finding 100 of them soon.
    least(100,
        (SELECT count(*) FROM (SELECT FROM gradus_river.river_job j WHERE j.state = 'retryable' ORDER BY j.queue, j.priority, j.scheduled_at, j.id LIMIT 100) r)
        + (SELECT count(*) FROM (SELECT FROM gradus_river.river_job j WHERE j.state = 'discarded' ORDER BY j.queue, j.priority, j.scheduled_at, j.id LIMIT 100) r)
    )::integer AS jobs_failing
FROM
    (SELECT array_agg(name) AS names, array_agg(n) AS counts FROM tallies) t,
    (SELECT ARRAY[coalesce(sum(seconds), 0), coalesce(sum(known), 0), coalesce(sum(unknown), 0), coalesce(sum(ai_seconds), 0), coalesce(sum(ai_unknown), 0), coalesce(sum(partial), 0), coalesce(sum(partial_seconds), 0)] AS totals
        FROM day_totals WHERE day BETWEEN sqlc.arg(utc)::date - 6 AND sqlc.arg(utc)::date) w,
    (SELECT ARRAY[coalesce(sum(seconds), 0), coalesce(sum(known), 0), coalesce(sum(unknown), 0), coalesce(sum(ai_seconds), 0), coalesce(sum(ai_unknown), 0), coalesce(sum(partial), 0), coalesce(sum(partial_seconds), 0)] AS totals
        FROM day_totals WHERE day BETWEEN sqlc.arg(utc)::date - 29 AND sqlc.arg(utc)::date) m,
    (SELECT string_agg(uuid_send(user_id), '') AS users, array_agg(place::integer) AS places, array_agg(connected) AS connected FROM members) e,
    (SELECT string_agg(uuid_send(x.user_id), '') AS users, array_agg(day) AS days
        FROM user_summaries x CROSS JOIN unnest(x.days) AS day
        WHERE x.user_id = ANY (ARRAY(SELECT user_id FROM members UNION ALL SELECT user_id FROM newest))) d;
