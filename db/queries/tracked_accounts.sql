-- name: UpsertAccount :one
INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username)
VALUES (@id, @user_id, @base_url, @server, @account_id, @username)
ON CONFLICT (user_id, base_url, account_id) DO UPDATE SET server = excluded.server, username = excluded.username
RETURNING ref;

-- name: ListAccounts :many
-- The user, once for each account or once without one. A single account has all days with
-- seconds, which the key of days tells: only those of several accounts need their rows. The
-- date 0001-01-01 means no day.
SELECT e.batch_id, a.id, a.server, a.username, a.accepted_at, coalesce(c.account_ref = a.ref, false)::boolean AS current,
       coalesce(x.first_day, date '0001-01-01')::date AS first_day, coalesce(x.last_day, date '0001-01-01')::date AS last_day, x.days, x.seconds, x.counted
FROM users u
LEFT JOIN enrolments e ON e.user_id = u.id AND e.ended_at IS NULL
LEFT JOIN wakatime_connections c ON c.user_id = u.id
LEFT JOIN wakatime_accounts a ON a.user_id = u.id
CROSS JOIN LATERAL (
    SELECT min(y.day) FILTER (WHERE y.seconds > 0) AS first_day, max(y.day) FILTER (WHERE y.seconds > 0) AS last_day,
           count(*) FILTER (WHERE y.seconds > 0) AS days, coalesce(sum(y.seconds), 0)::bigint AS seconds,
           count(*) FILTER (WHERE y.counted) AS counted
    FROM (
        SELECT d.day, d.seconds, true AS counted FROM days d
        WHERE d.user_id = a.user_id AND d.seconds IS NOT NULL AND (SELECT count(*) = 1 FROM wakatime_accounts z WHERE z.user_id = @user_id)
        UNION ALL
        SELECT d.day, d.seconds, true AS counted FROM days d
        WHERE d.user_id = a.user_id AND d.account_ref = a.ref AND (SELECT count(*) > 1 FROM wakatime_accounts z WHERE z.user_id = @user_id)
        UNION ALL
        SELECT o.day, o.seconds, false FROM account_days o
        WHERE o.user_id = a.user_id AND o.account_ref = a.ref
          AND NOT EXISTS (SELECT FROM days d WHERE d.user_id = o.user_id AND d.day = o.day AND d.account_ref = o.account_ref)
    ) y
) x
WHERE u.id = @user_id
ORDER BY current DESC, a.ref DESC;

-- name: InsertAccountDays :exec
-- Copies the days out of the ledger that may be replaced there: those of accounts that are
-- not connected, and those without time where an accepted account has some.
INSERT INTO account_days (user_id, day, account_ref, seconds, ai_seconds, zone_id, state, reason, absent, parts)
SELECT d.user_id, d.day, d.account_ref, d.seconds, d.ai_seconds, d.zone_id, d.state, d.reason, d.absent, d.parts
FROM days d
WHERE d.user_id = @user_id AND d.account_ref IS NOT NULL
  AND (d.account_ref IS DISTINCT FROM (SELECT c.account_ref FROM wakatime_connections c WHERE c.user_id = @user_id)
    OR d.seconds = 0 AND EXISTS (
        SELECT FROM account_days o JOIN wakatime_accounts a ON a.user_id = o.user_id AND a.ref = o.account_ref
        WHERE o.user_id = d.user_id AND o.day = d.day AND o.seconds > 0 AND a.accepted_at IS NOT NULL))
ON CONFLICT (user_id, day, account_ref) DO UPDATE
SET seconds = excluded.seconds, ai_seconds = excluded.ai_seconds, zone_id = excluded.zone_id, state = excluded.state,
    reason = excluded.reason, absent = excluded.absent, parts = excluded.parts;

-- name: UpdateForeignDays :exec
-- The days of accounts that are neither connected nor accepted become pending. Without a
-- connection, only those of a rejected account do. Days without a row stay without one.
UPDATE days d
SET seconds = NULL, ai_seconds = NULL, zone_id = NULL, account_ref = NULL, attempts = 0, changed_at = sqlc.arg(now)::timestamptz,
    state = 'pending', reason = 'account_changed', absent = '', parts = '{}'
FROM wakatime_accounts a
LEFT JOIN wakatime_connections c ON c.user_id = a.user_id
WHERE d.user_id = @user_id AND a.user_id = d.user_id AND a.ref = d.account_ref AND a.accepted_at IS NULL
  AND (a.ref <> c.account_ref OR c.account_ref IS NULL AND a.ref = sqlc.arg(rejected)::integer);

-- name: UpdateUnknownDays :exec
-- The failed attempts may have been at another account, if there is one.
UPDATE days d SET attempts = 0, changed_at = sqlc.arg(now)::timestamptz, state = 'pending', reason = 'account_changed'
WHERE d.user_id = @user_id AND d.seconds IS NULL AND d.reason <> 'account_changed'
  AND EXISTS (SELECT FROM wakatime_accounts a JOIN wakatime_connections c ON c.user_id = a.user_id WHERE a.user_id = d.user_id AND a.ref <> c.account_ref);

