package cost_test

// What most reads cost at most.
const (
	usualTrips = 1    // the session is still in memory
	usualRows  = 1000 // read from tables and indexes
)

// goals are the buffers that operations should need at any number of students. A limit may be
// half as much again.
var goals = map[string]int{
	"GetDashboard":     150,
	"ListUsers":        250,
	"ListStudents":     250,
	"ListBatches":      250,
	"ListAuditEntries": 250,
	"ListMyDays":       25,
	"ListStudentDays":  25,
	"GetBatchProgress": 300,
	"GetBatchCoverage": 300,
}

// read is a request, and what it may cost at most with the large school. Limits are a little
// above what was measured: a plan is either good, or far above them.
type read struct {
	as      string // a name in callers
	path    string // {user1} is the ID of that user
	after   string // the key of a page in JSON, for a page that is not the first one
	buffers int    // with the worse of both plans
	fresh   int    // buffers after syncs that no vacuum has followed; 0 for buffers
	trips   int    // round trips; 0 for usualTrips
	rows    int    // 0 for usualRows
	scans   string // large tables that are scanned as a whole
	above   string // why buffers is above the goal
	grows   string // why buffers grow with the number of students
	fill    string // SQL that inserts what the read returns: $1 is the time, $2 the number of students
}

func (r read) String() string {
	if r.after != "" {
		return "GET " + r.path + "&after=" + r.after + " as " + r.as
	}
	return "GET " + r.path + " as " + r.as
}

// details is why days cost more than their goal, which is for their totals alone.
const details = "returns the details of each day, which are in the table"

// sums is the reason of first pages of large batches.
const sums = "the total of 1,000 students is summed up once: three or four buffers for each"

// weeks is the reason of the dashboard.
const weeks = "three buffers for the summary of each of 105 students; decision 0055 says why they are not stored with their batches"

// ranges is the reason of searches of an instructor with 40 batches.
const ranges = "four buffers for the range of each batch, and three for each of 51 students"

// many is the reason of searches for a frequent part of names.
const many = "few students have few matches, which are sorted; 150 matches and more are read in the order of names"

// first is the table that searches for a very frequent text scan until the first 101 matches.
const first = "users"

// more is the reason of pages that a small school does not fill.
const more = "a large school has more batches with such names"

// atWim is the key of pages of people whose names start late in the alphabet.
const atWim = `{"Name": "wim", "ID": "00000000-0000-0000-0000-000000000000"}`

// tokens gives every user an API token.
const tokens = `INSERT INTO api_tokens (id, user_id, token_hash, name, scopes, created_at, expires_at)
SELECT md5('token' || u.id)::uuid, u.id, sha256(convert_to(u.id::text, 'UTF8')), 'QA', '{read}', $1::timestamptz, $1::timestamptz + interval '90 days'
FROM users u LIMIT $2::integer`

