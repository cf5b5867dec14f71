-- +goose Up
SET LOCAL lock_timeout = '5s';

ALTER TABLE batches ADD COLUMN ai_time text NOT NULL DEFAULT 'exclude' CHECK (ai_time IN ('exclude', 'include'));

-- The upstream accounts that a user's days came from. One of them can be connected. A sync
-- without news writes nothing but its checks here.
CREATE TABLE wakatime_accounts (
    id              uuid        PRIMARY KEY,
    ref             integer     NOT NULL GENERATED ALWAYS AS IDENTITY, -- days refer to it: 12 bytes less than the id
    user_id         uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    base_url        text        NOT NULL, -- empty for the configured server
    server          text        NOT NULL, -- the host
    account_id      text        NOT NULL, -- as the server identifies it; empty if it is not known
    username        text        NOT NULL,
    accepted_at     timestamptz,          -- by staff: its days count although another account is connected
    yardstick       text        NOT NULL DEFAULT 'unknown' CHECK (yardstick IN ('standard', 'other', 'unknown')),
    timeout_minutes smallint    NOT NULL DEFAULT 0, -- that the server used; 0 if unknown
    -- When ranges of days were last requested: disjoint, sorted, one element each.
    checked_from    date[]        NOT NULL DEFAULT '{}',
    checked_to      date[]        NOT NULL DEFAULT '{}',
    checked_at      timestamptz[] NOT NULL DEFAULT '{}',
    CONSTRAINT wakatime_accounts_account_key UNIQUE (user_id, base_url, account_id),
    CONSTRAINT wakatime_accounts_ref_key UNIQUE (user_id, ref)
);

-- A suspension deletes the connection, so that another user can connect the account.
DELETE FROM wakatime_connections c USING users u WHERE u.id = c.user_id AND u.suspended_at IS NOT NULL;
ALTER TABLE wakatime_connections ADD COLUMN account_ref integer;

-- The current account of each connection.
INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username)
SELECT gen_random_uuid(), c.user_id, c.base_url,
       coalesce((SELECT l.name FROM days d JOIN labels l ON l.id = d.source_id WHERE d.user_id = c.user_id AND d.fetched_at >= c.connected_at ORDER BY d.day DESC LIMIT 1),
                nullif(substring(c.base_url FROM '^https?://([^/]+)'), ''), 'api.wakatime.com'),
       c.account_id, c.account_username
FROM wakatime_connections c;
-- Days that were fetched before the current connection, or without one: from which account
-- is not known.
INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username)
SELECT gen_random_uuid(), d.user_id, l.name, l.name, '', ''
FROM days d
LEFT JOIN labels s ON s.id = d.source_id
CROSS JOIN LATERAL (SELECT coalesce(s.name, '') AS name) l
LEFT JOIN wakatime_connections c ON c.user_id = d.user_id
WHERE d.seconds IS NOT NULL AND (c.user_id IS NULL OR d.fetched_at < c.connected_at)
GROUP BY d.user_id, l.name;

-- Users who disconnected before a day was fetched: only the audit log knows.
INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username)
SELECT gen_random_uuid(), u.id, '', '', '', ''
FROM users u
WHERE NOT EXISTS (SELECT FROM wakatime_accounts a WHERE a.user_id = u.id)
  AND EXISTS (SELECT FROM audit_entries e WHERE e.subject = u.id::text AND e.action = 'wakatime.connect');

UPDATE wakatime_connections c SET account_ref = a.ref
FROM wakatime_accounts a WHERE (a.user_id, a.base_url, a.account_id) = (c.user_id, c.base_url, c.account_id);
ALTER TABLE wakatime_connections
    ALTER COLUMN account_ref SET NOT NULL,
    ADD CONSTRAINT wakatime_connections_account_ref_fkey FOREIGN KEY (user_id, account_ref) REFERENCES wakatime_accounts (user_id, ref);

-- A second request with the same code, as development servers of frontends send it, gets the
-- response of the first.
ALTER TABLE wakatime_authorizations
    ADD COLUMN consumed_at  timestamptz,
    ADD COLUMN code_hash    bytea, -- SHA-256 of the code that consumed it
    ADD COLUMN completed_at timestamptz,
    ADD COLUMN error_code   text NOT NULL DEFAULT '', -- empty for success
    ADD COLUMN error_detail text NOT NULL DEFAULT '';

-- Dropped columns would cost every row a bitmap, so the table is copied.
ALTER TABLE days RENAME TO days_before;
ALTER TABLE days_before RENAME CONSTRAINT days_pkey TO days_before_pkey;
ALTER TABLE days_before RENAME CONSTRAINT days_known_check TO days_before_known_check;

