-- +goose Up
SET LOCAL lock_timeout = '5s';

-- The program knows the time zones. The server's can lack one that a row has, so nothing in
-- the database asks for them: a CHECK that did kept dumps from being restored. The Migrator
-- stores the current names of renamed zones.
ALTER TABLE users DROP CONSTRAINT users_time_zone_check;
ALTER TABLE batches DROP CONSTRAINT batches_time_zone_check;

-- Today in a zone, given the names of the zones where it is the day before or after UTC.
CREATE FUNCTION zone_day(zone text, utc date, behind text[], ahead text[]) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN utc + CASE WHEN zone = ANY (behind) THEN -1 WHEN zone = ANY (ahead) THEN 1 ELSE 0 END;

-- Days in the zone of the batch or the user, from which tracking starts. The Migrator
-- computes those of older rows; UTC's count until then.
ALTER TABLE enrolments ADD COLUMN enrolled_on date;
ALTER TABLE wakatime_connections ADD COLUMN connected_on date;

-- Keys to sort and search, without case and accents. The program computes them, because
-- lower() depends on the locale of the database. Rows of older programs are in lowercase
-- until the Migrator has computed them.
ALTER TABLE users ADD COLUMN name_key text COLLATE "C", ADD COLUMN search_key text COLLATE "C";
ALTER TABLE batches ADD COLUMN name_key text COLLATE "C";
UPDATE users SET name_key = lower(name), search_key = lower(name) || ' ' || email;
UPDATE batches SET name_key = lower(name);
ALTER TABLE users ALTER COLUMN name_key SET NOT NULL, ALTER COLUMN search_key SET NOT NULL;
ALTER TABLE batches ALTER COLUMN name_key SET NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION users_keys() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.name_key := lower(NEW.name);
    NEW.search_key := lower(NEW.name) || ' ' || NEW.email;
    RETURN NEW;
END $$;
CREATE FUNCTION batches_keys() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.name_key := lower(NEW.name);
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER users_keys BEFORE INSERT ON users FOR EACH ROW WHEN (NEW.name_key IS NULL) EXECUTE FUNCTION users_keys();
CREATE TRIGGER batches_keys BEFORE INSERT ON batches FOR EACH ROW WHEN (NEW.name_key IS NULL) EXECUTE FUNCTION batches_keys();

DROP INDEX users_name_idx, users_role_name_idx, users_search_idx, batches_name_idx;
-- ListUsers: by name, all or of one role.
CREATE INDEX users_name_idx ON users (name_key, id);
CREATE INDEX users_role_name_idx ON users (role, name_key, id);
-- ListBatches: by name.
CREATE INDEX batches_name_idx ON batches (name_key, id);
-- ListUsers, ListStudents: search in the middle of names and addresses.
CREATE INDEX users_search_idx ON users USING gin (search_key gin_trgm_ops);

-- +goose Down
SET LOCAL lock_timeout = '5s';

DROP INDEX users_name_idx, users_role_name_idx, users_search_idx, batches_name_idx;
DROP TRIGGER users_keys ON users;
DROP TRIGGER batches_keys ON batches;
DROP FUNCTION users_keys;
DROP FUNCTION batches_keys;
ALTER TABLE users DROP COLUMN name_key, DROP COLUMN search_key;
ALTER TABLE batches DROP COLUMN name_key;
CREATE INDEX users_name_idx ON users (lower(name), id);
CREATE INDEX users_role_name_idx ON users (role, lower(name), id);
CREATE INDEX batches_name_idx ON batches (lower(name), id);
CREATE INDEX users_search_idx ON users USING gin ((lower(name) || ' ' || email) gin_trgm_ops);

ALTER TABLE wakatime_connections DROP COLUMN connected_on;
ALTER TABLE enrolments DROP COLUMN enrolled_on;
DROP FUNCTION zone_day;
-- Time zones that this server does not know are replaced: the earlier schema cannot hold them.
-- +goose StatementBegin
DO $$
DECLARE
    odd text;
BEGIN
    FOR odd IN SELECT time_zone FROM users UNION SELECT time_zone FROM batches LOOP
        BEGIN
            PERFORM timestamptz 'epoch' AT TIME ZONE odd;
        EXCEPTION WHEN invalid_parameter_value THEN
            UPDATE users SET time_zone = 'UTC' WHERE time_zone = odd;
            UPDATE batches SET time_zone = 'UTC' WHERE time_zone = odd;
        END;
    END LOOP;
END $$;
-- +goose StatementEnd
ALTER TABLE users ADD CONSTRAINT users_time_zone_check CHECK ((timestamptz 'epoch' AT TIME ZONE time_zone) IS NOT NULL);
ALTER TABLE batches ADD CONSTRAINT batches_time_zone_check CHECK ((timestamptz 'epoch' AT TIME ZONE time_zone) IS NOT NULL);
