package gradus_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/gradus-dev/gradus/clients/go"
)

// expired returns a new session whose access token the server rejects, as it does after a while.
func expired(t *testing.T, name string) gradus.Session {
	t.Helper()
	session, err := gradus.New(server.API).Register(t.Context(), gradus.Registration{
		Email: name + "@new.example", Name: name, Password: "seven quiet paper boats",
	})
	if err != nil {
		t.Fatal(err)
	}
	session.Token = new("expired")
	return *session
}

func TestWithSession_RenewsOnceForAllCalls(t *testing.T) {
	t.Parallel()
	session := expired(t, "sela")
	var renewed []gradus.Session
	c := gradus.New(server.API, gradus.WithSession(session, func(s gradus.Session) { renewed = append(renewed, s) }))
	var calls sync.WaitGroup
	for range 20 {
		calls.Go(func() {
			if me, err := c.GetMe(t.Context()); err != nil || me.Name != "sela" {
				t.Errorf("got %+v, %v", me, err)
			}
		})
	}
	calls.Wait()
	if len(renewed) != 1 || *renewed[0].RefreshToken == *session.RefreshToken {
		t.Fatalf("%d renewals", len(renewed))
	}

	// What was reported goes on where this client ended.
	renewed[0].Token = new("expired again")
	next := gradus.New(server.API, gradus.WithSession(renewed[0], nil))
	if _, err := next.GetMe(t.Context()); err != nil {
		t.Error(err)
	}
	if err := next.SignOut(t.Context()); err != nil {
		t.Error(err)
	}
	_, err := next.GetMe(t.Context())
	if e, ok := errors.AsType[*gradus.Error](err); !ok || e.Status != 401 || e.Code != gradus.ProblemCodeRefreshTokenInvalid {
		t.Errorf("after the session has ended: %v", err)
	}
}

func TestWithSession_KeepsTheTokensOfReauthentication(t *testing.T) {
	t.Parallel()
	session := expired(t, "rune")
	var last gradus.Session
	c := gradus.New(server.API, gradus.WithSession(session, func(s gradus.Session) { last = s }))
	again, err := c.Reauthenticate(t.Context(), gradus.Reauthentication{CurrentPassword: "seven quiet paper boats"})
	if err != nil || *again.RefreshToken != *last.RefreshToken {
		t.Fatalf("got %v", err)
	}
	if _, err := c.GetMe(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := gradus.New(server.API, gradus.WithToken(*last.Token)).GetMe(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestWithSession_RequestsALostResponseAgain(t *testing.T) {
	t.Parallel()
	refreshes := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/auth/refresh" && r.Header.Get("Authorization") != "":
			t.Error("the refresh sends an access token")
		case r.URL.Path == "/auth/refresh":
			if refreshes++; refreshes == 1 {
				panic(http.ErrAbortHandler)
			}
			_, _ = w.Write([]byte(`{"token": "new", "refresh_token": "r2"}`))
		case r.Header.Get("Authorization") != "Bearer new":
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(dead))
		default:
			_, _ = w.Write([]byte(`{"name": "Ada"}`))
		}
	}))
	t.Cleanup(s.Close)
	c := gradus.New(s.URL, gradus.WithSession(gradus.Session{Token: new("old"), RefreshToken: new("r1")}, nil))
	if me, err := c.GetMe(t.Context()); err != nil || me.Name != "Ada" || refreshes != 2 {
		t.Errorf("got %+v, %v after %d refreshes", me, err, refreshes)
	}
}

func TestWithSession_WithoutARefreshTokenReturnsTheError(t *testing.T) {
	t.Parallel()
	c := gradus.New(server.API, gradus.WithSession(gradus.Session{Token: new("unknown")}, nil))
	_, err := c.GetMe(t.Context())
	if e, ok := errors.AsType[*gradus.Error](err); !ok || e.Code != gradus.ProblemCodeUnauthenticated {
		t.Errorf("got %v", err)
	}
}
