package classtest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/democlass"
	"github.com/gradus-dev/gradus/internal/democlass/classtest"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// secret lists columns that are random and never shown to users.
var secret = map[string]string{
	"users":                "password_hash",               // salted
	"registration_keys":    "key_sealed",                  // sealed with a nonce; the hash of the key is compared
	"wakatime_connections": "access_token, refresh_token", // sealed with a nonce
	"api_tokens":           "token_hash",                  // of a random token
	"sessions":             "token_hash",                  // of a random token
}

// sums are tables of partial sums; how they are split depends on the connection.
var sums = map[string]string{
	"day_totals": `SELECT day, sum(seconds) AS seconds, sum(known) AS known, sum(unknown) AS unknown FROM day_totals GROUP BY day`,
	"tallies":    `SELECT name, sum(n) AS n FROM tallies GROUP BY name`,
}

// dump returns the rows of every table of the schema as JSON, sorted.
func dump(t *testing.T, url string) map[string][]string {
	t.Helper()
	tables := query(t, url, `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^gradus_migrations$'`)
	out := map[string][]string{}
	for _, table := range tables {
		from := sums[table]
		if from == "" {
			from = "SELECT * FROM " + table
		}
		row := "to_jsonb(t)"
		for column := range strings.SplitSeq(secret[table], ", ") {
			row += " - '" + column + "'"
		}
		out[table] = query(t, url, fmt.Sprintf(`SELECT (%s)::text FROM (%s) t ORDER BY 1`, row, from))
	}
	return out
}

func query(t *testing.T, url, sql string) []string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.WithoutCancel(t.Context())) }()
	rows, err := c.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}

func fill(t *testing.T, p democlass.Plan) (url string) {
	t.Helper()
	url = pgtest.URL(t)
	if err := classtest.Fill(t.Context(), url, p); err != nil {
		t.Fatal(err)
	}
	return url
}

func TestFill_EqualPlansCreateEqualDatabases(t *testing.T) {
	t.Parallel()
	plan := classtest.Plan()
	plan.Students, plan.Days = 30, 40
	first, second := dump(t, fill(t, plan)), dump(t, fill(t, plan))
	for _, table := range []string{"users", "batches", "batch_instructors", "registration_keys", "enrolments", "wakatime_connections", "days", "labels", "audit_entries"} {
		if len(first[table]) < 2 {
			t.Errorf("only %d rows of %s to compare", len(first[table]), table)
		}
	}
	for table, want := range map[string]int{"sessions": 3, "wakatime_authorizations": 0} { // phones
		if len(first[table]) != want {
			t.Errorf("%d rows are left in %s, want %d", len(first[table]), table, want)
		}
	}
	for table := range first {
		if diff := cmp.Diff(first[table], second[table]); diff != "" {
			t.Errorf("%s differs:\n%.2000s", table, diff)
		}
	}
}

func TestFill_IDsDependOnTheSeedAlone(t *testing.T) {
	t.Parallel()
	const users = `SELECT id || ' ' || email FROM users WHERE email NOT LIKE '%.%@%' ORDER BY 1`
	const batches = `SELECT b.id || ' ' || name || ' ' || encode(key_hash, 'hex') FROM batches b JOIN registration_keys k ON k.batch_id = b.id ORDER BY 1`
	small := democlass.Plan{Seed: 7, Students: 24, Days: 7, Until: classtest.Plan().Until}
	long := democlass.Plan{Seed: 7, Students: 26, Days: 30, Until: small.Until - 1000}
	other := small
	other.Seed = 8
	first, second, third := fill(t, small), fill(t, long), fill(t, other)
	for _, sql := range []string{users, batches} {
		rows := query(t, first, sql)
		if diff := cmp.Diff(rows, query(t, second, sql)); diff != "" || len(rows) < 3 {
			t.Errorf("a class with other dates and another size differs:\n%s", diff)
		}
		if slices.ContainsFunc(query(t, third, sql), func(row string) bool { return slices.Contains(rows, row) }) {
			t.Error("another seed created the same IDs")
		}
	}
}

func TestDatabase_IDsAreInChronologicalOrder(t *testing.T) {
	t.Parallel()
	url := classtest.Database.URL(t)
	ids := query(t, url, `SELECT id::text FROM audit_entries WHERE action IN ('account.register', 'wakatime.connect', 'user.suspend') ORDER BY seq`)
	if !slices.IsSorted(ids) || len(ids) < 50 {
		t.Errorf("%d IDs are not in order: %q", len(ids), ids)
	}
	if versions := query(t, url, `SELECT DISTINCT substr(id::text, 15, 1) FROM users`); !slices.Equal(versions, []string{"7"}) {
		t.Errorf("UUID versions %q", versions)
	}
}

func TestAddMembers(t *testing.T) {
	t.Parallel()
	url := classtest.Database.URL(t)
	if err := classtest.AddMembers(t.Context(), url, 250); err != nil {
		t.Fatal(err)
	}
	if n := query(t, url, `SELECT count(*)::text FROM users WHERE role = 'member'`); n[0] != "252" {
		t.Errorf("%s members", n[0])
	}
}

func TestStart_ServersShareNothing(t *testing.T) {
	t.Parallel()
	first, second := classtest.Start(t), classtest.Start(t)
	first.Exec(t, `DELETE FROM days`)
	if got := second.Strings(t, `SELECT DISTINCT changed_at::text FROM days d JOIN users u ON u.id = d.user_id WHERE u.name = 'Ada Brandt'`); !slices.Equal(got, []string{"2026-10-14 16:00:00-02:30"}) {
		t.Errorf("Ada's days changed at %q", got)
	}
	if diff := cmp.Diff(first.Keys, second.Keys); diff != "" || len(first.Keys) != 2 {
		t.Errorf("the keys differ:\n%s", diff)
	}
	if first.DatabaseURL == second.DatabaseURL || first.Fake == second.Fake {
		t.Error("two servers share a database or a fake WakaTime server")
	}
}
