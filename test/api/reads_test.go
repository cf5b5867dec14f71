package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/domain"
)

func TestReadingChangesNothing(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	for _, name := range actors {
		id, err := domain.ParseID[domain.User](v.actors[name].id)
		if err != nil || name == "suspended" {
			continue
		}
		if err := v.App.Syncer.Sync(t.Context(), domain.System, id, domain.SyncOnDemand); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		t.Fatal(err)
	}
	before, upstream := v.Fingerprint(t), v.Fake.Calls("", "")
	v.Clock.Advance(2 * time.Minute) // long enough for the use of sessions to be noted
	reads := 0
	for template, item := range spec.Paths.Map() {
		op := item.Get
		if op == nil {
			continue
		}
		for _, actor := range actors {
			for _, object := range matrix[op.OperationID].objects() {
				v.actors[actor].get(v.path(op.OperationID, template, object, actor))
				reads++
			}
		}
	}
	for _, path := range []string{"/livez", "/readyz", "/docs", "/openapi.yaml", "/openapi.json", "/api/v1/nowhere"} {
		v.admin.get(v.Root + path)
	}
	if diff := cmp.Diff(before, v.Fingerprint(t)); diff != "" {
		t.Errorf("%d reads changed the database:\n%s", reads, diff)
	}
	if n := v.Fake.Calls("", "") - upstream; n != 0 || reads < 200 {
		t.Errorf("%d reads asked upstream %d times", reads, n)
	}
}

func TestKeysAreShownToTheStaffOfTheirBatch(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		t.Fatal(err)
	}
	saw := map[string]bool{}
	for template, item := range spec.Paths.Map() {
		if item.Get == nil {
			continue
		}
		op := item.Get.OperationID
		for _, actor := range actors {
			for _, object := range matrix[op].objects() {
				a := v.actors[actor].get(v.path(op, template, object, actor))
				if strings.Contains(string(a.body), v.key) {
					saw[actor+" by "+op] = true
				}
			}
		}
	}
	want := map[string]bool{"instructor by GetRegistrationKey": true, "admin by GetRegistrationKey": true}
	if diff := cmp.Diff(want, saw); diff != "" {
		t.Errorf("who sees the key of the first batch (-want +got):\n%s", diff)
	}
}

