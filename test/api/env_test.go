package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/fixture"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// env is a server with an admin, as seen by one test.
type env struct {
	*testserver.Server

	t         *testing.T
	anonymous client
	admin     client
}

func newEnv(t *testing.T, options ...testserver.Option) *env {
	t.Helper()
	e := envOf(t, testserver.Start(t, options...))
	e.AddUser(t, "admin@school.example", "Admin", "admin")
	e.admin = e.session("admin@school.example")
	return e
}

// envOf returns the env of a server without users.
func envOf(t *testing.T, s *testserver.Server) *env {
	t.Helper()
	return &env{Server: s, t: t, anonymous: s.Client(t)}
}

// in returns the env for a subtest.
func (e *env) in(t *testing.T) *env {
	t.Helper()
	c := *e
	c.t, c.anonymous = t, e.anonymous.In(t)
	c.admin = c.anonymous.As(e.admin.Session)
	return &c
}

// signIn signs a user in with their password.
func (e *env) signIn(email string) client {
	e.t.Helper()
	return e.anonymous.SignIn(email, testserver.Password)
}

// register registers a student with the key of a batch, or a member without one.
func (e *env) register(name, key string) client {
	e.t.Helper()
	return e.anonymous.Register(apiclient.Registration(name, key))
}

// Sessions and users below are inserted into the database: hashing a password takes longer
// than most tests.

// session starts a session.
func (e *env) session(email string) client {
	e.t.Helper()
	return e.anonymous.As(e.AddSession(e.t, email))
}

// member adds a member.
func (e *env) member(name string) client {
	e.t.Helper()
	email := strings.ToLower(name) + "@school.example"
	e.AddUser(e.t, email, name, "member")
	return e.session(email)
}

// members adds n members. Two of them share each name.
func (e *env) members(n int) []client {
	e.t.Helper()
	out := make([]client, n)
	for i := range out {
		email := fmt.Sprintf("member-%03d@school.example", i)
		e.AddUser(e.t, email, fmt.Sprintf("Member %03d", i/2), "member")
		out[i] = e.session(email)
	}
	return out
}

// students adds n members and enrols them in the batch of a key.
func (e *env) students(key string, n int) []client {
	e.t.Helper()
	all := e.members(n)
	for i, c := range all {
		all[i] = c.Join(key)
	}
	return all
}

// student adds a member and enrols them in the batch of a key.
func (e *env) student(name, key string) client {
	e.t.Helper()
	return e.builder().Student(name, key)
}

// instructor adds a user who teaches batches.
func (e *env) instructor(name string, batches ...string) client {
	e.t.Helper()
	return e.builder().Instructor(name, batches...)
}

func (e *env) builder() fixture.Builder {
	return fixture.Builder{TB: e.t, Admin: e.admin, Users: users{e}}
}

// users implements fixture.Users.
type users struct{ *env }

func (u users) Add(tb testing.TB, name string) client {
	tb.Helper()
	return u.member(name)
}

func (u users) SignIn(tb testing.TB, user client) client {
	tb.Helper()
	return u.session(user.Email)
}

// batchOf returns the body that creates an active batch.
func batchOf(name, zone string) object {
	return object{"name": name, "starts_on": "2040-01-09", "ends_on": "2041-06-30", "time_zone": zone}
}

// batch creates an active batch and returns its ID and its registration key.
func (e *env) batch(name, zone string) (id, key string) {
	e.t.Helper()
	id = e.admin.CreateBatch(batchOf(name, zone))
	return id, e.admin.RegistrationKey(id)
}

// wakatimeUser adds a user to the fake WakaTime server.
func (e *env) wakatimeUser(username, zone string) {
	e.Fake.AddPerson(fakewaka.Person{
		Username: username, TimeZone: zone, Activity: fakewaka.Activity{WeeklyHours: 25, WeekendShare: 0.25},
	})
}

// connect connects a caller to a user of WakaTime by OAuth.
func (e *env) connect(c client, username string) {
	e.t.Helper()
	e.Clock.Advance(time.Second) // so that the first sync ends after all earlier ones
	c.ConnectByOAuth(username)
}

// apiKey returns the body that connects a caller to a user of the compatible server.
func (e *env) apiKey(username string) object {
	return object{"api_key": e.Fake.APIKey(username), "base_url": e.CompatURL()}
}

// connectByKey connects a caller to a user of the compatible server.
func (e *env) connectByKey(c client, username string) {
	e.t.Helper()
	c.ConnectByKey(e.Fake.APIKey(username), e.CompatURL())
}

// connected adds members, connects each to the user of WakaTime with the given name, and
// waits for their first sync.
func (e *env) connected(sc fakewaka.Scenario, names ...string) []client {
	e.t.Helper()
	members := e.members(len(names))
	for i, name := range names {
		e.wakatimeUser(name, "UTC")
		e.Fake.SetScenario(name, sc)
		e.connect(members[i], name)
	}
	for _, c := range members {
		e.firstSync(c)
	}
	return members
}

