package api_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

// secret is a value that may be told at a few addresses and nowhere else.
type secret struct {
	name, value string
	due         []string // the beginnings of requests that are answered with it
}

func TestNoSecretLeavesItsPlace(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.StartWorker(t)
	batch, key := s.batch("Evening", "UTC")
	keys := "/batches/" + batch + "/registration-key"
	ada, ben := s.register("Ada", key), s.register("Ben", key)
	s.coder("ada", "UTC")
	s.coder("ben", "UTC")
	secrets := []secret{
		{"the client secret", testserver.ClientSecret, nil},
		{"an access token of WakaTime", "waka_tok_", nil},
		{"a refresh token of WakaTime", "waka_ref_", nil},
		{"ben's API key", s.Fake.APIKey("ben"), nil},
		{"the core of ben's API key", strings.TrimPrefix(s.Fake.APIKey("ben"), "waka_"), nil},
		{"the password", testserver.Password, nil},
		{"a wrong password", "five purple bicycles wink", nil},
		{"the key that seals", "Z3JhZHVzLWRldmVsb3BtZW50", nil},
		{"the database's password", password(t, s.DatabaseURL), nil},
		{"the admin's session", s.admin.token, []string{"POST /auth/login"}},
		{"ada's session", ada.token, []string{"POST /auth/register"}},
		{"the registration key", key, []string{"GET " + keys, "PATCH " + keys}},
	}
	add := func(name, value string, due ...string) { secrets = append(secrets, secret{name, value, due}) }

	s.Fake.SetScenario("ada", fakewaka.Scenario{TokenLifetime: time.Hour, TokenFormat: fakewaka.TokenForm, RotateRefresh: true})
	flow := s.consent(ada, "ada")
	add("the OAuth code", flow["code"].(string))
	add("the OAuth state", flow["state"].(string), "POST /me/wakatime/authorization")
	ada.post(callback, flow).is(http.StatusOK)
	s.connectByKey(ben, "ben")
	s.settled(ada)
	s.settled(ben)
	s.Clock.Advance(2 * time.Hour)
	s.sync(ada)
	s.provoke(ada, ben, flow)
	s.admin.patch(keys, obj{"seats": 30}).is(http.StatusOK)
	fresh := into[registrationKey](s.admin.post(keys+"/rotation", nil).is(http.StatusOK)).Key
	add("the new registration key", fresh, "GET "+keys, "PATCH "+keys, "POST "+keys+"/rotation")
	for _, c := range []client{s.admin, ada, ben} {
		s.look(c, batch, ada.id)
	}
	for _, sealed := range s.Strings(t, `SELECT encode(v, 'hex') FROM wakatime_connections, unnest(ARRAY[access_token, refresh_token]) v WHERE v IS NOT NULL
UNION ALL SELECT encode(key_sealed, 'hex') FROM registration_keys UNION ALL SELECT encode(token_hash, 'hex') FROM sessions
UNION ALL SELECT password_hash FROM users`) {
		add("something sealed or hashed", sealed)
		if raw, err := hex.DecodeString(sealed); err == nil {
			add("something sealed, in base64", strings.TrimRight(base64.StdEncoding.EncodeToString(raw), "="))
		}
	}

	log, rows := s.Log.String(), strings.Join(s.everyRow(), "\n")
	if len(s.heard.answers) < 40 || len(log) < 5000 || len(rows) < 5000 {
		t.Fatalf("too little was looked at: %d answers, %d bytes of log, %d of rows", len(s.heard.answers), len(log), len(rows))
	}
	for _, x := range secrets {
		if strings.Contains(log, x.value) {
			t.Errorf("%s stands in the log", x.name)
		}
		stored := strings.HasPrefix(x.name, "something")
		if !stored && (strings.Contains(rows, x.value) || strings.Contains(rows, hex.EncodeToString([]byte(x.value)))) {
			t.Errorf("%s stands in the database as it is", x.name)
		}
		for _, a := range s.heard.answers {
			if said := fmt.Sprint(a.header, string(a.body)); strings.Contains(said, x.value) && !a.starts(x.due) {
				t.Errorf("%s was answered to %s: %s", x.name, a.asked, said)
			}
		}
	}
	for _, table := range []string{"audit_entries", "river_job"} {
		if rows := s.Strings(t, `SELECT to_jsonb(t)::text FROM `+table+` t`); len(rows) == 0 {
			t.Errorf("%s is empty: it proves nothing", table)
		}
	}
}

