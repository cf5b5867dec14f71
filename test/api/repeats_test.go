package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/testkit/testserver"
)

var autumn = obj{"name": "Autumn", "starts_on": "2040-01-01", "ends_on": "2040-12-31", "time_zone": "America/Chicago"}

// with sends a request with one more header.
func (c client) with(method, path string, body any, name, value string) answer {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	header := http.Header{"Authorization": {"Bearer " + c.token}, name: {value}}
	if c.token == "" {
		header.Del("Authorization")
	}
	header.Set("Content-Type", "application/json")
	if method == http.MethodPatch {
		header.Set("Content-Type", "application/merge-patch+json")
	}
	return c.send(method, path, bytes.NewReader(text), header)
}

func (c client) once(path string, body any, key string) answer {
	c.t.Helper()
	return c.with(http.MethodPost, path, body, "Idempotency-Key", key)
}

func TestAThousandEqualCreatesMakeOne(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	other := s.Replica(t)
	const n = 1000
	answers := make([]answer, n)
	// Two replicas, and few enough connections to leave some to other tests.
	slots := make(chan struct{}, 64)
	atOnce(n, func(i int) {
		slots <- struct{}{}
		defer func() { <-slots }()
		c := s.admin
		if i%2 == 1 {
			c = c.at(other.URL)
		}
		answers[i] = c.once("/batches", autumn, "one-key")
	})
	made := s.admin.once("/batches", autumn, "one-key").is(http.StatusCreated)
	fresh := 0
	for _, a := range answers {
		switch a.status {
		case http.StatusCreated:
			if !bytes.Equal(a.body, made.body) || a.header.Get("Etag") != made.header.Get("Etag") || a.header.Get("Location") != made.header.Get("Location") {
				t.Errorf("answered %s, and later %s", a.body, made.body)
			}
			if a.header.Get("Idempotency-Replayed") == "" {
				fresh++
			}
		default:
			a.fails(http.StatusConflict, "idempotency_key_in_use")
		}
	}
	batches, audited := s.Strings(t, `SELECT id::text FROM batches`), s.Strings(t, `SELECT subject FROM audit_entries WHERE action = 'batch.create'`)
	if fresh != 1 || len(batches) != 1 || len(audited) != 1 {
		t.Errorf("%d fresh answers, %d batches, %d audit entries", fresh, len(batches), len(audited))
	}
}

func TestRequestsThatAreSentAgain(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	first := s.admin.once("/batches", autumn, "key").is(http.StatusCreated)
	batch := into[struct{ ID string }](first).ID

	// What happened to the batch since does not change the answer.
	s.admin.patch("/batches/"+batch, obj{"name": "Renamed"}).is(http.StatusOK)
	again := s.admin.once("/batches", autumn, "key").is(http.StatusCreated)
	if !bytes.Equal(first.body, again.body) || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("answered %s, then %s", first.body, again.body)
	}
	s.admin.once("/batches", obj{"name": "Winter", "starts_on": "2040-01-01", "ends_on": "2040-12-31", "time_zone": "UTC"}, "key").
		fails(http.StatusUnprocessableEntity, "idempotency_key_reused")

	// Another user's key is another key.
	s.CreateAdmin(t, "second@school.example")
	s.signIn("second@school.example").once("/batches", autumn, "key").is(http.StatusCreated)
	if n := len(s.Strings(t, `SELECT id::text FROM batches`)); n != 2 {
		t.Errorf("there are %d batches", n)
	}

	// A failure uses no key up: with the mistake mended, the key is good.
	member := s.register("Mia", "")
	member.once("/me/enrolment", obj{"registration_key": "wrong"}, "join").fails(http.StatusUnprocessableEntity, "registration_key_invalid")
	key := read[struct{ Key string }](s.admin, "/batches/"+batch+"/registration-key").Key
	member.once("/me/enrolment", obj{"registration_key": key}, "join").is(http.StatusCreated)
	member.once("/me/enrolment", obj{"registration_key": key}, "join").is(http.StatusCreated)
	if n := len(s.Strings(t, `SELECT id::text FROM enrolments`)); n != 1 {
		t.Errorf("there are %d enrolments", n)
	}

	s.Clock.Advance(24 * time.Hour)
	s.admin.once("/batches", autumn, "key").is(http.StatusCreated)
	if n := len(s.Strings(t, `SELECT id::text FROM batches`)); n != 3 {
		t.Errorf("after a day there are %d batches", n)
	}
}

// Whoever registers has no account yet, and the answer holds a token.
func TestRegisteringAgainGivesTheSameSession(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	nora := application("Nora", "")
	first := s.anonymous().once("/auth/register", nora, "register").is(http.StatusCreated)
	again := s.anonymous().once("/auth/register", nora, "register").is(http.StatusCreated)
	if !bytes.Equal(first.body, again.body) {
		t.Errorf("answered %s, then %s", first.body, again.body)
	}
	s.carry(into[signedIn](again)).get("/me").is(http.StatusOK)
	// To guess the password tells nothing that signing in would not.
	other := application("Nora", "")
	other["password"] = "another four quiet words"
	s.anonymous().once("/auth/register", other, "register").fails(http.StatusUnprocessableEntity, "idempotency_key_reused")

	token := *into[signedIn](first).Token
	dump := strings.Join(s.Strings(t, `SELECT encode(answer, 'escape') || encode(key_hash, 'escape') FROM idempotency_keys`), "\n")
	if dump == "" || strings.Contains(dump, token) || strings.Contains(dump, testserver.Password) || strings.Contains(dump, "nora@") {
		t.Errorf("what is kept shows the answer or the request: %s", dump)
	}
}

