package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// The contract says with x-fresh which operations need fresh authentication, and the policy
// which actions do.
func TestFreshAuthentication_IsDemandedWhereTheContractSays(t *testing.T) {
	t.Parallel()
	e := newActorEnv(t)
	e.Clock.Advance(15 * time.Minute)
	e.snapshot = e.Snapshot(t)
	demanded := 0
	for _, op := range loadOperations(t) {
		r, _ := rowOf(op.OperationID)
		actor, object := r.success(t)
		res := e.do(op, r, object, actor)
		fresh := op.Extensions["x-fresh"] == true
		if fresh {
			demanded++
			res.ExpectProblem(http.StatusForbidden, "reauthentication_required")
		} else if res.Code() == "reauthentication_required" {
			t.Errorf("%s returned reauthentication_required. Add x-fresh: true to the operation, or remove its action from the sensitive ones of the policy", op.OperationID)
		}
		if op.method != http.MethodGet && !fresh {
			e.snapshot.Restore(t)
		}
	}
	if changed := e.snapshot.Changed(t); demanded == 0 || len(changed) > 0 {
		t.Errorf("%d operations need fresh authentication; rejected ones changed %q", demanded, changed)
	}
}

func TestReauthentication(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada := e.member("Ada")
	role := "/users/" + ada.ID + "/role"
	instructor := object{"role": "instructor"}
	e.Clock.Advance(15*time.Minute - time.Nanosecond)
	e.admin.Put(role, instructor).Expect(http.StatusOK)
	e.Clock.Advance(time.Nanosecond)
	e.admin.Put(role, instructor).ExpectProblem(http.StatusForbidden, "reauthentication_required")

	// A wrong password changes nothing.
	e.admin.Post("/auth/reauthentication", object{"current_password": "not my password at all"}).
		ExpectProblem(http.StatusUnprocessableEntity, "current_password_wrong")
	e.admin.Put(role, instructor).ExpectProblem(http.StatusForbidden, "reauthentication_required")

	res := e.admin.Post("/auth/reauthentication", object{"current_password": testserver.Password}).Expect(http.StatusOK)
	renewed := e.admin.SignedIn(res)
	e.admin.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	renewed.Put(role, object{"role": "member"}).Expect(http.StatusOK)
	_, current := sessions(t, renewed)
	if !current.CreatedAt.Equal(e.Clock.Now().Add(-15 * time.Minute)) {
		t.Errorf("the session is another one: %+v", current)
	}
	// New tokens prove nothing new.
	e.Clock.Advance(15 * time.Minute)
	renewed = e.by(e.refreshed(apiclient.Decode[tokens](res).Refresh).Access)
	renewed.Put(role, instructor).ExpectProblem(http.StatusForbidden, "reauthentication_required")
}

// A double click does not sign anybody out.
func TestReauthentication_OfTwoAtTheSameTimeOneSucceeds(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada := e.member("Ada")
	e.Clock.Advance(time.Hour)
	responses := make(chan response, 2)
	for range 2 {
		go func() {
			responses <- ada.Post("/auth/reauthentication", object{"current_password": testserver.Password})
		}()
	}
	var succeeded []client
	for range 2 {
		if res := <-responses; res.Status == http.StatusOK {
			succeeded = append(succeeded, ada.SignedIn(res))
		} else {
			res.ExpectProblem(http.StatusUnauthorized, "unauthenticated")
		}
	}
	if len(succeeded) != 1 {
		t.Fatalf("%d requests succeeded", len(succeeded))
	}
	succeeded[0].Put("/me/password", object{"current_password": testserver.Password, "password": "nine grey herons wading home"}).Expect(http.StatusNoContent)
}