var reads = []read{
	{as: "admin", path: "/me", buffers: 5},
	{as: "student", path: "/me", buffers: 12},
	{as: "instructor-40", path: "/me", buffers: 8},

	{as: "student", path: "/me/sessions", buffers: 8},
	{as: "student", path: "/me/totp", buffers: 8},
	{as: "admin", path: "/users/{user1}/sessions", buffers: 8},
	{as: "student", path: "/me/api-tokens", buffers: 8, fill: tokens},
	{as: "admin", path: "/api-tokens", buffers: 215},
	{as: "admin", path: "/api-tokens?user_id={user1}", buffers: 12},
	{as: "admin", path: "/users", buffers: 70},
	{as: "admin", path: "/users?limit=100", buffers: 120},
	{as: "admin", path: "/users?limit=25", after: atWim, buffers: 34},
	{as: "admin", path: "/users?search=zita", buffers: 70},
	{as: "admin", path: "/users?search=staff+one", buffers: 24},
	{as: "admin", path: "/users?search=example.org", buffers: 210, scans: first}, // half of the people
	{as: "admin", path: "/users?search=zzyzx", buffers: 12},
	{as: "admin", path: "/users?search=xq", buffers: 8},
	{as: "admin", path: "/users?search=an", buffers: 70},
	{as: "admin", path: "/users?search=staff", buffers: 16},
	{as: "admin", path: "/users?search=avi", buffers: 330, rows: 1700, grows: many},
	{as: "admin", path: "/users?role=instructor", buffers: 16},
	{as: "admin", path: "/users?role=student&search=zita", buffers: 70},
	{as: "admin", path: "/users/{user1}", buffers: 5},

	{as: "admin", path: "/students", buffers: 200},
	{as: "admin", path: "/students?limit=100", buffers: 364, rows: 1690},
	{as: "admin", path: "/students?limit=25", after: atWim, buffers: 119},
	{as: "admin", path: "/students?search=zita", buffers: 200},
	{as: "admin", path: "/students?search=example.org", buffers: 280, rows: 1600, scans: first},
	{as: "admin", path: "/students?search=zzyzx", buffers: 39},
	{as: "admin", path: "/students?search=xq", buffers: 34},
	{as: "admin", path: "/students?search=an", buffers: 200, rows: 1080},
	{as: "admin", path: "/students?connected=false", buffers: 186},
	{as: "admin", path: "/students?status=paused", buffers: 11},
	{as: "admin", path: "/students?batch_id={batch1}", buffers: 93},
	{as: "admin", path: "/students?batch_id={batch0}", buffers: 177},
	{as: "instructor-40", path: "/students", buffers: 340, rows: 2070},
	{as: "instructor-40", path: "/students?limit=25", after: atWim, buffers: 222},
	{as: "instructor-40", path: "/students?search=zita", buffers: 560, rows: 4200, scans: first, above: ranges}, // PostgreSQL 17 looks for the first 26 so
	{as: "instructor-40", path: "/students?search=example.org", buffers: 375, rows: 2200, scans: first},
	{as: "instructor-40", path: "/students?search=zzyzx", buffers: 15},
	{as: "instructor-40", path: "/students?search=xq", buffers: 11},
	{as: "instructor-40", path: "/students?connected=false", buffers: 360, rows: 3150},
	{as: "instructor-40", path: "/students?batch_id={batch1}", buffers: 93},
	{as: "instructor", path: "/students", buffers: 93},
	{as: "instructor", path: "/students?search=zita", buffers: 16},
	{as: "instructor", path: "/students?search=xq", buffers: 11},
	{as: "instructor", path: "/students?connected=false", buffers: 10},

	{as: "admin", path: "/students/{user1001}", buffers: 13},
	{as: "instructor-40", path: "/students/{user1001}", buffers: 13},
	{as: "student", path: "/students/{user1001}", buffers: 13},
	{as: "admin", path: "/students/{user1001}/wakatime/accounts", buffers: 28, fresh: 30},
	{as: "instructor", path: "/students/{user1001}/days", buffers: 54, above: details},
	{as: "instructor", path: "/students/{user1001}/days?from=2025-10-15&to=2026-10-14", buffers: 212, above: details},
	{as: "instructor", path: "/students/{user1001}/days?changed_since=2026-10-14T11:00:00Z", buffers: 54, above: details},
	{as: "instructor", path: "/students/{user1001}/coverage", buffers: 54},
	{as: "instructor", path: "/students/{user1001}/coverage?from=2025-10-15&to=2026-10-14", buffers: 212},

	{as: "student", path: "/me/days", buffers: 54, above: details},
	{as: "student", path: "/me/days?from=2025-10-15&to=2026-10-14", buffers: 212, above: details},
	{as: "student", path: "/me/today", buffers: 23},
	{as: "student", path: "/me/wakatime", buffers: 26},
	{as: "member", path: "/me/wakatime", buffers: 14},
	{as: "student", path: "/wakatime/servers", buffers: 5, trips: 0},

	{as: "admin", path: "/batches", buffers: 190},
	{as: "admin", path: "/batches?limit=25", after: `{"Name": "batch 9", "ID": "00000000-0000-0000-0000-000000000000"}`, buffers: 45, grows: more},
	{as: "admin", path: "/batches?search=batch+17", buffers: 90, grows: more},
	{as: "admin", path: "/batches?search=zzyzx", buffers: 14},
	{as: "admin", path: "/batches?status=archived", buffers: 14},
	{as: "instructor-40", path: "/batches", buffers: 230},
	{as: "instructor", path: "/batches", buffers: 14},
	{as: "student", path: "/batches", buffers: 14},
	{as: "admin", path: "/batches/{batch0}", buffers: 9},
	{as: "student", path: "/batches/{batch1}", buffers: 9},
	{as: "instructor", path: "/batches/{batch1}/instructors", buffers: 22},
	{as: "instructor", path: "/batches/{batch1}/registration-key", buffers: 11},
	{as: "instructor", path: "/batches/{batch1}/progress?limit=25", buffers: 340, fresh: 400},
	{as: "admin", path: "/batches/{batch0}/progress?limit=25", buffers: 3750, fresh: 6200, rows: 34700, above: sums},
	{as: "admin", path: "/batches/{batch0}/progress?limit=100", buffers: 4450, fresh: 6900, rows: 34900, above: sums},
	{as: "admin", path: "/batches/{batch0}/progress?limit=25", after: atWim, buffers: 370, fresh: 430, rows: 2010},
	{as: "instructor", path: "/batches/{batch1}/coverage", buffers: 410, fresh: 470},
	{as: "admin", path: "/batches/{batch0}/coverage?limit=25", buffers: 3850, fresh: 6300, rows: 33800, above: sums},
	{as: "admin", path: "/batches/{batch0}/coverage?limit=25", after: atWim, buffers: 490, fresh: 550, rows: 2050, above: "every student of the page has a gap, which takes five look-ups"},

	{as: "admin", path: "/admin/dashboard", buffers: 477, rows: 2000, above: weeks},

	{as: "admin", path: "/audit-log", buffers: 180},
	{as: "admin", path: "/audit-log?limit=25", after: `{"At": "2026-10-08T00:00:00Z", "Seq": 0}`, buffers: 100},
	{as: "admin", path: "/audit-log?to=2026-09-20T00:00:00Z", buffers: 180, grows: "the log of few students begins later"},
	{as: "admin", path: "/audit-log?from=2026-10-10T00:00:00Z&to=2026-10-11T00:00:00Z", buffers: 190},
	{as: "admin", path: "/audit-log?action=batch.create", buffers: 240},
	{as: "admin", path: "/audit-log?action=batch.archive", buffers: 12},
	{as: "admin", path: "/audit-log?subject={user1}", buffers: 35},
	{as: "admin", path: "/audit-log?actor_id={user1}", buffers: 12},
	{as: "admin", path: "/audit-log?actor_id={admin}", buffers: 240},
}

// lastSyncs changes the days as the syncs of two days do.
const lastSyncs = `UPDATE days SET attempts = attempts + 1 WHERE day >= '2026-10-13'`
