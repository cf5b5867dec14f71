-- +goose Up
SET LOCAL lock_timeout = '5s';

-- Writers of day_totals take a slot that no other writer has, and wait only if none is free.
-- A writer that waits has no slot yet, so writers cannot wait for each other in a circle: the
-- second trigger of a transaction finds the slot of the first.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION day_totals_slot() RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
    slot smallint := pg_backend_pid() % 16;
BEGIN
    FOR i IN 0..15 LOOP
        IF pg_try_advisory_xact_lock(5104718, (slot + i) % 16) THEN
            RETURN (slot + i) % 16;
        END IF;
    END LOOP;
    PERFORM pg_advisory_xact_lock(5104718, slot);
    RETURN slot;
END $$;
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION day_totals_slot SET search_path = %I, pg_temp', current_schema());
END $$;
-- +goose StatementEnd

-- Each sync updates both rows twice. With room on its page, an update writes no index.
ALTER TABLE wakatime_connections SET (fillfactor = 70);
ALTER TABLE wakatime_accounts SET (fillfactor = 70);

-- +goose Down
SET LOCAL lock_timeout = '5s';

ALTER TABLE wakatime_accounts RESET (fillfactor);
ALTER TABLE wakatime_connections RESET (fillfactor);
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION day_totals_slot() RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE
    slot smallint := pg_backend_pid() % 16;
BEGIN
    -- INSERT ... ON CONFLICT DO UPDATE fires two triggers. Without this lock, two
    -- writers in one slot could take the rows of days in opposite orders.
    PERFORM pg_advisory_xact_lock(5104718, slot);
    RETURN slot;
END $$;
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION day_totals_slot SET search_path = %I, pg_temp', current_schema());
END $$;
-- +goose StatementEnd
