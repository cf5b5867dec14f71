package school

var people = []string{
	`INSERT INTO users (id, email, name, role, password_hash, created_at)
		SELECT md5('user' || n)::uuid, 'student' || n || CASE n % 2 WHEN 1 THEN '@example.edu' ELSE '@example.org' END,
			(ARRAY['Anna','Ben','Chloe','David','Elif','Farid','Grace','Hugo','Ines','Jan','Kira','Liam','Mia','Noah','Olga','Paul','Rosa','Sami','Tara','Umar','Vera','Wim','Xenia','Yusuf','Zoe',
			'Ada','Bo','Cleo','Dina','Emil','Fred','Gina','Hans','Ida','Jonas','Karl','Lena','Max','Nora','Otto','Pia','Ravi','Sven','Theo','Uwe','Vito','Wanda','Xaver','Ylva','Zita'])[1 + n % 50]
			|| ' ' || initcap(substr(translate(md5(n::text), '0123456789', 'ghijklmnop'), 1, 9)),
			'student', 'none', {now} - interval '370 days'
		FROM generate_series(1, {students}) n`,
	`INSERT INTO batches (id, name, starts_on, ends_on, time_zone, created_at)
		SELECT md5('batch' || n)::uuid, 'Batch ' || n, {today} - 364, {today} + 10 + n, (ARRAY['UTC', 'America/Chicago', 'Asia/Kathmandu', 'Europe/Berlin'])[1 + n % 4], {now}
		FROM generate_series(0, {batches} - 1) n`,
	`INSERT INTO registration_keys (batch_id, key_hash, key_sealed, rotated_at) SELECT id, sha256(id::text::bytea), '', {now} FROM batches`,
}

var tracking = []string{
	// The checks of the nightly, weekly and monthly syncs of a year are a dozen ranges.
	`INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username, checked_from, checked_to, checked_at)
		SELECT md5('account' || n)::uuid, md5('user' || n)::uuid, '', 'wakatime.com', 'account ' || n, 'student' || n,
			(SELECT array_agg({today} - 30 * k ORDER BY k DESC) FROM generate_series(1, 12) k), (SELECT array_agg({today} - 30 * k + 29 ORDER BY k DESC) FROM generate_series(1, 12) k),
			(SELECT array_agg({now} - k * interval '1 day' ORDER BY k DESC) FROM generate_series(1, 12) k)
		FROM generate_series(1, {students}) n`,
	`INSERT INTO wakatime_connections (user_id, kind, state, base_url, access_token, refresh_token, scopes, account_id, account_username, account_zone, account_plan, connected_at, last_synced_at, account_ref)
		SELECT md5('user' || n)::uuid, 'oauth', CASE WHEN n % 20 = 0 THEN 'needs_reconnect' ELSE 'connected' END, '', decode(repeat('ab', 90), 'hex'), decode(repeat('cd', 90), 'hex'),
			'{email,read_summaries}', 'account ' || n, 'student' || n, 'UTC', 'free', {now} - interval '360 days', {now}, a.ref
		FROM generate_series(1, {students}) n JOIN wakatime_accounts a ON a.user_id = md5('user' || n)::uuid`,
	// After the connections, which would otherwise update each of them.
	`INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at)
		SELECT md5('enrolment' || n)::uuid, md5('user' || n)::uuid, md5('batch' || {batch of n})::uuid, 'active', {now} - interval '360 days' + n * interval '1 minute'
		FROM generate_series(1, {students}) n`,
	`INSERT INTO labels (kind, name)
		SELECT (ARRAY['language', 'project', 'editor', 'operating_system', 'category', 'dependency', 'machine'])[1 + n % 7], 'Name ' || n FROM generate_series(1, 400) n
		UNION ALL VALUES ('time_zone', 'UTC')`,
}

// days inserts days in the order in which they passed: those of a student are far apart. Today is
// partial, one day in seven is empty, and one in fifty could not be fetched. The others have ten
// parts and some AI time.
const days = `INSERT INTO days (user_id, day, seconds, ai_seconds, zone_id, account_ref, attempts, changed_at, state, reason, parts)
		SELECT u.id, {today} - d, CASE WHEN k.state = 'empty' THEN 0 WHEN k.state <> 'error' THEN s.n END, CASE WHEN k.state = 'empty' THEN 0 WHEN k.state <> 'error' THEN s.n / 12 END,
			CASE WHEN k.state <> 'error' THEN z.id END, CASE WHEN k.state <> 'error' THEN u.ref END,
			CASE WHEN k.state = 'error' THEN 3 ELSE 0 END, {now}, k.state, CASE WHEN k.state = 'error' THEN 'unavailable' ELSE '' END,
			CASE WHEN k.state IN ('ok', 'partial') THEN ARRAY[(1 + u.n % 40)::bigint << 32 | s.n, (41 + u.n % 40)::bigint << 32 | s.n / 2, (81 + u.n % 40)::bigint << 32 | s.n / 3,
				(121 + u.n % 40)::bigint << 32 | s.n / 4, (161 + u.n % 40)::bigint << 32 | s.n / 5, (201 + u.n % 40)::bigint << 32 | s.n / 6, (241 + u.n % 40)::bigint << 32 | s.n / 7,
				(281 + u.n % 40)::bigint << 32 | s.n / 8, (321 + u.n % 40)::bigint << 32 | s.n / 9, (361 + u.n % 40)::bigint << 32 | s.n / 10] ELSE '{}' END
		FROM generate_series({last day}, 0, -1) d, (SELECT n, a.user_id AS id, a.ref FROM generate_series(1, {students}) n JOIN wakatime_accounts a ON a.user_id = md5('user' || n)::uuid) u,
			LATERAL (SELECT 600 + (u.n * 7919 + d * 104729) % 20000 AS n) s,
			LATERAL (SELECT CASE WHEN (u.n + d) % 50 = 0 THEN 'error' WHEN d = 0 THEN 'partial' WHEN (u.n + d) % 7 = 0 THEN 'empty' ELSE 'ok' END AS state) k,
			(SELECT id FROM labels WHERE kind = 'time_zone') z
		WHERE (d < 32 OR u.n % {full} = 1 % {full})`

