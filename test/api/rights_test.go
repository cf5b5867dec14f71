package api_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// loss is a way in which an actor loses their rights while a request of theirs is running.
// Its statements have the ID of the actor as $1.
type loss struct {
	actor  string
	sql    string
	undo   string
	become string // the actor with the same rights afterwards
}

// losses are written in SQL, so that each is the only change.
var losses = map[string]loss{
	"suspended": {
		"admin", `UPDATE users SET suspended_at = created_at WHERE id = $1`, `UPDATE users SET suspended_at = NULL WHERE id = $1`, "suspended",
	},
	"signed out": {
		"admin", `DELETE FROM sessions WHERE user_id = $1`,
		`INSERT INTO sessions SELECT * FROM snapshot.sessions WHERE user_id = $1`, "anonymous",
	},
	"demoted": {
		"admin", `UPDATE users SET role = 'member' WHERE id = $1`, `UPDATE users SET role = 'admin' WHERE id = $1`, "member",
	},
	"removed from their batch": {
		"instructor", `DELETE FROM batch_instructors WHERE user_id = $1`,
		`INSERT INTO batch_instructors SELECT * FROM snapshot.batch_instructors WHERE user_id = $1`, "other instructor",
	},
}

// Every write reads its actor again when it has locked them. Each request below has passed
// authentication when its actor loses their rights.
func TestWrites_OfActorsWhoLostTheirRightsAreRejected(t *testing.T) {
	t.Parallel()
	spec := loadOperations(t)
	for name, l := range losses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newActorEnv(t)
			e.snapshot = e.Snapshot(t)
			for _, op := range spec {
				r, ok := rowOf(op.OperationID)
				if !ok || op.method == http.MethodGet || r.allows("anonymous") {
					continue
				}
				e.lose(t, op, r, l)
			}
		})
	}
}

// lose calls an operation, and applies a loss when the request waits for the lock of its
// actor.
func (e *actorEnv) lose(t *testing.T, op operation, r row, l loss) {
	t.Helper()
	actor, object := e.actors[l.actor].ID, r.objects()[0]
	tx, err := e.DB.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, actor); err != nil {
		t.Fatal(err)
	}
	responses := make(chan response, 1)
	go func() { responses <- e.do(op, r, object, l.actor) }()
	testserver.Eventually(t, op.OperationID+" waits for its actor", func() bool {
		return len(responses) > 0 || e.waiting(t) > 0
	})
	if _, err := tx.Exec(t.Context(), l.sql, actor); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	res := <-responses
	e.Exec(t, l.undo, actor)
	if want := r.status(object, l.become); res.Status != want {
		t.Errorf("%s: %d, want %d: %s", op.OperationID, res.Status, want, res.Body)
	}
	// The loss and its undoing count in different rows.
	changed := slices.DeleteFunc(e.snapshot.Changed(t), func(table string) bool { return table == "tallies" })
	if res.Status >= http.StatusBadRequest && len(changed) > 0 {
		t.Errorf("%s was rejected with %d and changed the tables %q", op.OperationID, res.Status, changed)
	}
	e.snapshot.Restore(t)
}

// waiting returns how many sessions wait for a lock.
func (e *env) waiting(t *testing.T) (n int) {
	t.Helper()
	rows, err := e.DB.Query(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
	if err != nil {
		t.Fatal(err)
	}
	if n, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int]); err != nil {
		t.Fatal(err)
	}
	return n
}

// A third admin stays, so that the last one is never demoted.
func TestAdmins_WhoDemoteEachOtherDoNotBothSucceed(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	emails := []string{"one@school.example", "two@school.example"}
	for _, email := range emails {
		e.AddUser(t, email, "Admin", "admin")
	}
	for round := range 24 {
		e.Exec(t, `UPDATE users SET role = 'admin'`)
		admins := []client{e.session(emails[0]), e.session(emails[1])}
		statuses := make([]int, 2)
		concurrently(2, func(i int) {
			statuses[i] = admins[i].Put("/users/"+admins[1-i].ID+"/role", object{"role": "member"}).Status
		})
		slices.Sort(statuses)
		if statuses[0] != http.StatusOK || statuses[1] != http.StatusUnauthorized {
			t.Errorf("round %d: %v", round, statuses)
		}
	}
}
