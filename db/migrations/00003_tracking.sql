-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE TABLE wakatime_connections (
    user_id          uuid        PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    kind             text        NOT NULL CHECK (kind IN ('oauth', 'api_key')),
    state            text        NOT NULL CHECK (state IN ('connected', 'needs_reconnect')),
    base_url         text        NOT NULL, -- empty for OAuth: the configured server
    access_token     bytea,      -- sealed; an access token or an API key
    refresh_token    bytea,      -- sealed
    expires_at       timestamptz, -- of the access token
    scopes           text[]      NOT NULL,
    account_id       text        NOT NULL,
    account_username text        NOT NULL,
    account_zone     text        NOT NULL,
    account_plan     text        NOT NULL,
    connected_at     timestamptz NOT NULL,
    last_synced_at   timestamptz,
    next_sync_at     timestamptz,
    planned_night    date,
    leased_until     timestamptz, -- one sync at a time
    failure_reason   text,
    failed_at        timestamptz,
    failing_since    timestamptz,
    CONSTRAINT wakatime_connections_account_key UNIQUE (base_url, account_id)
);
-- GetDashboard: how many work.
CREATE INDEX wakatime_connections_state_idx ON wakatime_connections (state, user_id);

CREATE TABLE wakatime_authorizations (
    state_hash bytea       PRIMARY KEY, -- SHA-256 of a 256-bit random state
    user_id    uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id uuid        NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    verifier   bytea,      -- sealed; PKCE
    expires_at timestamptz NOT NULL
);
CREATE INDEX wakatime_authorizations_session_idx ON wakatime_authorizations (session_id);

-- Names that days refer to by a short number: languages, projects, zones, sources.
CREATE TABLE labels (
    id   integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text    NOT NULL CHECK (kind IN ('language', 'project', 'editor', 'operating_system', 'category', 'dependency', 'machine', 'time_zone', 'source')),
    name text    NOT NULL,
    CONSTRAINT labels_kind_name_key UNIQUE (kind, name)
);

-- The coverage ledger. One row per user and day. Its parts are one array of numbers,
-- label << 32 | seconds, because rows per part cost six times more and two arrays
-- 20 bytes more. Columns that are seldom empty are never NULL, which saves 8 bytes.
CREATE TABLE days (
    user_id    uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day        date        NOT NULL,
    seconds    integer     CHECK (seconds BETWEEN 0 AND 90000), -- a day has up to 25 hours
    zone_id    integer     REFERENCES labels (id), -- the time zone that the server split the day in
    source_id  integer     REFERENCES labels (id), -- the server that returned the day
    fetched_at timestamptz,                        -- when it was last fetched successfully
    attempts   smallint    NOT NULL DEFAULT 0,     -- failed attempts since the last success
    state      text        NOT NULL CHECK (state IN ('ok', 'empty', 'pending', 'plan_limited', 'error')),
    reason     text        NOT NULL DEFAULT '',
    parts      bigint[]    NOT NULL DEFAULT '{}',
    -- Unknown is not zero.
    CONSTRAINT days_known_check CHECK ((state IN ('ok', 'empty')) = (seconds IS NOT NULL) AND (state IN ('ok', 'empty')) = (fetched_at IS NOT NULL)),
    -- Progress and sums read the key and these two and nothing else.
    CONSTRAINT days_pkey PRIMARY KEY (user_id, day) INCLUDE (seconds, state)
);

-- Total coding time per day, maintained by triggers, so that the dashboard does not add
-- up a row per user. A day has several rows that add up, one for each slot: writers in
-- different slots do not wait for each other.
CREATE TABLE day_totals (
    day     date     NOT NULL,
    slot    smallint NOT NULL,
    seconds bigint   NOT NULL,
    known   integer  NOT NULL, -- known days, summed over users
    unknown integer  NOT NULL, -- days with failed attempts, summed over users
    PRIMARY KEY (day, slot)
);

-- +goose StatementBegin
CREATE FUNCTION day_totals_slot() RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
    slot smallint := pg_backend_pid() % 16;
BEGIN
    -- INSERT ... ON CONFLICT DO UPDATE fires two triggers. Without this lock, two
    -- writers in one slot could take the rows of days in opposite orders.
    PERFORM pg_advisory_xact_lock(5104718, slot);
    RETURN slot;
END $$;
CREATE FUNCTION day_totals_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added) THEN
        INSERT INTO day_totals (day, slot, seconds, known, unknown)
        SELECT day, day_totals_slot(), coalesce(sum(seconds), 0), count(seconds), count(*) - count(seconds) FROM added GROUP BY day
        ON CONFLICT (day, slot) DO UPDATE
        SET seconds = day_totals.seconds + excluded.seconds, known = day_totals.known + excluded.known, unknown = day_totals.unknown + excluded.unknown;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION day_totals_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE FUNCTION day_totals_remove() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO day_totals (day, slot, seconds, known, unknown)
    SELECT day, day_totals_slot(), -coalesce(sum(seconds), 0), -count(seconds), count(seconds) - count(*) FROM removed GROUP BY day
    ON CONFLICT (day, slot) DO UPDATE
    SET seconds = day_totals.seconds + excluded.seconds, known = day_totals.known + excluded.known, unknown = day_totals.unknown + excluded.unknown;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER days_added AFTER INSERT ON days
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION day_totals_add();
CREATE TRIGGER days_changed AFTER UPDATE ON days
    REFERENCING NEW TABLE AS added OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION day_totals_change();
