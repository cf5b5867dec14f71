package fakewaka_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

func TestControl(t *testing.T) {
	t.Parallel()
	t.Run("people can be listed with their keys and added", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		created := h.do(t, http.MethodPost, "/_fake/people", "", `{"username":"joan","time_zone":"Europe/Madrid","activity":{"weekly_hours":3}}`)
		want(t, "status", created.status, 201)
		want(t, "key", created.json(t)["api_key"], any(h.APIKey("joan")))
		h.SetScenario("joan", fakewaka.Scenario{Status: 429})
		people := h.do(t, http.MethodGet, "/_fake/people", "", "").json(t)["people"].([]any)
		want(t, "people", len(people), 4)
		joan := people[3].(map[string]any)
		want(t, "zone", joan["time_zone"], any("Europe/Madrid"))
		want(t, "scenario", joan["scenario"].(map[string]any)["status"], any(429.0))
		ada := people[0].(map[string]any)
		want(t, "today", ada["today_seconds"], any(float64(h.Seconds("ada", "2026-11-23", zone(t, "America/Chicago")))))
	})
	t.Run("a scenario can be set and removed for one person and for everybody", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		for _, path := range []string{"/_fake/scenario", "/_fake/people/ada/scenario"} {
			want(t, "set", h.do(t, http.MethodPut, path, "", `{"status":503,"delay":"1ms"}`).status, 200)
			want(t, "active", h.get(t, "ada", "").status, 503)
			want(t, "removed", h.do(t, http.MethodDelete, path, "", "").status, 200)
			want(t, "normal", h.get(t, "ada", "").status, 200)
		}
	})
	t.Run("calls can be listed and reset", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		h.get(t, "grace", "")
		h.get(t, "ada", "")
		h.get(t, "ada", fiveDays)
		const counted = `{"calls":[{"username":"ada","endpoint":"summaries","count":1},{"username":"ada","endpoint":"users/current","count":1},` +
			`{"username":"grace","endpoint":"users/current","count":1}],"in_flight_peak":{"ada":1,"grace":1}}`
		want(t, "calls", h.do(t, http.MethodGet, "/_fake/calls", "", "").body, counted)
		want(t, "reset", h.do(t, http.MethodDelete, "/_fake/calls", "", "").status, 204)
		want(t, "count", h.Calls("", ""), 0)
	})
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
		error              string
	}{
		"a scenario with an unknown field is rejected":   {"PUT", "/_fake/scenario", `{"statuss":429}`, 400, `unknown field "statuss"`},
		"an unknown endpoint is rejected":                {"PUT", "/_fake/scenario", `{"only":"summary"}`, 400, "unknown endpoint"},
		"a duration without a unit is rejected":          {"PUT", "/_fake/scenario", `{"delay":"5"}`, 400, "is not a duration"},
		"a scenario that is not JSON is rejected":        {"PUT", "/_fake/people/ada/scenario", `x`, 400, "invalid character"},
		"a scenario for an unknown person is not found":  {"PUT", "/_fake/people/nobody/scenario", `{}`, 404, "nobody"},
		"a person with an unknown field is rejected":     {"POST", "/_fake/people", `{"name":"x"}`, 400, `unknown field "name"`},
		"a person without a username is rejected":        {"POST", "/_fake/people", `{}`, 400, "username"},
		"a person with an unknown time zone is rejected": {"POST", "/_fake/people", `{"username":"x","time_zone":"Mars"}`, 400, "time zone"},
		"an existing person cannot be added again":       {"POST", "/_fake/people", `{"username":"ada"}`, 409, "exists"},
		"an unknown missing endpoint is rejected":        {"PUT", "/_fake/scenario", `{"missing_endpoints":["token"]}`, 400, "missing_endpoints"},
		"an unknown part is rejected":                    {"PUT", "/_fake/scenario", `{"only_parts":["branches"]}`, 400, "only_parts"},
		"another setting cannot change":                  {"PATCH", "/_fake/people/ada", `{"plan":"premium"}`, 400, `unknown field "plan"`},
		"a keystroke timeout of zero is rejected":        {"PATCH", "/_fake/people/ada", `{}`, 400, "keystroke_timeout"},
		"a change of an unknown person is not found":     {"PATCH", "/_fake/people/nobody", `{"keystroke_timeout":5}`, 404, "nobody"},
		"a key of an unknown person is not found":        {"POST", "/_fake/people/nobody/key", ``, 404, "nobody"},
		"a session of an unknown person is not found":    {"POST", "/_fake/people/nobody/sessions", `{}`, 404, "nobody"},
		"a session with an unknown field is rejected":    {"POST", "/_fake/people/ada/sessions", `{"minutes":5}`, 400, `unknown field "minutes"`},
		"a session without a day is rejected":            {"POST", "/_fake/people/ada/sessions", `{"seconds":60}`, 400, "day"},
		"a session before the first day is rejected":     {"POST", "/_fake/people/ada/sessions", `{"day":"2023-12-31","seconds":60}`, 400, "2024-01-01"},
		"a session without seconds is rejected":          {"POST", "/_fake/people/ada/sessions", `{"day":"2026-11-20"}`, 400, "seconds"},
		"a session of over twelve hours is rejected":     {"POST", "/_fake/people/ada/sessions", `{"day":"2026-11-20","start":"09:00","seconds":43201}`, 400, "43200"},
		"a session with a malformed start is rejected":   {"POST", "/_fake/people/ada/sessions", `{"day":"2026-11-20","start":"9","seconds":60}`, 400, "HH:MM"},
		"a session that needs a start is rejected":       {"POST", "/_fake/people/ada/sessions", `{"day":"2026-11-20","seconds":16801}`, 400, "set start"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newHarness(t, config()).do(t, tc.method, tc.path, "", tc.body)
			want(t, "status", a.status, tc.status)
			if text, _ := a.json(t)["error"].(string); !strings.Contains(text, tc.error) {
				t.Errorf("error %q does not contain %q", text, tc.error)
			}
		})
	}
}