// counts are what triggers would have maintained, and merged. A statement that adds all users
// would leave a row for each, which a vacuum does not give back.
var counts = []string{
	`INSERT INTO tallies (name, n)
		SELECT 'role:' || role, count(*) FROM users GROUP BY role
		UNION ALL SELECT 'students', count(*) FROM enrolments
		UNION ALL SELECT 'connected', count(*) FROM enrolments WHERE connected`,
	`INSERT INTO day_totals (day, slot, seconds, known, unknown, ai_seconds, partial, partial_seconds)
		SELECT day, 0, coalesce(sum(seconds) FILTER (WHERE state <> 'partial'), 0), count(seconds) FILTER (WHERE state <> 'partial'), count(*) - count(seconds),
			coalesce(sum(ai_seconds) FILTER (WHERE state <> 'partial'), 0), count(*) FILTER (WHERE state = 'partial'), coalesce(sum(seconds) FILTER (WHERE state = 'partial'), 0)
		FROM days GROUP BY day`,
	`INSERT INTO batch_counts (batch_id, students, connected, instructors)
		SELECT id, (SELECT count(*) FROM enrolments WHERE batch_id = b.id), (SELECT count(*) FROM enrolments WHERE batch_id = b.id AND connected), (SELECT count(*) FROM batch_instructors WHERE batch_id = b.id)
		FROM batches b`,
	`UPDATE user_summaries s SET days = last_days(user_id) WHERE EXISTS (SELECT FROM days d WHERE d.user_id = s.user_id)`,
}

var staff = []string{
	`INSERT INTO users (id, email, name, role, password_hash, created_at)
		SELECT md5(name)::uuid, name || '@example.edu', 'Staff ' || name, CASE WHEN name LIKE 'admin%' THEN 'admin' WHEN name = 'member' THEN 'member' ELSE 'instructor' END, 'none', {now}
		FROM unnest(ARRAY['admin', 'member', 'one', 'forty']) name`,
	`INSERT INTO users (id, email, name, role, password_hash, created_at)
		SELECT md5('instructor' || n)::uuid, 'instructor' || n || '@example.edu', 'Instructor ' || n, 'instructor', 'none', {now} FROM generate_series(1, {students} / 100) n`,
	`INSERT INTO batch_instructors (batch_id, user_id, assigned_at)
		SELECT md5('batch' || n)::uuid, md5('instructor' || 1 + n % ({students} / 100))::uuid, {now} FROM generate_series(0, {batches} - 1) n`,
	`INSERT INTO batch_instructors (batch_id, user_id, assigned_at)
		SELECT md5('batch' || n)::uuid, md5('forty')::uuid, {now} FROM generate_series(0, 39) n
		UNION ALL SELECT md5('batch' || {small})::uuid, md5('one')::uuid, {now}`,
	`INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at)
		SELECT md5('session ' || name)::uuid, md5(name)::uuid, sha256(left(md5('token 1 ' || name) || md5('token 2 ' || name), 43)::bytea), '', {now}, {now}, {now} + interval '1 day'
		FROM (SELECT 'user' || n AS name FROM generate_series(1, {students}) n UNION ALL SELECT unnest(ARRAY['admin', 'member', 'one', 'forty'])) u`,
}

var log = []string{
	`INSERT INTO audit_entries (id, at, actor_id, actor_role, action, subject, details, request_id, address, hash)
		SELECT md5('audit' || n)::uuid, {now} - ({entries} - n) * interval '1 minute', CASE WHEN n % 100 = 0 THEN md5('admin')::uuid ELSE md5('user' || 1 + n % {students})::uuid END, CASE WHEN n % 100 = 0 THEN 'admin' ELSE 'student' END,
			CASE WHEN n % 100 = 0 THEN 'batch.create' WHEN n % 3 = 0 THEN 'session.start' ELSE 'connection.sync' END, md5('user' || 1 + n % {students})::uuid::text, '{"name": "something"}', 'request' || n, '192.0.2.1', sha256(n::text::bytea)
		FROM generate_series(1, {entries}) n`,
	`INSERT INTO gradus_river.river_job (kind, args, max_attempts, state, priority, queue, scheduled_at)
		SELECT 'sync', '{}', 25, 'retryable', 1, 'gradus', {now} + interval '1 day' FROM generate_series(1, 1 + {students} / 10) n`,
}
