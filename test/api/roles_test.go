package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/api"
)

// village is a school with one of each actor, all of them connected who can be.
type village struct {
	*school
	actors  map[string]client
	values  map[string]map[string]string // of path parameters, by object
	key     string                       // of the first batch
	restore func()
}

func newVillage(t *testing.T) *village {
	t.Helper()
	s := newSchool(t)
	first, key := s.batch("First", "America/Chicago")
	second, otherKey := s.batch("Second", "Asia/Kathmandu")
	v := &village{school: s, key: key, actors: map[string]client{
		"anonymous":  s.anonymous(),
		"member":     s.register("Member", ""),
		"student":    s.register("Student", key),
		"other":      s.register("Other", otherKey),
		"instructor": s.instructor("Instructor", first),
		"stranger":   s.instructor("Stranger", second),
		"admin":      s.admin,
		"suspended":  s.register("Suspended", ""),
	}}
	s.admin.ask(http.MethodPost, "/users/"+v.actors["suspended"].id+"/suspension", nil)
	for _, name := range actors {
		if c := v.actors[name]; name != "anonymous" && name != "suspended" {
			s.coder(name, "UTC")
			s.connectByKey(c, name)
		}
	}
	s.coder("spare", "UTC")
	missing := uuid.NewString()
	id := func(name string) string { return v.actors[name].id }
	v.values = map[string]map[string]string{
		"first":   {"batch_id": first, "student_id": id("student"), "user_id": id("instructor")},
		"second":  {"batch_id": second, "student_id": id("other"), "user_id": id("stranger")},
		"missing": {"batch_id": missing, "student_id": missing, "user_id": id("instructor")},
	}
	v.restore = s.Snapshot(t)
	return v
}

// path fills in the parameters of a path for an object; "none" is no object.
func (v *village) path(op string, template, object, actor string) string {
	values := maps.Clone(v.values["first"])
	switch {
	case object == "self" && actor != "anonymous":
		values["student_id"] = v.actors[actor].id
	case object == "self":
		values["student_id"] = v.values["missing"]["student_id"]
	case object != "none":
		values = maps.Clone(v.values[object])
	}
	switch {
	case matrix[op].on == "user" && object == "first":
		values["user_id"] = v.actors["member"].id
	case matrix[op].on == "user":
		values["user_id"] = values["student_id"]
	case op == "AssignInstructor":
		// Somebody who does not teach the batch yet.
		values["user_id"] = v.values[map[string]string{"first": "second", "second": "first", "missing": "first"}[object]]["user_id"]
	}
	for name, value := range values {
		template = strings.ReplaceAll(template, "{"+name+"}", value)
	}
	return template
}

// body is what an operation is sent.
func (v *village) body(op string) any {
	switch b := matrix[op].body; {
	case b == nil:
		return nil
	case op == "JoinBatch":
		return obj{"registration_key": v.key}
	case op == "ConnectWakaTimeWithKey":
		return obj{"api_key": v.Fake.APIKey("spare")}
	default:
		return b
	}
}

// objects lists what an operation is done to.
func (r row) objects() []string {
	switch {
	case r.on == "":
		return []string{"none"}
	case r.on == "user":
		return []string{"first", "missing"}
	case r.self != "":
		return []string{"first", "second", "missing", "self"}
	}
	return []string{"first", "second", "missing"}
}

// elsewhere is who has the same role in the other batch.
var elsewhere = map[string]string{"student": "other", "other": "student", "instructor": "stranger", "stranger": "instructor"}

// status is what an actor is to be answered about an object.
func (r row) status(object, actor string) int {
	column := func(text, name string) int {
		n, _ := strconv.Atoi(strings.Fields(text)[slices.Index(actors, name)])
		return n
	}
	mirror := func(name string) string {
		if m, ok := elsewhere[name]; ok {
			return m
		}
		return name
	}
	switch object {
	case "self":
		return column(r.self, actor)
	case "second":
		return column(r.want, mirror(actor))
	case "missing":
		if actor == "admin" {
			return http.StatusNotFound
		}
		// As seen by somebody of the same role whom it does not concern.
		return max(column(r.want, actor), column(r.want, mirror(actor)))
	}
	return column(r.want, actor)
}