// provoke makes everything fail that could tell of secrets in an error.
func (s *school) provoke(ada, ben client, flow obj) {
	s.t.Helper()
	ada.post(callback, flow).fails(http.StatusUnprocessableEntity, "wakatime_state_invalid")
	ada.post(callback, obj{"code": flow["code"], "state": s.consent(ada, "ada")["state"]}).fails(http.StatusUnprocessableEntity, "wakatime_code_rejected")
	ada.post(callback, obj{"code": obj{"nested": flow["code"]}, "state": flow["state"]}).is(http.StatusUnprocessableEntity)
	s.anonymous().post("/auth/login", obj{"email": "ada@school.example", "password": "five purple bicycles wink"}).is(http.StatusUnauthorized)
	s.anonymous().post("/auth/login", obj{"email": "ada@school.example", "password": []string{testserver.Password}}).is(http.StatusUnprocessableEntity)
	s.anonymous().post("/auth/register", obj{"email": "x", "password": testserver.Password, "passphrase": testserver.Password}).is(http.StatusUnprocessableEntity)
	s.anonymous().send(http.MethodPost, "/auth/login", strings.NewReader(`{"password":"`+testserver.Password+`"`), http.Header{"Content-Type": {"application/json"}}).
		is(http.StatusBadRequest)
	s.anonymous().get("/me?access_token=" + ada.token).is(http.StatusBadRequest)
	ben.as(ben.token + "x").get("/me").is(http.StatusUnauthorized)
	ben.put("/me/wakatime/api-key", obj{"api_key": s.Fake.APIKey("ben") + "\n", "base_url": "http://" + testserver.ClientSecret}).is(http.StatusUnprocessableEntity)

	// Upstream repeats what it was sent.
	echo := fakewaka.Scenario{Status: http.StatusBadGateway, Message: s.Fake.APIKey("ben") + testserver.ClientSecret + "waka_tok_ waka_ref_"}
	s.Fake.SetScenario("ben", echo)
	s.sync(ben)
	s.Fake.SetScenario("ada", fakewaka.Scenario{InvalidClient: true})
	s.Clock.Advance(2 * time.Hour)
	s.sync(ada)
	s.Fake.SetScenario("ada", fakewaka.Scenario{InvalidGrant: true})
	s.sync(ada)
	ada.delete("/me/wakatime").is(http.StatusOK)
	s.Fake.SetScenario("ada", fakewaka.Scenario{})
	s.connect(ada, "ada")
}

// look reads everything that there is to read; some of it is refused.
func (s *school) look(c client, batch, student string) {
	s.t.Helper()
	for _, path := range []string{
		"/me", "/users", "/users/" + student, "/batches", "/batches/" + batch, "/batches/" + batch + "/instructors",
		"/batches/" + batch + "/registration-key", "/batches/" + batch + "/progress", "/batches/" + batch + "/coverage",
		"/students", "/students/" + student, "/students/" + student + "/days", "/students/" + student + "/coverage",
		"/me/wakatime", "/me/days", "/me/today", "/admin/dashboard", "/audit-log?limit=100",
	} {
		c.get(path)
	}
}

// everyRow is the text of all rows of all tables.
func (s *school) everyRow() []string {
	s.t.Helper()
	var all []string
	for _, table := range s.Strings(s.t, `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'`) {
		all = append(all, s.Strings(s.t, `SELECT to_jsonb(t)::text FROM `+table+` t`)...)
	}
	return all
}

// starts reports whether the request began like one of those.
func (a answer) starts(asked []string) bool {
	for _, beginning := range asked {
		if strings.HasPrefix(a.asked, beginning) {
			return true
		}
	}
	return strings.HasPrefix(a.asked, "GET http") // the consent page is not ours
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
