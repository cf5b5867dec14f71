package api_test

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/fixture"
	"github.com/gradus-dev/gradus/internal/testkit/operations"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// Every operation is called by every actor, for objects that concern the actor, objects that
// do not, and missing ones. With -short, one actor represents all with the same outcome.
func TestRoles(t *testing.T) {
	t.Parallel()
	spec := loadOperations(t)
	checkAccess(t, spec)
	for _, actor := range operations.Actors {
		t.Run(actor, func(t *testing.T) {
			t.Parallel()
			var e *actorEnv
			for _, op := range spec {
				r, ok := rowOf(op.OperationID)
				if !ok || !slices.Contains(r.callers(), actor) {
					continue
				}
				if e == nil {
					e = newActorEnv(t)
					e.snapshot = e.Snapshot(t)
				}
				e.call(t, op, r, actor)
			}
		})
	}
}

// row is the access to an operation.
type row struct{ operations.Access }

func rowOf(id string) (row, bool) {
	op := operations.All()[id]
	return row{op.Access}, op.Access.Want != ""
}

// checkAccess compares the access to the operations with the contract.
func checkAccess(t *testing.T, spec []operation) {
	t.Helper()
	left := operations.All()
	for _, op := range spec {
		r, ok := rowOf(op.OperationID)
		if !ok {
			t.Errorf("%s has no Access. Add it to %s, with the status that each actor gets", op.OperationID, operations.RegistrationFile)
			continue
		}
		delete(left, op.OperationID)
		want := slices.Sorted(slices.Values(texts(op.Extensions["x-roles"])))
		if got := r.roles(); !slices.Equal(got, want) {
			t.Errorf("%s allows %v by its Access and %v in the contract. Fix %s or x-roles", op.OperationID, got, want, operations.RegistrationFile)
		}
	}
	for id := range left {
		t.Errorf("the contract has no operation %s. Remove it from %s", id, operations.RegistrationFile)
	}
}

// call calls an operation as an actor, for each object.
func (e *actorEnv) call(t *testing.T, op operation, r row, actor string) {
	t.Helper()
	responses := map[string]response{}
	for _, object := range r.objects() {
		res := e.do(op, r, object, actor)
		responses[object] = res
		if want := r.status(object, actor); res.Status != want {
			t.Errorf("%s by %s, object %s: %d, want %d: %s", op.OperationID, actor, object, res.Status, want, res.Body)
		}
		if op.method == http.MethodGet {
			continue // TestReads_ChangeNothing
		}
		changed := e.snapshot.Changed(t)
		if res.Status >= http.StatusBadRequest && len(changed) > 0 {
			t.Errorf("%s by %s, object %s was rejected with %d and changed the tables %q", op.OperationID, actor, object, res.Status, changed)
		}
		if len(changed) > 0 {
			e.snapshot.Restore(t)
		}
	}
	foreign, ok := responses["second"]
	if isOther(actor) || !r.scoped() {
		foreign, ok = responses["first"]
	}
	if ok && foreign.Status >= http.StatusBadRequest {
		if diff := cmp.Diff(comparable(t, foreign), comparable(t, responses["missing"])); diff != "" {
			t.Errorf("%s by %s: the response for an object without access differs from that for a missing one:\n%s", op.OperationID, actor, diff)
		}
	}
}

// actorEnv is a server with one user per actor. All users who can be are connected to
// WakaTime.
type actorEnv struct {
	*env
	*fixture.Classes

	actors   map[string]client
	snapshot testserver.Snapshot
}

func newActorEnv(t *testing.T) *actorEnv {
	t.Helper()
	e := newEnv(t)
	builder := e.builder()
	builder.Connect = func(user client) {
		e.wakatimeUser(user.ID, "UTC")
		e.connectByKey(user, user.ID)
	}
	classes := builder.Classes(batchOf("First", "America/Chicago"), batchOf("Second", "Asia/Kathmandu"))
	suspended := e.member("Suspended")
	e.admin.Post("/users/"+suspended.ID+"/suspension", nil).Expect(http.StatusOK)
	a := &actorEnv{env: e, Classes: classes, actors: map[string]client{
		"anonymous":        e.anonymous,
		"member":           classes.Member,
		"student":          classes.Student,
		"other student":    classes.OtherStudent,
		"instructor":       classes.Instructor,
		"other instructor": classes.OtherInstructor,
		"admin":            e.admin,
		"suspended":        suspended,
	}}
	for _, name := range []string{"member", "instructor", "other instructor", "admin"} {
		builder.Connect(a.actors[name])
	}
	e.wakatimeUser("spare", "UTC")
	return a
}

