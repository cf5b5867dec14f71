package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

func TestSeats_AHundredConcurrentStudentsFillTen(t *testing.T) {
	t.Parallel()
	// Requests without a connection do not compete for seats.
	e := newEnv(t, func(cfg *config.Config) { cfg.DatabaseMaxConns = 40 })
	id, key := e.batch("Evening", "UTC")
	e.admin.Patch("/batches/"+id+"/registration-key", object{"seats": 10}).Expect(http.StatusOK)
	// Half as many as the queue for password hashes holds. The others have an account.
	const newUsers = 16
	members := e.members(100 - newUsers)

	statuses := make([]int, 100)
	concurrently(100, func(i int) {
		statuses[i] = served(func() response {
			if i < newUsers {
				return e.anonymous.Post("/auth/register", apiclient.Registration(fmt.Sprintf("New%02d", i), key))
			}
			return members[i-newUsers].Post("/me/enrolment", object{"registration_key": key})
		}).Status
	})
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	if diff := cmp.Diff(map[int]int{http.StatusCreated: 10, http.StatusConflict: 90}, count); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if k := get[registrationKey](e.admin, "/batches/"+id+"/registration-key"); k.SeatsTaken != 10 {
		t.Errorf("%d seats are taken", k.SeatsTaken)
	}
	if list := get[apiclient.Page[student]](e.admin, "/students?limit=100").Items; len(list) != 10 {
		t.Errorf("%d students", len(list))
	}
	// A registration without a seat creates no account.
	taken := e.Strings(t, `SELECT role FROM users WHERE email LIKE 'new%'`)
	for _, role := range taken {
		if role != "student" {
			t.Errorf("a registration without a seat created a %s", role)
		}
	}
}

func TestRegistrationKey_AdmitsOnlyWhileValid(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	id, key := e.batch("Evening", "UTC")
	path := "/batches/" + id + "/registration-key"
	members := e.members(10)
	join := func(key string) response {
		c := members[0]
		members = members[1:]
		return c.Post("/me/enrolment", object{"registration_key": key})
	}
	unknown := join("NOSUCHKEYNOSUCHKEYNOSUCHKE")
	unknown.ExpectProblem(http.StatusUnprocessableEntity, "registration_key_invalid")
	rejected := func(why string, res response) {
		t.Helper()
		if diff := cmp.Diff(comparable(t, unknown), comparable(t, res)); diff != "" {
			t.Errorf("the response for a key that %s differs from that for an unknown one:\n%s", why, diff)
		}
	}

	join(" " + key[:6] + "-" + key[6:]).Expect(http.StatusCreated)
	fresh := decode[registrationKey](e.admin.Post(path+"/rotation", nil).Expect(http.StatusOK)).Key
	rejected("was rotated", join(key))
	join(fresh).Expect(http.StatusCreated)

	e.admin.Patch(path, object{"enabled": false}).Expect(http.StatusOK)
	rejected("is disabled", join(fresh))
	e.admin.Patch(path, object{"enabled": true, "expires_at": e.Clock.Now().Add(time.Hour)}).Expect(http.StatusOK)
	join(fresh).Expect(http.StatusCreated)
	e.Clock.Advance(time.Hour)
	rejected("has expired", join(fresh))
	e.admin.Patch(path, object{"expires_at": nil, "seats": 3}).Expect(http.StatusOK)
	join(fresh).ExpectProblem(http.StatusConflict, "batch_full")
	e.admin.Patch(path, object{"seats": nil}).Expect(http.StatusOK)
	e.admin.Post("/batches/"+id+"/archival", nil).Expect(http.StatusOK)
	rejected("belongs to an archived batch", join(fresh))
	e.admin.Delete("/batches/" + id + "/archival").Expect(http.StatusNoContent)
	join(fresh).Expect(http.StatusCreated)
}

func TestJoin_EnforcesTheRules(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	first, key := e.batch("First", "UTC")
	second, otherKey := e.batch("Second", "UTC")
	ada, grace := e.student("Ada", key), e.instructor("Grace", first)

	// A student cannot join again or change the batch.
	ada.Post("/me/enrolment", object{"registration_key": key}).ExpectProblem(http.StatusConflict, "already_enrolled")
	ada.Post("/me/enrolment", object{"registration_key": otherKey}).ExpectProblem(http.StatusConflict, "already_enrolled")
	ada.Patch("/me", object{"batch_id": second}).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	for _, path := range []string{"/students/" + ada.ID, "/me/enrolment"} {
		for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
			ada.Do(apiclient.Request{Method: method, Path: path, Body: object{"batch_id": second}}).ExpectProblem(http.StatusMethodNotAllowed, "method_not_allowed")
		}
	}
	if got := get[me](ada, "/me"); got.Batch.ID != first {
		t.Errorf("ada has moved to %s", got.Batch.ID)
	}

	// Staff cannot become students, and a key is required.
	for _, c := range []client{grace, e.admin} {
		c.Post("/me/enrolment", object{"registration_key": key}).ExpectProblem(http.StatusForbidden, "forbidden")
	}
	if got := get[me](grace, "/me"); got.Role != "instructor" || len(got.Teaches) != 1 {
		t.Errorf("grace is %+v", got)
	}
	ben := e.member("Ben")
	ben.Post("/me/enrolment", object{}).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	ben.Post("/me/enrolment", object{"batch_id": first}).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	if got := get[me](ben, "/me"); got.Role != "member" {
		t.Errorf("ben is %+v", got)
	}
	body := apiclient.Registration("Cleo", "NOSUCHKEYNOSUCHKEYNOSUCHKE")
	e.anonymous.Post("/auth/register", body).ExpectProblem(http.StatusUnprocessableEntity, "registration_key_invalid")
	body = apiclient.Registration("Cleo", "")
	body["role"] = "admin"
	e.anonymous.Post("/auth/register", body).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	if found := get[apiclient.Page[me]](e.admin, "/users?search=cleo").Items; len(found) != 0 {
		t.Errorf("a failed registration created %+v", found)
	}
	// A registration with a taken address uses no seat.
	e.anonymous.Post("/auth/register", apiclient.Registration("Ada", otherKey)).ExpectProblem(http.StatusConflict, "email_taken")
	if k := get[registrationKey](e.admin, "/batches/"+second+"/registration-key"); k.SeatsTaken != 0 {
		t.Errorf("%d seats of the second batch are taken", k.SeatsTaken)
	}
}