func TestEveryOperationForEveryRole(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		t.Fatal(err)
	}
	left := maps.Clone(matrix)
	for template, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			r, ok := matrix[op.OperationID]
			if !ok {
				t.Errorf("%s has no row in the matrix", op.OperationID)
				continue
			}
			delete(left, op.OperationID)
			sameRoles(t, op, r)
			v.play(t, op.OperationID, method, template)
		}
	}
	for id := range left {
		t.Errorf("%s is in the matrix and not in the contract", id)
	}
}

// play does one operation as everybody to everything.
func (v *village) play(t *testing.T, op, method, template string) {
	t.Helper()
	r := matrix[op]
	before := v.Fingerprint(t)
	for _, actor := range actors {
		answers := map[string]answer{}
		for _, object := range r.objects() {
			want := r.status(object, actor)
			a := v.actors[actor].ask(method, v.path(op, template, object, actor), v.body(op))
			answers[object] = a
			if a.status != want {
				t.Errorf("%s by %s on %s: %d, want %d: %s", op, actor, object, a.status, want, a.body)
			}
			if method == http.MethodGet {
				continue
			}
			after := v.Fingerprint(t)
			if a.status >= http.StatusBadRequest {
				if diff := cmp.Diff(before, after); diff != "" {
					t.Errorf("%s by %s on %s was refused with %d and changed the database:\n%s", op, actor, object, a.status, diff)
				}
			}
			if !maps.Equal(before, after) {
				v.restore()
				before = v.Fingerprint(t)
			}
		}
		foreign, ok := answers["second"]
		if actor == "other" || actor == "stranger" || r.on == "user" {
			foreign, ok = answers["first"]
		}
		if ok && foreign.status >= http.StatusBadRequest {
			if diff := cmp.Diff(plain(t, foreign), plain(t, answers["missing"])); diff != "" {
				t.Errorf("%s by %s: what exists and may not be seen answers otherwise than what does not exist:\n%s", op, actor, diff)
			}
		}
	}
}

// plain is an answer without what differs from request to request.
func plain(t *testing.T, a answer) obj {
	t.Helper()
	var body obj
	if err := json.Unmarshal(a.body, &body); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"request_id", "timestamp", "instance"} {
		delete(body, name)
	}
	header := a.header.Clone()
	// The length differs with the fractions of the timestamp.
	for _, name := range []string{"X-Request-Id", "Date", "Content-Length"} {
		header.Del(name)
	}
	body["header"] = header
	return body
}

// sameRoles compares who may do something in the matrix with what the contract says.
func sameRoles(t *testing.T, op *openapi3.Operation, r row) {
	t.Helper()
	roles := map[string]string{"other": "student", "stranger": "instructor"}
	found := map[string]bool{}
	for _, actor := range actors {
		for _, object := range r.objects() {
			status := r.status(object, actor)
			if status >= http.StatusBadRequest && status != http.StatusUnprocessableEntity {
				continue
			}
			role := actor
			if as, ok := roles[actor]; ok {
				role = as
			}
			found[role] = true
		}
	}
	if found["anonymous"] {
		found = map[string]bool{"anyone": true}
	}
	want := slices.Sorted(slices.Values(texts(op.Extensions["x-roles"])))
	if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, want) {
		t.Errorf("%s is for %v in the matrix and for %v in the contract", op.OperationID, got, want)
	}
}

// texts reads a list of an extension of the spec.
func texts(extension any) []string {
	list, _ := extension.([]any)
	out := make([]string, len(list))
	for i, v := range list {
		out[i], _ = v.(string)
	}
	return out
}
