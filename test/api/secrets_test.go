package api_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// secret is a value that only some responses may contain.
type secret struct {
	name, value string
	shownBy     []string // prefixes of the requests whose responses may contain it
}

func TestSecrets_AreNotExposed(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	seen := &recording{}
	e.anonymous.Observe = seen.add
	e.StartWorker(t)
	e.CreateAdmin(t, "operator@school.example")
	e.admin = e.signIn("operator@school.example")
	batch, key := e.batch("Evening", "UTC")
	keys := "/batches/" + batch + "/registration-key"
	ada, ben := e.register("Ada", key), e.register("Ben", key)
	e.wakatimeUser("ada", "UTC")
	e.wakatimeUser("ben", "UTC")
	secrets := []secret{
		{"the client secret", testserver.ClientSecret, nil},
		{"an access token of WakaTime", "waka_tok_", nil},
		{"a refresh token of WakaTime", "waka_ref_", nil},
		{"ben's API key", e.Fake.APIKey("ben"), nil},
		{"the core of ben's API key", strings.TrimPrefix(e.Fake.APIKey("ben"), "waka_"), nil},
		{"the password", testserver.Password, nil},
		{"a wrong password", "five purple bicycles wink", nil},
		{"the encryption key", "Z3JhZHVzLWRldmVsb3BtZW50", nil},
		{"the database's password", password(t, e.DatabaseURL), nil},
		{"the admin's session", e.admin.Token, []string{"POST /auth/login"}},
		{"ada's session", ada.Token, []string{"POST /auth/register"}},
		{"ada's refresh token", ada.RefreshToken, []string{"POST /auth/register"}},
		{"the registration key", key, []string{"GET " + keys, "PATCH " + keys}},
	}
	add := func(name, value string, shownBy ...string) { secrets = append(secrets, secret{name, value, shownBy}) }

	e.Fake.SetScenario("ada", fakewaka.Scenario{TokenLifetime: time.Hour, TokenFormat: fakewaka.TokenForm, RotateRefresh: true})
	flow := ada.Consent("ada")
	add("the OAuth code", flow["code"].(string))
	add("the OAuth state", flow["state"].(string), "POST /me/wakatime/authorization")
	ada.Post(callback, flow).Expect(http.StatusOK)
	e.connectByKey(ben, "ben")
	e.firstSync(ada)
	e.firstSync(ben)
	e.Clock.Advance(2 * time.Hour)
	e.admin, ada, ben = e.admin.Refresh(), ada.Refresh(), ben.Refresh()
	add("ada's new access token", ada.Token, "POST /auth/refresh")
	add("ada's new refresh token", ada.RefreshToken, "POST /auth/refresh")
	e.sync(ada)
	ada, e.admin, ben = e.provokeErrors(ada, ben, flow), e.admin.Refresh(), ben.Refresh()
	e.admin.Patch(keys, object{"seats": 30}).Expect(http.StatusOK)
	fresh := decode[registrationKey](e.admin.Post(keys+"/rotation", nil).Expect(http.StatusOK)).Key
	add("the new registration key", fresh, "GET "+keys, "PATCH "+keys, "POST "+keys+"/rotation")
	for _, c := range []client{e.admin, ada, ben} {
		e.readEverything(c, batch, ada.ID)
	}
	for _, encrypted := range e.Strings(t, `SELECT encode(v, 'hex') FROM wakatime_connections, unnest(ARRAY[access_token, refresh_token]) v WHERE v IS NOT NULL
UNION ALL SELECT encode(key_sealed, 'hex') FROM registration_keys UNION ALL SELECT encode(token_hash, 'hex') FROM sessions
UNION ALL SELECT encode(v, 'hex') FROM refresh_tokens, unnest(ARRAY[family_hash, current_hash, used_hash]) v WHERE v IS NOT NULL
UNION ALL SELECT salt FROM refresh_tokens WHERE salt <> ''
UNION ALL SELECT password_hash FROM users`) {
		add("an encrypted or hashed value", encrypted)
		if raw, err := hex.DecodeString(encrypted); err == nil {
			add("an encrypted value in base64", strings.TrimRight(base64.StdEncoding.EncodeToString(raw), "="))
		}
	}

	log, rows := e.Log.String(), strings.Join(e.everyRow(), "\n")
	if len(seen.responses) < 40 || len(log) < 5000 || len(rows) < 5000 {
		t.Fatalf("too little to search: %d responses, %d bytes of log, %d of rows", len(seen.responses), len(log), len(rows))
	}
	for _, x := range secrets {
		if strings.Contains(log, x.value) {
			t.Errorf("the log contains %s", x.name)
		}
		stored := strings.HasPrefix(x.name, "an encrypted")
		if !stored && (strings.Contains(rows, x.value) || strings.Contains(rows, hex.EncodeToString([]byte(x.value)))) {
			t.Errorf("the database contains %s in plain text", x.name)
		}
		for _, res := range seen.responses {
			if text := fmt.Sprint(res.Header, string(res.Body)); strings.Contains(text, x.value) && !mayShow(res, x.shownBy) {
				t.Errorf("the response to %s contains %s: %s", res.Request(), x.name, text)
			}
		}
	}
	for _, table := range []string{"audit_entries", "gradus_river.river_job"} {
		if rows := e.Strings(t, `SELECT to_jsonb(t)::text FROM `+table+` t`); len(rows) == 0 {
			t.Errorf("%s is empty, so it proves nothing", table)
		}
	}
}

