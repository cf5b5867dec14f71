package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// complete sends the second step of a sign-in.
func (e *env) complete(challenge, code string) response {
	e.t.Helper()
	return e.anonymous.Post("/auth/login/completion", object{"challenge": challenge, "code": code})
}

func (e *env) challenge(user client) string {
	e.t.Helper()
	return e.anonymous.Challenge(user.Email, testserver.Password)
}

func TestTOTP_SignInNeedsACode(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada := e.member("Ada")
	other := e.signIn(ada.Email)
	app, recovery := ada.EnableTOTP()
	if len(recovery) != 10 {
		t.Errorf("%d recovery codes", len(recovery))
	}
	other.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	ada.Get("/me").Expect(http.StatusOK)
	ada.Post("/me/totp", nil).ExpectProblem(http.StatusConflict, "totp_already_enabled")

	// The challenge is not a session, and a wrong password does not reveal that there is TOTP.
	challenge := e.challenge(ada)
	e.anonymous.As(apiclient.Session{Token: challenge}).Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	e.anonymous.Post("/auth/login", object{"email": ada.Email, "password": "not my password at all"}).ExpectProblem(http.StatusUnauthorized, "invalid_credentials")

	e.complete(challenge, app.WrongCode()).ExpectProblem(http.StatusUnprocessableEntity, "one_time_code_wrong")
	e.complete(challenge, app.Code(-1)).ExpectProblem(http.StatusUnprocessableEntity, "one_time_code_wrong") // enrolling has used it
	e.anonymous.SignedIn(e.complete(challenge, app.Code(0)).Expect(http.StatusOK)).Get("/me").Expect(http.StatusOK)
	e.complete(challenge, app.Code(1)).ExpectProblem(http.StatusUnauthorized, "sign_in_challenge_invalid")
	e.complete(e.challenge(ada), app.Code(0)).ExpectProblem(http.StatusUnprocessableEntity, "one_time_code_wrong")
	e.complete("", app.Code(1)).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
	e.complete("x", app.Code(1)).ExpectProblem(http.StatusUnauthorized, "sign_in_challenge_invalid")

	late := e.challenge(ada)
	e.Clock.Advance(5 * time.Minute)
	e.complete(late, app.Code(0)).ExpectProblem(http.StatusUnauthorized, "sign_in_challenge_invalid")

	ada.Delete("/me/totp").Expect(http.StatusNoContent)
	e.signIn(ada.Email).Get("/me").Expect(http.StatusOK)
	e.complete(challenge, recovery[0]).ExpectProblem(http.StatusUnauthorized, "sign_in_challenge_invalid")
}

func TestTOTP_KeepsTheFormOfTheSession(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada := e.member("Ada")
	app, _ := ada.EnableTOTP()
	browser := e.anonymous.With("Origin", e.Root)
	first := browser.Post("/auth/login", object{"email": ada.Email, "password": testserver.Password, "carrier": "cookie"}).Expect(http.StatusAccepted)
	if first.Header.Get("Set-Cookie") != "" {
		t.Error("the challenge sets a cookie")
	}
	challenge := apiclient.Decode[struct{ Challenge string }](first).Challenge
	body := object{"challenge": challenge, "code": app.Code(0)}
	browser.With("User-Agent", "another").Post("/auth/login/completion", body).ExpectProblem(http.StatusUnauthorized, "sign_in_challenge_invalid")
	browser.With("Origin", "https://evil.example").Post("/auth/login/completion", body).ExpectProblem(http.StatusForbidden, "cross_origin")
	done := browser.Post("/auth/login/completion", body).Expect(http.StatusOK)
	if token := apiclient.Decode[struct{ Token *string }](done).Token; token != nil || done.Header.Get("Set-Cookie") == "" {
		t.Errorf("the session has the token %v and the cookie %q", token, done.Header.Get("Set-Cookie"))
	}
}

func TestTOTP_SignInCostsFewRoundTrips(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada := e.member("Ada")
	app, recovery := ada.EnableTOTP()
	for name, code := range map[string]string{"a code of the app": app.Code(0), "a recovery code": recovery[0], "a wrong code": app.WrongCode()} {
		e.Statements.Take()
		challenge := e.challenge(ada)
		if record := e.Statements.Take(); record.Trips > usualWriteTrips {
			t.Errorf("%d round trips for a challenge: %s", record.Trips, record.Names())
		}
		e.complete(challenge, code)
		// The first one is on a new device, which looks for its sessions and queues a mail.
		if record := e.Statements.Take(); record.Trips < 5 || record.Trips > 17 {
			t.Errorf("%d round trips for %s: %s", record.Trips, name, record.Names())
		}
	}
}