// do calls an operation as an actor, for an object.
func (e *actorEnv) do(op operation, r row, object, actor string) response {
	e.t.Helper()
	values := e.First()
	switch object {
	case "second":
		values = e.Second()
	case "missing":
		values[r.On] = fixture.Named(e.t, r.On).Missing()
	case "self":
		values[r.On] = e.own(r.On, actor)
	}
	if r.User != "" {
		user := r.User
		if object == "second" {
			user = mirrored(user)
		}
		values["user_id"] = e.actors[user].ID
	}
	var body any
	if r.Body != nil {
		body = e.fill(r.Body)
	}
	return e.actors[actor].Do(apiclient.Request{Method: op.method, Path: fixture.Path(e.t, op.path, values), Body: body})
}

// own returns the ID of an object that is the actor or belongs to them; none for an actor who
// is not signed in, which is a missing object.
func (e *actorEnv) own(param, actor string) string {
	e.t.Helper()
	of := fixture.Named(e.t, param).Of
	if of == nil || actor == "anonymous" || actor == "suspended" {
		return e.actors[actor].ID
	}
	return of(e.actors[actor])
}

// fill replaces the values of a body that depend on the server.
func (e *actorEnv) fill(body object) object {
	body = maps.Clone(body)
	for name, value := range body {
		switch value {
		case operations.FirstKey:
			body[name] = e.RegistrationKey
		case operations.RefreshToken:
			body[name] = e.AddRefreshToken(e.t, e.actors["member"].Email)
		case operations.SpareKey:
			body[name] = e.Fake.APIKey("spare")
		}
	}
	return body
}

// scoped reports whether access depends on the object.
func (r row) scoped() bool {
	i := slices.IndexFunc(fixture.Params, func(p fixture.Param) bool { return p.Name == r.On })
	return i >= 0 && fixture.Params[i].Scoped
}

// objects returns the objects for which an operation is called.
func (r row) objects() []string {
	switch {
	case r.On == "":
		return []string{"none"}
	case !r.scoped():
		return []string{"first", "missing"}
	case r.Self != "":
		return []string{"first", "second", "missing", "self"}
	}
	return []string{"first", "second", "missing"}
}

// mirrored returns the actor with the same role in the other class.
func mirrored(actor string) string {
	switch actor {
	case "student", "instructor":
		return "other " + actor
	case "other student", "other instructor":
		return strings.TrimPrefix(actor, "other ")
	}
	return actor
}

func isOther(actor string) bool { return strings.HasPrefix(actor, "other ") }

// status returns the status that an actor gets for an object.
func (r row) status(object, actor string) int {
	column := func(text, name string) int {
		n, _ := strconv.Atoi(strings.Fields(text)[slices.Index(operations.Actors, name)])
		return n
	}
	switch object {
	case "self":
		return column(r.Self, actor)
	case "second":
		return column(r.Want, mirrored(actor))
	case "missing":
		// As for an actor with the same role whom the object does not concern.
		status := max(column(r.Want, actor), column(r.Want, mirrored(actor)))
		if status < http.StatusBadRequest {
			return http.StatusNotFound
		}
		return status
	}
	return column(r.Want, actor)
}

// allows reports whether an actor is allowed to call the operation for some object. A 422 is a
// rejection of the request, not of the actor, and so can a 409 be.
func (r row) allows(actor string) bool {
	return slices.ContainsFunc(r.objects(), func(object string) bool {
		status := r.status(object, actor)
		return status < http.StatusBadRequest || status == http.StatusUnprocessableEntity || r.Conflicts && status == http.StatusConflict
	})
}

// roles returns the roles that are allowed to call the operation, sorted.
func (r row) roles() []string {
	if r.allows("anonymous") {
		return []string{"anyone"}
	}
	found := map[string]bool{}
	for _, actor := range operations.Actors {
		if r.allows(actor) {
			found[strings.TrimPrefix(actor, "other ")] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// callers returns the actors who call an operation. With -short, these are the first one
// who is allowed, the first one who is forbidden, and the first one who is not signed in.
func (r row) callers() []string {
	if !testing.Short() {
		return operations.Actors
	}
	var out []string
	seen := map[string]bool{}
	for _, actor := range operations.Actors {
		outcome := "forbidden"
		switch {
		case r.allows(actor):
			outcome = "allowed"
		case r.status(r.objects()[0], actor) == http.StatusUnauthorized:
			outcome = "unauthenticated"
		}
		if !seen[outcome] {
			out = append(out, actor)
		}
		seen[outcome] = true
	}
	return out
}

// operation is an operation of the contract.
type operation struct {
	*openapi3.Operation

	method, path string
}

// loadOperations returns the operations of the contract, sorted by ID.
func loadOperations(t *testing.T) []operation {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		t.Fatal(err)
	}
	var out []operation
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			out = append(out, operation{op, method, path})
		}
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.OperationID, b.OperationID) })
	return out
}

// texts returns the elements of an extension that is a list.
func texts(extension any) []string {
	list, _ := extension.([]any)
	out := make([]string, len(list))
	for i, v := range list {
		out[i], _ = v.(string)
	}
	return out
}
