-- +goose Up
SET LOCAL lock_timeout = '5s';

-- Copies of the keys of users, so that the students of a batch, and those with a status, come in
-- the order of their names, and are searched, without a visit to users. A trigger fills them, and
-- the foreign key keeps them.
ALTER TABLE enrolments ADD COLUMN name_key text COLLATE "C", ADD COLUMN search_key text COLLATE "C";
UPDATE enrolments e SET name_key = u.name_key, search_key = u.search_key FROM users u WHERE u.id = e.user_id;
ALTER TABLE enrolments ALTER COLUMN name_key SET NOT NULL, ALTER COLUMN search_key SET NOT NULL;

-- The lock lets a user who is being renamed have the new name, and one who is renamed later wait.
-- Without a user, the foreign key raises the error.
-- +goose StatementBegin
CREATE FUNCTION enrolments_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT name_key, search_key INTO NEW.name_key, NEW.search_key FROM users WHERE id = NEW.user_id FOR KEY SHARE;
    IF NOT FOUND THEN
        NEW.name_key := '';
        NEW.search_key := '';
    END IF;
    RETURN NEW;
END $$;
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION enrolments_keys SET search_path = %I, pg_temp', current_schema());
END $$;
-- +goose StatementEnd
CREATE TRIGGER enrolments_keys BEFORE INSERT ON enrolments FOR EACH ROW EXECUTE FUNCTION enrolments_keys();

DROP INDEX users_name_idx, users_role_name_idx;
-- ListUsers: by name, and search in the order of names. The foreign key of enrolments.
CREATE UNIQUE INDEX users_name_idx ON users (name_key, id, search_key);
-- ListUsers: the same for one role.
CREATE INDEX users_role_name_idx ON users (role, name_key, id) INCLUDE (search_key);
ALTER TABLE enrolments
    DROP CONSTRAINT enrolments_user_id_fkey,
    ADD CONSTRAINT enrolments_user_fkey FOREIGN KEY (user_id, name_key, search_key) REFERENCES users (id, name_key, search_key)
        ON DELETE CASCADE ON UPDATE CASCADE;
-- The foreign key.
CREATE INDEX enrolments_user_idx ON enrolments (user_id);
-- ListStudents: those of batches by name, with any filter and search.
CREATE INDEX enrolments_batch_name_idx ON enrolments (batch_id, name_key, user_id) INCLUDE (status, connected, enrolled_at, enrolled_on, search_key) WHERE ended_at IS NULL;
-- ListStudents: those with a status and with or without a connection by name, with any search.
CREATE INDEX enrolments_state_name_idx ON enrolments (status, connected, name_key, user_id) INCLUDE (batch_id, enrolled_at, enrolled_on, search_key) WHERE ended_at IS NULL;

-- The single characters and the pairs of characters of a text: searches for fewer than three
-- characters have no trigram.
CREATE FUNCTION search_grams(key text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY(SELECT substr(key, i, n) FROM generate_series(1, 2) n, generate_series(1, length(key) - n + 1) i);
-- ListUsers, ListStudents: search for one or two characters. Users are written too seldom for a
-- list of pending entries, which every search would read.
CREATE INDEX users_grams_idx ON users USING gin (search_grams(search_key)) WITH (fastupdate = off);
ALTER INDEX users_search_idx SET (fastupdate = off);
CREATE FUNCTION batch_status(starts_on date, ends_on date, archived_at timestamptz, today date) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN archived_at IS NOT NULL THEN 'archived' WHEN today < starts_on THEN 'upcoming' WHEN today > ends_on THEN 'ended' ELSE 'active' END;
-- ListBatches: by name, with any filter and search.
DROP INDEX batches_name_idx;
CREATE INDEX batches_name_idx ON batches (name_key, id) INCLUDE (starts_on, ends_on, time_zone, archived_at);

-- +goose Down
SET LOCAL lock_timeout = '5s';

DROP INDEX batches_name_idx;
CREATE INDEX batches_name_idx ON batches (name_key, id);
ALTER INDEX users_search_idx RESET (fastupdate);
DROP INDEX users_grams_idx;
DROP FUNCTION search_grams;
DROP FUNCTION batch_status;

DROP TRIGGER enrolments_keys ON enrolments;
DROP FUNCTION enrolments_keys;
ALTER TABLE enrolments
    DROP CONSTRAINT enrolments_user_fkey,
    ADD CONSTRAINT enrolments_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
DROP INDEX enrolments_state_name_idx, enrolments_batch_name_idx, enrolments_user_idx, users_name_idx, users_role_name_idx;
CREATE INDEX users_name_idx ON users (name_key, id);
CREATE INDEX users_role_name_idx ON users (role, name_key, id);
ALTER TABLE enrolments DROP COLUMN name_key, DROP COLUMN search_key;
