package contract_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/democlass/classtest"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/fixture"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

const password = apiclient.Password

// existing returns an env with the users who exist on the target: those of the seeded
// class, or those whose tokens are in the environment. All else is read from the API.
func existing(t *testing.T) *env {
	t.Helper()
	var e *env
	if theTarget.own() {
		e = newEnv(t, classtest.Start(t))
		for _, m := range e.server.Members {
			if _, known := e.users[m.Role]; !known {
				e.users[m.Role] = e.server.AddSession(t, m.Email)
			}
		}
	} else {
		if len(theTarget.tokens) == 0 {
			t.Fatal("set the sessions that the suite is to use there: GRADUS_TOKEN_ADMIN, _INSTRUCTOR, _STUDENT and _MEMBER, or some of them")
		}
		e = newEnv(t, nil)
		for role, token := range theTarget.tokens {
			e.users[role] = session{Role: role, Token: token}
		}
	}
	e.find()
	return e
}

// find reads from the API what concerns each user.
func (e *env) find() {
	e.t.Helper()
	survey := &fixture.Survey{}
	if admin, ok := e.users["admin"]; ok {
		client := e.as(admin)
		survey.Admin = &client
	}
	for role, user := range e.users {
		caller := survey.Caller(e.as(user))
		if caller.Role != role {
			e.t.Fatalf("GRADUS_TOKEN_%s is the session of a %s", strings.ToUpper(role), caller.Role)
		}
		e.users[role], e.own[role], e.others[role] = caller.Session, caller.Own, caller.Foreign
	}
}

// fresh returns an env with a user of each role in a new batch. Another batch concerns the
// admin only.
func fresh(t *testing.T, options ...testserver.Option) *env {
	t.Helper()
	var e *env
	if theTarget.own() {
		e = newEnv(t, classtest.Start(t, options...))
		e.users["admin"] = e.server.AddSession(t, e.server.Members[0].Email)
	} else {
		e = newEnv(t, nil)
		admin, ok := theTarget.tokens["admin"]
		if !ok {
			t.Fatal("to create objects there, the suite needs GRADUS_TOKEN_ADMIN")
		}
		e.users["admin"] = session{Role: "admin", Token: admin}
		e.users["admin"] = (&fixture.Survey{}).Caller(e.as(e.users["admin"])).Session
	}
	batch := e.spec.byID["CreateBatch"].example()
	classes := e.builder().Classes(batch, batch)
	for _, user := range []apiclient.Client{classes.Admin, classes.Instructor, classes.Student, classes.Member} {
		e.users[user.Role], e.own[user.Role], e.others[user.Role] = user.Session, classes.Own(user.Session), classes.Second()
	}
	return e
}

// builder creates objects on the target.
func (e *env) builder() fixture.Builder {
	var users fixture.Users = apiUsers{e}
	if e.server != nil {
		users = databaseUsers{e}
	}
	return fixture.Builder{TB: e.t, Admin: e.as(e.users["admin"]), Users: users}
}

// registration returns the body with which a new user registers.
func registration(key string) object {
	body := apiclient.Registration("contract-"+strings.ToLower(rand.Text()), key)
	body["name"] = "Contract Test"
	return body
}

// apiUsers registers users. Names are random, because a deployment keeps all of them.
type apiUsers struct{ *env }

func (u apiUsers) Add(tb testing.TB, _ string) apiclient.Client {
	tb.Helper()
	return u.client.Register(registration(""))
}

func (u apiUsers) SignIn(tb testing.TB, user apiclient.Client) apiclient.Client {
	tb.Helper()
	return u.client.SignIn(user.Email, password)
}

// databaseUsers inserts users into the database of the suite's own server, because hashing
// a password takes longer than most tests.
type databaseUsers struct{ *env }

func (u databaseUsers) Add(tb testing.TB, name string) apiclient.Client {
	tb.Helper()
	email := strings.ToLower(name+"-"+rand.Text()) + "@school.example"
	u.server.AddUser(tb, email, name, "member")
	return u.as(u.server.AddSession(tb, email))
}

func (u databaseUsers) SignIn(tb testing.TB, user apiclient.Client) apiclient.Client {
	tb.Helper()
	return u.as(u.server.AddSession(tb, user.Email))
}

// member adds a user who belongs to no batch.
func (e *env) member() session {
	e.t.Helper()
	return e.builder().Member("Member").Session
}

// batch creates a batch.
func (e *env) batch() string {
	e.t.Helper()
	return e.builder().Admin.CreateBatch(e.spec.byID["CreateBatch"].example())
}

// key returns the registration key of a batch.
func (e *env) key(batch string) string {
	e.t.Helper()
	return e.builder().Admin.RegistrationKey(batch)
}

// wakatimeUser adds a user to the fake WakaTime server and returns their name.
func (e *env) wakatimeUser() string {
	name := strings.ToLower(rand.Text())
	e.server.Fake.AddPerson(fakewaka.Person{Username: name, TimeZone: "UTC", Activity: fakewaka.Activity{WeeklyHours: 20}})
	return name
}

// apiKey returns the body that connects a caller to a user of WakaTime by key.
func (e *env) apiKey(username string) object {
	return object{"api_key": e.server.Fake.APIKey(username)}
}

// connect connects a caller to a new user of WakaTime.
func (e *env) connect(caller session) session {
	e.t.Helper()
	e.as(caller).ConnectByKey(e.server.Fake.APIKey(e.wakatimeUser()), "")
	return caller
}