// Two replicas get the same code, the same recovery code, or the same challenge at the same time.
func TestTOTP_OneOfTwoReplicasAcceptsACode(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	replica := e.Replica(t)
	ada := e.member("Ada")
	app, recovery := ada.EnableTOTP()
	for name, code := range map[string]func() string{
		"a code of the app": func() string { return app.Code(0) },
		"a recovery code":   func() string { return recovery[0] },
	} {
		for _, same := range []bool{false, true} {
			e.Clock.Advance(time.Minute)
			challenges := []string{e.challenge(ada), e.challenge(ada)}
			if same {
				challenges[1] = challenges[0]
			}
			typed := code()
			if same && name == "a recovery code" {
				typed = recovery[1]
			}
			statuses := make([]int, 2)
			concurrently(2, func(i int) {
				url := []string{e.URL, replica.URL}[i]
				statuses[i] = e.anonymous.At(url).Post("/auth/login/completion", object{"challenge": challenges[i], "code": typed}).Status
			})
			slices.Sort(statuses)
			want := []int{http.StatusOK, http.StatusUnprocessableEntity}
			if same {
				want[1] = http.StatusUnauthorized
				slices.Sort(want)
			}
			if !slices.Equal(statuses, want) {
				t.Errorf("%s, same challenge %t: %v, want %v", name, same, statuses, want)
			}
		}
	}
}

// Wrong codes are counted although they are sent at the same time.
func TestTOTP_AChallengeEndsAfterFiveWrongCodes(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	replica := e.Replica(t)
	ada := e.member("Ada")
	app, _ := ada.EnableTOTP()
	challenge, wrong := e.challenge(ada), app.WrongCode()
	statuses := make([]int, 12)
	concurrently(len(statuses), func(i int) {
		url := []string{e.URL, replica.URL}[i%2]
		statuses[i] = e.anonymous.At(url).Post("/auth/login/completion", object{"challenge": challenge, "code": wrong}).Status
	})
	n := 0
	for _, s := range statuses {
		if s == http.StatusUnprocessableEntity {
			n++
		}
	}
	if n != 5 {
		t.Errorf("%d wrong codes were judged: %v", n, statuses)
	}
	e.complete(challenge, app.Code(0)).ExpectProblem(http.StatusUnauthorized, "sign_in_challenge_invalid")
	e.complete(e.challenge(ada), app.Code(0)).Expect(http.StatusOK)
	denials := get[apiclient.Page[auditEntry]](e.admin, "/audit-log?action=session.deny").Items
	if len(denials) != 5 || denials[0].Subject != ada.ID || denials[0].Details["reason"] != "wrong_code" {
		t.Errorf("denials: %v", denials)
	}
}

func TestTOTP_ANewPasswordKeepsItAndEndsChallenges(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada := e.member("Ada")
	app, _ := ada.EnableTOTP()
	challenge := e.challenge(ada)
	const next = "nine grey herons wading home"
	if _, _, err := e.App.Operator.ResetPassword(t.Context(), domain.System, ada.Email, next); err != nil {
		t.Fatal(err)
	}
	e.complete(challenge, app.Code(0)).ExpectProblem(http.StatusUnauthorized, "sign_in_challenge_invalid")
	e.complete(e.anonymous.Challenge(ada.Email, next), app.Code(0)).Expect(http.StatusOK)
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada, ben := e.member("Ada"), e.member("Ben")
	ada.Post("/me/recovery-codes", nil).ExpectProblem(http.StatusConflict, "totp_not_enabled")
	_, recovery := ada.EnableTOTP()
	_, foreign := ben.EnableTOTP()
	left := func() int {
		return get[struct {
			RecoveryCodes int `json:"recovery_codes"`
		}](ada, "/me/totp").RecoveryCodes
	}

	e.complete(e.challenge(ada), recovery[3]).Expect(http.StatusOK)
	if n := left(); n != 9 {
		t.Errorf("%d codes are left", n)
	}
	e.complete(e.challenge(ada), recovery[3]).ExpectProblem(http.StatusUnprocessableEntity, "one_time_code_wrong")
	e.complete(e.challenge(ada), foreign[0]).ExpectProblem(http.StatusUnprocessableEntity, "one_time_code_wrong")

	rotated := apiclient.Decode[struct {
		RecoveryCodes []string `json:"recovery_codes"`
	}](ada.Post("/me/recovery-codes", nil).Expect(http.StatusOK)).RecoveryCodes
	if n := left(); n != 10 || len(rotated) != 10 {
		t.Errorf("%d codes are left of %d", n, len(rotated))
	}
	e.complete(e.challenge(ada), recovery[4]).ExpectProblem(http.StatusUnprocessableEntity, "one_time_code_wrong")
	e.complete(e.challenge(ada), rotated[9]).Expect(http.StatusOK)
	for _, secret := range slices.Concat(recovery, rotated) {
		if found := e.Strings(t, fmt.Sprintf(`SELECT 'audit' FROM audit_entries WHERE details::text LIKE '%%%s%%'`, secret)); len(found) > 0 {
			t.Errorf("the audit log has the recovery code %s", secret)
		}
	}
}

