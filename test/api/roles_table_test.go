package api_test

// The actors of the matrix, in the order of its columns. The student and the instructor
// belong to one batch, the other student and the stranger to another.
var actors = []string{"anonymous", "member", "student", "other", "instructor", "stranger", "admin", "suspended"}

// row is what one operation answers to each actor. Where it has an object, the columns
// are for an object of the first batch; those for the second one are their mirror
// image, and what does not exist answers like what one may not see.
type row struct {
	on   string // "batch", "student", "user", or nothing
	want string
	self string // for operations on students: the actor themselves, whoever that is
	body obj
}

// Shorthands for columns that stand often.
const (
	everybody    = "200 200 200 200 200 200 200 200"
	signedInOnly = "401 200 200 200 200 200 200 401"
	adminsOnly   = "401 403 403 403 403 403 200 401"
	insiders     = "401 404 200 404 200 404 200 401"
	staffOnly    = "401 404 403 404 200 404 200 401"
	adminOfBatch = "401 404 403 404 403 404 200 401"
)

// matrix is every operation. The statuses are those of success and refusal; the rules
// of each operation have tests of their own.
var matrix = map[string]row{
	"Register": {want: "201 201 201 201 201 201 201 201", body: application("Newcomer", "")},
	"SignIn":   {want: everybody, body: obj{"email": "member@school.example", "password": "three blue teapots sing"}},
	"SignOut":  {want: "401 204 204 204 204 204 204 401"},
	"GetMe":    {want: signedInOnly},
	"UpdateMe": {want: signedInOnly, body: obj{"name": "Somebody Else"}},

	"ListUsers":      {want: adminsOnly},
	"GetUser":        {on: "user", want: adminsOnly},
	"ChangeUserRole": {on: "user", want: adminsOnly, body: obj{"role": "instructor"}},
	"SuspendUser":    {on: "user", want: adminsOnly},
	"ReinstateUser":  {on: "user", want: "401 403 403 403 403 403 204 401"},

	"ListBatches": {want: signedInOnly},
	"CreateBatch": {want: "401 403 403 403 403 403 201 401", body: obj{
		"name": "Another", "starts_on": "2040-01-01", "ends_on": "2040-12-31", "time_zone": "UTC",
	}},
	"GetBatch":              {on: "batch", want: insiders},
	"UpdateBatch":           {on: "batch", want: staffOnly, body: obj{"name": "Renamed"}},
	"ArchiveBatch":          {on: "batch", want: adminOfBatch},
	"RestoreBatch":          {on: "batch", want: "401 404 403 404 403 404 204 401"},
	"ListBatchInstructors":  {on: "batch", want: staffOnly},
	"AssignInstructor":      {on: "batch", want: adminOfBatch},
	"RemoveInstructor":      {on: "batch", want: "401 404 403 404 403 404 204 401"},
	"GetRegistrationKey":    {on: "batch", want: staffOnly},
	"UpdateRegistrationKey": {on: "batch", want: staffOnly, body: obj{"seats": 3}},
	"RotateRegistrationKey": {on: "batch", want: staffOnly},

	"JoinBatch":    {want: "401 201 409 409 403 403 403 401", body: obj{"registration_key": "the key of the first batch"}},
	"ListStudents": {want: "401 403 403 403 200 200 200 401"},
	"GetStudent":   {on: "student", want: insiders, self: "401 404 200 200 404 404 404 401"},

	"GetWakaTimeConnection":      {want: signedInOnly},
	"StartWakaTimeAuthorization": {want: "401 201 201 201 201 201 201 401"},
	// Whoever may connect is told that this state is nobody's.
	"CompleteWakaTimeAuthorization": {want: "401 422 422 422 422 422 422 401", body: obj{"code": "c", "state": "s"}},
	"ConnectWakaTimeWithKey":        {want: signedInOnly, body: obj{"api_key": "the key of somebody upstream"}},
	"DisconnectWakaTime":            {want: signedInOnly},
	"SyncMyDays":                    {want: "401 202 202 202 202 202 202 401"},
	"ListMyDays":                    {want: signedInOnly},
	"GetToday":                      {want: signedInOnly},

	"ListStudentDays":    {on: "student", want: insiders, self: signedInOnly},
	"GetStudentCoverage": {on: "student", want: insiders, self: signedInOnly},
	"SyncStudentDays":    {on: "student", want: "401 404 202 404 202 404 202 401", self: "401 202 202 202 202 202 202 401"},
	"GetBatchProgress":   {on: "batch", want: staffOnly},
	"GetBatchCoverage":   {on: "batch", want: staffOnly},

	"GetDashboard":     {want: adminsOnly},
	"ListAuditEntries": {want: adminsOnly},
}
