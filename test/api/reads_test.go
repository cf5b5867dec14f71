package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/fixture"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// eachRead calls every read as every actor, for every object.
func (e *actorEnv) eachRead(t *testing.T, check func(op operation, actor string, res response)) {
	t.Helper()
	for _, op := range loadOperations(t) {
		if op.method != http.MethodGet {
			continue
		}
		r, _ := rowOf(op.OperationID)
		for _, actor := range operations.Actors {
			for _, object := range r.objects() {
				check(op, actor, e.do(op, r, object, actor))
			}
		}
	}
}

func TestReads_ChangeNothing(t *testing.T) {
	t.Parallel()
	e := newActorEnv(t)
	for name, c := range e.actors {
		id, err := domain.ParseID[domain.User](c.ID)
		if err != nil || name == "suspended" {
			continue
		}
		if err := e.App.Syncer.Sync(t.Context(), domain.System, id, domain.SyncRequest{Scope: domain.SyncOnDemand}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	snapshot, upstream := e.Snapshot(t), e.Fake.Calls("", "")
	e.Clock.Advance(2 * time.Minute) // long enough for a session to record when it was last seen
	reads := 0
	e.eachRead(t, func(operation, string, response) { reads++ })
	for _, path := range []string{"/livez", "/readyz", "/docs", "/openapi.yaml", "/openapi.json", "/api/v1/nowhere"} {
		e.admin.Get(e.Root + path)
	}
	if changed := snapshot.Changed(t); len(changed) > 0 {
		t.Errorf("%d reads changed the tables %q", reads, changed)
	}
	if n := e.Fake.Calls("", "") - upstream; n != 0 || reads < 200 {
		t.Errorf("%d reads sent %d requests to WakaTime", reads, n)
	}
}

func TestRegistrationKey_IsShownToStaffOfItsBatch(t *testing.T) {
	t.Parallel()
	e := newActorEnv(t)
	got := map[string]bool{}
	e.eachRead(t, func(op operation, actor string, res response) {
		if strings.Contains(string(res.Body), e.RegistrationKey) {
			got[actor+" by "+op.OperationID] = true
		}
	})
	want := map[string]bool{"instructor by GetRegistrationKey": true, "admin by GetRegistrationKey": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("who can read the key of the first batch (-want +got):\n%s", diff)
	}
}

func TestLists_ContainWhatTheCallerHasAccessTo(t *testing.T) {
	t.Parallel()
	e := newActorEnv(t)
	lists := map[string]map[string][]string{
		"/batches": {
			"member": {}, "student": {"First"}, "other student": {"Second"},
			"instructor": {"First"}, "other instructor": {"Second"}, "admin": {"First", "Second"},
		},
		"/students": {"instructor": {"Student"}, "other instructor": {"Other"}, "admin": {"Other", "Student"}},
	}
	for path, list := range lists {
		for actor, want := range list {
			got := []string{}
			for _, item := range get[apiclient.Page[struct{ Name string }]](e.actors[actor], path).Items {
				got = append(got, item.Name)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", path, actor, diff)
			}
		}
	}
	foreign := e.Instructor.Get("/students?batch_id=" + e.OtherBatch).Expect(http.StatusOK)
	missing := e.Instructor.Get("/students?batch_id=" + fixture.Missing()["batch_id"]).Expect(http.StatusOK)
	if string(foreign.Body) != string(missing.Body) {
		t.Errorf("a batch without access: %s; a missing one: %s", foreign.Body, missing.Body)
	}
}

// listed is an item of any list.
type listed struct {
	ID        string `json:"id"`
	StudentID string `json:"student_id"`
}

func idsOf(items []listed) (out []string) {
	for _, item := range items {
		out = append(out, item.ID+item.StudentID)
	}
	return out
}

func TestPages_ContainEachItemOnce(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	id, key := e.batch("Evening", "UTC")
	for _, name := range []string{"evening", "Abend", "Ende", "Ende"} {
		e.batch(name, "UTC")
	}
	students := e.students(key, 7) // two of each name
	lists := map[string]string{
		"/users":                                "SELECT id::text FROM users",
		"/users?role=student":                   "SELECT id::text FROM users WHERE role = 'student'",
		"/users?search=member":                  "SELECT id::text FROM users WHERE role = 'student'",
		"/students":                             "SELECT user_id::text FROM enrolments",
		"/students?connected=false":             "SELECT user_id::text FROM enrolments",
		"/batches":                              "SELECT id::text FROM batches",
		"/batches?search=en":                    "SELECT id::text FROM batches WHERE name ILIKE '%en%'",
		"/batches/" + id + "/progress":          "SELECT user_id::text FROM enrolments",
		"/audit-log":                            "SELECT id::text FROM audit_entries",
		"/audit-log?actor_id=" + students[0].ID: "SELECT id::text FROM audit_entries WHERE actor_id = '" + students[0].ID + "'",
	}
	for path, sql := range lists {
		got, want := idsOf(apiclient.AllPages[listed](e.admin, path, 2)), e.Strings(t, sql)
		if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: %d items in pages, want %d", path, len(got), len(want))
		}
		if whole := idsOf(apiclient.AllPages[listed](e.admin, path, 100)); !slices.Equal(got, whole) {
			t.Errorf("%s: the pages have another order than the whole list", path)
		}
	}
}

func TestCursor_IsValidForItsListOnly(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	id, key := e.batch("Evening", "UTC")
	other, _ := e.batch("Morning", "UTC")
	e.batch("Night", "UTC")
	e.students(key, 4)
	lists := []string{
		"/users?", "/users?role=student&", "/users?search=m&", "/students?", "/students?connected=false&", "/students?batch_id=" + id + "&",
		"/batches?", "/batches?status=active&", "/batches/" + id + "/progress?", "/audit-log?", "/audit-log?actor_id=" + e.admin.ID + "&",
	}
	for i, from := range lists {
		next := get[apiclient.Page[object]](e.admin, from+"limit=1").Next
		if next == nil {
			t.Errorf("%s has one page", from)
			continue
		}
		e.admin.Get(from + "limit=1&after=" + *next).Expect(http.StatusOK)
		to := lists[(i+1)%len(lists)]
		e.admin.Get(to+"limit=1&after="+*next).ExpectProblem(http.StatusUnprocessableEntity, "invalid_cursor")
	}
	next := get[apiclient.Page[object]](e.admin, "/batches/"+id+"/progress?limit=1").Next
	e.admin.Get("/batches/"+other+"/progress?limit=1&after="+*next).ExpectProblem(http.StatusUnprocessableEntity, "invalid_cursor")
	for _, garbage := range []string{"x", "eyJsIjoiIn0", strings.Repeat("A", 300), "%00", "null"} {
		if res := e.admin.Get("/users?after=" + garbage); res.Status != http.StatusUnprocessableEntity && res.Status != http.StatusBadRequest {
			t.Errorf("the cursor %q: %d: %s", garbage, res.Status, res.Body)
		}
	}
	for _, limit := range []string{"0", "-1", "101", "x", "1.5", ""} {
		e.admin.Get("/users?limit="+limit).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	}
}