CREATE TABLE days (
    user_id     uuid        NOT NULL CONSTRAINT days_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    day         date        NOT NULL,
    seconds     integer     CONSTRAINT days_seconds_check CHECK (seconds BETWEEN 0 AND 90000), -- a day has up to 25 hours
    ai_seconds  integer     CONSTRAINT days_ai_seconds_check CHECK (ai_seconds BETWEEN 0 AND seconds), -- NULL if the server does not tell
    zone_id     integer     CONSTRAINT days_zone_id_fkey REFERENCES labels (id), -- the time zone that the server split the day in
    account_ref integer,                            -- the account that the day came from
    attempts    smallint    NOT NULL DEFAULT 0,     -- failed attempts since it was last fetched
    changed_at  timestamptz NOT NULL,
    state       text        NOT NULL CONSTRAINT days_state_check CHECK (state IN ('ok', 'empty', 'partial', 'pending', 'plan_limited', 'error')),
    reason      text        NOT NULL DEFAULT '',
    absent      text        NOT NULL DEFAULT '',    -- dimensions that the server does not offer, with commas
    parts       bigint[]    NOT NULL DEFAULT '{}',
    -- Unknown is not zero.
    CONSTRAINT days_known_check CHECK ((state IN ('ok', 'empty', 'partial')) = (seconds IS NOT NULL) AND (seconds IS NULL) = (account_ref IS NULL)),
    -- Progress and sums read the key and these and nothing else.
    CONSTRAINT days_pkey PRIMARY KEY (user_id, day) INCLUDE (seconds, state, ai_seconds),
    CONSTRAINT days_account_fkey FOREIGN KEY (user_id, account_ref) REFERENCES wakatime_accounts (user_id, ref) ON DELETE CASCADE
);

-- Days of accounts that are not connected any more. They do not count, except the copies in
-- days of those that staff accepted.
CREATE TABLE account_days (
    user_id     uuid        NOT NULL,
    day         date        NOT NULL,
    account_ref integer     NOT NULL,
    seconds     integer     NOT NULL,
    ai_seconds  integer,
    zone_id     integer     REFERENCES labels (id),
    state       text        NOT NULL CHECK (state IN ('ok', 'empty', 'partial')),
    reason      text        NOT NULL,
    absent      text        NOT NULL,
    parts       bigint[]    NOT NULL,
    CONSTRAINT account_days_pkey PRIMARY KEY (user_id, day, account_ref),
    CONSTRAINT account_days_account_fkey FOREIGN KEY (user_id, account_ref) REFERENCES wakatime_accounts (user_id, ref) ON DELETE CASCADE
);

-- +goose StatementBegin
-- The instant at which a day ends in a time zone as servers name them: a name, or an offset
-- such as +05:45, whose sign POSIX would read the other way around.
CREATE FUNCTION day_end(day date, zone text) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF zone ~ '^[+-]\d\d:\d\d$' THEN
        RETURN (day + 1)::timestamp AT TIME ZONE zone::interval;
    END IF;
    RETURN (day + 1)::timestamp AT TIME ZONE zone;
EXCEPTION WHEN OTHERS THEN
    RETURN (day + 1)::timestamp AT TIME ZONE interval '-12:00';
END $$;
-- +goose StatementEnd

-- AI time is the category of that name. A day without categories does not tell it. Days that
-- were fetched before they ended are partial.
INSERT INTO days (user_id, day, seconds, ai_seconds, zone_id, account_ref, attempts, changed_at, state, reason, parts)
SELECT d.user_id, d.day, d.seconds,
       CASE WHEN d.seconds = 0 THEN 0 ELSE (
           SELECT least(d.seconds, coalesce(sum((p.part & 4294967295)::integer) FILTER (WHERE lower(l.name) = 'ai coding'), 0))
           FROM unnest(d.parts) AS p(part) JOIN labels l ON l.id = (p.part >> 32)::integer AND l.kind = 'category'
           HAVING count(*) > 0
       ) END,
       d.zone_id,
       CASE WHEN d.seconds IS NOT NULL THEN a.ref END,
       d.attempts, coalesce(d.fetched_at, now()),
       CASE WHEN d.fetched_at < day_end(d.day, z.name) THEN 'partial' ELSE d.state END,
       d.reason, d.parts
