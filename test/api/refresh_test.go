package api_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// tokens are the tokens of a session.
type tokens struct {
	Access  string    `json:"token"`
	Refresh string    `json:"refresh_token"`
	Expires time.Time `json:"token_expires_at"`
	Ends    time.Time `json:"expires_at"`
}

func (e *env) signInForTokens(email string) tokens {
	e.t.Helper()
	return apiclient.Decode[tokens](e.anonymous.Post("/auth/login", object{"email": email, "password": testserver.Password}).Expect(http.StatusOK))
}

// refresh sends a refresh token without any other credential.
func (e *env) refresh(token string) response {
	e.t.Helper()
	return e.anonymous.Post("/auth/refresh", object{"refresh_token": token})
}

func (e *env) refreshed(token string) tokens {
	e.t.Helper()
	return apiclient.Decode[tokens](e.refresh(token).Expect(http.StatusOK))
}

// by returns a client with an access token.
func (e *env) by(token string) client { return e.anonymous.As(apiclient.Session{Token: token}) }

func TestRefresh_RenewsAnExpiredAccessToken(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada := e.member("Ada")
	first := e.signInForTokens(ada.Email)
	if !first.Expires.Equal(e.Clock.Now().Add(15 * time.Minute)) {
		t.Errorf("the access token expires at %s", first.Expires)
	}
	e.Clock.Advance(15*time.Minute - time.Nanosecond)
	e.by(first.Access).Get("/me").Expect(http.StatusOK)
	e.Clock.Advance(time.Nanosecond)
	e.by(first.Access).Get("/me").ExpectProblem(http.StatusUnauthorized, "token_expired")
	e.by(first.Access).Patch("/me", object{"name": "Ada B."}).ExpectProblem(http.StatusUnauthorized, "token_expired")

	second := e.refreshed(first.Refresh)
	e.by(second.Access).Get("/me").Expect(http.StatusOK)
	e.by(first.Access).Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	if !second.Ends.Equal(first.Ends) {
		t.Errorf("the session ends at %s, and at %s after a refresh", first.Ends, second.Ends)
	}
	_, current := sessions(t, e.by(second.Access))
	if !current.LastUsedAt.Equal(e.Clock.Now()) || !current.CreatedAt.Equal(e.Clock.Now().Add(-15*time.Minute)) {
		t.Errorf("the session: %+v", current)
	}
}

func TestRefresh_TokensAreOfOneKind(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	in := e.signInForTokens(e.member("Ada").Email)
	e.by(in.Refresh).Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
	e.refresh(in.Access).ExpectProblem(http.StatusUnauthorized, "refresh_token_invalid")
	e.by(in.Access).Get("/me").Expect(http.StatusOK)
	e.refreshed(in.Refresh)
}

// A thief uses a token that the owner has replaced, or the other way round: nobody can tell, so
// the session ends for both.
func TestRefresh_ReuseEndsTheSession(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada := e.member("Ada")
	other := e.signIn(ada.Email)
	for name, refreshes := range map[string]int{"the last one": 1, "an older one": 3} {
		first := e.signInForTokens(ada.Email)
		last := first
		for range refreshes {
			last = e.refreshed(last.Refresh)
		}
		e.Clock.Advance(10 * time.Second)
		e.refresh(first.Refresh).ExpectProblem(http.StatusUnauthorized, "refresh_token_invalid")
		if res := e.by(last.Access).Get("/me"); res.Status != http.StatusUnauthorized {
			t.Errorf("after the reuse of %s, the access token returned %d", name, res.Status)
		}
		e.refresh(last.Refresh).ExpectProblem(http.StatusUnauthorized, "refresh_token_invalid")
	}
	other.Get("/me").Expect(http.StatusOK)
	if n := e.Strings(t, `SELECT count(*)::text FROM audit_entries WHERE action = 'session.end_reused'`)[0]; n != "2" {
		t.Errorf("%s audit entries for 2 reuses", n)
	}
}

