-- River creates its own tables (see postgres.Migrator). This file tells sqlc about the
-- columns that our queries read; nothing else uses it.
CREATE TYPE river_job_state AS ENUM ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled');
CREATE TABLE river_job (
    id    bigint          PRIMARY KEY,
    state river_job_state NOT NULL,
    kind  text            NOT NULL
);