FROM days_before d
LEFT JOIN labels z ON z.id = d.zone_id
LEFT JOIN labels s ON s.id = d.source_id
LEFT JOIN wakatime_connections c ON c.user_id = d.user_id AND d.fetched_at >= c.connected_at
LEFT JOIN wakatime_accounts a ON a.user_id = d.user_id AND CASE WHEN c.user_id IS NULL THEN a.account_id = '' AND a.base_url = coalesce(s.name, '') ELSE a.ref = c.account_ref END;

-- Days of an unknown account do not count while an account is connected: they are fetched
-- again.
INSERT INTO account_days (user_id, day, account_ref, seconds, ai_seconds, zone_id, state, reason, absent, parts)
SELECT d.user_id, d.day, d.account_ref, d.seconds, d.ai_seconds, d.zone_id, d.state, d.reason, d.absent, d.parts
FROM days d JOIN wakatime_connections c ON c.user_id = d.user_id
WHERE d.account_ref <> c.account_ref;
UPDATE days d
SET seconds = NULL, ai_seconds = NULL, zone_id = NULL, account_ref = NULL, attempts = 0, changed_at = now(), state = 'pending', reason = 'account_changed', parts = '{}'
FROM wakatime_connections c
WHERE c.user_id = d.user_id AND d.account_ref <> c.account_ref;

UPDATE wakatime_accounts a
SET checked_from = x.days, checked_to = x.days, checked_at = x.ats
FROM (
    SELECT d.user_id, n.account_ref, array_agg(d.day ORDER BY d.day) AS days, array_agg(d.fetched_at ORDER BY d.day) AS ats
    FROM days_before d JOIN days n ON n.user_id = d.user_id AND n.day = d.day AND n.account_ref IS NOT NULL
    WHERE d.fetched_at IS NOT NULL
    GROUP BY d.user_id, n.account_ref
) x
WHERE x.user_id = a.user_id AND x.account_ref = a.ref;

DROP TABLE days_before;
DROP FUNCTION day_end;
DELETE FROM labels WHERE kind = 'source';
ALTER TABLE labels DROP CONSTRAINT labels_kind_check;
ALTER TABLE labels ADD CONSTRAINT labels_kind_check
    CHECK (kind IN ('language', 'project', 'editor', 'operating_system', 'category', 'dependency', 'machine', 'time_zone'));

ALTER TABLE day_totals
    ADD COLUMN ai_seconds      bigint  NOT NULL DEFAULT 0, -- of seconds
    ADD COLUMN ai_unknown      integer NOT NULL DEFAULT 0, -- known days whose server does not tell AI time
    ADD COLUMN partial         integer NOT NULL DEFAULT 0, -- partial days, summed over users
    ADD COLUMN partial_seconds bigint  NOT NULL DEFAULT 0; -- of partial days; seconds does not include them

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION day_totals_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added) THEN
        INSERT INTO day_totals AS t (day, slot, seconds, known, unknown, ai_seconds, ai_unknown, partial, partial_seconds)
        SELECT day, day_totals_slot(),
               coalesce(sum(seconds) FILTER (WHERE state <> 'partial'), 0), count(seconds) FILTER (WHERE state <> 'partial'), count(*) - count(seconds),
               coalesce(sum(ai_seconds) FILTER (WHERE state <> 'partial'), 0),
               count(*) FILTER (WHERE state IN ('ok', 'empty') AND ai_seconds IS NULL),
               count(*) FILTER (WHERE state = 'partial'), coalesce(sum(seconds) FILTER (WHERE state = 'partial'), 0)
        FROM added GROUP BY day
        ON CONFLICT (day, slot) DO UPDATE
        SET seconds = t.seconds + excluded.seconds, known = t.known + excluded.known, unknown = t.unknown + excluded.unknown,
            ai_seconds = t.ai_seconds + excluded.ai_seconds, ai_unknown = t.ai_unknown + excluded.ai_unknown,
            partial = t.partial + excluded.partial, partial_seconds = t.partial_seconds + excluded.partial_seconds;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION day_totals_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO day_totals AS t (day, slot, seconds, known, unknown, ai_seconds, ai_unknown, partial, partial_seconds)
    SELECT day, day_totals_slot(), sum(s), sum(k), sum(u), sum(a), sum(au), sum(p), sum(ps)
    FROM (
        SELECT day, sign * known * coalesce(seconds, 0) AS s, sign * known AS k, sign * (seconds IS NULL)::int AS u,
               sign * known * coalesce(ai_seconds, 0) AS a, sign * known * (ai_seconds IS NULL)::int AS au,
               sign * partial AS p, sign * partial * coalesce(seconds, 0) AS ps
        FROM (
            SELECT day, seconds, ai_seconds, (state IN ('ok', 'empty'))::int AS known, (state = 'partial')::int AS partial, 1 AS sign FROM added
            UNION ALL
            SELECT day, seconds, ai_seconds, (state IN ('ok', 'empty'))::int, (state = 'partial')::int, -1 FROM removed
        ) signed
    ) changed
    GROUP BY day
    HAVING sum(s) <> 0 OR sum(k) <> 0 OR sum(u) <> 0 OR sum(a) <> 0 OR sum(au) <> 0 OR sum(p) <> 0 OR sum(ps) <> 0
    ON CONFLICT (day, slot) DO UPDATE
    SET seconds = t.seconds + excluded.seconds, known = t.known + excluded.known, unknown = t.unknown + excluded.unknown,
        ai_seconds = t.ai_seconds + excluded.ai_seconds, ai_unknown = t.ai_unknown + excluded.ai_unknown,
        partial = t.partial + excluded.partial, partial_seconds = t.partial_seconds + excluded.partial_seconds;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION day_totals_remove() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO day_totals AS t (day, slot, seconds, known, unknown, ai_seconds, ai_unknown, partial, partial_seconds)
    SELECT day, day_totals_slot(),
           -coalesce(sum(seconds) FILTER (WHERE state <> 'partial'), 0), -count(seconds) FILTER (WHERE state <> 'partial'), count(seconds) - count(*),
           -coalesce(sum(ai_seconds) FILTER (WHERE state <> 'partial'), 0),
           -count(*) FILTER (WHERE state IN ('ok', 'empty') AND ai_seconds IS NULL),
           -count(*) FILTER (WHERE state = 'partial'), -coalesce(sum(seconds) FILTER (WHERE state = 'partial'), 0)
    FROM removed GROUP BY day
    ON CONFLICT (day, slot) DO UPDATE
    SET seconds = t.seconds + excluded.seconds, known = t.known + excluded.known, unknown = t.unknown + excluded.unknown,
        ai_seconds = t.ai_seconds + excluded.ai_seconds, ai_unknown = t.ai_unknown + excluded.ai_unknown,
        partial = t.partial + excluded.partial, partial_seconds = t.partial_seconds + excluded.partial_seconds;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- days was filled before it had triggers.
