package examples_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
)

// call is how a documented request is sent to the seeded server.
type call struct {
	as   string            // the address of who asks, without what follows the @; empty: nobody
	path map[string]string // path parameters other than those of the parameters' examples
	// prepare completes a body with what can only be known then.
	prepare func(t *testing.T, c client, body map[string]any)
}

// noor is a student whose connection ended.
const noor = "019b76dc-3670-7f9d-aa81-65ee80878147"

// calls has every operation with each of its success examples. A request example goes
// with the answer example of the same name; an empty name is an answer without a body.
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

// volatile is what differs from answer to answer. Everything else in the examples is
// exactly what the seeded server says.
var volatile = map[string][]mask{
	"Register":                   {{"token", nil, "a secret"}, {"user.id", nil, "drawn when the account is made"}},
	"SignIn":                     {{"token", nil, "a secret"}},
	"CreateBatch":                {{"id", nil, "drawn when the batch is opened"}},
	"RotateRegistrationKey":      {{"key", nil, "drawn when the key is rotated"}},
	"StartWakaTimeAuthorization": {{"authorization_url", regexp.MustCompile(`state=[\w-]+`), "a secret"}},
}

// mask is a value of an answer, or the part of it that a pattern finds, with the reason
// why it differs.
type mask struct {
	at   string // a path of names
	part *regexp.Regexp
	why  string
}

// sent are the query parameters whose examples are sent with the example request of an
// operation. Filters are optional, and tried alone.
var sent = []string{"limit", "from", "to"}

// consent starts a sign-in at WakaTime and approves it, as its owner would.
func consent(t *testing.T, c client, body map[string]any) {
	t.Helper()
	started := c.send(http.MethodPost, "/me/wakatime/authorization", nil).is(http.StatusCreated)
	address, _ := started.value(t).(map[string]any)["authorization_url"].(string)
	a := c.fetch(c.room.real(address) + "&login=" + c.username)
	back, err := url.Parse(a.header.Get("Location"))
	if err != nil || back.Query().Get("code") == "" {
		t.Fatalf("the consent page answered %d: %v", a.status, err)
	}
	body["code"], body["state"] = back.Query().Get("code"), back.Query().Get("state")
}