func TestKeptAnswersAreForgottenByAJob(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.admin.once("/batches", autumn, "old").is(http.StatusCreated)
	s.Clock.Advance(25 * time.Hour)
	s.admin.once("/batches", autumn, "young").is(http.StatusCreated)
	s.StartWorker(t)
	testserver.Eventually(t, "one answer is forgotten and one is kept", func() bool {
		return s.Strings(t, `SELECT count(*)::text FROM idempotency_keys`)[0] == "1"
	})
}

func TestTwoEditors(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	batch := into[struct{ ID string }](s.admin.post("/batches", autumn).is(http.StatusCreated)).ID
	user := s.register("Uma", "")
	tests := map[string]struct {
		who          client
		thing        string // what is read
		method, path string // what is done; path is empty for archiving the thing
		one, two     any
	}{
		"of a batch":                   {who: s.admin, thing: "/batches/" + batch, method: "PATCH", path: "/batches/" + batch, one: obj{"name": "One"}, two: obj{"name": "Two"}},
		"of a registration key":        {who: s.admin, thing: "/batches/" + batch + "/registration-key", method: "PATCH", path: "/batches/" + batch + "/registration-key", one: obj{"seats": 5}, two: obj{"seats": 6}},
		"of a role":                    {who: s.admin, thing: "/users/" + user.id, method: "PUT", path: "/users/" + user.id + "/role", one: obj{"role": "instructor"}, two: obj{"role": "admin"}},
		"of one's own account":         {who: s.register("Own", ""), thing: "/me", method: "PATCH", path: "/me", one: obj{"name": "One"}, two: obj{"name": "Two"}},
		"of a connection to WakaTime":  {who: s.connectable("Con"), thing: "/me/wakatime", method: "PUT", path: "/me/wakatime/api-key", one: s.apiKey("con"), two: s.apiKey("con")},
		"of a batch, one archiving it": {who: s.admin, thing: "/batches/" + s.open("Other"), method: "POST", one: nil, two: nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := tt.who.in(t)
			if tt.path == "" {
				tt.path = tt.thing + "/archival"
			}
			tag := c.get(tt.thing).is(http.StatusOK).header.Get("Etag")
			var mu sync.Mutex
			statuses := map[int]int{}
			atOnce(2, func(i int) {
				a := c.with(tt.method, tt.path, []any{tt.one, tt.two}[i], "If-Match", tag)
				mu.Lock()
				defer mu.Unlock()
				statuses[a.status]++
				if a.status != http.StatusOK {
					a.fails(http.StatusPreconditionFailed, "version_mismatch")
				}
			})
			if statuses[http.StatusOK] != 1 || statuses[http.StatusPreconditionFailed] != 1 {
				t.Errorf("answered %v", statuses)
			}
			now := c.get(tt.thing).is(http.StatusOK).header.Get("Etag")
			if now == tag {
				t.Errorf("the ETag is still %s", tag)
			}
			c.with(tt.method, tt.path, tt.one, "If-Match", `"0", `+now).is(http.StatusOK)
		})
	}
}

// open opens a batch and returns its id.
func (s *school) open(name string) string {
	s.t.Helper()
	id, _ := s.batch(name, "UTC")
	return id
}

// connectable makes a member whom the fake WakaTime server knows.
func (s *school) connectable(name string) client {
	s.t.Helper()
	s.coder(strings.ToLower(name), "UTC")
	return s.register(name, "")
}

// apiKey is what somebody connects with at the compatible server.
func (s *school) apiKey(username string) obj {
	return obj{"api_key": s.Fake.APIKey(username), "base_url": s.CompatURL()}
}

func TestStaleRemovalsRemoveNothing(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	batch := s.open("Over")
	s.admin.post("/batches/"+batch+"/archival", nil).is(http.StatusOK)
	s.admin.with("DELETE", "/batches/"+batch+"/archival", nil, "If-Match", `"1"`).fails(http.StatusPreconditionFailed, "version_mismatch")
	tag := s.admin.get("/batches/" + batch).is(http.StatusOK).header.Get("Etag")
	s.admin.with("DELETE", "/batches/"+batch+"/archival", nil, "If-Match", tag).is(http.StatusNoContent)

	user := s.register("Una", "")
	s.admin.with("POST", "/users/"+user.id+"/suspension", nil, "If-Match", `"9"`).fails(http.StatusPreconditionFailed, "version_mismatch")
	tag = s.admin.post("/users/"+user.id+"/suspension", nil).is(http.StatusOK).header.Get("Etag")
	s.admin.with("DELETE", "/users/"+user.id+"/suspension", nil, "If-Match", `"1"`).fails(http.StatusPreconditionFailed, "version_mismatch")
	s.admin.with("DELETE", "/users/"+user.id+"/suspension", nil, "If-Match", tag).is(http.StatusNoContent)

	c := s.connectable("Cem")
	c.with("DELETE", "/me/wakatime", nil, "If-Match", `"0"`).fails(http.StatusNotFound, "wakatime_connection_not_found")
	tag = c.put("/me/wakatime/api-key", s.apiKey("cem")).is(http.StatusOK).header.Get("Etag")
	c.with("DELETE", "/me/wakatime", nil, "If-Match", `"0"`).fails(http.StatusPreconditionFailed, "version_mismatch")
	c.with("DELETE", "/me/wakatime", nil, "If-Match", tag).is(http.StatusOK)
}
