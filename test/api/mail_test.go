package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// newMailEnv returns an env whose server sends mail, and its inbox.
func newMailEnv(t *testing.T) (*env, *testserver.Inbox) {
	t.Helper()
	e := newEnv(t)
	e.StartWorker(t)
	return e, e.Inbox
}

// withoutMail removes the settings of the mail server.
func withoutMail(c *config.Config) { c.SMTPURL, c.MailFrom = "", "" }

func (e *env) changePassword(c client, to string) {
	e.t.Helper()
	c.Put("/me/password", object{"current_password": testserver.Password, "password": to}).Expect(http.StatusNoContent)
}

func TestMail_TellsUsersThatTheirPasswordChanged(t *testing.T) {
	t.Parallel()
	e, inbox := newMailEnv(t)
	ada := e.member("Ada")
	ada.Put("/me/password", object{"current_password": "not the current one", "password": "nine grey herons wading home"}).
		ExpectProblem(http.StatusUnprocessableEntity, "current_password_wrong")
	e.changePassword(ada, "nine grey herons wading home")

	got := inbox.Next(t, ada.Email)
	if got.Subject != "Your Gradus password was changed" || !strings.Contains(got.Text, "Hello Ada,") {
		t.Errorf("the mail is %q:\n%s", got.Subject, got.Text)
	}
	if n := len(inbox.Messages("")); n != 1 {
		t.Errorf("%d mails were sent, want 1", n)
	}
}

func TestMail_IsRetriedUntilTheServerAcceptsIt(t *testing.T) {
	t.Parallel()
	e, inbox := newMailEnv(t)
	ada := e.member("Ada")
	inbox.Refuse(ada.Email, 451)
	e.changePassword(ada, "nine grey herons wading home")
	testserver.Eventually(t, "the first attempt fails", func() bool { return e.mailState(t) == "retryable" })

	inbox.Refuse(ada.Email, 0)
	e.RunJobsNow(t)
	inbox.Next(t, ada.Email)
}

func TestMail_IsGivenUpAfterADayOrARejection(t *testing.T) {
	t.Parallel()
	e, inbox := newMailEnv(t)
	ada, ben := e.member("Ada"), e.member("Ben")
	inbox.Refuse(ada.Email, 451)
	e.changePassword(ada, "nine grey herons wading home")
	testserver.Eventually(t, "the first attempt fails", func() bool { return e.mailState(t) == "retryable" })
	e.Clock.Advance(25 * time.Hour)
	inbox.Refuse(ada.Email, 0)
	e.RunJobsNow(t)
	testserver.Eventually(t, "the mail is given up", func() bool { return e.mailState(t) == "cancelled" })
	e.expectGivenUp(t, "overdue", ada.ID)

	inbox.Refuse(ben.Email, 550)
	e.changePassword(e.session(ben.Email), "eight red foxes running out")
	testserver.Eventually(t, "the mail is rejected", func() bool { return strings.Contains(e.Log.String(), ben.ID+`"`) && e.mailState(t) == "cancelled" })
	e.expectGivenUp(t, "rejected", ben.ID)
	if n := len(inbox.Messages("")); n != 0 {
		t.Errorf("%d mails were sent, want none", n)
	}
	if log := e.Log.String(); strings.Contains(log, ada.Email) || strings.Contains(log, ben.Email) {
		t.Error("the log has the address of a recipient")
	}
}

func TestMail_WithoutASMTPServerNothingFails(t *testing.T) {
	t.Parallel()
	e := newEnv(t, withoutMail)
	e.changePassword(e.member("Ada"), "nine grey herons wading home")
	if kinds := e.Strings(t, `SELECT kind FROM gradus_river.river_job WHERE queue = 'gradus_mail'`); len(kinds) > 0 {
		t.Errorf("the queue has %v", kinds)
	}
}

// mailState returns the state of the newest mail.
func (e *env) mailState(t *testing.T) string {
	t.Helper()
	states := e.Strings(t, `SELECT state::text FROM gradus_river.river_job WHERE kind = 'mail.send' ORDER BY id DESC LIMIT 1`)
	if len(states) == 0 {
		return ""
	}
	return states[0]
}

// expectGivenUp fails the test unless the log has exactly one such security event.
func (e *env) expectGivenUp(t *testing.T, reason, user string) {
	t.Helper()
	n := 0
	for line := range strings.Lines(e.Log.String()) {
		if strings.Contains(line, `"kind":"mail_given_up","reason":"`+reason+`"`) && strings.Contains(line, `"user_id":"`+user+`"`) {
			n++
		}
	}
	if n != 1 {
		t.Errorf("the log has %d events of a mail to %s given up as %s, want 1", n, user, reason)
	}
}
