-- +goose Up
SET LOCAL lock_timeout = '5s';

-- How many people are in each batch. Counting them took most of the time of lists of batches and
-- of the dashboard. A batch without a row has nobody.
CREATE TABLE batch_counts (
    batch_id    uuid    PRIMARY KEY REFERENCES batches (id) ON DELETE CASCADE,
    students    integer NOT NULL,
    connected   integer NOT NULL, -- of students: those whose connection works
    instructors integer NOT NULL
) WITH (fillfactor = 10);
-- Few rows on a page: updates of those that many students join find room, so they write no index,
-- and the planner prefers the index to the table, even if there are only some hundred batches.

-- The triggers run when a transaction commits. It then has the lock of the audit log, if it
-- writes to it, so those that join one batch do not wait for each other any longer than they do
-- anyway, and two that move students in opposite directions cannot wait for each other forever.
-- +goose StatementBegin
CREATE FUNCTION batch_count(batch uuid, students integer, connected integer, instructors integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO batch_counts AS c (batch_id, students, connected, instructors) VALUES (batch, students, connected, instructors)
    ON CONFLICT (batch_id) DO UPDATE
    SET students = c.students + excluded.students, connected = c.connected + excluded.connected, instructors = c.instructors + excluded.instructors;
$$;
CREATE FUNCTION count_students() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.ended_at IS NULL THEN
        PERFORM batch_count(OLD.batch_id, -1, -OLD.connected::int, 0);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.ended_at IS NULL THEN
        PERFORM batch_count(NEW.batch_id, 1, NEW.connected::int, 0);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION count_instructors() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM batch_count(OLD.batch_id, 0, 0, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM batch_count(NEW.batch_id, 0, 0, 1);
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND proname IN ('batch_count', 'count_students', 'count_instructors') LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', f, current_schema());
    END LOOP;
END $$;
-- +goose StatementEnd

-- No one writes between the count and the triggers.
LOCK TABLE enrolments, batch_instructors IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO batch_counts (batch_id, students, connected, instructors)
SELECT b.id, coalesce(e.students, 0), coalesce(e.connected, 0), coalesce(i.instructors, 0)
FROM batches b
LEFT JOIN (SELECT batch_id, count(*) AS students, count(*) FILTER (WHERE connected) AS connected FROM enrolments WHERE ended_at IS NULL GROUP BY batch_id) e ON e.batch_id = b.id
LEFT JOIN (SELECT batch_id, count(*) AS instructors FROM batch_instructors GROUP BY batch_id) i ON i.batch_id = b.id;
CREATE CONSTRAINT TRIGGER enrolments_counted AFTER INSERT OR DELETE OR UPDATE OF batch_id, ended_at, connected ON enrolments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_students();
CREATE CONSTRAINT TRIGGER batch_instructors_counted AFTER INSERT OR DELETE OR UPDATE OF batch_id ON batch_instructors
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_instructors();
-- As for tallies: a restore of data alone runs the triggers.
CREATE TRIGGER batch_counts_derived BEFORE INSERT ON batch_counts FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ignore_row();

-- SearchBatches: as for users.
CREATE INDEX batches_search_idx ON batches USING gin (name_key gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX batches_grams_idx ON batches USING gin (search_grams(name_key)) WITH (fastupdate = off);

-- +goose Down
SET LOCAL lock_timeout = '5s';

DROP INDEX batches_search_idx, batches_grams_idx;
DROP TRIGGER batch_instructors_counted ON batch_instructors;
DROP TRIGGER enrolments_counted ON enrolments;
DROP TABLE batch_counts;
DROP FUNCTION count_instructors;
DROP FUNCTION count_students;
DROP FUNCTION batch_count;
