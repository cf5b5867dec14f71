package postgres_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/build"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

// serverZones finds SQL that asks the server for the rules of a time zone. An interval is no
// time zone.
var serverZones = regexp.MustCompile(`(?i)at\s+time\s+zone\s+(?:\S+)|timezone\s*\(|pg_timezone|make_timestamptz`)

func asksServer(sql string) []string {
	var found []string
	for _, s := range serverZones.FindAllString(sql, -1) {
		if !strings.HasSuffix(strings.ToLower(s), "interval") {
			found = append(found, s)
		}
	}
	return found
}

// The server's time zones can lack one that a row has.
func TestDatabase_AsksTheServerForNoTimeZone(t *testing.T) {
	t.Parallel()
	if len(asksServer(`SELECT now() AT TIME ZONE b.time_zone, timezone(z, now())`)) != 2 {
		t.Fatal("the search finds nothing")
	}
	files := must(filepath.Glob(filepath.Join("..", "..", "..", "db", "queries", "*.sql")))
	if len(files) < 5 {
		t.Fatalf("only %q have queries", files)
	}
	for _, f := range files {
		if found := asksServer(string(must(os.ReadFile(f)))); len(found) > 0 {
			t.Errorf("%s: %q", f, found)
		}
	}
	for _, object := range describeSchema(t, pgtest.New(t)) {
		if found := asksServer(object); len(found) > 0 {
			t.Errorf("%s: %q", object, found)
		}
	}
}

// mars is a time zone that no server knows, as Asia/Calcutta is unknown to some. Batches and
// users of older programs can have it.
const mars = "Mars/Olympus"

func TestStores_AnUnknownTimeZoneCountsAsUTC(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	odd := build.Batch(t, pool, func(b *domain.Batch) { b.Name, b.TimeZone = "Odd", mars })
	plain := build.Batch(t, pool, func(b *domain.Batch) { b.Name, b.TimeZone = "Plain", "Asia/Kathmandu" })
	ada := build.Student(t, pool, odd.ID, func(u *domain.User, _ *domain.Enrolment) { u.Name, u.TimeZone = "Ada", mars })
	build.Student(t, pool, plain.ID, func(u *domain.User, _ *domain.Enrolment) { u.Name = "Bo" })
	build.Connection(t, pool, ada.ID)

	all, page := domain.Visibility{All: true}, domain.PageRequest{Limit: 10}
	users := must(postgres.NewUserStore(pool).ListUsers(t.Context(), domain.UserFilter{}, page)).Items
	batches := must(postgres.NewBatchStore(pool, build.Clock).ListBatches(t.Context(), all, domain.BatchFilter{Status: domain.BatchActive}, page)).Items
	students := must(postgres.NewStudentStore(pool, build.Clock).ListStudents(t.Context(), all, domain.StudentFilter{}, page)).Items
	dashboard := must(postgres.NewDashboardStore(pool).Dashboard(t.Context(), build.Now))
	progress := must(postgres.NewProgressStore(pool).BatchProgress(t.Context(), odd.ID, domain.DayQuery{}, build.Now, page))
	gaps := must(postgres.NewProgressStore(pool).BatchCoverage(t.Context(), odd.ID, domain.DayQuery{}, build.Now, page))
	tracked := must(postgres.NewDayStore(pool, build.Clock).TrackedUser(t.Context(), ada.ID, build.Now))
	candidates := must(postgres.NewPlanStore(pool).ListSyncCandidates(t.Context(), build.Now, domain.UserID{}, 10))
	must(connectionStore(pool).ConnectionReport(t.Context(), ada.ID, build.Now))
	got := []domain.TimeZone{
		users[0].TimeZone, batches[0].TimeZone, batches[1].TimeZone, students[0].TimeZone, students[1].TimeZone,
		dashboard.Batches[0].TimeZone, dashboard.Batches[1].TimeZone, progress.TimeZone, gaps.TimeZone, tracked.TimeZone, candidates[0].TimeZone,
	}
	want := []domain.TimeZone{"UTC", "UTC", "Asia/Kathmandu", "UTC", "Asia/Kathmandu", "", "", "UTC", "UTC", "UTC", "UTC"}
	want[5], want[6] = "UTC", "Asia/Kathmandu"
	if dashboard.Batches[0].ID != odd.ID {
		want[5], want[6] = want[6], want[5]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("time zones (-want +got):\n%s", diff)
	}
	if progress.Students.Items[0].Total.Expected == 0 || dashboard.ActiveBatches != 2 {
		t.Errorf("the student is expected to have %+v, and %d batches are active", progress.Students.Items[0].Total, dashboard.ActiveBatches)
	}
}

