package mockserver_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/servertest"
)

func signIn(email, more string) servertest.Call {
	return servertest.Post("/auth/login", fmt.Sprintf(`{"email": %q, "password": "x"%s}`, email, more)).SignedOut()
}

// me returns the user whom GET /me returns to the session that a response has started.
func me(t *testing.T, s *servertest.Server, started servertest.Response) map[string]any {
	t.Helper()
	call := servertest.Get("/me").SignedOut()
	body := servertest.Decode(t, started.Text).(map[string]any)
	if token, ok := body["token"].(string); ok {
		call = call.With("Authorization", "Bearer "+token)
	} else {
		cookie, _, _ := strings.Cut(started.Header.Get("Set-Cookie"), ";")
		call = call.With("Cookie", cookie)
	}
	return servertest.Decode(t, s.Do(t, call).Text).(map[string]any)
}

func TestMock_SignsIn(t *testing.T) {
	t.Parallel()
	const byCookie = `, "carrier": "cookie"`
	up := servertest.Post("/auth/register", `{"email": "Robin@School.example", "name": "Robin", "password": "violet engine hums quietly"}`).SignedOut()
	tests := map[string]struct {
		call    servertest.Call
		email   string // of the user
		carrier string
	}{
		"an admin":                            {signIn("mira@school.example", ""), "mira@school.example", "token"},
		"an instructor":                       {signIn("tomas@school.example", ""), "tomas@school.example", "token"},
		"a student":                           {signIn("ada@school.example", ""), "ada@school.example", "token"},
		"a member":                            {signIn("hana@school.example", ""), "hana@school.example", "token"},
		"an admin, by cookie":                 {signIn("mira@school.example", byCookie), "mira@school.example", "cookie"},
		"an instructor, by cookie":            {signIn("tomas@school.example", byCookie), "tomas@school.example", "cookie"},
		"another spelling of the address":     {signIn(" ADA@School.Example ", ""), "ada@school.example", "token"},
		"an unknown address":                  {signIn("nobody@school.example", ""), "mira@school.example", "token"},
		"an unknown address, by cookie":       {signIn("nobody@school.example", byCookie), "mira@school.example", "cookie"},
		"a preferred example":                 {signIn("ada@school.example", "").With("Prefer", "example=member"), "hana@school.example", "token"},
		"a preferred example, by cookie":      {signIn("ada@school.example", byCookie).With("Prefer", "example=admin"), "mira@school.example", "cookie"},
		"a preferred example with a cookie":   {signIn("ada@school.example", "").With("Prefer", "example=instructor"), "tomas@school.example", "cookie"},
		"a new account":                       {up, "robin@school.example", "token"},
		"a new account, of a preferred kind":  {up.With("Prefer", "example=without_key"), "sora@school.example", "token"},
		"an account that was just registered": {signIn("robin@school.example", ""), "robin@school.example", "token"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servertest.StartMock(t)
			got := s.Do(t, tt.call)
			session := servertest.Decode(t, got.Text).(map[string]any)
			user, _ := session["user"].(map[string]any)
			if user["email"] != tt.email {
				t.Errorf("the session is that of %v, want %s", user["email"], tt.email)
			}
			_, token := session["token"].(string)
			if cookie := got.Header.Get("Set-Cookie") != ""; token != (tt.carrier == "token") || cookie == token {
				t.Errorf("the session has a token: %t, a cookie: %t; want a %s", token, cookie, tt.carrier)
			}
			if got := me(t, s, got); got["email"] != tt.email || got["role"] != user["role"] {
				t.Errorf("then GET /me returns %v, %v", got["email"], got["role"])
			}
		})
	}
}

func TestMock_HasAnExampleOfEveryRole(t *testing.T) {
	t.Parallel()
	s := servertest.StartMock(t)
	for _, role := range servertest.Spec(t).Components.Schemas["Role"].Value.Enum {
		prefer := fmt.Sprintf("example=%v", role)
		signedIn := s.Do(t, signIn("ada@school.example", "").With("Prefer", prefer))
		if got := me(t, s, signedIn); got["role"] != role {
			t.Errorf("a session with Prefer: %s has the role %v", prefer, got["role"])
		}
		account := servertest.Decode(t, s.Do(t, servertest.Get("/me").With("Prefer", prefer)).Text).(map[string]any)
		if account["role"] != role {
			t.Errorf("GET /me with Prefer: %s returns the role %v", prefer, account["role"])
		}
	}
}

// Signing in again continues the session of the request, in the way it was sent.
func TestMock_SignsInAgain(t *testing.T) {
	t.Parallel()
	for _, carrier := range []string{"token", "cookie"} {
		t.Run(carrier, func(t *testing.T) {
			t.Parallel()
			s := servertest.StartMock(t)
			in := s.Do(t, signIn("tomas@school.example", `, "carrier": "`+carrier+`"`))
			call := servertest.Post("/auth/reauthentication", `{"current_password": "x"}`).SignedOut()
			token, _ := servertest.Decode(t, in.Text).(map[string]any)["token"].(string)
			if carrier == "token" {
				call = call.With("Authorization", "Bearer "+token)
			} else {
				cookie, _, _ := strings.Cut(in.Header.Get("Set-Cookie"), ";")
				call = call.With("Cookie", cookie).With("Sec-Fetch-Site", "same-origin")
			}
			again := s.Do(t, call)
			got := servertest.Decode(t, again.Text).(map[string]any)
			if _, ok := got["token"].(string); ok != (carrier == "token") || (again.Header.Get("Set-Cookie") != "") == ok {
				t.Errorf("the session is %v, and sets the cookie %q", got, again.Header.Get("Set-Cookie"))
			}
			if user := me(t, s, again); user["email"] != "tomas@school.example" {
				t.Errorf("then GET /me returns %v", user["email"])
			}
			refresh, ok := got["refresh_token"].(string)
			if ok != (carrier == "token") {
				t.Errorf("the session has a refresh token: %t", ok)
			}
			if !ok {
				return
			}
			renewed := s.Do(t, servertest.Post("/auth/refresh", `{"refresh_token": "`+refresh+`"}`).SignedOut())
			if user := me(t, s, renewed); user["email"] != "tomas@school.example" || renewed.Header.Get("Set-Cookie") != "" {
				t.Errorf("then POST /auth/refresh returns the session of %v", user["email"])
			}
		})
	}
}
