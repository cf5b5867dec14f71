package api_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

func TestOneAddressIsOneAccount(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	spellings := []string{"Twin@school.example", "twin@SCHOOL.example"}
	statuses := make([]int, len(spellings))
	atOnce(len(spellings), func(i int) {
		body := application("Somebody", "")
		body["email"] = spellings[i]
		statuses[i] = s.anonymous().post("/auth/register", body).status
	})
	slices.Sort(statuses)
	if want := []int{http.StatusCreated, http.StatusConflict}; !slices.Equal(statuses, want) {
		t.Errorf("two twins at once: %v, want %v", statuses, want)
	}
	s.anonymous().post("/auth/register", application("Twin", "")).fails(http.StatusConflict, "email_taken")
	for _, spelling := range spellings {
		s.signIn(spelling)
	}
	if found := read[page[me]](s.admin, "/users?search=twin").Items; len(found) != 1 || found[0].Email != "twin@school.example" {
		t.Errorf("the twins are %+v", found)
	}
}

func TestSigningInTellsNothing(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	gone := s.register("Gone", "")
	s.register("Ada", "")
	s.admin.post("/users/"+gone.id+"/suspension", nil).is(http.StatusOK)

	first := obj(nil)
	for name, credentials := range map[string]obj{
		"a wrong password":    {"email": "ada@school.example", "password": "four green teapots sing"},
		"an unknown address":  {"email": "nobody@school.example", "password": testserver.Password},
		"a suspended account": {"email": "gone@school.example", "password": testserver.Password},
		"no address at all":   {"email": "ada", "password": testserver.Password},
	} {
		a := s.anonymous().post("/auth/login", credentials)
		a.fails(http.StatusUnauthorized, "invalid_credentials")
		got := plain(t, a)
		if first == nil {
			first = got
		}
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("%s answers differently:\n%s", name, diff)
		}
	}
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	me := "/users/" + s.admin.id
	s.admin.put(me+"/role", obj{"role": "member"}).fails(http.StatusConflict, "last_admin")
	s.admin.post(me+"/suspension", nil).fails(http.StatusConflict, "last_admin")

	second := s.register("Second", "")
	s.admin.put("/users/"+second.id+"/role", obj{"role": "admin"}).is(http.StatusOK)
	second = s.signIn(second.email)
	pair := []client{s.admin, second}
	statuses := make([]int, 2)
	atOnce(2, func(i int) {
		statuses[i] = pair[i].put("/users/"+pair[1-i].id+"/role", obj{"role": "member"}).status
	})
	// The slower one is not the last admin's conqueror, or is no admin any more.
	slices.Sort(statuses)
	if statuses[0] != http.StatusOK || statuses[1] < http.StatusUnauthorized || statuses[1] > http.StatusConflict {
		t.Errorf("two admins demote each other: %v", statuses)
	}
	if left := s.Strings(t, `SELECT email FROM users WHERE role = 'admin' AND suspended_at IS NULL`); len(left) != 1 {
		t.Errorf("admins are left: %q", left)
	}
}

func TestTheFirstAdmin(t *testing.T) {
	t.Parallel()
	h := testserver.Start(t)
	s := &school{Server: h, t: t}
	bootstrap := func(email string) {
		t.Helper()
		err := h.App.Operator.BootstrapAdmin(t.Context(), domain.System, ports.Registration{Email: email, Name: "First", Password: testserver.Password})
		if err != nil {
			t.Fatal(err)
		}
	}
	bootstrap("first@school.example")
	s.admin = s.signIn("first@school.example")
	bootstrap("another@school.example")

	// Everybody else begins without any right.
	if got := read[me](s.register("Newcomer", ""), "/me"); got.Role != "member" || got.Batch != nil || len(got.Teaches) != 0 {
		t.Errorf("a newcomer is %+v", got)
	}
	if users := read[page[me]](s.admin, "/users").Items; len(users) != 2 {
		t.Errorf("the settings made an admin where there was one: %+v", users)
	}
}

func TestRolesChange(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	id, key := s.batch("Evening", "UTC")
	ada, grace := s.register("Ada", key), s.instructor("Grace", id)

	s.admin.put("/users/"+ada.id+"/role", obj{"role": "instructor"}).is(http.StatusOK)
	if list := read[page[student]](s.admin, "/students").Items; len(list) != 0 {
		t.Errorf("an instructor is still a student: %+v", list)
	}
	s.admin.put("/users/"+ada.id+"/role", obj{"role": "student"}).fails(http.StatusUnprocessableEntity, "student_role_requires_enrolment")
	teachers := "/batches/" + id + "/instructors/"
	s.admin.put(teachers+s.admin.id, nil).fails(http.StatusConflict, "not_an_instructor")
	s.admin.put(teachers+uuid.NewString(), nil).fails(http.StatusNotFound, "user_not_found")
	s.admin.delete(teachers+ada.id).fails(http.StatusNotFound, "instructor_not_found")
	s.admin.put("/users/"+grace.id+"/role", obj{"role": "member"}).is(http.StatusOK)
	if b := read[page[obj]](s.admin, "/batches/"+id+"/instructors").Items; len(b) != 0 {
		t.Errorf("a member still teaches: %+v", b)
	}
	log := read[page[auditEntry]](s.admin, "/audit-log?action=user.change_role&subject="+ada.id).Items
	if diff := cmp.Diff([]any{obj{"from": "student", "to": "instructor"}}, details(log, "role")); diff != "" {
		t.Errorf("the audit log (-want +got):\n%s", diff)
	}
}

// details picks one detail of each entry.
func details(log []auditEntry, name string) []any {
	out := make([]any, len(log))
	for i, e := range log {
		out[i] = e.Details[name]
	}
	return out
}
