package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

const newPassword = "nine grey herons wading home"

// tokenOf returns the token of the link in the next mail to an address.
func tokenOf(t *testing.T, inbox *testserver.Inbox, email, page string) string {
	t.Helper()
	m := inbox.Next(t, email)
	_, token, ok := strings.Cut(m.Link("/account/"+page), "#token=")
	if !ok || len(token) != 43 || !strings.Contains(m.HTML, token) {
		t.Fatalf("the mail %q has no link to %s:\n%s", m.Subject, page, m.Text)
	}
	return token
}

func (e *env) requestReset(email string) {
	e.t.Helper()
	e.anonymous.Post("/auth/password-resets", object{"email": email}).Expect(http.StatusAccepted)
}

func (e *env) confirmReset(token, password string) apiclient.Response {
	e.t.Helper()
	return e.anonymous.Post("/auth/password-resets/confirmation", object{"token": token, "password": password})
}

func TestPasswordReset(t *testing.T) {
	t.Parallel()
	e, inbox := newMailEnv(t)
	ada := e.member("Ada")
	e.requestReset("ADA@school.example")
	token := tokenOf(t, inbox, ada.Email, "password-reset")
	ada.Get("/me").Expect(http.StatusOK)

	e.confirmReset(token, "short").ExpectProblem(http.StatusUnprocessableEntity, "password_too_short")
	e.confirmReset(token, newPassword).Expect(http.StatusNoContent)
	e.confirmReset(token, newPassword).ExpectProblem(http.StatusUnprocessableEntity, "confirmation_invalid")

	ada.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	e.anonymous.Post("/auth/login", object{"email": ada.Email, "password": testserver.Password}).ExpectProblem(http.StatusUnauthorized, "invalid_credentials")
	e.anonymous.SignIn(ada.Email, newPassword)
	if m := inbox.Next(t, ada.Email); m.Subject != "Your Gradus password was changed" {
		t.Errorf("the next mail is %q", m.Subject)
	}
	for _, action := range []string{"account.request_password_reset", "account.reset_password"} {
		if n := len(get[apiclient.Page[auditEntry]](e.admin, "/audit-log?subject="+ada.ID+"&action="+action).Items); n != 1 {
			t.Errorf("the audit log has %d entries %s, want 1", n, action)
		}
	}
	if log := e.Log.String(); strings.Contains(log, token) || !strings.Contains(log, `"kind":"password_reset"`) {
		t.Error("the log has the token, or no event of the reset")
	}
}

// Neither the response nor a mail tells whether there is an account.
func TestPasswordReset_UnknownAndSuspendedUsersGetNoMail(t *testing.T) {
	t.Parallel()
	e, inbox := newMailEnv(t)
	ben := e.member("Ben")
	e.admin.Post("/users/"+ben.ID+"/suspension", nil).Expect(http.StatusOK)
	e.requestReset("nobody@school.example")
	e.requestReset(ben.Email)
	ada := e.member("Ada")
	e.requestReset(ada.Email)
	inbox.Next(t, ada.Email)
	testserver.Eventually(t, "all requests are handled", func() bool {
		return strings.Contains(e.Log.String(), `"reason":"unknown_address"`) && strings.Contains(e.Log.String(), `"reason":"suspended"`)
	})
	if all := inbox.Messages(""); len(all) != 1 {
		t.Errorf("the inbox has %d messages, want 1", len(all))
	}
	e.anonymous.Post("/auth/password-resets", object{"email": "not an address"}).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
}

func TestPasswordReset_LinksStopWorking(t *testing.T) {
	t.Parallel()
	e, inbox := newMailEnv(t)
	for name, change := range map[string]func(c client){
		"after half an hour": func(client) { e.Clock.Advance(30 * time.Minute) },
		"after the password was changed": func(c client) {
			e.changePassword(e.session(c.Email), "eight red foxes running out")
			inbox.Next(t, c.Email)
		},
		"after another link was used": func(c client) {
			e.requestReset(c.Email)
			e.confirmReset(tokenOf(t, inbox, c.Email, "password-reset"), newPassword).Expect(http.StatusNoContent)
		},
		"while the account is suspended": func(c client) {
			e.session("admin@school.example").Post("/users/"+c.ID+"/suspension", nil).Expect(http.StatusOK)
		},
		"not when somebody signs in": nil,
	} {
		user := e.member(strings.ReplaceAll(strings.ToUpper(name[:1])+name[1:len(name)-3], " ", "-"))
		e.requestReset(user.Email)
		token := tokenOf(t, inbox, user.Email, "password-reset")
		if change == nil {
			e.signIn(user.Email)
			e.confirmReset(token, newPassword).Expect(http.StatusNoContent)
			continue
		}
		change(user)
		if res := e.confirmReset(token, newPassword); res.Code() != "confirmation_invalid" {
			t.Errorf("%s: the link returned %d: %s", name, res.Status, res.Body)
		}
	}
}

// A token works once, even if two replicas get it at the same time.
func TestPasswordReset_TokenWorksOnceOnTwoReplicas(t *testing.T) {
	t.Parallel()
	e, inbox := newMailEnv(t)
	ada := e.member("Ada")
	e.requestReset(ada.Email)
	token := tokenOf(t, inbox, ada.Email, "password-reset")
	replicas := []client{e.anonymous, e.anonymous.At(e.Replica(t).URL)}
	statuses := make(chan int, 8)
	for i := range cap(statuses) {
		go func() {
			res, _ := replicas[i%2].Try(apiclient.Request{Method: http.MethodPost, Path: "/auth/password-resets/confirmation", Body: object{"token": token, "password": newPassword}})
			statuses <- res.Status
		}()
	}
	count := map[int]int{}
	for range cap(statuses) {
		count[<-statuses]++
	}
	if count[http.StatusNoContent] != 1 || count[http.StatusUnprocessableEntity] != cap(statuses)-1 {
		t.Errorf("statuses %v, want one 204 and the rest 422", count)
	}
}
