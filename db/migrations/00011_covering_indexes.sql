-- +goose NO TRANSACTION

-- Indexes are built concurrently, and statements that change days and enrolments go on
-- meanwhile. Replacing the primary key takes an exclusive lock on days, for as long as it
-- takes to change the catalog. A run that was interrupted can be repeated.

-- +goose Up
-- Coverage reads the time zone of each day. Index-only scans then read nothing but the index.
DROP INDEX CONCURRENTLY IF EXISTS days_covering_key;
CREATE UNIQUE INDEX CONCURRENTLY days_covering_key ON days (user_id, day) INCLUDE (seconds, state, ai_seconds, zone_id);
ALTER TABLE days DROP CONSTRAINT days_pkey, ADD CONSTRAINT days_pkey PRIMARY KEY USING INDEX days_covering_key;

-- Totals of a batch need the first tracked day of each student.
DROP INDEX CONCURRENTLY IF EXISTS enrolments_covering_idx;
CREATE INDEX CONCURRENTLY enrolments_covering_idx ON enrolments (batch_id, name_key, user_id)
    INCLUDE (status, connected, search_key, enrolled_on, enrolled_at) WHERE ended_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS enrolments_batch_name_idx;
ALTER INDEX enrolments_covering_idx RENAME TO enrolments_batch_name_idx;

-- Index-only scans read a row for each day on a page that no vacuum has seen since it changed.
-- By default, a vacuum runs when a fifth of the table is new: after 73 nights in a year of
-- days. Now it runs after about a night's new days, or when about two days per student have
-- changed. It removes index entries of old versions each time, because pages with such
-- versions do not become all-visible.
ALTER TABLE days SET (
    autovacuum_vacuum_insert_scale_factor = 0.002, autovacuum_vacuum_insert_threshold = 100,
    autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_threshold = 100,
    autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 100,
    vacuum_index_cleanup = on
);
-- A new class is one hundredth of the enrolments of many.
ALTER TABLE enrolments SET (
    autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_vacuum_insert_threshold = 100,
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 100
);

-- +goose Down
ALTER TABLE enrolments RESET (
    autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold,
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold
);
ALTER TABLE days RESET (
    autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold,
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
    autovacuum_analyze_scale_factor, autovacuum_analyze_threshold,
    vacuum_index_cleanup
);
DROP INDEX CONCURRENTLY IF EXISTS enrolments_covering_idx;
CREATE INDEX CONCURRENTLY enrolments_covering_idx ON enrolments (batch_id, name_key, user_id) INCLUDE (status, connected, search_key) WHERE ended_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS enrolments_batch_name_idx;
ALTER INDEX enrolments_covering_idx RENAME TO enrolments_batch_name_idx;
DROP INDEX CONCURRENTLY IF EXISTS days_covering_key;
CREATE UNIQUE INDEX CONCURRENTLY days_covering_key ON days (user_id, day) INCLUDE (seconds, state, ai_seconds);
ALTER TABLE days DROP CONSTRAINT days_pkey, ADD CONSTRAINT days_pkey PRIMARY KEY USING INDEX days_covering_key;
