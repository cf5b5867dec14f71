-- +goose Up
SET LOCAL lock_timeout = '5s';

-- What lists of students show of a user: who they are, their connection, and the last nine days
-- that have a row, which include those of the last week in any time zone. Lists read one row
-- instead of a user, a connection, an account and a range of days. Triggers keep it.
CREATE TABLE user_summaries (
    user_id        uuid        PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    version        integer     NOT NULL, -- of the user, as are the next two
    name           text        NOT NULL,
    email          text        NOT NULL,
    connection     text        NOT NULL DEFAULT 'not_connected',
    failure_reason text,
    failing_since  timestamptz,
    connected_at   timestamptz,
    server         text        NOT NULL DEFAULT '', -- of the connected account
    days           bigint[]    NOT NULL DEFAULT '{}' -- the newest first, packed as in ListBatchProgress and counted from 1970-01-01
) WITH (fillfactor = 60);
-- Each sync that changes a day updates its row. With room on its page, an update writes no index.

-- +goose StatementBegin
CREATE FUNCTION last_days(who uuid) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(
        SELECT ((d.day - date '1970-01-01')::bigint << 38)
            + ((CASE d.state WHEN 'ok' THEN 0 WHEN 'empty' THEN 1 WHEN 'partial' THEN 2 WHEN 'pending' THEN 3 WHEN 'plan_limited' THEN 4 ELSE 5 END)::bigint << 34)
            + ((coalesce(d.ai_seconds, -1) + 1)::bigint << 17) + coalesce(d.seconds, -1) + 1
        FROM days d WHERE d.user_id = who ORDER BY d.day DESC LIMIT 9
    );
$$;
-- The rows are locked first, and the days are read by a later statement, which sees what others
-- committed before.
CREATE FUNCTION summarize_days(users uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM user_summaries WHERE user_id = ANY (users) ORDER BY user_id FOR NO KEY UPDATE;
    UPDATE user_summaries s SET days = n.days
    FROM (SELECT who, last_days(who) AS days FROM unnest(users) who) n
    WHERE s.user_id = n.who AND s.days <> n.days;
END $$;
CREATE FUNCTION day_summaries_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM summarize_days(array_agg(DISTINCT user_id)) FROM added HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION day_summaries_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM summarize_days(array_agg(DISTINCT user_id)) FROM (SELECT user_id FROM added UNION SELECT user_id FROM removed) c HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION day_summaries_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM summarize_days(array_agg(DISTINCT user_id)) FROM removed HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE FUNCTION summarize_connection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Most updates are those of syncs that change nothing of this.
    IF TG_OP = 'UPDATE' AND (OLD.state, OLD.failure_reason, OLD.failing_since, OLD.connected_at, OLD.account_ref)
        IS NOT DISTINCT FROM (NEW.state, NEW.failure_reason, NEW.failing_since, NEW.connected_at, NEW.account_ref) THEN
        RETURN NULL;
    END IF;
    UPDATE user_summaries
    SET connection = coalesce(NEW.state, 'not_connected'), failure_reason = NEW.failure_reason, failing_since = NEW.failing_since, connected_at = NEW.connected_at,
        server = coalesce((SELECT a.server FROM wakatime_accounts a WHERE a.user_id = NEW.user_id AND a.ref = NEW.account_ref), '')
    WHERE user_id = coalesce(NEW.user_id, OLD.user_id);
    RETURN NULL;
END $$;
-- It reads the user again: a function that uses the columns of NEW fails in open sessions after
-- their type has changed.
CREATE FUNCTION summarize_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO user_summaries (user_id, version, name, email) SELECT id, version, name, email FROM users WHERE id = NEW.id;
    ELSE
        UPDATE user_summaries s SET version = u.version, name = u.name, email = u.email
        FROM users u
        WHERE u.id = NEW.id AND s.user_id = u.id AND (s.version, s.name, s.email) IS DISTINCT FROM (u.version, u.name, u.email);
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN
        SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND proname IN (
            'last_days', 'summarize_days', 'day_summaries_added', 'day_summaries_changed', 'day_summaries_removed', 'summarize_connection', 'summarize_user')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', f, current_schema());
    END LOOP;
END $$;
-- +goose StatementEnd

-- No one writes between the summaries and the triggers.
LOCK TABLE users, wakatime_connections, days IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO user_summaries (user_id, version, name, email, connection, failure_reason, failing_since, connected_at, server, days)
SELECT u.id, u.version, u.name, u.email, coalesce(c.state, 'not_connected'), c.failure_reason, c.failing_since, c.connected_at, coalesce(a.server, ''), last_days(u.id)
FROM users u
LEFT JOIN wakatime_connections c ON c.user_id = u.id
LEFT JOIN wakatime_accounts a ON a.user_id = c.user_id AND a.ref = c.account_ref;

CREATE TRIGGER users_summarized AFTER INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION summarize_user();
-- Triggers run in the order of their names: a writer locks the summary before it takes a slot of
-- day_totals, because one that has the slot must not wait for one that waits for it.
CREATE TRIGGER day_summaries_added AFTER INSERT ON days
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION day_summaries_added();
CREATE TRIGGER day_summaries_changed AFTER UPDATE ON days
    REFERENCING NEW TABLE AS added OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION day_summaries_changed();
CREATE TRIGGER day_summaries_removed AFTER DELETE ON days
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION day_summaries_removed();
-- After wakatime_connections_enrolled, which locks the user.
CREATE TRIGGER wakatime_connections_summarized AFTER INSERT OR UPDATE OR DELETE ON wakatime_connections
    FOR EACH ROW EXECUTE FUNCTION summarize_connection();
-- As for tallies: a restore of data alone runs the triggers.
CREATE TRIGGER user_summaries_derived BEFORE INSERT ON user_summaries FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ignore_row();

-- +goose Down
SET LOCAL lock_timeout = '5s';

DROP TRIGGER wakatime_connections_summarized ON wakatime_connections;
DROP TRIGGER day_summaries_removed ON days;
DROP TRIGGER day_summaries_changed ON days;
DROP TRIGGER day_summaries_added ON days;
DROP TRIGGER users_summarized ON users;
DROP TABLE user_summaries;
DROP FUNCTION summarize_user;
DROP FUNCTION summarize_connection;
DROP FUNCTION day_summaries_removed;
DROP FUNCTION day_summaries_changed;
DROP FUNCTION day_summaries_added;
DROP FUNCTION summarize_days;
DROP FUNCTION last_days;