-- name: UpsertConnectedDays :exec
-- Copies the days of the connected account back into the ledger. Time of an accepted account
-- stays where the connected one has none.
INSERT INTO days AS d (user_id, day, seconds, ai_seconds, zone_id, account_ref, changed_at, state, reason, absent, parts)
SELECT o.user_id, o.day, o.seconds, o.ai_seconds, o.zone_id, o.account_ref, sqlc.arg(now)::timestamptz, o.state, o.reason, o.absent, o.parts
FROM account_days o
JOIN wakatime_connections c ON c.user_id = o.user_id AND c.account_ref = o.account_ref
WHERE o.user_id = @user_id
ON CONFLICT (user_id, day) DO UPDATE
SET seconds = excluded.seconds, ai_seconds = excluded.ai_seconds, zone_id = excluded.zone_id, account_ref = excluded.account_ref, attempts = 0,
    changed_at = excluded.changed_at, state = excluded.state, reason = excluded.reason, absent = excluded.absent, parts = excluded.parts
WHERE d.account_ref IS DISTINCT FROM excluded.account_ref AND (coalesce(d.seconds, 0) = 0 OR excluded.seconds > 0);

-- name: UpsertAcceptedDays :exec
-- Copies the time of accepted accounts into the ledger where the connected one has none. If
-- several accounts have time, the one that was accepted first counts.
INSERT INTO days AS d (user_id, day, seconds, ai_seconds, zone_id, account_ref, changed_at, state, reason, absent, parts)
SELECT DISTINCT ON (o.day) o.user_id, o.day, o.seconds, o.ai_seconds, o.zone_id, o.account_ref, sqlc.arg(now)::timestamptz, o.state, o.reason, o.absent, o.parts
FROM account_days o
JOIN wakatime_accounts a ON a.user_id = o.user_id AND a.ref = o.account_ref AND a.accepted_at IS NOT NULL
LEFT JOIN wakatime_connections c ON c.user_id = o.user_id
WHERE o.user_id = @user_id AND o.seconds > 0 AND o.account_ref IS DISTINCT FROM c.account_ref
ORDER BY o.day, a.accepted_at, a.ref
ON CONFLICT (user_id, day) DO UPDATE
SET seconds = excluded.seconds, ai_seconds = excluded.ai_seconds, zone_id = excluded.zone_id, account_ref = excluded.account_ref, attempts = 0,
    changed_at = excluded.changed_at, state = excluded.state, reason = excluded.reason, absent = excluded.absent, parts = excluded.parts
WHERE coalesce(d.seconds, 0) = 0;

-- name: DeleteAccountDays :exec
-- Days of the connected account that are back in the ledger.
DELETE FROM account_days o
USING wakatime_connections c, days d
WHERE o.user_id = @user_id AND c.user_id = o.user_id AND c.account_ref = o.account_ref
  AND d.user_id = o.user_id AND d.day = o.day AND d.account_ref = o.account_ref;

-- name: UpdateAccountAccepted :one
-- The caller holds the lock of the user.
UPDATE wakatime_accounts a
SET accepted_at = CASE WHEN sqlc.arg(accepted)::boolean THEN coalesce(a.accepted_at, sqlc.arg(now)::timestamptz) END
FROM wakatime_accounts before
WHERE a.user_id = @user_id AND a.id = @id AND before.id = a.id
RETURNING a.ref, (before.accepted_at IS NOT NULL)::boolean AS was_accepted;

-- name: InsertAuthorization :exec
INSERT INTO wakatime_authorizations (state_hash, user_id, session_id, verifier, expires_at)
VALUES (@state_hash, @user_id, @session_id, @verifier, @expires_at);

-- name: UpdateAuthorizationConsumed :one
-- Returns the flow as it was before. Of two callers at once, the second one waits for the
-- lock and finds it consumed.
WITH before AS MATERIALIZED (
    SELECT w.user_id, w.session_id, w.verifier, w.expires_at, w.consumed_at, w.code_hash, w.completed_at, w.error_code, w.error_detail
    FROM wakatime_authorizations w
    WHERE w.state_hash = @state_hash
    FOR UPDATE
), consumed AS (
    UPDATE wakatime_authorizations a
    SET consumed_at = sqlc.arg(now)::timestamptz, code_hash = sqlc.arg(code_hash)::bytea
    FROM before
    WHERE a.state_hash = @state_hash AND before.consumed_at IS NULL
)
SELECT user_id, session_id, verifier, expires_at, consumed_at, code_hash, completed_at, error_code, error_detail
FROM before;

-- name: UpdateAuthorizationCompleted :exec
UPDATE wakatime_authorizations
SET completed_at = sqlc.arg(now)::timestamptz, error_code = @error_code, error_detail = @error_detail
WHERE state_hash = @state_hash;

-- name: DeleteExpiredAuthorizations :execrows
DELETE FROM wakatime_authorizations WHERE expires_at <= @now;
