package postgres_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/testkit/build"
)

// oldUser inserts a user into the schema of an older program.
func oldUser(t *testing.T, pool *pgxpool.Pool) uuid.UUID {
	t.Helper()
	id := uuid.UUID(build.ID())
	build.Exec(t, pool, `INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES ($1, $2, 'Someone', 'member', '', now())`, id, id.String()+"@example.com")
	return id
}

// TestMigrator_KeepsWhatIsKnownOfDays upgrades days that were stored before it mattered when
// they had been requested, and from which account.
func TestMigrator_KeepsWhatIsKnownOfDays(t *testing.T) {
	t.Parallel()
	pool := emptyDatabase(t)
	m := newMigrator(t, pool)
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	for exists := true; exists; {
		if _, err := m.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := pool.QueryRow(t.Context(), `SELECT to_regclass('wakatime_accounts') IS NOT NULL`).Scan(&exists); err != nil {
			t.Fatal(err)
		}
	}
	ada, bob, cleo := oldUser(t, pool), oldUser(t, pool), oldUser(t, pool)
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	connected := day(10)
	build.Exec(t, pool, `INSERT INTO wakatime_connections (user_id, kind, state, base_url, scopes, account_id, account_username, account_zone, account_plan, connected_at)
		VALUES ($1, 'oauth', 'connected', '', '{}', 'ada', 'ada', '', '', $2)`, ada, connected)
	build.Exec(t, pool, `INSERT INTO labels (kind, name) VALUES ('time_zone', '+05:45'), ('time_zone', 'America/Chicago'), ('source', 'wakatime.com'), ('category', 'Coding'), ('category', 'AI Coding'), ('language', 'Go')`)
	insert := func(user uuid.UUID, d int, seconds *int, zone string, fetched *time.Time, state string, parts string) {
		build.Exec(t, pool, `INSERT INTO days (user_id, day, seconds, zone_id, source_id, fetched_at, state, parts)
			SELECT $1, $2, $3, (SELECT id FROM labels WHERE name = $4), (SELECT id FROM labels WHERE name = 'wakatime.com' AND $3::integer IS NOT NULL), $5, $6,
				coalesce((SELECT array_agg(l.id::bigint << 32 | x.seconds::bigint) FROM jsonb_each_text($7::jsonb) x(name, seconds) JOIN labels l ON l.name = x.name), '{}')`,
			user, day(d), seconds, zone, fetched, state, parts)
	}
	// In Chicago, November 20 ends at 06:00 UTC. At +05:45, it ends at 18:15 UTC the day before.
	insert(ada, 20, new(600), "America/Chicago", new(day(21).Add(6*time.Hour)), "ok", `{"Coding": 500, "AI Coding": 100, "Go": 600}`)
	insert(ada, 21, new(600), "America/Chicago", new(day(22).Add(6*time.Hour-time.Second)), "ok", `{"Go": 600}`)
	insert(ada, 22, new(0), "+05:45", new(day(22).Add(18*time.Hour+15*time.Minute)), "empty", `{}`)
	insert(ada, 23, new(0), "+05:45", new(day(23).Add(18*time.Hour+14*time.Minute)), "empty", `{}`)
	insert(ada, 24, nil, "", nil, "error", `{}`)
	insert(ada, 5, new(60), "America/Chicago", new(day(9)), "ok", `{"Go": 60}`) // before the connection: of whichever account
	insert(bob, 5, new(60), "America/Chicago", new(day(9)), "ok", `{"Go": 60}`) // not connected any more
	build.Exec(t, pool, `INSERT INTO audit_entries (id, at, actor_role, action, subject, details, request_id, address, hash)
		VALUES (gen_random_uuid(), now(), 'member', 'wakatime.connect', $1, '{}', '', '', '')`, cleo.String())

	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	type row struct {
		User      string
		Day       int
		State     string
		Seconds   *int
		AISeconds *int
		Account   *string
	}
	read := func(from string) []row {
		t.Helper()
		rows, err := pool.Query(t.Context(), `SELECT CASE d.user_id WHEN $1 THEN 'ada' ELSE 'bob' END, extract(day FROM d.day)::integer, d.state, d.seconds, d.ai_seconds, a.account_id
			FROM `+from+` d LEFT JOIN wakatime_accounts a ON a.user_id = d.user_id AND a.ref = d.account_ref ORDER BY 1, 2`, ada)
		if err != nil {
			t.Fatal(err)
		}
		return must(pgx.CollectRows(rows, pgx.RowToStructByPos[row]))
	}
	want := []row{
		{"ada", 5, "pending", nil, nil, nil},
		{"ada", 20, "ok", new(600), new(100), new("ada")},
		{"ada", 21, "partial", new(600), nil, new("ada")},
		{"ada", 22, "empty", new(0), new(0), new("ada")},
		{"ada", 23, "partial", new(0), new(0), new("ada")},
		{"ada", 24, "error", nil, nil, nil},
		{"bob", 5, "ok", new(60), nil, new("")},
	}
	if diff := cmp.Diff(want, read("days")); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]row{{"ada", 5, "ok", new(60), nil, new("")}}, read("account_days")); diff != "" {
		t.Errorf("days that do not count (-want +got):\n%s", diff)
	}
	var accounts int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM wakatime_accounts WHERE user_id = $1`, cleo).Scan(&accounts); err != nil || accounts != 1 {
		t.Errorf("a user who disconnected has %d accounts, %v; want 1", accounts, err)
	}
	if n := driftedDays(t, pool); n != 0 {
		t.Errorf("the totals of %d days drifted", n)
	}
}
