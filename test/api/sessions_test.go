package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

func TestSessionsEndAtOnce(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	_, key := s.batch("Evening", "UTC")

	t.Run("this one at sign-out, the others go on", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		phone := s.register("Ada", "")
		laptop := s.signIn(phone.email)
		phone.post("/auth/logout", nil).is(http.StatusNoContent)
		phone.get("/me").fails(http.StatusUnauthorized, "unauthenticated")
		phone.post("/auth/logout", nil).fails(http.StatusUnauthorized, "unauthenticated")
		laptop.get("/me").is(http.StatusOK)
	})
	t.Run("all at a change of the role", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		phone := s.register("Ben", "")
		laptop := s.signIn(phone.email)
		s.admin.put("/users/"+phone.id+"/role", obj{"role": "instructor"}).is(http.StatusOK)
		phone.get("/me").fails(http.StatusUnauthorized, "unauthenticated")
		laptop.get("/me").fails(http.StatusUnauthorized, "unauthenticated")
	})
	t.Run("all at suspension, and signing in waits for its end", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		c := s.register("Cleo", "")
		s.admin.post("/users/"+c.id+"/suspension", nil).is(http.StatusOK)
		c.get("/me").fails(http.StatusUnauthorized, "unauthenticated")
		credentials := obj{"email": c.email, "password": testserver.Password}
		c.as("").post("/auth/login", credentials).fails(http.StatusUnauthorized, "invalid_credentials")
		s.admin.delete("/users/" + c.id + "/suspension").is(http.StatusNoContent)
		c.get("/me").fails(http.StatusUnauthorized, "unauthenticated")
		c.as("").post("/auth/login", credentials).is(http.StatusOK)
	})
	t.Run("none at joining, which takes no right away", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		c := s.register("Dora", "")
		c.post("/me/enrolment", obj{"registration_key": key}).is(http.StatusCreated)
		if got := read[me](c, "/me"); got.Role != "student" {
			t.Errorf("after joining: %+v", got)
		}
	})
}

func TestSessionsLastSoLong(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.register("Ada", "")
	idle, lifetime := s.Config.SessionIdle, s.Config.SessionLifetime
	before, at, after := s.signIn("ada@school.example"), s.signIn("ada@school.example"), s.signIn("ada@school.example")

	s.Clock.Set(testserver.StartTime.Add(idle - time.Second))
	before.get("/me").is(http.StatusOK)
	s.Clock.Set(testserver.StartTime.Add(idle))
	at.get("/me").fails(http.StatusUnauthorized, "session_expired")
	s.Clock.Set(testserver.StartTime.Add(idle + time.Second))
	after.get("/me").fails(http.StatusUnauthorized, "session_expired")

	// Who keeps coming stays, but not for ever.
	used := idle - time.Second
	for ; used+idle/2 < lifetime; used += idle / 2 {
		s.Clock.Set(testserver.StartTime.Add(used))
		before.get("/me").is(http.StatusOK)
	}
	s.Clock.Set(testserver.StartTime.Add(lifetime - time.Second))
	before.get("/me").is(http.StatusOK)
	s.Clock.Set(testserver.StartTime.Add(lifetime))
	before.get("/me").fails(http.StatusUnauthorized, "session_expired")
}

func TestBrowsersCarryTheSessionInACookie(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	in := s.anonymous().post("/auth/login", obj{"email": "admin@school.example", "password": testserver.Password, "carrier": "cookie"}).is(http.StatusOK)
	if token := into[signedIn](in).Token; token != nil {
		t.Errorf("the token of a cookie session stands in the body: %s", *token)
	}
	cookies := (&http.Response{Header: in.header}).Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode || cookies[0].Path != "/" || cookies[0].Domain != "" {
		t.Fatalf("the cookie: %v", in.header["Set-Cookie"])
	}
	cookie := cookies[0].Name + "=" + cookies[0].Value
	ask := func(method, path string, header ...string) answer {
		h := http.Header{"Cookie": {cookie}}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return s.anonymous().send(method, path, nil, h)
	}
	ask("GET", "/me").is(http.StatusOK)
	ask("GET", "/me", "Authorization", "Bearer "+s.admin.token).fails(http.StatusBadRequest, "malformed_request")
	ask("POST", "/auth/logout").fails(http.StatusForbidden, "cross_origin")
	ask("POST", "/auth/logout", "Sec-Fetch-Site", "cross-site").fails(http.StatusForbidden, "cross_origin")
	ask("POST", "/auth/logout", "Origin", "https://evil.example").fails(http.StatusForbidden, "cross_origin")
	gone := ask("POST", "/auth/logout", "Sec-Fetch-Site", "same-origin").is(http.StatusNoContent)
	if set := gone.header.Get("Set-Cookie"); !strings.Contains(set, "Max-Age=0") {
		t.Errorf("signing out leaves the cookie: %q", set)
	}
	ask("GET", "/me").fails(http.StatusUnauthorized, "unauthenticated")

	s.anonymous().get("/me?access_token="+s.admin.token).fails(http.StatusBadRequest, "malformed_request")
	s.admin.get("/me").is(http.StatusOK)
}
