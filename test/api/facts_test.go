package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

// The types below are what operations say about days, in more detail than those of
// views_test.go.

type fullDay struct {
	day

	AISeconds    *int    `json:"ai_seconds"`
	OtherSeconds *int    `json:"other_account_seconds"`
	Account      *string `json:"account"`
	ReasonDetail *string `json:"reason_detail"`
	PartsReason  *string `json:"parts_reason"`
	Projects     []part  `json:"projects"`
	Editors      []part  `json:"editors"`
	Systems      []part  `json:"operating_systems"`
	Categories   []part  `json:"categories"`
	Dependencies []part  `json:"dependencies"`
}

// breakdown returns the names of the lists that are not null.
func (d fullDay) breakdown() (names []string) {
	lists := []struct {
		name string
		list []part
	}{
		{"languages", d.Languages},
		{"projects", d.Projects},
		{"editors", d.Editors},
		{"operating_systems", d.Systems},
		{"categories", d.Categories},
		{"dependencies", d.Dependencies},
		{"machines", d.Machines},
	}
	for _, l := range lists {
		if l.list != nil {
			names = append(names, l.name)
		}
	}
	return names
}

type fullCoverage struct {
	coverage

	AISeconds int `json:"ai_seconds"`
	AIUnknown int `json:"ai_unknown_days"`
}

type fullReport struct {
	TimeZone string       `json:"time_zone"`
	Total    fullCoverage `json:"total"`
	Days     []fullDay    `json:"days"`
}

// on returns the entry of a day.
func (r fullReport) on(t *testing.T, name string) fullDay {
	t.Helper()
	for _, d := range r.Days {
		if d.Day == name {
			return d
		}
	}
	t.Fatalf("the report has no %s", name)
	return fullDay{}
}

type failing struct {
	Since  time.Time `json:"since"`
	Reason string    `json:"reason"`
	Detail string    `json:"detail"`
}

type fullStudent struct {
	student

	Failing *failing `json:"failing"`
}

type fullConnection struct {
	connection

	Server    *string      `json:"server"`
	Coverage  fullCoverage `json:"coverage"`
	Yardstick *yardstick   `json:"yardstick"`
	Account   *struct {
		ID       string  `json:"id"`
		Username *string `json:"username"`
	} `json:"account"`
}

type yardstick struct {
	Kind    string `json:"kind"`
	Timeout *int   `json:"timeout_minutes"`
}

type measure struct {
	AITime     string `json:"ai_time"`
	Timeout    int    `json:"keystroke_timeout_minutes"`
	WritesOnly bool   `json:"writes_only"`
}

type fullProgress struct {
	Days    []string     `json:"days"`
	Total   fullCoverage `json:"total"`
	Measure measure      `json:"measure"`
	Items   []struct {
		StudentID  string       `json:"student_id"`
		Connection string       `json:"connection"`
		Failing    *failing     `json:"failing"`
		Yardstick  yardstick    `json:"yardstick"`
		Total      fullCoverage `json:"total"`
		States     []string     `json:"states"`
		Seconds    []*int       `json:"seconds"`
		AISeconds  []*int       `json:"ai_seconds"`
	} `json:"items"`
}

type fullGaps struct {
	Total fullCoverage `json:"total"`
	Gaps  []struct {
		StudentID  string       `json:"student_id"`
		Connection string       `json:"connection"`
		Failing    *failing     `json:"failing"`
		Server     *string      `json:"server"`
		Since      string       `json:"since"`
		Reason     *string      `json:"reason"`
		Total      fullCoverage `json:"total"`
	} `json:"items"`
}

type fullTotal struct {
	codingTotal

	AISeconds      int `json:"ai_seconds"`
	AIUnknown      int `json:"ai_unknown_days"`
	PartialSeconds int `json:"partial_seconds"`
	Partial        int `json:"partial_days"`
}

type fullDashboard struct {
	StudentsConnected int           `json:"students_connected"`
	Last7             fullTotal     `json:"last_7_days"`
	Last30            fullTotal     `json:"last_30_days"`
	Newest            []fullStudent `json:"newest_students"`
	Batches           []struct {
		StudentsConnected int          `json:"students_connected"`
		Measure           measure      `json:"measure"`
		MedianSeconds     *int         `json:"median_seconds"`
		LastWeek          fullCoverage `json:"last_week"`
	} `json:"batches"`
}

// class is a batch with one student.
type class struct {
	*env

	batch string
	ada   client
}

// newClass returns a class without a connection. Its batch is in America/Chicago.
func newClass(e *env) class {
	e.t.Helper()
	id, key := e.batch("Evening", "America/Chicago")
	return class{env: e, batch: id, ada: e.students(key, 1)[0]}
}

// renew starts new sessions, because the old ones expire while time passes.
func (c *class) renew() {
	c.t.Helper()
	c.ada, c.admin = c.session(c.ada.Email), c.session(c.admin.Email)
}

