package testserver_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi"
	"github.com/gradus-dev/gradus/internal/testkit/pgtest"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestFingerprint_DetectsChangesThatSnapshotReverts(t *testing.T) {
	t.Parallel()
	s := testserver.Start(t)
	s.CreateAdmin(t, "admin@school.example")
	before := s.Fingerprint(t)
	restore := s.Snapshot(t)
	for _, change := range []struct {
		sql    string
		tables []string // that differ
	}{
		{`UPDATE users SET name = name || 'x'`, []string{"users"}},
		{`UPDATE users SET role = 'member'`, []string{"tallies", "users"}},
		{`INSERT INTO labels (kind, name) VALUES ('language', 'Go')`, []string{"labels"}},
		{`INSERT INTO days (user_id, day, seconds, fetched_at, state) SELECT id, '2040-01-01', 60, now(), 'ok' FROM users`, []string{"day_totals", "days"}},
		{`DELETE FROM users`, []string{"tallies", "users"}},
	} {
		s.Exec(t, change.sql)
		after := s.Fingerprint(t)
		differ := slices.DeleteFunc(slices.Sorted(maps.Keys(after)), func(table string) bool { return after[table] == before[table] })
		if !slices.Equal(differ, change.tables) {
			t.Errorf("%s changed %q, want %q", change.sql, differ, change.tables)
		}
		restore()
		if diff := cmp.Diff(before, s.Fingerprint(t)); diff != "" {
			t.Errorf("%s was not reverted:\n%s", change.sql, diff)
		}
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
