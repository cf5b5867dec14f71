-- River creates its own tables (see postgres.Migrator). This file tells sqlc about the
-- columns that our queries read; nothing else uses it.
CREATE SCHEMA gradus_river;
CREATE TYPE gradus_river.river_job_state AS ENUM ('available', 'cancelled', 'completed', 'discarded', 'pending', 'retryable', 'running', 'scheduled');
CREATE TABLE gradus_river.river_job (
    id           bigint      PRIMARY KEY,
    state        gradus_river.river_job_state NOT NULL,
    kind         text        NOT NULL,
    queue        text        NOT NULL,
    priority     smallint    NOT NULL,
    scheduled_at timestamptz NOT NULL
);
