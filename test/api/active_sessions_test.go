package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

type activeSession struct {
	ID         string    `json:"id"`
	UserAgent  string    `json:"user_agent"`
	Address    string    `json:"address"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	Current    bool      `json:"current"`
}

// sessions returns the sessions of a user, and that of the client.
func sessions(t *testing.T, c client) (all []activeSession, current activeSession) {
	t.Helper()
	all = apiclient.AllPages[activeSession](c, "/me/sessions", 2)
	for _, s := range all {
		if s.Current {
			current = s
		}
	}
	return all, current
}

func TestActiveSessions_AreListedAndEnded(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.AddUser(t, "ada@school.example", "Ada", "member")
	e.Clock.Advance(time.Hour)
	phone := e.anonymous.With("User-Agent", "Phone").SignIn("ada@school.example", testserver.Password)
	e.Clock.Advance(time.Hour)
	laptop, tablet := e.signIn("ada@school.example"), e.signIn("ada@school.example")

	all, current := sessions(t, laptop)
	if len(all) != 3 || current.CreatedAt != e.Clock.Now() || current.LastUsedAt != e.Clock.Now() {
		t.Fatalf("the sessions: %+v", all)
	}
	oldest := all[2]
	if oldest.UserAgent != "Phone" || oldest.Address != "127.0.0.1" || oldest.CreatedAt != e.Clock.Now().Add(-time.Hour) || oldest.Current {
		t.Errorf("the oldest session: %+v", oldest)
	}

	laptop.Delete("/me/sessions/" + oldest.ID).Expect(http.StatusNoContent)
	phone.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	laptop.Delete("/me/sessions/"+oldest.ID).ExpectProblem(http.StatusNotFound, "session_not_found")
	stranger := e.member("Ben")
	stranger.Delete("/me/sessions/"+current.ID).ExpectProblem(http.StatusNotFound, "session_not_found")

	laptop.Delete("/me/sessions").Expect(http.StatusNoContent)
	tablet.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	stranger.Get("/me").Expect(http.StatusOK)
	if all, _ := sessions(t, laptop); len(all) != 1 {
		t.Errorf("after ending the others: %+v", all)
	}
}

func TestActiveSessions_AdminsSeeAndEndThoseOfUsers(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada, ben := e.member("Ada"), e.member("Ben")
	other := e.signIn(ada.Email)
	path := "/users/" + ada.ID + "/sessions"
	if all := apiclient.AllPages[activeSession](e.admin, path, 1); len(all) != 2 || all[0].Current {
		t.Errorf("the sessions: %+v", all)
	}
	ben.Get(path).ExpectProblem(http.StatusForbidden, "forbidden")
	ben.Delete(path).ExpectProblem(http.StatusForbidden, "forbidden")
	e.admin.Delete(path).Expect(http.StatusNoContent)
	for _, c := range []client{ada, other} {
		c.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	}
	ben.Get("/me").Expect(http.StatusOK)
	e.admin.Delete(path).Expect(http.StatusNoContent)
	if all := apiclient.AllPages[activeSession](e.admin, path, 1); len(all) != 0 {
		t.Errorf("after the end: %+v", all)
	}
	e.admin.Get("/users/"+nobody+"/sessions").ExpectProblem(http.StatusNotFound, "user_not_found")
}

// nobody is the ID of no user.
const nobody = "019b76da-0000-7000-8000-000000000000"

func TestActiveSessions_AUserHasAFewOnly(t *testing.T) {
	t.Parallel()
	e := newEnv(t, func(c *config.Config) { c.SessionsPerUser = 2 })
	e.AddUser(t, "ada@school.example", "Ada", "member")
	e.AddUser(t, "ben@school.example", "Ben", "member")
	ben := e.signIn("ben@school.example")
	var devices []client
	for range 3 {
		e.Clock.Advance(2 * time.Minute)
		devices = append(devices, e.signIn("ada@school.example"))
		if len(devices) == 2 {
			e.Clock.Advance(2 * time.Minute)
			devices[0].Get("/me").Expect(http.StatusOK) // used after the second one
		}
	}
	devices[1].Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	devices[0].Get("/me").Expect(http.StatusOK)
	devices[2].Get("/me").Expect(http.StatusOK)
	ben.Get("/me").Expect(http.StatusOK)
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	const next = "nine grey herons wading home"
	ada := e.member("Ada")
	other := e.signIn(ada.Email)
	ada.Put("/me/password", object{"current_password": "not my password at all", "password": next}).
		ExpectProblem(http.StatusUnprocessableEntity, "current_password_wrong")
	ada.Put("/me/password", object{"current_password": testserver.Password, "password": "short"}).
		ExpectProblem(http.StatusUnprocessableEntity, "password_too_short")
	other.Get("/me").Expect(http.StatusOK)

	ada.Put("/me/password", object{"current_password": testserver.Password, "password": next}).Expect(http.StatusNoContent)
	ada.Get("/me").Expect(http.StatusOK)
	other.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	e.anonymous.Post("/auth/login", object{"email": ada.Email, "password": testserver.Password}).
		ExpectProblem(http.StatusUnauthorized, "invalid_credentials")
	e.anonymous.SignIn(ada.Email, next).Get("/me").Expect(http.StatusOK)
}