// at sets the clock to a local time of the class (YYYY-MM-DD HH:MM).
func (c *class) at(local string) {
	c.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", local, domain.TimeZone("America/Chicago").Location())
	if err != nil {
		c.t.Fatal(err)
	}
	c.Clock.Set(at)
	c.renew()
}

// coder adds a user to the fake WakaTime server who codes only in the given sessions.
func (e *env) coder(username string, sessions ...fakewaka.Session) {
	e.t.Helper()
	e.Fake.AddPerson(fakewaka.Person{Username: username, TimeZone: "America/Chicago", Activity: fakewaka.Activity{Idle: true}})
	for _, s := range sessions {
		e.Fake.AddSession(username, s)
	}
}

// run runs a sync of a user without a worker, as if they had requested it.
func (e *env) run(c client) error {
	e.t.Helper()
	return e.runRequest(c, domain.SyncRequest{Scope: domain.SyncOnDemand})
}

// runRequest runs a sync of a user without a worker.
func (e *env) runRequest(c client, r domain.SyncRequest) error {
	e.t.Helper()
	id, err := domain.ParseID[domain.User](c.ID)
	if err != nil {
		e.t.Fatal(err)
	}
	e.Clock.Advance(time.Second)
	return e.App.Syncer.Sync(e.t.Context(), domain.System, id, r)
}

// runOK runs a sync that succeeds.
func (e *env) runOK(c client) {
	e.t.Helper()
	if err := e.run(c); err != nil {
		e.t.Fatal(err)
	}
	if got := get[connection](c, "/me/wakatime"); got.Failure != nil {
		e.t.Fatalf("the sync failed: %+v", got)
	}
}

// claims is what all operations say about the student of a class.
type claims struct {
	report     fullReport
	connection fullConnection
	student    fullStudent
	progress   fullProgress
	gaps       fullGaps
	dashboard  fullDashboard
}

// claims reads all operations about the student. It fails the test if two of them
// contradict each other, or if one of them claims to know more than it may.
func (c class) claims() claims {
	c.t.Helper()
	out := claims{
		report:     get[fullReport](c.ada, "/me/days"),
		connection: get[fullConnection](c.ada, "/me/wakatime"),
		student:    get[fullStudent](c.admin, "/students/"+c.ada.ID),
		progress:   get[fullProgress](c.admin, "/batches/"+c.batch+"/progress"),
		gaps:       get[fullGaps](c.admin, "/batches/"+c.batch+"/coverage"),
		dashboard:  get[fullDashboard](c.admin, "/admin/dashboard"),
	}
	c.sameTotals(out)
	c.sameDays(out)
	c.sameState(out)
	return out
}

// sameTotals compares the totals of the last 30 days and of the last week, and recounts them.
func (c class) sameTotals(all claims) {
	c.t.Helper()
	month := all.report.Total
	today := c.today("America/Chicago")
	week := get[fullReport](c.ada, "/me/days?from="+(today-6).String()).Total
	for _, tt := range []struct {
		name      string
		got, want fullCoverage
	}{
		{"the student's days", get[fullReport](c.admin, "/students/"+c.ada.ID+"/days").Total, month},
		{"the student's coverage", get[fullReport](c.admin, "/students/"+c.ada.ID+"/coverage").Total, month},
		{"the progress of the student", all.progress.Items[0].Total, month},
		{"the progress of the batch", all.progress.Total, month},
		{"the coverage of the batch", all.gaps.Total, month},
		{"the batch on the dashboard", all.dashboard.Batches[0].LastWeek, week},
		{"the student", fullCoverage{coverage: all.student.LastWeek, AISeconds: week.AISeconds, AIUnknown: week.AIUnknown}, week},
	} {
		if diff := cmp.Diff(tt.want, tt.got, cmp.AllowUnexported(fullCoverage{})); diff != "" {
			c.t.Errorf("%s contradicts the days (-days +other):\n%s", tt.name, diff)
		}
	}
	// These days are those of UTC.
	if d := all.dashboard.Last7; today == c.today("UTC") && (d.Seconds != week.Seconds || d.Known != week.Known ||
		d.AISeconds != week.AISeconds || d.AIUnknown != week.AIUnknown || d.PartialSeconds != week.PartialSeconds) {
		c.t.Errorf("the last 7 days on the dashboard: %+v, want %+v", d, week)
	}
	known, seconds := 0, 0
	for _, d := range all.report.Days {
		if d.State == "ok" || d.State == "empty" {
			known, seconds = known+1, seconds+*d.Seconds
		}
	}
	if month.Known != known || month.Seconds != seconds || month.Known != month.OK+month.Empty ||
		month.Expected != month.Known+month.Partial+month.Pending+month.PlanLimited+month.Error+month.Disconnected {
		c.t.Errorf("%d days with %d seconds are known, but the total is %+v", known, seconds, month)
	}
}

