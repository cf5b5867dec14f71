-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE users (
    id            uuid        PRIMARY KEY,
    email         text        NOT NULL, -- in its one normal form
    name          text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    role          text        NOT NULL CHECK (role IN ('member', 'student', 'instructor', 'admin')),
    time_zone     text        NOT NULL DEFAULT 'UTC',
    password_hash text        NOT NULL,
    suspended_at  timestamptz,
    created_at    timestamptz NOT NULL,
    version       integer     NOT NULL DEFAULT 1,
    CONSTRAINT users_email_key UNIQUE (email),
    -- An unknown zone raises 22023; the store turns that into a field error.
    CONSTRAINT users_time_zone_check CHECK ((timestamptz 'epoch' AT TIME ZONE time_zone) IS NOT NULL)
);
-- ListUsers: by name, all or of one role.
CREATE INDEX users_name_idx ON users (lower(name), id);
CREATE INDEX users_role_name_idx ON users (role, lower(name), id);
-- ListUsers, ListStudents: search in the middle of names and addresses.
CREATE INDEX users_search_idx ON users USING gin ((lower(name) || ' ' || email) gin_trgm_ops);

CREATE TABLE sessions (
    id           uuid        PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash   bytea       NOT NULL, -- SHA-256 of a 256-bit random token
    user_agent   text        NOT NULL,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    CONSTRAINT sessions_token_hash_key UNIQUE (token_hash)
);
-- DeleteSessions: all of one user.
CREATE INDEX sessions_user_idx ON sessions (user_id);
-- DeleteExpiredSessions.
CREATE INDEX sessions_expires_idx ON sessions (expires_at);

CREATE TABLE audit_entries (
    seq        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id         uuid        NOT NULL,
    at         timestamptz NOT NULL,
    actor_id   uuid,       -- null for background jobs and callers who are not signed in; no reference: the log outlives users
    actor_role text        NOT NULL,
    action     text        NOT NULL,
    subject    text        NOT NULL,
    details    jsonb       NOT NULL,
    request_id text        NOT NULL,
    address    text        NOT NULL,
    hash       bytea       NOT NULL, -- SHA-256 over this entry and the hash of the one before
    CONSTRAINT audit_entries_id_key UNIQUE (id)
);
-- ListAuditEntries: newest first, by actor, subject, action.
CREATE INDEX audit_entries_actor_idx ON audit_entries (actor_id, seq DESC);
CREATE INDEX audit_entries_subject_idx ON audit_entries (subject, seq DESC);
CREATE INDEX audit_entries_action_idx ON audit_entries (action, seq DESC);
-- ListAuditEntries: by time; entries arrive in order, so ranges of blocks suffice.
CREATE INDEX audit_entries_at_idx ON audit_entries USING brin (at);

-- +goose StatementBegin
CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse();

-- +goose Down
SET LOCAL lock_timeout = '5s';
DROP TABLE audit_entries;
DROP FUNCTION audit_entries_refuse;
DROP TABLE sessions;
DROP TABLE users;
DROP EXTENSION pg_trgm;
