-- +goose Up
SET LOCAL lock_timeout = '5s';

-- Counts follow from other tables. A restore of data alone runs the triggers that maintain
-- them, so the dumped counts are ignored: they would count twice.
-- +goose StatementBegin
CREATE FUNCTION ignore_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER day_totals_derived BEFORE INSERT ON day_totals FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ignore_row();
CREATE TRIGGER tallies_derived BEFORE INSERT ON tallies FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ignore_row();

-- Merged rows keep one of their ids: a restored sequence continues where that of the dumped
-- database ended, and so must not be behind.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tally(what text, more integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    latest bigint;
BEGIN
    INSERT INTO tallies (name, n) VALUES (what, more) RETURNING id INTO latest;
    IF latest % 32 = 0 THEN
        -- What another writer is summing up is left to that one.
        WITH old AS (
            DELETE FROM tallies WHERE id IN (SELECT id FROM tallies FOR UPDATE SKIP LOCKED) RETURNING id, name, n
        )
        INSERT INTO tallies (id, name, n) OVERRIDING SYSTEM VALUE
        SELECT max(id), name, sum(n) FROM old GROUP BY name HAVING sum(n) <> 0;
    END IF;
END $$;

-- Functions find their tables whatever the search path of the session is. That of a restore
-- is empty.
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN
        SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND proname IN (
            'audit_entries_refuse', 'day_totals_slot', 'day_totals_add', 'day_totals_change', 'day_totals_remove',
            'tally', 'tally_users', 'tally_students', 'enrolments_connected', 'wakatime_connections_enrolment', 'ignore_row')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', f, current_schema());
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose Down
SET LOCAL lock_timeout = '5s';

DROP TRIGGER tallies_derived ON tallies;
DROP TRIGGER day_totals_derived ON day_totals;
DROP FUNCTION ignore_row;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION tally(what text, more integer) RETURNS void LANGUAGE plpgsql AS $$
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
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN
        SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND proname IN (
            'audit_entries_refuse', 'day_totals_slot', 'day_totals_add', 'day_totals_change', 'day_totals_remove',
            'tally', 'tally_users', 'tally_students', 'enrolments_connected', 'wakatime_connections_enrolment')
    LOOP
        EXECUTE format('ALTER FUNCTION %s RESET search_path', f);
    END LOOP;
END $$;
-- +goose StatementEnd
