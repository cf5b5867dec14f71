package api_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

func TestRegister_IgnoresTheCaseOfTheEmail(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	spellings := []string{"Twin@school.example", "twin@SCHOOL.example"}
	statuses := make([]int, len(spellings))
	concurrently(len(spellings), func(i int) {
		body := apiclient.Registration("Twin", "")
		body["email"] = spellings[i]
		statuses[i] = e.anonymous.Post("/auth/register", body).Status
	})
	slices.Sort(statuses)
	if want := []int{http.StatusCreated, http.StatusConflict}; !slices.Equal(statuses, want) {
		t.Errorf("two concurrent registrations: %v, want %v", statuses, want)
	}
	e.anonymous.Post("/auth/register", apiclient.Registration("Twin", "")).ExpectProblem(http.StatusConflict, "email_taken")
	for _, spelling := range spellings {
		e.signIn(spelling)
	}
	if found := get[apiclient.Page[me]](e.admin, "/users?search=twin").Items; len(found) != 1 || found[0].Email != "twin@school.example" {
		t.Errorf("the users are %+v", found)
	}
}

func TestSignIn_FailuresAreIndistinguishable(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	suspended := e.member("Suspended")
	e.member("Ada")
	e.admin.Post("/users/"+suspended.ID+"/suspension", nil).Expect(http.StatusOK)

	first := object(nil)
	for name, credentials := range map[string]object{
		"a wrong password":    {"email": "ada@school.example", "password": "four green teapots sing"},
		"an unknown address":  {"email": "nobody@school.example", "password": testserver.Password},
		"a suspended account": {"email": "suspended@school.example", "password": testserver.Password},
		"no address":          {"email": "ada", "password": testserver.Password},
	} {
		res := e.anonymous.Post("/auth/login", credentials)
		res.ExpectProblem(http.StatusUnauthorized, "invalid_credentials")
		got := comparable(t, res)
		if first == nil {
			first = got
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("the response to %s differs:\n%s", name, diff)
		}
	}
}

func TestLastAdmin_CannotBeRemoved(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	me := "/users/" + e.admin.ID
	e.admin.Put(me+"/role", object{"role": "member"}).ExpectProblem(http.StatusConflict, "last_admin")
	e.admin.Post(me+"/suspension", nil).ExpectProblem(http.StatusConflict, "last_admin")

	second := e.member("Second")
	e.admin.Put("/users/"+second.ID+"/role", object{"role": "admin"}).Expect(http.StatusOK)
	second = e.signIn(second.Email)
	pair := []client{e.admin, second}
	statuses := make([]int, 2)
	concurrently(2, func(i int) {
		statuses[i] = pair[i].Put("/users/"+pair[1-i].ID+"/role", object{"role": "member"}).Status
	})
	// The slower request is rejected: its target is the last admin, or its caller is no
	// longer an admin.
	slices.Sort(statuses)
	if statuses[0] != http.StatusOK || statuses[1] < http.StatusUnauthorized || statuses[1] > http.StatusConflict {
		t.Errorf("two admins demoting each other: %v", statuses)
	}
	if left := e.Strings(t, `SELECT email FROM users WHERE role = 'admin' AND suspended_at IS NULL`); len(left) != 1 {
		t.Errorf("the remaining admins are %q", left)
	}
}

func TestBootstrapAdmin_IsCreatedOnce(t *testing.T) {
	t.Parallel()
	e := envOf(t, testserver.Start(t))
	bootstrap := func(email string) {
		t.Helper()
		err := e.App.Operator.BootstrapAdmin(t.Context(), domain.System, ports.Registration{Email: email, Name: "First", Password: testserver.Password})
		if err != nil {
			t.Fatal(err)
		}
	}
	bootstrap("first@school.example")
	e.admin = e.signIn("first@school.example")
	bootstrap("another@school.example")

	if got := get[me](e.register("Newcomer", ""), "/me"); got.Role != "member" || got.Batch != nil || len(got.Teaches) != 0 {
		t.Errorf("a new user is %+v", got)
	}
	if users := get[apiclient.Page[me]](e.admin, "/users").Items; len(users) != 2 {
		t.Errorf("after another start there are %+v", users)
	}
}

func TestChangeUserRole(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	id, key := e.batch("Evening", "UTC")
	ada, grace := e.student("Ada", key), e.instructor("Grace", id)

	e.admin.Put("/users/"+ada.ID+"/role", object{"role": "instructor"}).Expect(http.StatusOK)
	if list := get[apiclient.Page[student]](e.admin, "/students").Items; len(list) != 0 {
		t.Errorf("an instructor is still a student: %+v", list)
	}
	e.admin.Put("/users/"+ada.ID+"/role", object{"role": "student"}).ExpectProblem(http.StatusUnprocessableEntity, "student_role_requires_enrolment")
	instructors := "/batches/" + id + "/instructors/"
	e.admin.Put(instructors+e.admin.ID, nil).ExpectProblem(http.StatusConflict, "not_an_instructor")
	e.admin.Put(instructors+uuid.NewString(), nil).ExpectProblem(http.StatusNotFound, "user_not_found")
	e.admin.Delete(instructors+ada.ID).ExpectProblem(http.StatusNotFound, "instructor_not_found")
	e.admin.Put("/users/"+grace.ID+"/role", object{"role": "member"}).Expect(http.StatusOK)
	if list := get[apiclient.Page[object]](e.admin, "/batches/"+id+"/instructors").Items; len(list) != 0 {
		t.Errorf("a member is still an instructor: %+v", list)
	}
	log := get[apiclient.Page[auditEntry]](e.admin, "/audit-log?action=user.change_role&subject="+ada.ID).Items
	if diff := cmp.Diff([]any{object{"from": "student", "to": "instructor"}}, details(log, "role")); diff != "" {
		t.Errorf("the audit log (-want +got):\n%s", diff)
	}
}

// details returns one detail of each entry.
func details(log []auditEntry, name string) []any {
	out := make([]any, len(log))
	for i, e := range log {
		out[i] = e.Details[name]
	}
	return out
}
