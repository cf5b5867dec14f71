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

-- name: ListBrokenAuditEntries :many
-- Entries whose hash does not match their content and the previous entry: the log was
-- edited, or entries were removed or reordered.
SELECT e.seq
FROM (
    SELECT seq, hash, sha256(
        coalesce(lag(hash) OVER (ORDER BY seq), '')
        || convert_to(concat_ws(E'\x1f', id, extract(epoch FROM at), actor_id, actor_role, action, subject, details, request_id, address), 'UTF8')) AS want
    FROM audit_entries
) e
WHERE e.hash <> e.want
ORDER BY e.seq;

-- name: ListAuditEntries :many
-- Sent unprepared: Postgres plans it for the given filters.
SELECT a.seq, a.id, a.at, a.actor_id, coalesce(u.name, '')::text AS actor_name, a.actor_role, a.action, a.subject, a.details, a.request_id, a.address
FROM audit_entries a
LEFT JOIN users u ON u.id = a.actor_id
WHERE a.seq < @before::bigint
  AND (sqlc.narg('actor_id')::uuid IS NULL OR a.actor_id = sqlc.narg('actor_id'))
  AND (sqlc.narg('subject')::text IS NULL OR a.subject = sqlc.narg('subject'))
  AND (sqlc.narg('action')::text IS NULL OR a.action = sqlc.narg('action'))
  AND (sqlc.narg('from_at')::timestamptz IS NULL OR a.at >= sqlc.narg('from_at'))
  AND (sqlc.narg('until_at')::timestamptz IS NULL OR a.at < sqlc.narg('until_at'))
ORDER BY a.seq DESC
LIMIT @max;