DELETE FROM day_totals;
INSERT INTO day_totals (day, slot, seconds, known, unknown, ai_seconds, ai_unknown, partial, partial_seconds)
SELECT day, 0,
       coalesce(sum(seconds) FILTER (WHERE state <> 'partial'), 0), count(seconds) FILTER (WHERE state <> 'partial'), count(*) - count(seconds),
       coalesce(sum(ai_seconds) FILTER (WHERE state <> 'partial'), 0), count(*) FILTER (WHERE state IN ('ok', 'empty') AND ai_seconds IS NULL),
       count(*) FILTER (WHERE state = 'partial'), coalesce(sum(seconds) FILTER (WHERE state = 'partial'), 0)
FROM days GROUP BY day;
CREATE TRIGGER days_added AFTER INSERT ON days
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION day_totals_add();
CREATE TRIGGER days_changed AFTER UPDATE ON days
    REFERENCING NEW TABLE AS added OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION day_totals_change();
CREATE TRIGGER days_removed AFTER DELETE ON days
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION day_totals_remove();

-- +goose Down
SET LOCAL lock_timeout = '5s';

ALTER TABLE days RENAME TO days_after;
ALTER TABLE days_after RENAME CONSTRAINT days_pkey TO days_after_pkey;
ALTER TABLE days_after RENAME CONSTRAINT days_known_check TO days_after_known_check;
ALTER TABLE labels DROP CONSTRAINT labels_kind_check;
ALTER TABLE labels ADD CONSTRAINT labels_kind_check
    CHECK (kind IN ('language', 'project', 'editor', 'operating_system', 'category', 'dependency', 'machine', 'time_zone', 'source'));
