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

func TestFingerprintSeesEveryChangeAndKeepUndoesIt(t *testing.T) {
	t.Parallel()
	h := testserver.Start(t)
	h.CreateAdmin(t, "admin@school.example")
	before := h.Fingerprint(t)
	restore := h.Snapshot(t)
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
		h.Exec(t, change.sql)
		after := h.Fingerprint(t)
		differ := slices.DeleteFunc(slices.Sorted(maps.Keys(after)), func(table string) bool { return after[table] == before[table] })
		if !slices.Equal(differ, change.tables) {
			t.Errorf("%s changed %q, want %q", change.sql, differ, change.tables)
		}
		restore()
		if diff := cmp.Diff(before, h.Fingerprint(t)); diff != "" {
			t.Errorf("after %s not everything is back:\n%s", change.sql, diff)
		}
	}
}

// Every test of the whole program holds its answers to the contract.
func TestServer_ChecksResponses(t *testing.T) {
	t.Parallel()
	if h, err := testserver.Start(t).Config.HTTP(); err != nil || h.CheckResponses != httpapi.CheckFail {
		t.Errorf("answers off the contract: %q, %v", h.CheckResponses, err)
	}
}

func TestReplica_SharesTheDatabase(t *testing.T) {
	t.Parallel()
	h := testserver.Start(t)
	id := h.CreateAdmin(t, "admin@school.example")
	second := h.Replica(t)
	if second.URL == h.URL || second.App == h.App || second.Clock != h.Clock || second.Fake != h.Fake {
		t.Errorf("the replica is not a second program on the same world: %s, %s", h.URL, second.URL)
	}
	if got := second.Strings(t, `SELECT id::text FROM users`); !slices.Equal(got, []string{id}) {
		t.Errorf("the replica sees the users %q", got)
	}
}

func TestClassIsTheClassOnItsEvening(t *testing.T) {
	t.Parallel()
	first, second := testserver.Class(t), testserver.Class(t)
	first.Exec(t, `DELETE FROM days`)
	if got := second.Strings(t, `SELECT DISTINCT fetched_at::text FROM days d JOIN users u ON u.id = d.user_id WHERE u.name = 'Ada Brandt'`); !slices.Equal(got, []string{"2026-10-14 16:00:00-02:30"}) {
		t.Errorf("Ada's days were fetched at %q", got)
	}
	if diff := cmp.Diff(first.Keys, second.Keys); diff != "" || len(first.Keys) != 2 {
		t.Errorf("the keys differ:\n%s", diff)
	}
	if first.DatabaseURL == second.DatabaseURL || first.Fake == second.Fake {
		t.Error("two classrooms share their world")
	}
}
