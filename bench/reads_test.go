package bench

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gradus-dev/gradus/api"
	"github.com/gradus-dev/gradus/internal/conformance"
	"github.com/gradus-dev/gradus/internal/testkit/school"
)

// student is the caller that is a student.
const student = "student"

// read is a request to measure.
type read struct {
	as     string // student, or a member of the staff
	path   string // {small} is a batch of 25 students, {student} one of them, {1000} and {2000} are large batches
	after  string // the key of a page in JSON, for a page that is not the first one
	goal   int    // buffers at any number of students; 0 for none
	weight int    // in the mix
}

// The keys of pages late in a list.
const (
	atWim   = `{"Name": "wim", "ID": "00000000-0000-0000-0000-000000000000"}`
	atBatch = `{"Name": "batch 3", "ID": "00000000-0000-0000-0000-000000000000"}`
	atEntry = `{"At": "2026-10-08T00:00:00Z", "Seq": 0}`
)

// The buffers that reads should need at most. People with a list of any kind wait for a page.
const (
	pageGoal  = 250
	yearGoal  = 25
	batchGoal = 300
)

const year = "from=2025-10-15&to=2026-10-14"

var reads = []read{
	{as: school.Admin, path: "/me", weight: 5},
	{as: student, path: "/me", weight: 20},
	{as: school.Forty, path: "/me", weight: 5},
	{as: student, path: "/me/sessions"},
	{as: student, path: "/me/totp"},
	{as: student, path: "/me/api-tokens"},
	{as: school.Admin, path: "/api-tokens"},
	{as: school.Admin, path: "/users/{student}/sessions"},

	{as: school.Admin, path: "/users", goal: pageGoal, weight: 2},
	{as: school.Admin, path: "/users?limit=25", after: atWim, goal: pageGoal},
	{as: school.Admin, path: "/users?role=instructor", goal: pageGoal, weight: 1},
	{as: school.Admin, path: "/users?search=zita", goal: pageGoal, weight: 1},
	{as: school.Admin, path: "/users?search=staff+one", goal: pageGoal, weight: 1},
	{as: school.Admin, path: "/users?search=example.org", goal: pageGoal}, // half of the people
	{as: school.Admin, path: "/users?search=zzyzx", goal: pageGoal},
	{as: school.Admin, path: "/users?search=xq", goal: pageGoal},
	{as: school.Admin, path: "/users/{student}"},

	{as: school.Admin, path: "/students", goal: pageGoal, weight: 3},
	{as: school.Admin, path: "/students?limit=25", after: atWim, goal: pageGoal},
	{as: school.Admin, path: "/students?search=zita", goal: pageGoal, weight: 2},
	{as: school.Admin, path: "/students?search=example.org", goal: pageGoal},
	{as: school.Admin, path: "/students?search=zzyzx", goal: pageGoal},
	{as: school.Admin, path: "/students?search=xq", goal: pageGoal},
	{as: school.Admin, path: "/students?search=an", goal: pageGoal},
	{as: school.Admin, path: "/students?connected=false", goal: pageGoal},
	{as: school.Admin, path: "/students?status=paused", goal: pageGoal},
	{as: school.Admin, path: "/students?batch_id={small}", goal: pageGoal, weight: 2},
	{as: school.Admin, path: "/students?batch_id={2000}", goal: pageGoal},
	{as: school.Forty, path: "/students", goal: pageGoal, weight: 3},
	{as: school.Forty, path: "/students?limit=25", after: atWim, goal: pageGoal},
	{as: school.Forty, path: "/students?search=zita", goal: pageGoal, weight: 1},
	{as: school.Forty, path: "/students?search=example.org", goal: pageGoal},
	{as: school.Forty, path: "/students?search=xq", goal: pageGoal},
	{as: school.Instructor, path: "/students", goal: pageGoal, weight: 3},
	{as: school.Instructor, path: "/students?search=zita", goal: pageGoal},
	{as: school.Admin, path: "/students/{student}", weight: 3},
	{as: school.Admin, path: "/students/{student}/wakatime/accounts"},
	{as: school.Admin, path: "/students/{student}/days", goal: yearGoal, weight: 5},
	{as: school.Admin, path: "/students/{student}/days?" + year, goal: yearGoal, weight: 1},
	{as: school.Admin, path: "/students/{student}/coverage", goal: yearGoal, weight: 2},
	{as: school.Admin, path: "/students/{student}/coverage?" + year, goal: yearGoal},

	{as: student, path: "/me/days", goal: yearGoal, weight: 10},
	{as: student, path: "/me/days?" + year, goal: yearGoal, weight: 2},
	{as: student, path: "/me/today", weight: 5},
	{as: student, path: "/me/wakatime", weight: 3},
	{as: student, path: "/wakatime/servers"},

	{as: school.Admin, path: "/batches", goal: pageGoal, weight: 2},
	{as: school.Admin, path: "/batches?limit=25", after: atBatch, goal: pageGoal},
	{as: school.Admin, path: "/batches?search=batch+17", goal: pageGoal},
	{as: school.Admin, path: "/batches?search=zzyzx", goal: pageGoal},
	{as: school.Forty, path: "/batches", goal: pageGoal, weight: 3},
	{as: school.Admin, path: "/batches/{2000}"},
	{as: school.Admin, path: "/batches/{small}", weight: 2},
	{as: school.Admin, path: "/batches/{small}/instructors"},
	{as: school.Instructor, path: "/batches/{small}/registration-key"},
	{as: school.Admin, path: "/batches/{small}/progress?limit=25", goal: batchGoal, weight: 4},
	{as: school.Admin, path: "/batches/{1000}/progress?limit=25", goal: batchGoal},
	{as: school.Admin, path: "/batches/{2000}/progress?limit=25", goal: batchGoal},
	{as: school.Admin, path: "/batches/{2000}/progress?limit=25", after: atWim, goal: batchGoal},
	{as: school.Admin, path: "/batches/{small}/coverage", goal: batchGoal, weight: 2},
	{as: school.Admin, path: "/batches/{1000}/coverage", goal: batchGoal},

	{as: school.Admin, path: "/admin/dashboard", goal: 150, weight: 2},

	{as: school.Admin, path: "/audit-log", goal: pageGoal, weight: 1},
	{as: school.Admin, path: "/audit-log?limit=25", after: atEntry, goal: pageGoal},
	{as: school.Admin, path: "/audit-log?to=2026-10-08T00:00:00Z", goal: pageGoal},
	{as: school.Admin, path: "/audit-log?action=batch.create", goal: pageGoal},
	{as: school.Admin, path: "/audit-log?action=batch.archive", goal: pageGoal},
	{as: school.Admin, path: "/audit-log?subject={student}", goal: pageGoal},
	{as: school.Admin, path: "/audit-log?actor_id={student}", goal: pageGoal},
}

