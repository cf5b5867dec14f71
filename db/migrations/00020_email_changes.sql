-- +goose Up
SET LOCAL lock_timeout = '5s';

-- The address that a confirmation brings; empty for one that brings none.
ALTER TABLE confirmations ADD COLUMN email text NOT NULL DEFAULT '';
ALTER TABLE confirmations DROP CONSTRAINT confirmations_kind_check;
ALTER TABLE confirmations ADD CONSTRAINT confirmations_kind_check CHECK (kind IN ('password_reset', 'email_change', 'email_undo'));

-- +goose Down
SET LOCAL lock_timeout = '5s';
DELETE FROM confirmations WHERE kind <> 'password_reset';
ALTER TABLE confirmations DROP CONSTRAINT confirmations_kind_check;
ALTER TABLE confirmations ADD CONSTRAINT confirmations_kind_check CHECK (kind IN ('password_reset'));
ALTER TABLE confirmations DROP COLUMN email;
