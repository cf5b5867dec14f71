package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/statements"
)

// coders returns a server with n students of a batch whose first sync has ended. No worker
// runs.
func coders(t *testing.T, n int) (e *env, students []client) {
	t.Helper()
	e = newEnv(t)
	_, key := e.batch("Evening", "America/Chicago")
	students = e.students(key, n)
	for i, c := range students {
		name := fmt.Sprintf("coder-%d", i)
		e.wakatimeUser(name, "America/Chicago")
		e.connectByKey(c, name)
		e.runOK(c)
	}
	return e, students
}

// recordedSync runs a sync and returns its statements.
func (e *env) recordedSync(c client, scope domain.SyncScope) statements.Record {
	e.t.Helper()
	id, err := domain.ParseID[domain.User](c.ID)
	if err != nil {
		e.t.Fatal(err)
	}
	e.Clock.Advance(time.Second)
	e.Statements.Take()
	if err := e.App.Syncer.Sync(e.Statements.Context(e.t.Context()), domain.System, id, domain.SyncRequest{Scope: scope}); err != nil {
		e.t.Fatal(err)
	}
	return e.Statements.Take()
}

// TestSync_CostsAFewRoundTrips lists every statement of a sync. What the fake server returns
// changes only where a scenario scales it, or when the clock gets to the evening.
func TestSync_CostsAFewRoundTrips(t *testing.T) {
	t.Parallel()
	e, students := coders(t, 1)
	e.Exec(t, `UPDATE enrolments SET enrolled_at = enrolled_at - interval '90 days', enrolled_on = enrolled_on - 90`)
	e.runOK(students[0])
	const (
		load, loadAll = "LeaseConnection, ListLedger, ", "LeaseConnection, ListDayStates, ListLedger, "
		save          = "begin, LockUser, LockConnection, ListLedger, ListLabels, UpsertDays, commit, "
		finish        = "UpdateConnectionSynced"
	)
	for _, tt := range []struct {
		name  string
		scope domain.SyncScope
		scale float64
		want  string
		days  int // that are written
	}{
		{"a requested sync after new coding", domain.SyncOnDemand, 0, loadAll + save + finish, 1},
		{"an hourly sync without changes", domain.SyncToday, 0, load + finish, 0},
		{"a requested sync without changes", domain.SyncOnDemand, 0, loadAll + finish, 0},
		{"an hourly sync that changes today", domain.SyncToday, 0.9, load + save + finish, 1},
		{"a requested sync that changes a week", domain.SyncOnDemand, 0.8, loadAll + save + finish, 7},
	} {
		if tt.name == "a requested sync after new coding" {
			e.Clock.Advance(4 * time.Hour)
			students[0].Get("/me/days") // reads the names of labels, which the process keeps for a while
		}
		e.Fake.SetScenario("coder-0", fakewaka.Scenario{ScaleSeconds: tt.scale})
		before := e.Clock.Now()
		sent := e.recordedSync(students[0], tt.scope)
		if got := sent.Names(); got != tt.want || sent.Trips != len(sent.Statements) {
			t.Errorf("%s sends %s in %d round trips, want %s", tt.name, got, sent.Trips, tt.want)
		}
		written := e.Strings(t, `SELECT day::text FROM days WHERE changed_at > $1 ORDER BY day`, before)
		if len(written) > tt.days || tt.days > 0 && len(written) == 0 {
			t.Errorf("%s writes the days %q, want at most %d", tt.name, written, tt.days)
		}
		if tt.days > 0 {
			continue
		}
		if n := e.walBytes(sent); n == 0 || n > walPerUnchangedSync {
			t.Errorf("%s writes %d bytes of WAL, at most %d are allowed", tt.name, n, walPerUnchangedSync)
		}
	}
}

// walPerUnchangedSync is the goal for a sync without its job and without the records of its
// two commits, which take 34 bytes each.
const walPerUnchangedSync = 1024 - 2*34

// walBytes returns the bytes of WAL that the statements of a sync write. Other tests share the
// server, so it runs them again, in a transaction that it rolls back. The least of several runs
// has no page images, which follow a checkpoint on a server with full_page_writes.
func (e *env) walBytes(sent statements.Record) (least int) {
	e.t.Helper()
	tx, err := e.DB.Begin(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(e.t.Context()) }()
	for run := range 5 {
		total := 0
		for _, s := range sent.Statements {
			var plans []struct {
				Plan struct {
					Bytes int `json:"WAL Bytes"`
				}
			}
			if err := tx.QueryRow(e.t.Context(), "EXPLAIN (ANALYZE, WAL, FORMAT JSON) "+s.SQL, s.Args...).Scan(&plans); err != nil {
				e.t.Fatalf("%s: %v", s.Name(), err)
			}
			total += plans[0].Plan.Bytes
		}
		if run == 0 || total < least {
			least = total
		}
	}
	return least
}

func TestSync_DaysThatArriveAreNoEntryInTheAuditLog(t *testing.T) {
	t.Parallel()
	e, students := coders(t, 3)
	const entries = `SELECT action || ' ' || subject FROM audit_entries ORDER BY seq`
	before := e.Strings(t, entries)
	for round := range 4 {
		for i, c := range students {
			e.Fake.SetScenario(fmt.Sprintf("coder-%d", i), fakewaka.Scenario{ScaleSeconds: 0.9 - 0.1*float64(round)})
			sent := e.recordedSync(c, domain.SyncOnDemand)
			if names := sent.Names(); !strings.Contains(names, "UpsertDays") || strings.Contains(names, "Audit") {
				t.Errorf("a sync that writes sends %s", names)
			}
			for _, s := range sent.Statements {
				if strings.Contains(s.SQL, "5104717") {
					t.Errorf("a sync locks the audit log: %s", s.SQL)
				}
			}
		}
	}
	if after := e.Strings(t, entries); len(after) != len(before) {
		t.Errorf("12 syncs left %d entries: %q", len(after)-len(before), after[len(before):])
	}
	// What a person does is recorded, and so is a connection that stops working.
	students[0].Post("/me/wakatime/sync", nil)
	e.Fake.ResetKey("coder-1")
	e.recordedSync(students[1], domain.SyncOnDemand)
	want := fmt.Sprintf("tracking.sync %s, wakatime.unlink %s", students[0].ID, students[1].ID)
	if got := strings.Join(e.Strings(t, entries)[len(before):], ", "); got != want {
		t.Errorf("recorded %q, want %q", got, want)
	}
}