// downTo reverts migrations until a table has no such column.
func downTo(t *testing.T, m *postgres.Migrator, pool *pgxpool.Pool, table, column string) {
	t.Helper()
	for {
		var exists bool
		err := pool.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM information_schema.columns WHERE table_name = $1 AND column_name = $2)`, table, column).Scan(&exists)
		if err != nil {
			t.Fatal(err)
		}
		if !exists {
			return
		}
		if _, err := m.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMigrator_ComputesWhatOnlyTheProgramKnows upgrades rows of an older program, and repairs
// rows of one that runs beside a newer one.
func TestMigrator_ComputesWhatOnlyTheProgramKnows(t *testing.T) {
	t.Parallel()
	pool := emptyDatabase(t)
	m := newMigrator(t, pool)
	must(m.Up(t.Context()))
	downTo(t, m, pool, "users", "name_key")
	b, user, member := uuid.UUID(build.ID()), uuid.UUID(build.ID()), uuid.UUID(build.ID())
	insertUser := func(id uuid.UUID, email, name, zone string) {
		build.Exec(t, pool, `INSERT INTO users (id, email, name, role, time_zone, password_hash, created_at) VALUES ($1, $2, $3, 'member', $4, '', now())`, id, email, name, zone)
	}
	insertUser(user, "zoe@example.com", "Zoë İnan", "US/Pacific")
	insertUser(member, "bo@example.com", "Bo", "america/chicago")
	build.Exec(t, pool, `INSERT INTO batches (id, name, starts_on, ends_on, time_zone, created_at) VALUES ($1, 'Über', '2026-01-01', '2026-12-31', 'Asia/Calcutta', now())`, b)
	// Late in the evening in UTC: the next day in India, and still the same in Chicago.
	build.Exec(t, pool, `INSERT INTO enrolments (id, user_id, batch_id, status, enrolled_at) VALUES (gen_random_uuid(), $1, $2, 'active', '2026-03-01 22:00+00')`, user, b)
	build.Exec(t, pool, `INSERT INTO wakatime_accounts (id, user_id, base_url, server, account_id, username) SELECT gen_random_uuid(), id, '', 'wakatime.com', name, '' FROM users`)
	build.Exec(t, pool, `INSERT INTO wakatime_connections (user_id, kind, state, base_url, scopes, account_id, account_username, account_zone, account_plan, account_ref, connected_at)
		SELECT user_id, 'oauth', 'connected', '', '{}', account_id, '', '', '', ref, '2026-03-01 02:00+00' FROM wakatime_accounts`)
	build.Exec(t, pool, `INSERT INTO labels (kind, name) VALUES ('time_zone', 'Asia/Calcutta'), ('time_zone', 'US/Pacific'), ('time_zone', 'America/Los_Angeles'), ('time_zone', '+05:45')`)
	build.Exec(t, pool, `INSERT INTO days (user_id, day, seconds, account_ref, changed_at, state, zone_id)
		SELECT a.user_id, date '2026-03-01' + row_number() OVER ()::integer, 60, a.ref, now(), 'ok', l.id FROM wakatime_accounts a, labels l WHERE a.user_id = $1 ORDER BY l.id`, user)

	for range 2 { // the second time, an older program has just inserted rows
		must(m.Up(t.Context()))
		check := func(what, query string, want ...string) {
			t.Helper()
			got := must(pgx.CollectRows(must(pool.Query(t.Context(), query)), pgx.RowTo[string]))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		check("users", `SELECT concat_ws('|', name_key, search_key, time_zone) FROM users WHERE id = '`+user.String()+`' OR id = '`+member.String()+`' ORDER BY name_key`,
			"bo|bo bo@example.com|America/Chicago", "zoe inan|zoe inan zoe@example.com|America/Los_Angeles")
		check("batches", `SELECT concat_ws('|', name_key, time_zone, version) FROM batches WHERE id = '`+b.String()+`'`, "uber|Asia/Kolkata|2")
		check("enrolments", `SELECT enrolled_on::text FROM enrolments WHERE batch_id = '`+b.String()+`'`, "2026-03-02")
		check("connections", `SELECT c.connected_on::text FROM wakatime_connections c JOIN users u ON u.id = c.user_id WHERE u.name IN ('Bo', 'Zoë İnan') ORDER BY u.name`, "2026-02-28", "2026-03-01")
		check("days", `SELECT l.name FROM days d JOIN labels l ON l.id = d.zone_id ORDER BY d.day`, "Asia/Kolkata", "America/Los_Angeles", "America/Los_Angeles", "+05:45")
		check("labels", `SELECT name FROM labels ORDER BY name`, "+05:45", "America/Los_Angeles", "Asia/Kolkata")

		insertUser(uuid.UUID(build.ID()), build.User(t, pool).ID.String()+"@example.com", "Élan", "Europe/Kiev")
		check("a new user of an older program", `SELECT name_key FROM users WHERE name = 'Élan' AND name_key <> 'elan'`, "élan")
	}
	must(m.Up(t.Context()))
	if n := must(pgx.CollectExactlyOneRow(must(pool.Query(t.Context(), `SELECT count(*) FROM users WHERE name_key = 'elan' AND time_zone = 'Europe/Kyiv'`)), pgx.RowTo[int])); n != 2 {
		t.Errorf("%d users of older programs are repaired, want 2", n)
	}
}

// The earlier schema cannot hold a time zone that the server does not know.
func TestMigrator_DownReplacesUnknownTimeZones(t *testing.T) {
	t.Parallel()
	pool := emptyDatabase(t)
	m := newMigrator(t, pool)
	must(m.Up(t.Context()))
	build.User(t, pool, func(u *domain.User) { u.TimeZone = mars })
	build.Batch(t, pool, func(b *domain.Batch) { b.TimeZone = mars })
	downTo(t, m, pool, "users", "name_key")
	zones := must(pgx.CollectRows(must(pool.Query(t.Context(), `SELECT time_zone FROM users UNION ALL SELECT time_zone FROM batches`)), pgx.RowTo[string]))
	if diff := cmp.Diff([]string{"UTC", "UTC"}, zones); diff != "" {
		t.Error(diff)
	}
}
