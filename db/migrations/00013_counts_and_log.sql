-- +goose NO TRANSACTION
-- The audit log can be large, so its indexes are created while it is written to. If the migration
-- stops halfway, it starts again from the beginning.

-- +goose Up
-- ListAuditEntries: newest first. The last column decides between entries of the same time.
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_at_seq_idx;
CREATE INDEX CONCURRENTLY audit_entries_at_seq_idx ON audit_entries (at, seq);
-- ListAuditEntriesOfActor.
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_actor_at_idx;
CREATE INDEX CONCURRENTLY audit_entries_actor_at_idx ON audit_entries (actor_id, at, seq);
-- ListAuditEntriesOfSubject.
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_subject_at_idx;
CREATE INDEX CONCURRENTLY audit_entries_subject_at_idx ON audit_entries (subject, at, seq);
-- ListAuditEntriesOfAction.
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_action_at_idx;
CREATE INDEX CONCURRENTLY audit_entries_action_at_idx ON audit_entries (action, at, seq);
-- ListAuditEntriesOfActorAndAction. With two columns in place of the text, the planner prefers the index
-- of one of them, and reads all entries that have it.
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_actor_action_at_idx;
CREATE INDEX CONCURRENTLY audit_entries_actor_action_at_idx ON audit_entries ((actor_id::text || ' ' || action), at, seq);
-- ListAuditEntriesOfSubjectAndAction.
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_subject_action_at_idx;
CREATE INDEX CONCURRENTLY audit_entries_subject_action_at_idx ON audit_entries ((subject || ' ' || action), at, seq);
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_at_idx;
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_actor_idx;
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_subject_idx;
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_action_idx;
-- GetDashboard: active batches, those that end first at the top. It counts them in the index.
DROP INDEX CONCURRENTLY IF EXISTS batches_active_idx;
CREATE INDEX CONCURRENTLY batches_active_idx ON batches (ends_on, id) INCLUDE (starts_on, time_zone) WHERE archived_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS batches_open_idx;

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS batches_open_idx;
CREATE INDEX CONCURRENTLY batches_open_idx ON batches (ends_on, id) WHERE archived_at IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS batches_active_idx;
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_at_idx;
CREATE INDEX CONCURRENTLY audit_entries_at_idx ON audit_entries USING brin (at);
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_actor_idx;
CREATE INDEX CONCURRENTLY audit_entries_actor_idx ON audit_entries (actor_id, seq DESC);
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_subject_idx;
CREATE INDEX CONCURRENTLY audit_entries_subject_idx ON audit_entries (subject, seq DESC);
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_action_idx;
CREATE INDEX CONCURRENTLY audit_entries_action_idx ON audit_entries (action, seq DESC);
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_at_seq_idx;
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_actor_at_idx;
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_subject_at_idx;
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_action_at_idx;
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_actor_action_at_idx;
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_subject_action_at_idx;