// oneStudent returns a server with one student, whose first sync has ended. The batch and
// the WakaTime account are in the same time zone.
func oneStudent(t *testing.T) (e *env, ada client, batch string) {
	t.Helper()
	e = newEnv(t)
	e.StartWorker(t)
	batch, key := e.batch("Evening", "America/Chicago")
	ada = e.students(key, 1)[0]
	e.wakatimeUser("ada", "America/Chicago")
	e.connect(ada, "ada")
	e.firstSync(ada)
	return e, ada, batch
}

// firstSync waits for the end of the first sync of a connection, and of a second one: the sync
// that joining a batch requests may run when the user connects, which requests one to follow.
func (e *env) firstSync(c client) connection {
	e.t.Helper()
	e.nextSync(c, connection{})
	e.waitForJobs()
	return get[connection](c, "/me/wakatime")
}

// sync requests a sync and waits for its end. Earlier jobs and their retries would be taken
// for it.
func (e *env) sync(c client) connection {
	e.t.Helper()
	testserver.Eventually(e.t, "no earlier job", func() bool {
		e.NotifyWorkers(e.t)
		e.Exec(e.t, `DELETE FROM gradus_river.river_job WHERE state = 'retryable'`)
		return len(e.Strings(e.t, `SELECT kind FROM gradus_river.river_job WHERE state IN ('available', 'running', 'retryable')`)) == 0
	})
	e.Clock.Advance(time.Second)
	before := get[connection](c, "/me/wakatime")
	c.Post("/me/wakatime/sync", nil).Expect(http.StatusAccepted)
	return e.nextSync(c, before)
}

// nextSync waits for the end of a sync after the one that before shows.
func (e *env) nextSync(c client, before connection) connection {
	e.t.Helper()
	var now connection
	testserver.Eventually(e.t, "a sync of "+c.Email, func() bool {
		e.NotifyWorkers(e.t)
		now = get[connection](c, "/me/wakatime")
		return !now.Syncing && endOfSync(now).After(endOfSync(before))
	})
	return now
}

// endOfSync returns the time when the last sync of a connection ended.
func endOfSync(c connection) time.Time {
	switch {
	case c.Failure != nil:
		return c.Failure.At
	case c.LastSyncedAt != nil:
		return *c.LastSyncedAt
	}
	return time.Time{}
}

// planSyncs plans syncs, and waits until all jobs have run. Earlier jobs end first: a planned
// sync that meets one is put off, and the test would go on without it.
func (e *env) planSyncs() {
	e.t.Helper()
	e.waitForJobs()
	if _, err := e.App.Planner.Plan(e.t.Context(), domain.System); err != nil {
		e.t.Fatal(err)
	}
	e.runAllJobs()
}

// runAllJobs runs all jobs, including those scheduled for later, and waits for their end.
func (e *env) runAllJobs() {
	e.t.Helper()
	e.RunJobsNow(e.t)
	e.waitForJobs()
}

// waitForJobs waits for the end of all jobs that can run now.
func (e *env) waitForJobs() {
	e.t.Helper()
	testserver.Eventually(e.t, "all jobs have run", func() bool {
		e.NotifyWorkers(e.t)
		return len(e.Strings(e.t, `SELECT kind FROM gradus_river.river_job WHERE state IN ('available', 'running')`)) == 0
	})
}

// today returns the current day in a time zone.
func (e *env) today(zone string) domain.Day { return domain.TimeZone(zone).Today(e.Clock.Now()) }

// isAccurate fails the test unless every day of a report equals that of the fake WakaTime
// server, and is known unless it is today.
func (e *env) isAccurate(r report, username string) {
	e.t.Helper()
	loc := domain.TimeZone(r.TimeZone).Location()
	known, sum, partial := 0, 0, 0
	for _, d := range r.Days {
		want := e.Fake.Seconds(username, d.Day, loc)
		state := "ok"
		switch {
		case d.Day == e.today(r.TimeZone).String():
			state, partial = "partial", want
		case want == 0:
			state = "empty"
			fallthrough
		default:
			known, sum = known+1, sum+want
		}
		if d.State != state || d.Seconds == nil || *d.Seconds != want {
			e.t.Errorf("%s on %s: %s, %v seconds; want %s, %d", username, d.Day, d.State, deref(d.Seconds), state, want)
		}
	}
	if t := r.Total; known == 0 || sum == 0 || t.Seconds != sum || t.PartialSeconds != partial || t.Known != known || t.Expected != known {
		e.t.Errorf("%s: the total of %d days with %d seconds, and %d today, is %+v", username, known, sum, partial, t)
	}
}

// deref returns what a pointer points to, or nil.
func deref[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