INSERT INTO labels (kind, name) SELECT DISTINCT 'source', server FROM wakatime_accounts ON CONFLICT DO NOTHING;
CREATE TABLE days (
    user_id    uuid        NOT NULL CONSTRAINT days_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    day        date        NOT NULL,
    seconds    integer     CONSTRAINT days_seconds_check CHECK (seconds BETWEEN 0 AND 90000), -- a day has up to 25 hours
    zone_id    integer     CONSTRAINT days_zone_id_fkey REFERENCES labels (id), -- the time zone that the server split the day in
    source_id  integer     CONSTRAINT days_source_id_fkey REFERENCES labels (id), -- the server that returned the day
    fetched_at timestamptz,                        -- when it was last fetched successfully
    attempts   smallint    NOT NULL DEFAULT 0,     -- failed attempts since the last success
    state      text        NOT NULL CONSTRAINT days_state_check CHECK (state IN ('ok', 'empty', 'pending', 'plan_limited', 'error')),
    reason     text        NOT NULL DEFAULT '',
    parts      bigint[]    NOT NULL DEFAULT '{}',
    -- Unknown is not zero.
    CONSTRAINT days_known_check CHECK ((state IN ('ok', 'empty')) = (seconds IS NOT NULL) AND (state IN ('ok', 'empty')) = (fetched_at IS NOT NULL)),
    -- Progress and sums read the key and these two and nothing else.
    CONSTRAINT days_pkey PRIMARY KEY (user_id, day) INCLUDE (seconds, state)
);
INSERT INTO days (user_id, day, seconds, zone_id, source_id, fetched_at, attempts, state, reason, parts)
SELECT d.user_id, d.day, d.seconds, d.zone_id, l.id, CASE WHEN d.seconds IS NOT NULL THEN d.changed_at END, d.attempts,
       CASE WHEN d.state <> 'partial' THEN d.state WHEN d.seconds > 0 THEN 'ok' ELSE 'empty' END,
       CASE WHEN d.reason IN ('account_changed', 'forbidden', 'server_not_allowed') THEN 'not_synced_yet' ELSE d.reason END, d.parts
FROM days_after d
LEFT JOIN wakatime_accounts a ON a.user_id = d.user_id AND a.ref = d.account_ref
LEFT JOIN labels l ON l.kind = 'source' AND l.name = a.server;
DROP TABLE days_after;
DROP TABLE account_days;
ALTER TABLE wakatime_connections DROP COLUMN account_ref;
DROP TABLE wakatime_accounts;
DELETE FROM wakatime_authorizations WHERE consumed_at IS NOT NULL;
ALTER TABLE wakatime_authorizations
    DROP COLUMN consumed_at, DROP COLUMN code_hash, DROP COLUMN completed_at, DROP COLUMN error_code, DROP COLUMN error_detail;
ALTER TABLE day_totals DROP COLUMN ai_seconds, DROP COLUMN ai_unknown, DROP COLUMN partial, DROP COLUMN partial_seconds;
ALTER TABLE batches DROP COLUMN ai_time;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION day_totals_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added) THEN
        INSERT INTO day_totals (day, slot, seconds, known, unknown)
        SELECT day, day_totals_slot(), coalesce(sum(seconds), 0), count(seconds), count(*) - count(seconds) FROM added GROUP BY day
        ON CONFLICT (day, slot) DO UPDATE
        SET seconds = day_totals.seconds + excluded.seconds, known = day_totals.known + excluded.known, unknown = day_totals.unknown + excluded.unknown;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION day_totals_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO day_totals (day, slot, seconds, known, unknown)
    SELECT day, day_totals_slot(), sum(s), sum(k), sum(u)
    FROM (
        SELECT day, coalesce(seconds, 0) AS s, (seconds IS NOT NULL)::int AS k, (seconds IS NULL)::int AS u FROM added
        UNION ALL
        SELECT day, -coalesce(seconds, 0), -(seconds IS NOT NULL)::int, -(seconds IS NULL)::int FROM removed
    ) changed
    GROUP BY day
    HAVING sum(s) <> 0 OR sum(k) <> 0 OR sum(u) <> 0
    ON CONFLICT (day, slot) DO UPDATE
    SET seconds = day_totals.seconds + excluded.seconds, known = day_totals.known + excluded.known, unknown = day_totals.unknown + excluded.unknown;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION day_totals_remove() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO day_totals (day, slot, seconds, known, unknown)
    SELECT day, day_totals_slot(), -coalesce(sum(seconds), 0), -count(seconds), count(seconds) - count(*) FROM removed GROUP BY day
    ON CONFLICT (day, slot) DO UPDATE
    SET seconds = day_totals.seconds + excluded.seconds, known = day_totals.known + excluded.known, unknown = day_totals.unknown + excluded.unknown;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DELETE FROM day_totals;
INSERT INTO day_totals (day, slot, seconds, known, unknown)
SELECT day, 0, coalesce(sum(seconds), 0), count(seconds), count(*) - count(seconds) FROM days GROUP BY day;
CREATE TRIGGER days_added AFTER INSERT ON days
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION day_totals_add();
CREATE TRIGGER days_changed AFTER UPDATE ON days
    REFERENCING NEW TABLE AS added OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION day_totals_change();
CREATE TRIGGER days_removed AFTER DELETE ON days
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION day_totals_remove();
