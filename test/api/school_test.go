package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// school is a running server with an admin who is signed in.
type school struct {
	*testserver.Server
	t     *testing.T
	admin client
	heard *tape // what everybody was answered
}

func newSchool(t *testing.T, options ...testserver.Option) *school {
	t.Helper()
	s := &school{Server: testserver.Start(t, options...), t: t, heard: &tape{}}
	s.CreateAdmin(t, "admin@school.example")
	s.admin = s.signIn("admin@school.example")
	return s
}

// in returns the school for a subtest.
func (s *school) in(t *testing.T) *school {
	t.Helper()
	c := *s
	c.t, c.admin = t, s.admin.in(t)
	return &c
}

// anonymous asks without signing in.
func (s *school) anonymous() client { return client{url: s.URL, heard: s.heard, log: s.Log}.in(s.t) }

func (s *school) signIn(email string) client {
	s.t.Helper()
	a := s.anonymous().post("/auth/login", obj{"email": email, "password": testserver.Password}).is(http.StatusOK)
	return s.carry(into[signedIn](a))
}

// carry returns the client of somebody who has just signed in.
func (s *school) carry(in signedIn) client {
	c := s.anonymous()
	c.token, c.id, c.email = *in.Token, in.User.ID, in.User.Email
	return c
}

// application is what somebody called name registers with.
func application(name, key string) obj {
	body := obj{"email": strings.ToLower(name) + "@school.example", "name": name, "password": testserver.Password}
	if key != "" {
		body["registration_key"] = key
	}
	return body
}

// register makes an account, a student's with a key and a member's without.
func (s *school) register(name, key string) client {
	s.t.Helper()
	return s.carry(into[signedIn](s.anonymous().post("/auth/register", application(name, key)).is(http.StatusCreated)))
}

// instructor makes an account that teaches batches.
func (s *school) instructor(name string, batches ...string) client {
	s.t.Helper()
	c := s.register(name, "")
	s.admin.put("/users/"+c.id+"/role", obj{"role": "instructor"}).is(http.StatusOK)
	for _, b := range batches {
		s.admin.put("/batches/"+b+"/instructors/"+c.id, nil).is(http.StatusOK)
	}
	return s.signIn(c.email)
}

// batch opens a batch that is under way and returns its id and its key.
func (s *school) batch(name, zone string) (id, key string) {
	s.t.Helper()
	b := into[batch](s.admin.post("/batches", obj{
		"name": name, "starts_on": "2040-01-09", "ends_on": "2041-06-30", "time_zone": zone,
	}).is(http.StatusCreated))
	return b.ID, s.key(b.ID)
}

// students makes students of the batch of a key.
func (s *school) students(key string, n int) []client {
	s.t.Helper()
	all := s.crowd(n)
	for _, c := range all {
		c.post("/me/enrolment", obj{"registration_key": key}).is(http.StatusCreated)
	}
	return all
}

// key returns the registration key of a batch.
func (s *school) key(batch string) string {
	s.t.Helper()
	return read[registrationKey](s.admin, "/batches/"+batch+"/registration-key").Key
}

// coder adds somebody to the fake WakaTime server who codes every other hour.
func (s *school) coder(username, zone string) {
	s.Fake.AddPerson(fakewaka.Person{
		Username: username, TimeZone: zone, Activity: fakewaka.Activity{WeeklyHours: 25, WeekendShare: 0.25},
	})
}

// connect connects somebody by OAuth, who consents as username.
func (s *school) connect(c client, username string) {
	s.t.Helper()
	s.Clock.Advance(time.Second) // its first sync ends later than whatever was before
	c.post("/me/wakatime/callback", s.consent(c, username)).is(http.StatusOK)
}

// consent starts an OAuth flow and returns what WakaTime sends the browser back with.
func (s *school) consent(c client, username string) obj {
	s.t.Helper()
	started := into[struct {
		URL string `json:"authorization_url"`
	}](c.post("/me/wakatime/authorization", nil).is(http.StatusCreated))
	a := s.anonymous().send(http.MethodGet, started.URL+"&login="+url.QueryEscape(username), nil, http.Header{}).is(http.StatusFound)
	back, err := url.Parse(a.header.Get("Location"))
	if err != nil {
		s.t.Fatal(err)
	}
	return obj{"code": back.Query().Get("code"), "state": back.Query().Get("state")}
}

// connectByKey connects somebody by the API key of username at the compatible server.
func (s *school) connectByKey(c client, username string) {
	s.t.Helper()
	c.put("/me/wakatime/api-key", obj{"api_key": s.Fake.APIKey(username), "base_url": s.CompatURL()}).is(http.StatusOK)
}

// settled waits until the first sync of somebody has ended.
func (s *school) settled(c client) connection {
	s.t.Helper()
	return s.until(c, connection{})
}

// sync fetches somebody's days as a person asks for it, and waits until that has ended.
func (s *school) sync(c client) connection {
	s.t.Helper()
	s.Clock.Advance(time.Second)
	before := read[connection](c, "/me/wakatime")
	c.post("/me/wakatime/sync", nil).is(http.StatusAccepted)
	return s.until(c, before)
}

// until waits for news of a connection.
func (s *school) until(c client, before connection) connection {
	s.t.Helper()
	var now connection
	testserver.Eventually(s.t, "a sync of "+c.email, func() bool {
		s.NotifyWorkers(s.t)
		now = read[connection](c, "/me/wakatime")
		return !now.Syncing && outcome(now).After(outcome(before))
	})
	return now
}

// outcome is when the last sync of a connection ended.
func outcome(c connection) time.Time {
	switch {
	case c.Failure != nil:
		return c.Failure.At
	case c.LastSyncedAt != nil:
		return *c.LastSyncedAt
	}
	return time.Time{}
}

// today is the calendar day in a zone by the server's clock.
func (s *school) today(zone string) domain.Day { return domain.TimeZone(zone).Today(s.Clock.Now()) }

// honest fails the test unless every day of a report is known and is what the fake
// server would answer for username now.
func (s *school) honest(r report, username string) {
	s.t.Helper()
	loc := domain.TimeZone(r.TimeZone).Location()
	sum := 0
	for _, d := range r.Days {
		want := s.Fake.Seconds(username, d.Day, loc)
		state := "ok"
		if want == 0 {
			state = "empty"
		}
		if d.State != state || d.Seconds == nil || *d.Seconds != want {
			s.t.Errorf("%s on %s: %s, %v seconds; want %s, %d", username, d.Day, d.State, deref(d.Seconds), state, want)
		}
		sum += want
	}
	if len(r.Days) == 0 || sum == 0 || r.Total.Seconds != sum || r.Total.Known != len(r.Days) {
		s.t.Errorf("%s: %d days with %d seconds make the total %+v", username, len(r.Days), sum, r.Total)
	}
}

// deref shows what a pointer points to.
func deref[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
