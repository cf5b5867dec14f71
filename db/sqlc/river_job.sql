-- River makes its own tables (see postgres.Migrate). sqlc has to know the columns
-- that our queries read; nothing else uses this file.
CREATE TYPE river_job_state AS ENUM ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled');
CREATE TABLE river_job (
    id    bigint          PRIMARY KEY,
    state river_job_state NOT NULL,
    kind  text            NOT NULL
);
