package api_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

func TestSessions_EndImmediately(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	_, key := e.batch("Evening", "UTC")

	t.Run("signing out ends the session, not the others", func(t *testing.T) {
		t.Parallel()
		e := e.in(t)
		phone := e.member("Ada")
		laptop := e.signIn(phone.Email)
		phone.Get("/me").Expect(http.StatusOK)
		phone.Post("/auth/logout", nil).Expect(http.StatusNoContent)
		phone.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
		phone.Post("/auth/logout", nil).ExpectProblem(http.StatusUnauthorized, "unauthenticated")
		laptop.Get("/me").Expect(http.StatusOK)
	})
	t.Run("a new role ends all sessions", func(t *testing.T) {
		t.Parallel()
		e := e.in(t)
		phone := e.member("Ben")
		laptop := e.signIn(phone.Email)
		phone.Get("/me").Expect(http.StatusOK)
		laptop.Get("/me").Expect(http.StatusOK)
		e.admin.Put("/users/"+phone.ID+"/role", object{"role": "instructor"}).Expect(http.StatusOK)
		phone.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
		laptop.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	})
	t.Run("a suspension ends all sessions and blocks signing in", func(t *testing.T) {
		t.Parallel()
		e := e.in(t)
		c := e.member("Cleo")
		c.Get("/me").Expect(http.StatusOK)
		e.admin.Post("/users/"+c.ID+"/suspension", nil).Expect(http.StatusOK)
		c.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
		credentials := object{"email": c.Email, "password": testserver.Password}
		c.Anonymous().Post("/auth/login", credentials).ExpectProblem(http.StatusUnauthorized, "invalid_credentials")
		e.admin.Delete("/users/" + c.ID + "/suspension").Expect(http.StatusNoContent)
		c.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
		c.Anonymous().Post("/auth/login", credentials).Expect(http.StatusOK)
	})
	t.Run("joining a batch ends no session", func(t *testing.T) {
		t.Parallel()
		e := e.in(t)
		c := e.member("Dora")
		c.Get("/me").Expect(http.StatusOK)
		c.Post("/me/enrolment", object{"registration_key": key}).Expect(http.StatusCreated)
		if got := get[me](c, "/me"); got.Role != "student" {
			t.Errorf("after joining: %+v", got)
		}
	})
}

func TestSessions_Expire(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.member("Ada")
	idle, lifetime := e.Config.SessionIdle, e.Config.SessionLifetime
	start := func() client { return e.anonymous.As(e.AddSession(t, "ada@school.example")) } // with one token, as in a cookie
	before, at, after := start(), start(), start()

	e.Clock.Set(testserver.StartTime.Add(idle - time.Second))
	before.Get("/me").Expect(http.StatusOK)
	e.Clock.Set(testserver.StartTime.Add(idle))
	at.Get("/me").ExpectProblem(http.StatusUnauthorized, "session_expired")
	e.Clock.Set(testserver.StartTime.Add(idle + time.Second))
	after.Get("/me").ExpectProblem(http.StatusUnauthorized, "session_expired")

	// A session in use lasts longer, up to its lifetime.
	used := idle - time.Second
	for ; used+idle/2 < lifetime; used += idle / 2 {
		e.Clock.Set(testserver.StartTime.Add(used))
		before.Get("/me").Expect(http.StatusOK)
	}
	e.Clock.Set(testserver.StartTime.Add(lifetime - time.Second))
	before.Get("/me").Expect(http.StatusOK)
	e.Clock.Set(testserver.StartTime.Add(lifetime))
	before.Get("/me").ExpectProblem(http.StatusUnauthorized, "session_expired")
}

