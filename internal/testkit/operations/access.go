package operations

import "github.com/gradus-dev/gradus/internal/testkit/apiclient"

// Actors are the columns of Access. The student and the instructor belong to the first
// batch, the other student and the other instructor to the second one.
var Actors = []string{"anonymous", "member", "student", "other student", "instructor", "other instructor", "admin", "suspended"}

// Access has the status of an operation for each actor, separated by spaces. An operation
// on an object has those for an object of the first batch; those for the second one are
// mirrored, and a missing object is like one without access.
//
// It is written by hand, so that it is independent of the policy and the contract.
type Access struct {
	On   string // the path parameter of the object: a name in fixture.Params
	Want string
	Self string // the statuses if the object is the actor, or belongs to them alone
	User string // the actor whose ID is the user_id, if that is not the object
	Body apiclient.Object
	// Conflicts means that the object of an actor who is allowed to call the operation is in
	// another state than it needs, so that they get 409.
	Conflicts bool
}

// Placeholders in a body that the suite replaces with values from the server.
const (
	FirstKey     = "the registration key of the first batch"
	RefreshToken = "a refresh token of the member"
	SpareKey     = "the API key of a WakaTime user who is not connected"
)

// The columns that many operations share.
const (
	everyone     = "200 200 200 200 200 200 200 200"
	signedInOnly = "401 200 200 200 200 200 200 401"
	adminsOnly   = "401 403 403 403 403 403 200 401"
	insiders     = "401 404 200 404 200 404 200 401"
	staffOnly    = "401 404 403 404 200 404 200 401"
	adminOfBatch = "401 404 403 404 403 404 200 401"
)
