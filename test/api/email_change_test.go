package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

func (e *env) useLink(path, token string) apiclient.Response {
	e.t.Helper()
	return e.anonymous.Post("/auth/email-changes/"+path, object{"token": token})
}

func TestEmailChange(t *testing.T) {
	t.Parallel()
	e, inbox := newMailEnv(t)
	ada := e.member("Ada")
	ada.Post("/me/email", object{"email": "Ada.Brandt@school.example"}).Expect(http.StatusAccepted)
	token := tokenOf(t, inbox, "ada.brandt@school.example", "email-change")
	if me := get[object](ada, "/me"); me["email"] != ada.Email {
		t.Errorf("the address is %v before it is confirmed", me["email"])
	}

	e.useLink("confirmation", token).Expect(http.StatusNoContent)
	e.useLink("confirmation", token).ExpectProblem(http.StatusUnprocessableEntity, "confirmation_invalid")

	if me := get[object](ada, "/me"); me["email"] != "ada.brandt@school.example" {
		t.Errorf("the address is %v", me["email"])
	}
	e.anonymous.SignIn("ada.brandt@school.example", testserver.Password)
	if found := get[apiclient.Page[object]](e.admin, "/users?search=ada.brandt@").Items; len(found) != 1 {
		t.Errorf("a search for the new address found %v", found)
	}
	undo := tokenOf(t, inbox, ada.Email, "email-undo")

	e.Clock.Advance(7*24*time.Hour - time.Second)
	e.useLink("undo", undo).Expect(http.StatusNoContent)
	e.useLink("undo", undo).ExpectProblem(http.StatusUnprocessableEntity, "confirmation_invalid")
	ada.Get("/me").Expect(http.StatusUnauthorized)
	e.anonymous.Post("/auth/login", object{"email": ada.Email, "password": testserver.Password}).ExpectProblem(http.StatusUnauthorized, "invalid_credentials")
	e.confirmReset(tokenOf(t, inbox, ada.Email, "password-reset"), newPassword).Expect(http.StatusNoContent)
	e.anonymous.SignIn(ada.Email, newPassword)
}

// Nobody learns who has an account, but its owner learns that somebody tried.
func TestEmailChange_ToATakenAddress(t *testing.T) {
	t.Parallel()
	e, inbox := newMailEnv(t)
	ada, ben := e.member("Ada"), e.member("Ben")
	free := ada.Post("/me/email", object{"email": "free@school.example"}).Expect(http.StatusAccepted)
	taken := ada.Post("/me/email", object{"email": ben.Email}).Expect(http.StatusAccepted)
	if a, b := strings.ReplaceAll(string(free.Body), "free@", "@"), strings.ReplaceAll(string(taken.Body), "ben@", "@"); a != b {
		t.Errorf("the responses are %s and %s", a, b)
	}
	if m := inbox.Next(t, ben.Email); m.Subject != "Somebody entered your address at Gradus" || strings.Contains(m.Text, "Ada") {
		t.Errorf("the mail is %q:\n%s", m.Subject, m.Text)
	}
}

func TestEmailChange_LinksStopWorking(t *testing.T) {
	t.Parallel()
	e, inbox := newMailEnv(t)
	for name, change := range map[string]func(c client){
		"after a day": func(client) { e.Clock.Advance(24 * time.Hour) },
		"after the password was changed": func(c client) {
			e.changePassword(e.session(c.Email), "eight red foxes running out")
		},
		"after somebody else took the address": func(c client) {
			e.AddUser(t, "new-"+c.Email, "Somebody Else", "member")
		},
	} {
		user := e.member(strings.ReplaceAll(name, " ", "-"))
		user.Post("/me/email", object{"email": "new-" + user.Email}).Expect(http.StatusAccepted)
		token := tokenOf(t, inbox, "new-"+user.Email, "email-change")
		change(user)
		if res := e.useLink("confirmation", token); res.Status < http.StatusBadRequest {
			t.Errorf("%s: the link returned %d", name, res.Status)
		}
	}
}

func TestNotices_NewDeviceAndTooManySessions(t *testing.T) {
	t.Parallel()
	e := newEnv(t, func(c *config.Config) { c.SessionsPerUser = 2 })
	e.StartWorker(t)
	e.AddUser(t, "ada@school.example", "Ada", "member")
	signIn := func(device string) {
		e.anonymous.With("User-Agent", device).SignIn("ada@school.example", testserver.Password)
	}
	next := func(subject, text string) {
		t.Helper()
		if m := e.Inbox.Next(t, "ada@school.example"); m.Subject != subject || !strings.Contains(m.Text, text) {
			t.Errorf("the mail is %q, want %q with %q:\n%s", m.Subject, subject, text, m.Text)
		}
	}
	const newSignIn = "New sign-in to your Gradus account"
	signIn("Phone")
	next(newSignIn, "Device:   Phone")
	signIn("Phone") // the same program and address
	signIn("Laptop")
	got := map[string]bool{}
	for range 2 {
		got[e.Inbox.Next(t, "ada@school.example").Subject] = true
	}
	if !got[newSignIn] || !got["You were signed out of Gradus on a device"] {
		t.Errorf("the mails are %v", got)
	}
	if n := len(e.Inbox.Messages("")); n != 3 {
		t.Errorf("%d mails were sent, want 3", n)
	}
}
