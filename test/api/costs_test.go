package api_test

import (
	"net/http"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/operations"
)

// usualWriteTrips are the most round trips to the database of a write. Each statement of a unit
// of work is one, because the next one depends on its result: the session, BEGIN, the locks, the
// actor as they are now, what the rules need, the change, the audit entry with its lock, and
// COMMIT.
const usualWriteTrips = 11

// moreWriteTrips are the round trips of writes that change more than one object.
var moreWriteTrips = map[string]int{
	"AcceptWakaTimeAccount":  17, // moves the days of both accounts
	"ChangePassword":         14, // reads the password before it is verified, and again, and sends a notice
	"ChangeUserRole":         14, // locks the admins, and ends sessions
	"ConnectWakaTimeWithKey": 19, // moves the days of both accounts, and requests a sync
	"CreateApiToken":         12, // counts those of the user, and sends a notice
	"JoinBatch":              15, // changes the user and their enrolment, and requests a sync
	"Reauthenticate":         13, // reads the password before it is verified, and again
	"SignIn":                 15, // reads the password and TOTP, stores a session with its refresh token, and sends a mail
	"SuspendUser":            16, // locks the admins, ends sessions, and disconnects the user
}

// success returns the first actor and object for which a call of the operation succeeds, or
// else for which the request itself is rejected.
func (r row) success(t *testing.T) (actor, object string) {
	t.Helper()
	rejected := ""
	for _, object := range r.objects() {
		for _, actor := range operations.Actors {
			switch status := r.status(object, actor); {
			case status < http.StatusBadRequest:
				return actor, object
			case (status == http.StatusUnprocessableEntity || r.Conflicts && status == http.StatusConflict) && rejected == "":
				rejected = actor
			}
		}
	}
	if rejected != "" {
		return rejected, r.objects()[0]
	}
	t.Fatalf("no actor of %+v succeeds", r)
	return "", ""
}

func TestWrites_CostFewRoundTrips(t *testing.T) {
	t.Parallel()
	e := newActorEnv(t)
	e.snapshot = e.Snapshot(t)
	for _, op := range loadOperations(t) {
		r, _ := rowOf(op.OperationID)
		if op.method == http.MethodGet || op.OperationID == "CompleteSignIn" { // TestTOTP_SignInCostsFewRoundTrips
			continue
		}
		actor, object := r.success(t)
		e.Statements.Take()
		e.do(op, r, object, actor).Expect(r.status(object, actor))
		record := e.Statements.Take()
		limit := max(moreWriteTrips[op.OperationID], usualWriteTrips)
		t.Logf("%s: %d round trips: %s", op.OperationID, record.Trips, record.Names())
		if record.Trips > limit || record.Trips == 0 {
			t.Errorf("%s: %d round trips (%s), from 1 to %d are allowed", op.OperationID, record.Trips, record.Names(), limit)
		}
		e.snapshot.Restore(t)
	}
}
