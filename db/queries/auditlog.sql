-- name: LockAuditChain :exec
-- A separate statement: the next one sees the entry that was committed last.
SELECT pg_advisory_xact_lock(5104717);

-- name: InsertAuditEntry :exec
INSERT INTO audit_entries (id, at, actor_id, actor_role, action, subject, details, request_id, address, hash)
SELECT e.*, sha256(
    coalesce((SELECT hash FROM audit_entries ORDER BY seq DESC LIMIT 1), '')
    || convert_to(concat_ws(E'\x1f', e.id, extract(epoch FROM e.at), e.actor_id, e.actor_role, e.action, e.subject, e.details, e.request_id, e.address), 'UTF8'))
FROM (SELECT @id::uuid AS id, @at::timestamptz AS at, sqlc.narg('actor_id')::uuid AS actor_id, @actor_role::text AS actor_role,
             @action::text AS action, @subject::text AS subject, @details::jsonb AS details, @request_id::text AS request_id, @address::text AS address) e;

-- name: GetBrokenAuditEntries :one
-- Of the next entries after one, those whose hash does not match their content and the previous
-- entry: the log was edited, or entries were removed or reordered. In pages, because a million
-- entries take seven seconds. The last entry is 0 at the end of the log.
SELECT coalesce(max(e.seq), 0)::bigint AS last, coalesce(array_agg(e.seq ORDER BY e.seq) FILTER (WHERE e.hash <> e.want), '{}')::bigint[] AS broken
FROM (
    SELECT seq, hash, sha256(
        coalesce(lag(hash) OVER (ORDER BY seq), (SELECT p.hash FROM audit_entries p WHERE p.seq <= @after ORDER BY p.seq DESC LIMIT 1), '')
        || convert_to(concat_ws(E'\x1f', id, extract(epoch FROM at), actor_id, actor_role, action, subject, details, request_id, address), 'UTF8')) AS want
    FROM (SELECT * FROM audit_entries WHERE seq > @after::bigint ORDER BY seq LIMIT @max) page
) e;

-- name: ListAuditEntries :many
-- The lists of entries, newest first, are one statement per index, because one with optional
-- filters would have a single plan for all of them. Each can use only one index in the order of
-- the page, whatever Postgres knows about its parameters:
--   - The filter is the first part of the key, compared as a row. Compared with =, it would
--     be no part of the order, and the planner would rather read the log by time and remove
--     what does not match, which is all of it if nothing does.
--   - The inner limit is a constant: the largest page and one more. The planner takes a
--     parameter for a tenth of the rows.
--   - The names of actors are subqueries: a join would be planned for all users.
SELECT a.seq, a.id, a.at, a.actor_id, coalesce((SELECT u.name FROM users u WHERE u.id = a.actor_id), '')::text AS actor_name,
       a.actor_role, a.action, a.subject, a.details, a.request_id, a.address
FROM (
    SELECT * FROM audit_entries e
    WHERE (e.at, e.seq) < (@before_at::timestamptz, @before_seq::bigint) AND e.at >= @from_at::timestamptz
    ORDER BY e.at DESC, e.seq DESC
    LIMIT 101
) a
LIMIT @max;

-- name: ListAuditEntriesOfActor :many
SELECT a.seq, a.id, a.at, a.actor_id, coalesce((SELECT u.name FROM users u WHERE u.id = a.actor_id), '')::text AS actor_name,
       a.actor_role, a.action, a.subject, a.details, a.request_id, a.address
FROM (
    SELECT * FROM audit_entries e
    WHERE (e.actor_id, e.at, e.seq) < (@actor_id::uuid, @before_at::timestamptz, @before_seq::bigint)
      AND (e.actor_id, e.at, e.seq) >= (@actor_id::uuid, @from_at::timestamptz, 0)
    ORDER BY e.actor_id DESC, e.at DESC, e.seq DESC
    LIMIT 101
) a
LIMIT @max;

-- name: ListAuditEntriesOfAction :many
SELECT a.seq, a.id, a.at, a.actor_id, coalesce((SELECT u.name FROM users u WHERE u.id = a.actor_id), '')::text AS actor_name,
       a.actor_role, a.action, a.subject, a.details, a.request_id, a.address
FROM (
    SELECT * FROM audit_entries e
    WHERE (e.action, e.at, e.seq) < (@action::text, @before_at::timestamptz, @before_seq::bigint)
      AND (e.action, e.at, e.seq) >= (@action::text, @from_at::timestamptz, 0)
    ORDER BY e.action DESC, e.at DESC, e.seq DESC
    LIMIT 101
) a
LIMIT @max;

-- name: ListAuditEntriesOfSubject :many
-- By one actor, or by all: coalesce keeps the planner from using the index of actors.
SELECT a.seq, a.id, a.at, a.actor_id, coalesce((SELECT u.name FROM users u WHERE u.id = a.actor_id), '')::text AS actor_name,
       a.actor_role, a.action, a.subject, a.details, a.request_id, a.address
FROM (
    SELECT * FROM audit_entries e
    WHERE (e.subject, e.at, e.seq) < (@subject::text, @before_at::timestamptz, @before_seq::bigint)
      AND (e.subject, e.at, e.seq) >= (@subject::text, @from_at::timestamptz, 0)
      AND coalesce(e.actor_id = sqlc.narg('actor_id')::uuid, sqlc.narg('actor_id')::uuid IS NULL)
    ORDER BY e.subject DESC, e.at DESC, e.seq DESC
    LIMIT 101
) a
LIMIT @max;

-- name: ListAuditEntriesOfActorAndAction :many
-- Actions have no spaces; what is outside excludes a filter that has one.
SELECT a.seq, a.id, a.at, a.actor_id, coalesce((SELECT u.name FROM users u WHERE u.id = a.actor_id), '')::text AS actor_name,
       a.actor_role, a.action, a.subject, a.details, a.request_id, a.address
FROM (
    SELECT * FROM audit_entries e
    WHERE ((e.actor_id::text || ' ' || e.action), e.at, e.seq) < ((@actor_id::text || ' ' || @action::text), @before_at::timestamptz, @before_seq::bigint)
      AND ((e.actor_id::text || ' ' || e.action), e.at, e.seq) >= ((@actor_id::text || ' ' || @action::text), @from_at::timestamptz, 0)
    ORDER BY (e.actor_id::text || ' ' || e.action) DESC, e.at DESC, e.seq DESC
    LIMIT 101
) a
WHERE a.action = @action
LIMIT @max;

-- name: ListAuditEntriesOfSubjectAndAction :many
-- By one actor, or by all.
SELECT a.seq, a.id, a.at, a.actor_id, coalesce((SELECT u.name FROM users u WHERE u.id = a.actor_id), '')::text AS actor_name,
       a.actor_role, a.action, a.subject, a.details, a.request_id, a.address
FROM (
    SELECT * FROM audit_entries e
    WHERE ((e.subject || ' ' || e.action), e.at, e.seq) < ((@subject::text || ' ' || @action::text), @before_at::timestamptz, @before_seq::bigint)
      AND ((e.subject || ' ' || e.action), e.at, e.seq) >= ((@subject::text || ' ' || @action::text), @from_at::timestamptz, 0)
      AND coalesce(e.actor_id = sqlc.narg('actor_id')::uuid, sqlc.narg('actor_id')::uuid IS NULL)
    ORDER BY (e.subject || ' ' || e.action) DESC, e.at DESC, e.seq DESC
    LIMIT 101
) a
WHERE a.action = @action
LIMIT @max;
