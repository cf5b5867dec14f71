package api_test

import "github.com/gradus-dev/gradus/internal/testkit/apiclient"

// actors are the columns of the matrix. The student and the instructor belong to the first
// batch, the other student and the other instructor to the second one.
var actors = []string{"anonymous", "member", "student", "other student", "instructor", "other instructor", "admin", "suspended"}

// row has the status of an operation for each actor. An operation on an object has those
// for an object of the first batch. For the second batch, the actors and the user are
// mirrored. A missing object is like one without access.
type row struct {
	on   string // the path parameter of the object: a name in fixture.Params
	want string
	self string // the statuses when the object is the actor
	body object
	user string // the actor whose ID is the user_id of an operation on a batch
}

// Values of bodies that depend on the server.
const (
	firstKey = "{the registration key of the first batch}"
	spareKey = "{the API key of an unconnected user of WakaTime}"
)

// The columns that many operations share.
const (
	everybody    = "200 200 200 200 200 200 200 200"
	signedInOnly = "401 200 200 200 200 200 200 401"
	adminsOnly   = "401 403 403 403 403 403 200 401"
	insiders     = "401 404 200 404 200 404 200 401"
	staffOnly    = "401 404 403 404 200 404 200 401"
	adminOfBatch = "401 404 403 404 403 404 200 401"
)

// matrix has a row for every operation. It is written by hand, so that it is independent of
// the policy and the contract that it tests.
var matrix = map[string]row{
	"Register": {want: "201 201 201 201 201 201 201 201", body: apiclient.Registration("Newcomer", "")},
	"SignIn":   {want: everybody, body: object{"email": "member@school.example", "password": apiclient.Password}},
	"SignOut":  {want: "401 204 204 204 204 204 204 401"},
	"GetMe":    {want: signedInOnly},
	"UpdateMe": {want: signedInOnly, body: object{"name": "Another Name"}},

	"ListUsers":      {want: adminsOnly},
	"GetUser":        {on: "user_id", want: adminsOnly},
	"ChangeUserRole": {on: "user_id", want: adminsOnly, body: object{"role": "instructor"}},
	"SuspendUser":    {on: "user_id", want: adminsOnly},
	"ReinstateUser":  {on: "user_id", want: "401 403 403 403 403 403 204 401"},

	"ListBatches": {want: signedInOnly},
	"CreateBatch": {want: "401 403 403 403 403 403 201 401", body: object{
		"name": "Another", "starts_on": "2040-01-01", "ends_on": "2040-12-31", "time_zone": "UTC",
	}},
	"GetBatch":              {on: "batch_id", want: insiders},
	"UpdateBatch":           {on: "batch_id", want: staffOnly, body: object{"name": "Renamed"}},
	"ArchiveBatch":          {on: "batch_id", want: adminOfBatch},
	"RestoreBatch":          {on: "batch_id", want: "401 404 403 404 403 404 204 401"},
	"ListBatchInstructors":  {on: "batch_id", want: staffOnly},
	"AssignInstructor":      {on: "batch_id", want: adminOfBatch, user: "other instructor"},
	"RemoveInstructor":      {on: "batch_id", want: "401 404 403 404 403 404 204 401", user: "instructor"},
	"GetRegistrationKey":    {on: "batch_id", want: staffOnly},
	"UpdateRegistrationKey": {on: "batch_id", want: staffOnly, body: object{"seats": 3}},
	"RotateRegistrationKey": {on: "batch_id", want: staffOnly},

	"JoinBatch":    {want: "401 201 409 409 403 403 403 401", body: object{"registration_key": firstKey}},
	"ListStudents": {want: "401 403 403 403 200 200 200 401"},
	"GetStudent":   {on: "student_id", want: insiders, self: "401 404 200 200 404 404 404 401"},

	"GetWakaTimeConnection":      {want: signedInOnly},
	"StartWakaTimeAuthorization": {want: "401 201 201 201 201 201 201 401"},
	// All who are allowed to connect learn that the state is unknown.
	"CompleteWakaTimeAuthorization": {want: "401 422 422 422 422 422 422 401", body: object{"code": "c", "state": "s"}},
	"ConnectWakaTimeWithKey":        {want: signedInOnly, body: object{"api_key": spareKey}},
	"DisconnectWakaTime":            {want: signedInOnly},
	"SyncMyDays":                    {want: "401 202 202 202 202 202 202 401"},
	"ListMyDays":                    {want: signedInOnly},
	"GetToday":                      {want: signedInOnly},

	"ListStudentDays":    {on: "student_id", want: insiders, self: signedInOnly},
	"GetStudentCoverage": {on: "student_id", want: insiders, self: signedInOnly},
	"SyncStudentDays":    {on: "student_id", want: "401 404 202 404 202 404 202 401", self: "401 202 202 202 202 202 202 401"},
	"GetBatchProgress":   {on: "batch_id", want: staffOnly},
	"GetBatchCoverage":   {on: "batch_id", want: staffOnly},

	"GetDashboard":     {want: adminsOnly},
	"ListAuditEntries": {want: adminsOnly},
}