// sameDays compares each day of the progress and of the coverage with that of the report.
func (c class) sameDays(all claims) {
	c.t.Helper()
	coverage := get[fullReport](c.admin, "/students/"+c.ada.ID+"/coverage")
	today := c.today("America/Chicago").String()
	if r := get[fullReport](c.ada, "/me/today"); len(r.Days) == 1 {
		if diff := cmp.Diff(all.report.on(c.t, today), r.Days[0], cmp.AllowUnexported(fullDay{})); diff != "" || r.Total.Known != 0 || r.Total.Seconds != 0 {
			c.t.Errorf("today is %+v, and differs from the days (-days +today):\n%s", r.Total, diff)
		}
	}
	for i, d := range all.report.Days {
		if got := coverage.Days[i]; got.State != d.State || deref(got.Seconds) != deref(d.Seconds) || deref(got.Reason) != deref(d.Reason) {
			c.t.Errorf("the coverage says of %s: %s, %v; the days %s, %v", d.Day, got.State, deref(got.Seconds), d.State, deref(d.Seconds))
		}
		for j, name := range all.progress.Days {
			p := all.progress.Items[0]
			if name == d.Day && (p.States[j] != d.State || deref(p.Seconds[j]) != deref(d.Seconds) || deref(p.AISeconds[j]) != deref(d.AISeconds)) {
				c.t.Errorf("the progress says of %s: %s, %v; the days %s, %v", d.Day, p.States[j], deref(p.Seconds[j]), d.State, deref(d.Seconds))
			}
		}
		if known := d.State == "ok" || d.State == "empty"; known && d.Day == today {
			c.t.Errorf("today is %s", d.State)
		} else if hasSeconds := known || d.State == "partial"; hasSeconds != (d.Seconds != nil) {
			c.t.Errorf("%s is %s with %v seconds", d.Day, d.State, deref(d.Seconds))
		}
	}
}

// sameState compares the states of the connection, and what is said with them.
func (c class) sameState(all claims) {
	c.t.Helper()
	conn := all.connection
	connected := 0
	if conn.State == "connected" {
		connected = 1
	}
	p := all.progress.Items[0]
	if all.student.Connection != conn.State || p.Connection != conn.State ||
		all.dashboard.StudentsConnected != connected || all.dashboard.Batches[0].StudentsConnected != connected {
		c.t.Errorf("the connection is %s; the student is %s, in the progress %s, and the dashboard counts %d and %d",
			conn.State, all.student.Connection, p.Connection, all.dashboard.StudentsConnected, all.dashboard.Batches[0].StudentsConnected)
	}
	for name, got := range map[string]*failing{"the student": all.student.Failing, "the progress": p.Failing} {
		if (got != nil) != (conn.Failure != nil) || got != nil && (got.Reason != conn.Failure.Reason || !got.Since.Equal(conn.Failure.Since)) {
			c.t.Errorf("%s fails with %+v, the connection with %+v", name, got, conn.Failure)
		}
	}
	if strings.Contains(conn.Summary, "up to date") && (connected == 0 || conn.Failure != nil || conn.Coverage.Known < conn.Coverage.Expected) {
		c.t.Errorf("with %d of %d known days: %s", conn.Coverage.Known, conn.Coverage.Expected, conn.Summary)
	}
	missing := all.report.Total.Known < all.report.Total.Expected
	if gaps := all.gaps.Gaps; (missing || conn.State == "needs_reconnect") && len(gaps) != 1 {
		c.t.Errorf("the connection is %s, %d of %d days are known: %+v", conn.State, all.report.Total.Known, all.report.Total.Expected, gaps)
	}
	for _, g := range all.gaps.Gaps {
		if g.Connection != conn.State || (g.Failing != nil) != (conn.Failure != nil) {
			c.t.Errorf("the gap says %s, failing %+v; the connection %s, %+v", g.Connection, g.Failing, conn.State, conn.Failure)
		}
	}
}

// syncRange requests the days of a range and waits for the end of the sync.
func (e *env) syncRange(c client, from, to string) connection {
	e.t.Helper()
	e.Clock.Advance(time.Second)
	before := get[connection](c, "/me/wakatime")
	c.Post("/me/wakatime/sync", object{"from": from, "to": to}).Expect(http.StatusAccepted)
	return e.nextSync(c, before)
}

// accountsOf returns the accounts that a student's days came from.
func (c class) accounts() []trackedAccount {
	c.t.Helper()
	return get[apiclient.Page[trackedAccount]](c.admin, "/students/"+c.ada.ID+"/wakatime/accounts").Items
}

type trackedAccount struct {
	ID         string     `json:"id"`
	Server     string     `json:"server"`
	Username   *string    `json:"username"`
	Current    bool       `json:"current"`
	AcceptedAt *time.Time `json:"accepted_at"`
	FirstDay   *string    `json:"first_day"`
	LastDay    *string    `json:"last_day"`
	Days       int        `json:"days"`
	Seconds    int        `json:"seconds"`
	Counted    int        `json:"counted_days"`
}
