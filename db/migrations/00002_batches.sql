-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE TABLE batches (
    id                  uuid        PRIMARY KEY,
    name                text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    description         text        NOT NULL DEFAULT '',
    starts_on           date        NOT NULL,
    ends_on             date        NOT NULL,
    time_zone           text        NOT NULL,
    weekly_goal_seconds integer     CHECK (weekly_goal_seconds > 0),
    archived_at         timestamptz,
    created_at          timestamptz NOT NULL,
    version             integer     NOT NULL DEFAULT 1,
    CONSTRAINT batches_dates_check CHECK (starts_on <= ends_on),
    CONSTRAINT batches_time_zone_check CHECK ((timestamptz 'epoch' AT TIME ZONE time_zone) IS NOT NULL)
);
-- ListBatches: by name.
CREATE INDEX batches_name_idx ON batches (lower(name), id);
-- GetDashboard: active batches, those that end first at the top.
CREATE INDEX batches_open_idx ON batches (ends_on, id) WHERE archived_at IS NULL;

CREATE TABLE batch_instructors (
    batch_id    uuid        NOT NULL REFERENCES batches (id),
    user_id     uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    assigned_at timestamptz NOT NULL,
    PRIMARY KEY (batch_id, user_id)
);
-- GetSession: what an instructor teaches.
CREATE INDEX batch_instructors_user_idx ON batch_instructors (user_id);

CREATE TABLE registration_keys (
    batch_id        uuid        PRIMARY KEY REFERENCES batches (id),
    key_hash        bytea       NOT NULL, -- SHA-256, to find it; at least 128 random bits need no salt
    key_sealed      bytea       NOT NULL, -- encrypted, to show it to staff
    switched_off_at timestamptz,
    expires_at      timestamptz,
    seats           integer     CHECK (seats > 0),
    rotated_at      timestamptz NOT NULL,
    CONSTRAINT registration_keys_hash_key UNIQUE (key_hash)
);

CREATE TABLE enrolments (
    id          uuid        PRIMARY KEY,
    user_id     uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    batch_id    uuid        NOT NULL REFERENCES batches (id),
    status      text        NOT NULL CHECK (status IN ('active', 'paused', 'graduated', 'dropped')),
    enrolled_at timestamptz NOT NULL,
    ended_at    timestamptz,
    connected   boolean     NOT NULL DEFAULT false -- current, and the user's connection to WakaTime works: kept by triggers
);
-- One current enrolment per user; found by user for every request of a student.
CREATE UNIQUE INDEX enrolments_current_key ON enrolments (user_id) INCLUDE (batch_id) WHERE ended_at IS NULL;
-- ListStudents, progress and seats of one batch; the dashboard reads nothing else.
CREATE INDEX enrolments_batch_idx ON enrolments (batch_id, user_id) INCLUDE (connected) WHERE ended_at IS NULL;
-- GetDashboard: the newest students.
CREATE INDEX enrolments_newest_idx ON enrolments (enrolled_at DESC, user_id) WHERE ended_at IS NULL;

-- +goose Down
SET LOCAL lock_timeout = '5s';
DROP TABLE enrolments;
DROP TABLE registration_keys;
DROP TABLE batch_instructors;
DROP TABLE batches;