// provokeErrors provokes all errors whose messages could contain secrets. It returns ada with
// new tokens.
func (e *env) provokeErrors(ada, ben client, flow object) client {
	e.t.Helper()
	ada.Post(callback, flow).ExpectProblem(http.StatusUnprocessableEntity, "wakatime_state_invalid")
	ada.Post(callback, object{"code": flow["code"], "state": ada.Consent("ada")["state"]}).ExpectProblem(http.StatusUnprocessableEntity, "wakatime_code_rejected")
	ada.Post(callback, object{"code": object{"nested": flow["code"]}, "state": flow["state"]}).Expect(http.StatusUnprocessableEntity)
	e.anonymous.Post("/auth/login", object{"email": "ada@school.example", "password": "five purple bicycles wink"}).Expect(http.StatusUnauthorized)
	e.anonymous.Post("/auth/login", object{"email": "ada@school.example", "password": []string{testserver.Password}}).Expect(http.StatusUnprocessableEntity)
	e.anonymous.Post("/auth/register", object{"email": "x", "password": testserver.Password, "passphrase": testserver.Password}).Expect(http.StatusUnprocessableEntity)
	e.anonymous.Do(apiclient.Request{Method: http.MethodPost, Path: "/auth/login", Body: `{"password":"` + testserver.Password + `"`}).
		Expect(http.StatusBadRequest)
	e.anonymous.Get("/me?access_token=" + ada.Token).Expect(http.StatusBadRequest)
	ben.As(apiclient.Session{Token: ben.Token + "x"}).Get("/me").Expect(http.StatusUnauthorized)
	ben.Put("/me/wakatime/api-key", object{"api_key": e.Fake.APIKey("ben") + "\n", "base_url": "http://" + testserver.ClientSecret}).Expect(http.StatusUnprocessableEntity)

	// WakaTime echoes the request.
	echo := fakewaka.Scenario{Status: http.StatusBadGateway, Message: e.Fake.APIKey("ben") + testserver.ClientSecret + "waka_tok_ waka_ref_"}
	e.Fake.SetScenario("ben", echo)
	e.sync(ben)
	e.Fake.SetScenario("ada", fakewaka.Scenario{InvalidClient: true})
	e.Clock.Advance(2 * time.Hour)
	ada = ada.Refresh()
	e.sync(ada)
	e.Fake.SetScenario("ada", fakewaka.Scenario{InvalidGrant: true})
	e.sync(ada)
	ada.Delete("/me/wakatime").Expect(http.StatusOK)
	e.Fake.SetScenario("ada", fakewaka.Scenario{})
	e.connect(ada, "ada")
	return ada
}

// readEverything sends all reads. Some of them are rejected.
func (e *env) readEverything(c client, batch, student string) {
	e.t.Helper()
	for _, path := range []string{
		"/me", "/users", "/users/" + student, "/batches", "/batches/" + batch, "/batches/" + batch + "/instructors",
		"/batches/" + batch + "/registration-key", "/batches/" + batch + "/progress", "/batches/" + batch + "/coverage",
		"/students", "/students/" + student, "/students/" + student + "/days", "/students/" + student + "/coverage",
		"/me/wakatime", "/me/days", "/me/today", "/admin/dashboard", "/audit-log?limit=100",
	} {
		c.Get(path)
	}
}

// everyRow returns the rows of all tables as JSON.
func (e *env) everyRow() []string {
	e.t.Helper()
	var all []string
	for _, table := range e.Strings(e.t, `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'`) {
		all = append(all, e.Strings(e.t, `SELECT to_jsonb(t)::text FROM `+table+` t`)...)
	}
	return all
}

// mayShow reports whether the request has one of the prefixes, or is for the consent page of
// the fake WakaTime server.
func mayShow(res response, prefixes []string) bool {
	return slices.ContainsFunc(append(prefixes, "GET http"), func(prefix string) bool { return strings.HasPrefix(res.Request(), prefix) })
}

func password(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := u.User.Password()
	if len(p) < 8 {
		return "no password to look for"
	}
	return p
}
