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