func TestListsShowWhatOneMaySee(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	batches := map[string][]string{
		"member": {}, "student": {"First"}, "other": {"Second"}, "instructor": {"First"}, "stranger": {"Second"}, "admin": {"First", "Second"},
	}
	for actor, want := range batches {
		got := []string{}
		for _, b := range read[page[batch]](v.actors[actor], "/batches").Items {
			got = append(got, b.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the batches that %s sees (-want +got):\n%s", actor, diff)
		}
	}
	students := map[string][]string{"instructor": {"Student"}, "stranger": {"Other"}, "admin": {"Other", "Student"}}
	for actor, want := range students {
		got := []string{}
		for _, b := range read[page[student]](v.actors[actor], "/students").Items {
			got = append(got, b.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the students that %s sees (-want +got):\n%s", actor, diff)
		}
	}
	foreign := "/students?batch_id=" + v.values["second"]["batch_id"]
	missing := "/students?batch_id=" + v.values["missing"]["batch_id"]
	a, b := v.actors["instructor"].get(foreign).is(http.StatusOK), v.actors["instructor"].get(missing).is(http.StatusOK)
	if string(a.body) != string(b.body) {
		t.Errorf("a batch that exists: %s; one that does not: %s", a.body, b.body)
	}
}

// everything walks a list in pages of two and returns the ids, in order.
func everything(c client, path, id string) []string {
	c.t.Helper()
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	var ids []string
	for after := ""; ; {
		p := read[page[obj]](c, path+join+"limit=2"+after)
		if len(p.Items) > 2 || p.Next != nil && len(p.Items) < 2 {
			c.t.Fatalf("%s: a page of %d items", path, len(p.Items))
		}
		for _, item := range p.Items {
			ids = append(ids, fmt.Sprint(item[id]))
		}
		if p.Next == nil {
			return ids
		}
		after = "&after=" + *p.Next
		if len(ids) > 1000 {
			c.t.Fatalf("%s never ends", path)
		}
	}
}

func TestPagesHoldEachItemOnce(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	id, key := s.batch("Evening", "UTC")
	for _, name := range []string{"evening", "Abend", "Ende", "Ende"} {
		s.batch(name, "UTC")
	}
	people := s.students(key, 7) // two of a name each
	lists := map[string]struct {
		id    string
		table string
	}{
		"/users":                              {"id", "SELECT id::text FROM users"},
		"/users?role=student":                 {"id", "SELECT id::text FROM users WHERE role = 'student'"},
		"/users?search=crowd":                 {"id", "SELECT id::text FROM users WHERE role = 'student'"},
		"/students":                           {"id", "SELECT user_id::text FROM enrolments"},
		"/students?connected=false":           {"id", "SELECT user_id::text FROM enrolments"},
		"/batches":                            {"id", "SELECT id::text FROM batches"},
		"/batches?search=en":                  {"id", "SELECT id::text FROM batches WHERE name ILIKE '%en%'"},
		"/batches/" + id + "/progress":        {"student_id", "SELECT user_id::text FROM enrolments"},
		"/audit-log":                          {"id", "SELECT id::text FROM audit_entries"},
		"/audit-log?actor_id=" + people[0].id: {"id", "SELECT id::text FROM audit_entries WHERE actor_id = '" + people[0].id + "'"},
	}
	for path, list := range lists {
		got, want := everything(s.admin, path, list.id), s.Strings(t, list.table)
		if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: %d items in pages, %d in all", path, len(got), len(want))
		}
		whole := read[page[obj]](s.admin, path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+"limit=100")
		for i, item := range whole.Items {
			if i < len(got) && fmt.Sprint(item[list.id]) != got[i] {
				t.Errorf("%s: pages are in another order than the whole", path)
				break
			}
		}
	}
}

func TestACursorIsGoodForItsListAlone(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	id, key := s.batch("Evening", "UTC")
	other, _ := s.batch("Morning", "UTC")
	s.batch("Night", "UTC")
	s.students(key, 4)
	lists := []string{
		"/users?", "/users?role=student&", "/users?search=c&", "/students?", "/students?connected=false&", "/students?batch_id=" + id + "&",
		"/batches?", "/batches?status=active&", "/batches/" + id + "/progress?", "/audit-log?", "/audit-log?actor_id=" + s.admin.id + "&",
	}
	for i, from := range lists {
		next := read[page[obj]](s.admin, from+"limit=1").Next
		if next == nil {
			t.Errorf("%s has one page", from)
			continue
		}
		s.admin.get(from + "limit=1&after=" + *next).is(http.StatusOK)
		to := lists[(i+1)%len(lists)]
		s.admin.get(to+"limit=1&after="+*next).fails(http.StatusUnprocessableEntity, "invalid_cursor")
	}
	next := read[page[obj]](s.admin, "/batches/"+id+"/progress?limit=1").Next
	s.admin.get("/batches/"+other+"/progress?limit=1&after="+*next).fails(http.StatusUnprocessableEntity, "invalid_cursor")
	for _, garbage := range []string{"x", "eyJsIjoiIn0", strings.Repeat("A", 300), "%00", "null"} {
		if a := s.admin.get("/users?after=" + garbage); a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest {
			t.Errorf("a cursor that is garbage: %d: %s", a.status, a.body)
		}
	}
	for _, limit := range []string{"0", "-1", "101", "x", "1.5", ""} {
		s.admin.get("/users?limit="+limit).fails(http.StatusUnprocessableEntity, "invalid_request")
	}
}