// large reports whether the read is about a large batch.
func (r read) large() bool {
	return strings.Contains(r.path, "{1000}") || strings.Contains(r.path, "{2000}")
}

// name describes the request.
func (r read) name() string {
	if r.after != "" {
		return r.path + "&after=…"
	}
	return r.path
}

// target is a request to send.
type target struct{ path, token string }

// target returns the request of a read: that of the first small batch and its first student, or
// with rnd of a random one.
func (r read) target(s school.School, rnd *rand.Rand) target {
	first, large := 1, len(s.Large)
	for _, size := range s.Large {
		first += size
	}
	n := 0
	if rnd != nil && r.as != school.Instructor {
		n = rnd.IntN(500)
	}
	user := fmt.Sprint("user", first+n)
	caller := r.as
	if caller == student {
		caller = user
	}
	path := strings.NewReplacer(
		"{student}", school.ID(user), "{small}", school.ID(fmt.Sprint("batch", large+n%(s.Batches()-large))),
		"{1000}", school.ID("batch0"), "{2000}", school.ID(fmt.Sprint("batch", large/2)),
	).Replace(r.path)
	return target{"/api/v1" + path, school.Token(caller)}
}

// mix returns requests in random order, in proportion to the weights of their reads.
func mix(s school.School) []target {
	rnd := rand.New(rand.NewPCG(1, 2))
	var out []target
	for _, r := range reads {
		for range 10 * r.weight {
			out = append(out, r.target(s, rnd))
		}
	}
	rnd.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func TestReads_AreAllReadsOfTheAPI(t *testing.T) {
	t.Parallel()
	spec, err := openapi3.NewLoader().LoadFromData(api.Spec)
	if err != nil {
		t.Fatal(err)
	}
	contract, err := conformance.Ours()
	if err != nil {
		t.Fatal(err)
	}
	var measured []string
	for _, r := range reads {
		path := r.target(rung(10_000), nil).path
		route := contract.Find(httptest.NewRequest(http.MethodGet, path, http.NoBody))
		if route == nil {
			t.Fatalf("%s is no operation", path)
		}
		measured = append(measured, route.Operation.OperationID)
	}
	for path, item := range spec.Paths.Map() {
		if item.Get != nil && !slices.Contains(measured, item.Get.OperationID) {
			t.Errorf("make bench does not measure GET %s: add it to reads in bench/reads_test.go", path)
		}
	}
}
