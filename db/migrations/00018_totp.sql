-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE TABLE totp (
    user_id      uuid        PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret       bytea       NOT NULL, -- sealed
    started_at   timestamptz NOT NULL,
    confirmed_at timestamptz,          -- null while the enrolment is pending
    last_step    bigint      NOT NULL  -- of the codes that were accepted
);

CREATE TABLE recovery_codes (
    user_id   uuid  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash bytea NOT NULL, -- SHA-256 of 125 random bits
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE sign_in_challenges (
    token_hash    bytea       PRIMARY KEY, -- SHA-256 of a 256-bit random token
    user_id       uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    password_hash bytea       NOT NULL,    -- SHA-256 of the password hash that the user had
    user_agent    text        NOT NULL,
    cookie        boolean     NOT NULL,
    wrong_codes   integer     NOT NULL,
    expires_at    timestamptz NOT NULL
);
-- The users who are deleted.
CREATE INDEX sign_in_challenges_user_idx ON sign_in_challenges (user_id);
-- DeleteExpiredSignInChallenges.
CREATE INDEX sign_in_challenges_expires_idx ON sign_in_challenges (expires_at);

-- +goose Down
SET LOCAL lock_timeout = '5s';
DROP TABLE sign_in_challenges;
DROP TABLE recovery_codes;
DROP TABLE totp;