func TestRefresh_RepeatsTheResponseForTenSeconds(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	first := e.signInForTokens(e.member("Ada").Email)
	second := e.refreshed(first.Refresh)
	e.Clock.Advance(10*time.Second - time.Nanosecond)
	if again := e.refreshed(first.Refresh); again != second {
		t.Errorf("the response is another one: %+v, %+v", second, again)
	}
	e.by(second.Access).Get("/me").Expect(http.StatusOK)
	third := e.refreshed(second.Refresh)
	// The successor was used, so the client has received it.
	e.refresh(first.Refresh).ExpectProblem(http.StatusUnauthorized, "refresh_token_invalid")
	e.by(third.Access).Get("/me").ExpectProblem(http.StatusUnauthorized, "unauthenticated")
}

// Both replicas receive the same token at the same time: one rotates, and both return the same.
func TestRefresh_OnTwoReplicasAtTheSameTime(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	replica := e.anonymous.At(e.Replica(t).URL)
	in := e.signInForTokens(e.member("Ada").Email)
	e.Clock.Advance(time.Hour)
	for range 5 {
		responses := make([]response, 8)
		var sending sync.WaitGroup
		for i := range responses {
			c := e.anonymous
			if i%2 == 1 {
				c = replica
			}
			sending.Go(func() { responses[i] = c.Post("/auth/refresh", object{"refresh_token": in.Refresh}) })
		}
		sending.Wait()
		next := apiclient.Decode[tokens](responses[0].Expect(http.StatusOK))
		for _, res := range responses {
			if got := apiclient.Decode[tokens](res.Expect(http.StatusOK)); got != next {
				t.Fatalf("two responses differ: %+v, %+v", next, got)
			}
		}
		e.by(next.Access).Get("/me").Expect(http.StatusOK)
		in = next
	}
}

func TestRefresh_EndsWithTheSession(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	ada := e.member("Ada")
	for name, end := range map[string]func(tokens){
		"signing out":           func(in tokens) { e.by(in.Access).Post("/auth/logout", nil).Expect(http.StatusNoContent) },
		"an admin revokes it":   func(tokens) { e.admin.Delete("/users/" + ada.ID + "/sessions").Expect(http.StatusNoContent) },
		"it is not used":        func(tokens) { e.Clock.Advance(e.Config.SessionIdle) },
		"the user is suspended": func(tokens) { e.admin.Post("/users/"+ada.ID+"/suspension", nil).Expect(http.StatusOK) },
	} {
		e.admin = e.admin.As(e.AddSession(t, e.admin.Email))
		e.admin.Delete("/users/" + ada.ID + "/suspension").Expect(http.StatusNoContent)
		in := e.signInForTokens(ada.Email)
		end(in)
		if res := e.refresh(in.Refresh); res.Code() != "refresh_token_invalid" {
			t.Errorf("after %s: %d %s", name, res.Status, res.Body)
		}
	}
}

// The absolute limit applies however often the tokens are renewed.
func TestRefresh_DoesNotProlongASession(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	in := e.signInForTokens(e.member("Ada").Email)
	start := e.Clock.Now()
	for e.Clock.Now().Before(in.Ends.Add(-time.Minute)) {
		e.Clock.Advance(min(e.Config.SessionIdle-time.Minute, in.Ends.Add(-time.Minute).Sub(e.Clock.Now())))
		in = e.refreshed(in.Refresh)
	}
	if lasted := in.Ends.Sub(start); lasted != e.Config.SessionLifetime || !in.Expires.Equal(in.Ends) {
		t.Errorf("the session lasts %s, its token until %s", lasted, in.Expires)
	}
	e.Clock.Advance(time.Minute)
	e.by(in.Access).Get("/me").ExpectProblem(http.StatusUnauthorized, "session_expired")
	e.refresh(in.Refresh).ExpectProblem(http.StatusUnauthorized, "refresh_token_invalid")
}

// Signing in again replaces the refresh token, too.
func TestReauthentication_ReplacesTheRefreshToken(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	first := e.signInForTokens(e.member("Ada").Email)
	second := apiclient.Decode[tokens](e.by(first.Access).Post("/auth/reauthentication", object{"current_password": testserver.Password}).Expect(http.StatusOK))
	e.refresh(first.Refresh).ExpectProblem(http.StatusUnauthorized, "refresh_token_invalid")
	e.by(e.refreshed(second.Refresh).Access).Get("/me").Expect(http.StatusOK)
}
