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

CREATE UNIQUE INDEX users_keys_key ON users (id, name_key, search_key);
ALTER TABLE enrolments
    DROP CONSTRAINT enrolments_user_id_fkey,
    ADD CONSTRAINT enrolments_user_fkey FOREIGN KEY (user_id, name_key, search_key) REFERENCES users (id, name_key, search_key) ON DELETE CASCADE ON UPDATE CASCADE;
-- The foreign key.
CREATE INDEX enrolments_user_idx ON enrolments (user_id);
-- The students of batches in the order of their names.
CREATE INDEX enrolments_batch_name_idx ON enrolments (batch_id, name_key, user_id) INCLUDE (status, connected, search_key) WHERE ended_at IS NULL;

-- +goose Down
SET LOCAL lock_timeout = '5s';

DROP TRIGGER enrolments_keys ON enrolments;
DROP FUNCTION enrolments_keys;
ALTER TABLE enrolments
    DROP CONSTRAINT enrolments_user_fkey,
    ADD CONSTRAINT enrolments_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
DROP INDEX enrolments_batch_name_idx, enrolments_user_idx, users_keys_key;
ALTER TABLE enrolments DROP COLUMN name_key, DROP COLUMN search_key;