func TestScenarioJSON(t *testing.T) {
	t.Parallel()
	sc := fakewaka.Scenario{
		Only: "token", Calls: 2, TokenLifetime: time.Hour, Delay: 1500 * time.Millisecond,
		MissingDays: []string{"2026-11-01"}, OnlyParts: []string{},
	}
	text, err := json.Marshal(sc)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "JSON", string(text), `{"only":"token","calls":2,"missing_days":["2026-11-01"],"only_parts":[],"token_lifetime":"1h0m0s","delay":"1.5s"}`)
	var decoded fakewaka.Scenario
	if err := json.Unmarshal(text, &decoded); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sc, decoded); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAddPerson_KeepsTokens(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	tokens := h.login(t, "ada")
	revoked := h.login(t, "ada")
	h.do(t, http.MethodPost, "/oauth/revoke", "", "client_id=client&client_secret=waka_sec_test&token="+revoked.access, "Content-Type", "application/x-www-form-urlencoded")
	h.AddPerson(fakewaka.Person{Username: "ada", Plan: "premium"})
	want(t, "plan", data(t, h.do(t, http.MethodGet, "/api/v1/users/current", "Bearer "+tokens.access, ""))["plan"], any("premium"))
	want(t, "revoked", h.statusOf(t, revoked.access), 401)
}

func BenchmarkSummaries_FourteenDays(b *testing.B) {
	server := fakewaka.New(config())
	for b.Loop() {
		server.Handler().ServeHTTP(discard{}, request(b.Context(), server, "ada", "/summaries?range=last_14_days"))
	}
}

func BenchmarkAllTime(b *testing.B) {
	server := fakewaka.New(config())
	for b.Loop() {
		server.Handler().ServeHTTP(discard{}, request(b.Context(), server, "ada", "/all_time_since_today"))
	}
}

// discard is a response writer that discards the response.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