CREATE TRIGGER days_removed AFTER DELETE ON days
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION day_totals_remove();

-- Counts for the dashboard: users by role, current students, and
-- those of them whose connection works. Rows of one name add up. Writers only ever
-- append and so never wait for each other; occasionally one writer merges the rows.
CREATE TABLE tallies (
    id   bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text    NOT NULL,
    n    integer NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION tally(what text, more integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    latest bigint;
BEGIN
    INSERT INTO tallies (name, n) VALUES (what, more) RETURNING id INTO latest;
    IF latest % 32 = 0 THEN
        -- What another writer is summing up is left to that one.
        WITH old AS (
            DELETE FROM tallies WHERE id IN (SELECT id FROM tallies FOR UPDATE SKIP LOCKED) RETURNING name, n
        )
        INSERT INTO tallies (name, n) SELECT name, sum(n) FROM old GROUP BY name HAVING sum(n) <> 0;
    END IF;
END $$;
CREATE FUNCTION tally_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM tally('role:' || OLD.role, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM tally('role:' || NEW.role, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION tally_students() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before enrolments := OLD; -- NULL for a new one
    after  enrolments := NEW; -- NULL for a deleted row
    change integer;
BEGIN
    change := (after.id IS NOT NULL AND after.ended_at IS NULL)::int - (before.id IS NOT NULL AND before.ended_at IS NULL)::int;
    IF change <> 0 THEN
        PERFORM tally('students', change);
    END IF;
    change := coalesce(after.connected, false)::int - coalesce(before.connected, false)::int;
    IF change <> 0 THEN
        PERFORM tally('connected', change);
    END IF;
    RETURN NULL;
END $$;
-- Concurrent enrolment and connection must both be counted: both triggers lock the
-- user, so that the later one sees what the earlier one did.
CREATE FUNCTION enrolments_connected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.ended_at IS NULL THEN
        PERFORM FROM users WHERE id = NEW.user_id FOR NO KEY UPDATE;
        NEW.connected := EXISTS (SELECT FROM wakatime_connections WHERE user_id = NEW.user_id AND state = 'connected');
    ELSIF NEW.ended_at IS NOT NULL THEN
        NEW.connected := false;
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION wakatime_connections_enrolment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who   uuid    := coalesce(NEW.user_id, OLD.user_id);
    works boolean := coalesce(NEW.state = 'connected', false);
BEGIN
    PERFORM FROM users WHERE id = who FOR NO KEY UPDATE;
    UPDATE enrolments SET connected = works WHERE user_id = who AND ended_at IS NULL AND connected <> works;
    RETURN NULL;
END $$;
-- +goose StatementEnd
INSERT INTO tallies (name, n)
SELECT 'role:' || role, count(*) FROM users GROUP BY role
UNION ALL
SELECT 'students', count(*) FROM enrolments WHERE ended_at IS NULL HAVING count(*) > 0;
CREATE TRIGGER users_tallied AFTER INSERT OR DELETE OR UPDATE OF role ON users
    FOR EACH ROW EXECUTE FUNCTION tally_users();
CREATE TRIGGER enrolments_connect BEFORE INSERT OR UPDATE OF ended_at ON enrolments
    FOR EACH ROW EXECUTE FUNCTION enrolments_connected();
CREATE TRIGGER enrolments_tallied AFTER INSERT OR DELETE OR UPDATE OF ended_at, connected ON enrolments
    FOR EACH ROW EXECUTE FUNCTION tally_students();
CREATE TRIGGER wakatime_connections_enrolled AFTER INSERT OR DELETE OR UPDATE OF state ON wakatime_connections
    FOR EACH ROW EXECUTE FUNCTION wakatime_connections_enrolment();

-- +goose Down
SET LOCAL lock_timeout = '5s';
DROP TRIGGER enrolments_tallied ON enrolments;
DROP TRIGGER enrolments_connect ON enrolments;
DROP TRIGGER users_tallied ON users;
DROP TABLE day_totals;
DROP TABLE days;
DROP TABLE labels;
DROP TABLE wakatime_authorizations;
DROP TABLE wakatime_connections;
DROP TABLE tallies;
DROP FUNCTION day_totals_add;
DROP FUNCTION day_totals_change;
DROP FUNCTION day_totals_remove;
DROP FUNCTION day_totals_slot;
DROP FUNCTION tally_users;
DROP FUNCTION tally_students;
DROP FUNCTION enrolments_connected;
DROP FUNCTION wakatime_connections_enrolment;
DROP FUNCTION tally;
