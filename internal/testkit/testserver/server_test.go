package testserver_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestSnapshot_RevertsWhatChanged(t *testing.T) {
	t.Parallel()
	s := testserver.Start(t)
	s.CreateAdmin(t, "admin@school.example")
	snapshot := s.Snapshot(t)
	rows := func() (all []string) {
		for _, table := range []string{"users", "sessions", "days", "day_totals", "labels", "tallies", "audit_entries"} {
			all = append(all, s.Strings(t, `SELECT '`+table+`' || to_jsonb(t)::text FROM `+table+` t ORDER BY 1`)...)
		}
		return all
	}
	before := rows()
	for _, change := range []struct {
		sql    string
		tables []string // that differ
	}{
		{`UPDATE users SET name = name || 'x'`, []string{"user_summaries", "users"}},
		{`UPDATE users SET name = name`, nil},
		{`UPDATE users SET role = 'member'`, []string{"tallies", "users"}},
		{`INSERT INTO labels (kind, name) VALUES ('language', 'Go')`, []string{"labels"}},
		{`INSERT INTO days (user_id, day, changed_at, state) SELECT id, '2040-01-01', now(), 'pending' FROM users`, []string{"day_totals", "days", "user_summaries"}},
		{`INSERT INTO sessions SELECT gen_random_uuid(), id, repeat('x', 32)::bytea, '', now(), now(), now() FROM users`, []string{"sessions"}},
		{`INSERT INTO audit_entries (id, at, actor_role, action, subject, details, request_id, address, hash)
			SELECT gen_random_uuid(), at, actor_role, action, subject, details, request_id, address, hash FROM audit_entries LIMIT 1`, []string{"audit_entries"}},
		{`DELETE FROM users`, []string{"tallies", "user_summaries", "users"}},
	} {
		s.Exec(t, change.sql)
		if got := snapshot.Changed(t); !slices.Equal(got, change.tables) {
			t.Errorf("%s changed %q, want %q", change.sql, got, change.tables)
		}
		snapshot.Restore(t)
		if diff := cmp.Diff(before, rows()); diff != "" {
			t.Errorf("%s was not reverted:\n%s", change.sql, diff)
		}
		if got := snapshot.Changed(t); len(got) > 0 {
			t.Errorf("after a restore, %q differ", got)
		}
	}
}

func TestSnapshot_IgnoresWhenASessionWasLastSeen(t *testing.T) {
	t.Parallel()
	s := testserver.Start(t)
	s.SignedIn(t, "ada@school.example", "Ada", "member")
	snapshot := s.Snapshot(t)
	s.Exec(t, `UPDATE sessions SET last_seen_at = last_seen_at + interval '1 hour'`)
	if got := snapshot.Changed(t); len(got) > 0 {
		t.Errorf("%q differ", got)
	}
}

func TestAddedUsers_SignInAndHaveSessions(t *testing.T) {
	t.Parallel()
	s := testserver.Start(t)
	ada := s.SignedIn(t, "ada@school.example", "Ada", "admin")
	ada.Get("/admin/dashboard").Expect(http.StatusOK)
	if again := ada.SignIn(ada.Email, testserver.Password); again.ID != ada.ID || again.Role != "admin" {
		t.Errorf("signed in as %+v, want %+v", again.Session, ada.Session)
	}
}

func TestServer_ChecksResponses(t *testing.T) {
	t.Parallel()
	if h, err := testserver.Start(t).Config.HTTP(); err != nil || h.CheckResponses != httpapi.CheckFail {
		t.Errorf("responses are checked as %q, %v", h.CheckResponses, err)
	}
}

func TestReplica_SharesTheDatabase(t *testing.T) {
	t.Parallel()
	s := testserver.Start(t)
	id := s.CreateAdmin(t, "admin@school.example")
	second := s.Replica(t)
	if second.URL == s.URL || second.App == s.App || second.Clock != s.Clock || second.Fake != s.Fake {
		t.Errorf("the replica is not a second server in the same environment: %s, %s", s.URL, second.URL)
	}
	if got := second.Strings(t, `SELECT id::text FROM users`); !slices.Equal(got, []string{id}) {
		t.Errorf("the replica has the users %q", got)
	}
}

func TestServer_RecordsStatements(t *testing.T) {
	t.Parallel()
	s := testserver.Start(t)
	ada := s.SignedIn(t, "ada@school.example", "Ada", "admin")
	s.Statements.Take()
	ada.Get("/users").Expect(http.StatusOK)
	if got := s.Statements.Take(); !strings.Contains(got.Names(), "ListUsers") {
		t.Errorf("GET /users executed %s", got.Names())
	}
}
