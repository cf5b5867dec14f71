package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

func TestIfMatch_OneOfTwoConcurrentEditsSucceeds(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	batch := e.admin.CreateBatch(autumn)
	other := e.admin.CreateBatch(autumn)
	user := e.member("Uma")
	tests := map[string]struct {
		caller       client
		resource     string
		method, path string // of the edit
		one, two     any    // its bodies
	}{
		"a batch":                  {caller: e.admin, resource: "/batches/" + batch, method: "PATCH", path: "/batches/" + batch, one: object{"name": "One"}, two: object{"name": "Two"}},
		"a registration key":       {caller: e.admin, resource: "/batches/" + batch + "/registration-key", method: "PATCH", path: "/batches/" + batch + "/registration-key", one: object{"seats": 5}, two: object{"seats": 6}},
		"a role":                   {caller: e.admin, resource: "/users/" + user.ID, method: "PUT", path: "/users/" + user.ID + "/role", one: object{"role": "instructor"}, two: object{"role": "admin"}},
		"the caller's account":     {caller: e.member("Own"), resource: "/me", method: "PATCH", path: "/me", one: object{"name": "One"}, two: object{"name": "Two"}},
		"a connection to WakaTime": {caller: e.connectable("Con"), resource: "/me/wakatime", method: "PUT", path: "/me/wakatime/api-key", one: e.apiKey("con"), two: e.apiKey("con")},
		"the archival of a batch":  {caller: e.admin, resource: "/batches/" + other, method: "POST", path: "/batches/" + other + "/archival"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := tt.caller.In(t)
			tag := c.Get(tt.resource).Expect(http.StatusOK).ETag()
			var mu sync.Mutex
			statuses := map[int]int{}
			concurrently(2, func(i int) {
				res := c.IfMatch(tag).Do(apiclient.Request{Method: tt.method, Path: tt.path, Body: []any{tt.one, tt.two}[i]})
				mu.Lock()
				defer mu.Unlock()
				statuses[res.Status]++
				if res.Status != http.StatusOK {
					res.ExpectProblem(http.StatusPreconditionFailed, "version_mismatch")
				}
			})
			if statuses[http.StatusOK] != 1 || statuses[http.StatusPreconditionFailed] != 1 {
				t.Errorf("two edits returned %v", statuses)
			}
			now := c.Get(tt.resource).Expect(http.StatusOK).ETag()
			if now == tag {
				t.Errorf("the ETag is still %s", tag)
			}
			c.IfMatch(`"0", ` + now).Do(apiclient.Request{Method: tt.method, Path: tt.path, Body: tt.one}).Expect(http.StatusOK)
		})
	}
}

// connectable adds a member and a user of the fake WakaTime server with their name.
func (e *env) connectable(name string) client {
	e.t.Helper()
	e.wakatimeUser(strings.ToLower(name), "UTC")
	return e.member(name)
}

func TestIfMatch_StaleDeletesAreRejected(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	batch := e.admin.CreateBatch(autumn)
	e.admin.Post("/batches/"+batch+"/archival", nil).Expect(http.StatusOK)
	e.admin.IfMatch(`"1"`).Delete("/batches/"+batch+"/archival").ExpectProblem(http.StatusPreconditionFailed, "version_mismatch")
	tag := e.admin.Get("/batches/" + batch).Expect(http.StatusOK).ETag()
	e.admin.IfMatch(tag).Delete("/batches/" + batch + "/archival").Expect(http.StatusNoContent)

	user := e.member("Una")
	e.admin.IfMatch(`"9"`).Post("/users/"+user.ID+"/suspension", nil).ExpectProblem(http.StatusPreconditionFailed, "version_mismatch")
	tag = e.admin.Post("/users/"+user.ID+"/suspension", nil).Expect(http.StatusOK).ETag()
	e.admin.IfMatch(`"1"`).Delete("/users/"+user.ID+"/suspension").ExpectProblem(http.StatusPreconditionFailed, "version_mismatch")
	e.admin.IfMatch(tag).Delete("/users/" + user.ID + "/suspension").Expect(http.StatusNoContent)

	c := e.connectable("Cem")
	c.IfMatch(`"0"`).Delete("/me/wakatime").ExpectProblem(http.StatusNotFound, "wakatime_connection_not_found")
	tag = c.Put("/me/wakatime/api-key", e.apiKey("cem")).Expect(http.StatusOK).ETag()
	c.IfMatch(`"0"`).Delete("/me/wakatime").ExpectProblem(http.StatusPreconditionFailed, "version_mismatch")
	c.IfMatch(tag).Delete("/me/wakatime").Expect(http.StatusOK)
}