func TestCookieSession(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	in := e.anonymous.Post("/auth/login", object{"email": "admin@school.example", "password": testserver.Password, "carrier": "cookie"}).Expect(http.StatusOK)
	if token := decode[signedIn](in).Token; token != nil {
		t.Errorf("the body contains the token of a cookie session: %s", *token)
	}
	cookies := (&http.Response{Header: in.Header}).Cookies()
	if len(cookies) != 2 || cookies[0].Name != "gradus_session" || cookies[1].Name != "gradus_device" {
		t.Fatalf("the cookies: %v", in.Header["Set-Cookie"])
	}
	for _, c := range cookies {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("the cookie: %v", c)
		}
	}
	cookie := cookies[0].Name + "=" + cookies[0].Value
	send := func(method, path string, header ...string) response {
		h := http.Header{"Cookie": {cookie}}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return e.anonymous.Do(apiclient.Request{Method: method, Path: path, Header: h})
	}
	send("GET", "/me").Expect(http.StatusOK)
	send("GET", "/me", "Authorization", "Bearer "+e.admin.Token).ExpectProblem(http.StatusBadRequest, "multiple_credentials")
	send("POST", "/auth/logout").ExpectProblem(http.StatusForbidden, "cross_origin")
	send("POST", "/auth/logout", "Sec-Fetch-Site", "cross-site").ExpectProblem(http.StatusForbidden, "cross_origin")
	send("POST", "/auth/logout", "Origin", "https://evil.example").ExpectProblem(http.StatusForbidden, "cross_origin")
	signedOut := send("POST", "/auth/logout", "Sec-Fetch-Site", "same-origin").Expect(http.StatusNoContent)
	if got := signedOut.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
		t.Errorf("signing out sends Clear-Site-Data %q", got)
	}
	if set := signedOut.Header.Get("Set-Cookie"); !strings.Contains(set, "Max-Age=0") {
		t.Errorf("signing out does not delete the cookie: %q", set)
	}
	send("GET", "/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")

	e.anonymous.Get("/me?access_token="+e.admin.Token).ExpectProblem(http.StatusBadRequest, "malformed_request")
	e.admin.Get("/me").Expect(http.StatusOK)
}

// A browser keeps one cookie. Without it, nobody could end the session that it was of.
func TestSigningIn_EndsTheSessionOfTheBrowser(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.AddUser(t, "second@school.example", "Second", "member")
	byCookie, byToken := object{"password": testserver.Password, "carrier": "cookie"}, object{"password": testserver.Password}
	tests := map[string]struct {
		path    string
		body    object
		status  int
		ended   bool
		deletes bool // the cookie
	}{
		"signing in again":                   {"/auth/login", with(byCookie, "email", "admin@school.example"), 200, true, false},
		"signing in as another user":         {"/auth/login", with(byCookie, "email", "second@school.example"), 200, true, false},
		"signing in for a token":             {"/auth/login", with(byToken, "email", "admin@school.example"), 200, true, true},
		"registering":                        {"/auth/register", with(apiclient.Registration("Noor", ""), "carrier", "cookie"), 201, true, false},
		"registering for a token":            {"/auth/register", apiclient.Registration("Nora", ""), 201, true, true},
		"a wrong password ends no session":   {"/auth/login", object{"email": "admin@school.example", "password": "another four quiet words"}, 401, false, false},
		"a taken address ends no session":    {"/auth/register", with(apiclient.Registration("Admin", ""), "email", "admin@school.example"), 409, false, false},
		"an invalid request ends no session": {"/auth/login", object{"email": "admin@school.example"}, 422, false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := e.in(t)
			phone, browser := e.session("admin@school.example"), e.session("admin@school.example")
			browser.Get("/me").Expect(http.StatusOK)
			res := e.anonymous.Do(apiclient.Request{Method: "POST", Path: tt.path, Body: tt.body, Header: http.Header{
				"Cookie": {"gradus_session=" + browser.Token}, "Sec-Fetch-Site": {"same-origin"},
			}})
			if res.Status != tt.status {
				t.Fatalf("%d, want %d: %s", res.Status, tt.status, res.Body)
			}
			phone.Get("/me").Expect(http.StatusOK)
			if tt.ended {
				browser.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
			} else {
				browser.Get("/me").Expect(http.StatusOK)
			}
			if set := res.Header.Get("Set-Cookie"); strings.Contains(set, "Max-Age=0") != tt.deletes {
				t.Errorf("Set-Cookie is %q", set)
			}
			n := e.Strings(t, `SELECT count(*)::text FROM audit_entries WHERE details ->> 'replaced_session_id' IS NOT NULL AND request_id = $1`, res.Header.Get("X-Request-Id"))[0]
			if (n == "1") != tt.ended {
				t.Errorf("%s audit entries name the replaced session", n)
			}
		})
	}
}

// with returns a copy of an object with another property.
func with(o object, name string, value any) object {
	o = maps.Clone(o)
	o[name] = value
	return o
}
