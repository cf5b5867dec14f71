package cost_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/adapters/postgres"
	"github.com/gradus-dev/gradus/internal/conformance"
	"github.com/gradus-dev/gradus/internal/testkit/statements"
)

// faults returns in which ways a cost is above the limits of a read, which are those of the
// large school.
func (r read) faults(c cost) (out []string) {
	add := func(what string, got, limit int) {
		if got > limit {
			out = append(out, fmt.Sprintf("%d %s, at most %d are allowed", got, what, limit))
		}
	}
	add("round trips", c.trips, orDefault(r.trips, usualTrips))
	add("statements that are prepared each time", c.prepares, 0)
	add("buffers", c.buffers, r.buffers)
	add("rows read", c.rows, orDefault(r.rows, usualRows))
	if got := strings.Join(c.scans, ", "); got != "" && got != r.scans {
		out = append(out, "the whole of "+got+" is scanned")
	}
	return out
}

func orDefault(n, usual int) int {
	if n == 0 {
		return usual
	}
	return n
}

// grew reports whether a cost of the large school is more than twice that of the small one. A
// B-tree with a level more costs a few buffers per index.
func grew(from, to cost) bool { return to.buffers > 2*from.buffers+20 }

// explain returns the plan to look at.
func (e *env) explain(t *testing.T, c cost) string {
	t.Helper()
	text, err := statements.Text(t.Context(), e.conn, c.worst, c.mode)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("The most of the buffers of %s: %s with %s\n%s", c.statements, c.worst.Name(), c.mode, text)
}

func TestReads_StayWithinTheirLimits(t *testing.T) {
	t.Parallel()
	few, many, unvacuumed := newEnv(t, small), newEnv(t, large), newEnv(t, large, lastSyncs)
	for _, r := range reads {
		before, c, fresh := few.cost(t, r), many.cost(t, r), unvacuumed.cost(t, r)
		t.Logf("%s: %d round trips, %d buffers (%d of %d students, %d without vacuum), %d rows, scans %q",
			r, c.trips, c.buffers, before.buffers, fewStudents, fresh.buffers, c.rows, c.scans)
		for _, f := range r.faults(c) {
			t.Errorf("%s: %s\n%s", r, f, many.explain(t, c))
		}
		if limit := max(r.fresh, r.buffers); fresh.buffers > limit {
			t.Errorf("%s: %d buffers after syncs that no vacuum has followed, at most %d are allowed\n%s", r, fresh.buffers, limit, unvacuumed.explain(t, fresh))
		}
		if grew(before, c) && r.grows == "" {
			t.Errorf("%s: from %d to %d students, the buffers grow from %d to %d, by more than twice\n%s", r, fewStudents, manyStudents, before.buffers, c.buffers, many.explain(t, c))
		}
	}
}

func TestLimits_AreWithinTheGoals(t *testing.T) {
	t.Parallel()
	for _, r := range reads {
		goal, ok := goals[r.operation(t)]
		switch above := ok && r.buffers > goal+goal/2; {
		case above && r.above == "":
			t.Errorf("%s: the limit of %d buffers is more than 1.5 times the goal of %d; say why in above", r, r.buffers, goal)
		case !above && r.above != "":
			t.Errorf("%s: the limit of %d buffers needs no reason", r, r.buffers)
		}
	}
}

// TestSession_CostsOneTripNowAndThen covers what the limits above leave out, because the clock of
// their servers stands still: a session is read again after a second.
func TestSession_CostsOneTripNowAndThen(t *testing.T) {
	t.Parallel()
	e := newEnv(t, large)
	r := read{as: "instructor-40", path: "/wakatime/servers", buffers: 12} // reads nothing else
	e.get(t, r)
	if again := e.get(t, r); len(again.Statements) > 0 {
		t.Errorf("a request within a second executes %s", again.Names())
	}
	e.Clock.Advance(postgres.SessionMaxAge)
	record := e.get(t, r)
	if record.Names() != "GetSession" || record.Trips != 1 {
		t.Fatalf("a request after a second executes %s", record.Names())
	}
	for _, mode := range statements.Modes {
		p, err := statements.Explain(t.Context(), e.conn, record.Statements[0], mode)
		if err != nil {
			t.Fatal(err)
		}
		if p.Buffers > r.buffers || len(p.LargeScans(largeTable)) > 0 {
			t.Errorf("%d buffers, at most %d are allowed\n%s", p.Buffers, r.buffers, e.explain(t, cost{worst: record.Statements[0], mode: mode}))
		}
	}
}

// operation returns the operationId of a read.
func (r read) operation(t *testing.T) string {
	t.Helper()
	contract, err := conformance.Ours()
	if err != nil {
		t.Fatal(err)
	}
	path, _, _ := strings.Cut(r.path, "?")
	route := contract.Find(httptest.NewRequest(http.MethodGet, "/api/v1"+named.ReplaceAllString(path, "id"), http.NoBody))
	if route == nil {
		t.Fatalf("%s is no operation", r)
	}
	return route.Operation.OperationID
}

func TestReads_HaveLimits(t *testing.T) {
	t.Parallel()
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		t.Fatal(err)
	}
	var covered []string
	for _, r := range reads {
		covered = append(covered, r.operation(t))
	}
	for path, item := range spec.Paths.Map() {
		if item.Get != nil && !slices.Contains(covered, item.Get.OperationID) {
			t.Errorf("GET %s (%s) has no limit: add it to reads in test/cost/reads_test.go", path, item.Get.OperationID)
		}
	}
}

// TestFaults_AreFound breaks what the limits rely on.
func TestFaults_AreFound(t *testing.T) {
	t.Parallel()
	e := newEnv(t, small, `DROP INDEX users_name_idx CASCADE`)
	r := read{as: "admin", path: "/users", buffers: 30}
	c := e.cost(t, r)
	for _, want := range []string{"buffers", "rows read", "the whole of users"} {
		if got := strings.Join(r.faults(c), "\n"); !strings.Contains(got, want) {
			t.Errorf("the faults of a list without its index do not mention %s: %s", want, got)
		}
	}
	if text := e.explain(t, c); !strings.Contains(text, "ListUsers") || !strings.Contains(text, "Seq Scan on users") {
		t.Errorf("the plan of the fault is %s", text)
	}
	if !grew(cost{buffers: 100}, cost{buffers: 221}) || grew(cost{buffers: 100}, cost{buffers: 220}) {
		t.Error("the growth of 100 buffers is a fault from 221")
	}
	c = cost{trips: 9}
	if got := r.faults(c); len(got) != 1 || !strings.Contains(got[0], "9 round trips") {
		t.Errorf("the faults of %+v are %q", c, got)
	}
}