// An admin helps a user who lost the phone and the recovery codes.
func TestTOTP_AdminsDisableThatOfUsers(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada, ben := e.member("Ada"), e.member("Ben")
	ada.EnableTOTP()
	challenge := e.challenge(ada)
	ben.Delete("/users/"+ada.ID+"/totp").ExpectProblem(http.StatusForbidden, "forbidden")
	e.admin.Delete("/users/"+nobody+"/totp").ExpectProblem(http.StatusNotFound, "user_not_found")
	e.admin.Delete("/users/" + ada.ID + "/totp").Expect(http.StatusNoContent)
	ada.Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	e.complete(challenge, "123456").ExpectProblem(http.StatusUnauthorized, "sign_in_challenge_invalid")
	e.signIn(ada.Email).Get("/me").Expect(http.StatusOK)
	e.admin.Delete("/users/" + ada.ID + "/totp").Expect(http.StatusNoContent)
}

// Whoever lacks TOTP that their role needs can do nothing else, whatever changes in the meantime.
func TestTOTP_IsRequiredOfRoles(t *testing.T) {
	t.Parallel()
	e := newEnv(t, func(c *config.Config) { c.TOTPRequiredRoles = []string{"instructor", "admin"} })
	replica := e.Replica(t)
	denied := func(c client) { c.Get("/batches").ExpectProblem(http.StatusForbidden, "totp_required") }
	allowed := func(c client) { c.Get("/batches").Expect(http.StatusOK) }
	status := func(c client) bool { return get[struct{ Required bool }](c, "/me/totp").Required }
	ada := e.member("Ada")
	ada.Get("/me/days").Expect(http.StatusOK)
	if status(ada) || !status(e.admin) {
		t.Error("the wrong roles need TOTP")
	}
	denied(e.admin)
	e.admin.Patch("/me", object{"name": "Another"}).ExpectProblem(http.StatusForbidden, "totp_required")
	e.admin.Get("/me").Expect(http.StatusOK)
	denied(e.admin.At(replica.URL))
	e.admin.EnableTOTP()
	allowed(e.admin)
	e.Clock.Advance(time.Second) // the other replica may remember the session for so long
	allowed(e.admin.At(replica.URL))

	// A user who gets such a role signs in again, and enrols.
	e.admin.Put("/users/"+ada.ID+"/role", object{"role": "instructor"}).Expect(http.StatusOK)
	ada = e.signIn(ada.Email)
	denied(ada)
	ada.EnableTOTP()
	allowed(ada)

	e.admin.Delete("/me/totp").Expect(http.StatusNoContent)
	denied(e.admin)
}

// A pending enrolment changes nothing, and starting again replaces its secret.
func TestTOTP_APendingEnrolmentIsReplaced(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada := e.member("Ada")
	ada.Post("/me/totp/confirmation", object{"code": "123456"}).ExpectProblem(http.StatusConflict, "totp_not_pending")
	first := ada.StartTOTP()
	second := ada.StartTOTP()
	e.signIn(ada.Email).Get("/me").Expect(http.StatusOK)
	ada.Post("/me/totp/confirmation", object{"code": first.Code(0)}).ExpectProblem(http.StatusUnprocessableEntity, "one_time_code_wrong")
	ada.Post("/me/totp/confirmation", object{"code": second.Code(0)}).Expect(http.StatusOK)

	// A retry returns the same secret.
	ben := e.member("Ben").IdempotencyKey("8e03978e-40d5-43e8-bc93-6894a57f9324")
	if a, b := string(ben.Post("/me/totp", nil).Expect(http.StatusCreated).Body), string(ben.Post("/me/totp", nil).Expect(http.StatusCreated).Body); a != b {
		t.Error("a retry returned another secret")
	}
}
