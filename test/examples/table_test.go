package examples_test

import (
	"maps"
	"regexp"
	"strings"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// call is the request of an example.
type call struct {
	as   string            // the local part of the caller's email; empty for an anonymous caller
	path map[string]string // path parameters whose values are not the examples
	// prepare adds to the body what depends on the server.
	prepare func(c apiclient.Client, body apiclient.Object)
}

// noor is a student whose connection has ended.
const noor = "019b76dc-3670-7f9d-aa81-65ee80878147"

// calls has every operation with each of its success examples. A request and a response
// with the same name belong together; a response without a body has an empty name.
var calls = map[string]map[string]call{
	"Register": {"with_key": {}, "without_key": {}},
	"SignIn":   {"token": {}, "cookie": {}},
	"SignOut":  {"": {as: "ada"}},
	"GetMe":    {"student": {as: "ada"}, "instructor": {as: "tomas"}},
	"UpdateMe": {"name": {as: "ada"}},

	"ListUsers":      {"page": {as: "mira"}},
	"GetUser":        {"instructor": {as: "mira"}},
	"ChangeUserRole": {"admin": {as: "mira"}},
	"SuspendUser":    {"suspended": {as: "mira"}},
	"ReinstateUser":  {"": {as: "mira"}},

	"ListBatches":           {"page": {as: "mira"}},
	"CreateBatch":           {"winter": {as: "mira"}},
	"GetBatch":              {"autumn": {as: "tomas"}},
	"UpdateBatch":           {"goal": {as: "tomas"}, "no_goal": {as: "tomas"}},
	"ArchiveBatch":          {"archived": {as: "mira"}},
	"RestoreBatch":          {"": {as: "mira"}},
	"ListBatchInstructors":  {"all": {as: "tomas"}},
	"AssignInstructor":      {"tomas": {as: "mira"}},
	"RemoveInstructor":      {"": {as: "mira"}},
	"GetRegistrationKey":    {"open": {as: "tomas"}},
	"UpdateRegistrationKey": {"limit": {as: "tomas"}, "off": {as: "tomas"}},
	"RotateRegistrationKey": {"rotated": {as: "tomas"}},

	"JoinBatch":    {"key": {as: "hana"}},
	"ListStudents": {"page": {as: "mira"}},
	"GetStudent":   {"ada": {as: "ada"}},

	"GetWakaTimeConnection":         {"connected": {as: "ada"}, "needs_reconnect": {as: "noor"}, "not_connected": {as: "tariq"}},
	"DisconnectWakaTime":            {"revoked": {as: "ada"}},
	"StartWakaTimeAuthorization":    {"started": {as: "tariq"}},
	"CompleteWakaTimeAuthorization": {"returned": {as: "tariq", prepare: consent}},
	"ConnectWakaTimeWithKey":        {"wakatime": {as: "tariq"}, "compatible": {as: "tariq"}},
	"SyncMyDays":                    {"planned": {as: "ada"}},

	"ListMyDays":         {"days": {as: "ada"}},
	"GetToday":           {"today": {as: "ada"}},
	"ListStudentDays":    {"days": {as: "tomas"}},
	"GetStudentCoverage": {"known": {as: "tomas"}, "gaps": {as: "tomas", path: map[string]string{"student_id": noor}}},
	"SyncStudentDays":    {"planned": {as: "tomas"}},
	"GetBatchProgress":   {"days": {as: "tomas"}},
	"GetBatchCoverage":   {"days": {as: "tomas"}},

	"GetDashboard":     {"autumn": {as: "mira"}},
	"ListAuditEntries": {"page": {as: "mira"}},
}

// volatile has the values that differ between responses. All others are exactly those of the
// seeded server.
var volatile = map[string][]mask{
	"Register":                   {{"token", nil, "a secret"}, {"user.id", nil, "random"}},
	"SignIn":                     {{"token", nil, "a secret"}},
	"CreateBatch":                {{"id", nil, "random"}},
	"RotateRegistrationKey":      {{"key", nil, "random"}},
	"StartWakaTimeAuthorization": {{"authorization_url", regexp.MustCompile(`state=[\w-]+`), "a secret"}},
}

// mask is a value of a response, or the part of it that a pattern matches.
type mask struct {
	at   string // a path of property names
	part *regexp.Regexp
	why  string // it differs
}

// sent has the query parameters that are sent with the request of an example. Filters are
// checked one by one, by TestFilters_MatchSomething.
var sent = []string{"limit", "from", "to"}

// consent adds the parameters with which WakaTime redirects the caller.
func consent(c apiclient.Client, body apiclient.Object) {
	username, _, _ := strings.Cut(c.Email, "@")
	maps.Copy(body, c.Consent(username))
}
