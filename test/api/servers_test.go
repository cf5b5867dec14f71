package api_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/fakewaka"
	"github.com/gradus-dev/gradus/internal/testkit/apiclient"
)

const (
	keyPath       = "/me/wakatime/api-key"
	hackatimePath = "/api/hackatime/v1"
)

type server struct {
	Name    string `json:"name"`
	BaseURL string `json:"base_url"`
	Default bool   `json:"default"`
}

// allow allows API keys for more servers.
func allow(baseURLs ...string) func(*config.Config) {
	return func(c *config.Config) {
		c.WakaTime.AllowedBaseURLs = slices.Concat(c.WakaTime.AllowedBaseURLs, baseURLs)
	}
}

// withHackatime allows API keys for the fake server with the shape of Hackatime.
func withHackatime(c *config.Config) {
	allow(strings.TrimSuffix(c.WakaTime.APIURL, "/api/v1") + hackatimePath)(c)
}

func TestServers_ListsWhatKeysCanBeFor(t *testing.T) {
	t.Parallel()
	e := newEnv(t, allow("https://wakapi.school.example/api/"))
	list := get[apiclient.Page[server]](e.members(1)[0], "/wakatime/servers").Items
	if len(list) != 3 || !list[0].Default || list[1].Default || list[2].Default ||
		list[1].BaseURL != e.CompatURL() || list[2] != (server{"wakapi.school.example", "https://wakapi.school.example/api", false}) {
		t.Errorf("the servers: %+v", list)
	}
	e.anonymous.Get("/wakatime/servers").ExpectProblem(http.StatusUnauthorized, "unauthenticated")

	// Each of them connects.
	e.wakatimeUser("ada", "UTC")
	ada := e.member("Ada")
	for _, s := range list[:2] {
		ada.ConnectByKey(e.Fake.APIKey("ada"), s.BaseURL)
		if got := get[fullConnection](ada, "/me/wakatime"); deref(got.Server) != s.Name {
			t.Errorf("connected to %v, want %s", deref(got.Server), s.Name)
		}
	}
}

func TestBaseURL_IsMatchedAsPasted(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.wakatimeUser("ada", "UTC")
	ada := e.members(1)[0]
	compat, err := url.Parse(e.CompatURL())
	if err != nil {
		t.Fatal(err)
	}
	host, port := compat.Host, compat.Port()
	for _, pasted := range []string{
		e.CompatURL(),
		e.CompatURL() + "/",
		"  " + e.CompatURL() + "\n",
		`"` + e.CompatURL() + `"`,
		"http://" + host,
		"http://" + host + "/",
		"http://" + host + "/api",
		"http://" + host + "/api/",
		"http://" + host + "/api/v1",
		"http://" + host + "/api/v1/",
		"http://" + host + "/api/compat/wakatime/v1/users/current/heartbeats",
		"http://localhost:" + port + "/api",
		"localhost:" + port,
		"LOCALHOST:" + port + "/API/",
		host,
		host + "/api/compat/wakatime/v1",
		"api_url = " + e.CompatURL(),
	} {
		res := ada.Put(keyPath, object{"api_key": e.Fake.APIKey("ada"), "base_url": pasted})
		if res.Status != http.StatusOK {
			t.Errorf("%q: %d %s", pasted, res.Status, res.Body)
			continue
		}
		if got := decode[connection](res); got.BaseURL != nil && *got.BaseURL != e.CompatURL() {
			t.Errorf("%q connected to %s", pasted, *got.BaseURL)
		}
	}

	e.Fake.ResetCalls()
	for _, pasted := range []string{
		"http://" + host + ".evil.example/api", "http://evil.example/" + host, "http://user@" + host, "https://wakapi.example",
		"ftp://" + host, "http://127.0.0.1:1", "wakapi", "//", "http://[::1", "http://" + host + "@evil.example",
	} {
		p := ada.Put(keyPath, object{"api_key": e.Fake.APIKey("ada"), "base_url": pasted}).
			ExpectProblem(http.StatusUnprocessableEntity, "wakatime_base_url_not_allowed")
		if !strings.Contains(p.Detail, e.CompatURL()) || len(p.Errors) != 1 || p.Errors[0].Pointer != "/base_url" {
			t.Errorf("%q: the error does not name the choices: %+v", pasted, p)
		}
	}
	if n := e.Fake.Calls("", ""); n != 0 {
		t.Errorf("URLs that are not allowed led to %d requests", n)
	}
}

func TestServer_ThatTheOperatorRemovedSaysSo(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", wholeDay...)
	c.connectByKey(c.ada, "ada")
	c.runOK(c.ada)
	removed := c
	removed.env = envOf(t, c.Replica(t, func(cfg *config.Config) { cfg.WakaTime.AllowedBaseURLs = nil }))
	removed.admin, removed.ada = c.admin.At(removed.URL), c.ada.At(removed.URL)
	removed.Clock.Advance(24 * time.Hour)
	c.Fake.ResetCalls()
	_ = removed.run(removed.ada)
	all := removed.claims()
	conn := all.connection
	if conn.Failure == nil || conn.Failure.Reason != "server_not_allowed" || !strings.Contains(conn.Summary, "no longer allows") {
		t.Errorf("the connection: %+v, %+v", conn.connection, conn.Failure)
	}
	if len(all.gaps.Gaps) != 1 || deref(all.gaps.Gaps[0].Reason) != "server_not_allowed" {
		t.Errorf("the gaps: %+v", all.gaps.Gaps)
	}
	if n := c.Fake.Calls("ada", ""); n != 0 {
		t.Errorf("the server received %d requests", n)
	}

	// The operator's mistake, if it was one, costs nothing.
	c.runOK(c.ada)
	if all := c.claims(); all.report.Total.Known != 7 || len(all.gaps.Gaps) != 0 {
		t.Errorf("after the operator allowed the server again: %+v", all.report.Total)
	}
}

func TestServer_WithoutUsersCurrentWorks(t *testing.T) {
	t.Parallel()
	c := newClass(newEnv(t))
	c.coder("ada", wholeDay...)
	c.Fake.SetScenario("ada", fakewaka.Scenario{MissingEndpoints: []string{"users/current"}})
	c.connectByKey(c.ada, "ada")
	c.Clock.Advance(24 * time.Hour)
	c.runOK(c.ada)
	all := c.claims()
	if d := all.report.on(t, halfDay); d.State != "ok" || *d.Seconds != morning+afternoon || all.report.Total.Known != 7 {
		t.Errorf("%+v of %+v", d, all.report.Total)
	}
	if a := all.connection.Account; a == nil || a.Username != nil || a.ID == "" || strings.Contains(a.ID, c.Fake.APIKey("ada")) {
		t.Errorf("the account: %+v", a)
	}
}

// page returns the URL of a server that returns the same response to every request.
func page(t *testing.T, status int, mediaType, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestConnect_RejectsServersThatAreNotSupported(t *testing.T) {
	t.Parallel()
	html := page(t, http.StatusOK, "text/html", "<!DOCTYPE html><title>School</title>")
	noPages := page(t, http.StatusNotFound, "text/plain", "404 page not found")
	listOnly := page(t, http.StatusOK, "application/json", `{"data": []}`)
	otherJSON := page(t, http.StatusOK, "application/json", `{"swagger": "2.0"}`)
	e := newEnv(t, allow(html, noPages, listOnly, otherJSON))
	e.wakatimeUser("ada", "UTC")
	ada := e.members(1)[0]
	tests := map[string]struct {
		baseURL  string
		scenario fakewaka.Scenario
	}{
		"web pages":                        {baseURL: html},
		"no API":                           {baseURL: noPages},
		"an empty list for everything":     {baseURL: listOnly},
		"another API":                      {baseURL: otherJSON},
		"empty lists instead of summaries": {e.CompatURL(), fakewaka.Scenario{EmptyData: true}},
		"no summaries": {e.CompatURL(), fakewaka.Scenario{
			MissingEndpoints: []string{"users/current", "summaries"},
		}},
		"402 for everything": {e.CompatURL(), fakewaka.Scenario{Status: http.StatusPaymentRequired}},
	}
	for name, tt := range tests {
		e.Fake.SetScenario("ada", tt.scenario)
		p := ada.Put(keyPath, object{"api_key": e.Fake.APIKey("ada"), "base_url": tt.baseURL}).
			ExpectProblem(http.StatusUnprocessableEntity, "wakatime_server_unsupported")
		if len(p.Errors) != 1 || p.Errors[0].Pointer != "/base_url" {
			t.Errorf("%s: %+v", name, p)
		}
		if got := get[connection](ada, "/me/wakatime"); got.State != "not_connected" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, status := range map[string]int{"an outage": http.StatusBadGateway, "too many requests": http.StatusTooManyRequests} {
		e.Fake.SetScenario("ada", fakewaka.Scenario{Status: status})
		if p := ada.Put(keyPath, e.apiKey("ada")).ExpectProblem(http.StatusServiceUnavailable, "wakatime_unavailable"); !strings.Contains(p.Detail, "127.0.0.1") {
			t.Errorf("%s: the error does not name the server: %s", name, p.Detail)
		}
	}
	for name, status := range map[string]int{"401": http.StatusUnauthorized, "403": http.StatusForbidden} {
		e.Fake.SetScenario("ada", fakewaka.Scenario{Status: status})
		if p := ada.Put(keyPath, e.apiKey("ada")).ExpectProblem(http.StatusUnprocessableEntity, "wakatime_key_rejected"); strings.Contains(p.Detail, "scope") {
			t.Errorf("%s: %s", name, p.Detail)
		}
	}
}

// A server that stops providing summaries after a student connected must not make days known.
func TestSync_UnsupportedResponsesLeaveDaysUnknown(t *testing.T) {
	t.Parallel()
	for name, sc := range map[string]fakewaka.Scenario{
		"an empty list for everything": {EmptyData: true},
		"no summaries":                 {MissingEndpoints: []string{"summaries"}},
		"402 for everything":           {Status: http.StatusPaymentRequired},
		"403 for everything":           {Status: http.StatusForbidden},
		"web pages":                    {HTML: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClass(newEnv(t))
			c.coder("ada", wholeDay...)
			c.connectByKey(c.ada, "ada")
			c.Fake.SetScenario("ada", sc)
			c.Clock.Advance(24 * time.Hour)
			_ = c.run(c.ada)
			all := c.claims()
			for _, d := range all.report.Days {
				if d.State == "ok" || d.State == "empty" || d.State == "partial" || d.Seconds != nil || d.Reason == nil {
					t.Errorf("%+v", d)
				}
			}
			if total := all.report.Total; total.Known != 0 || total.Expected != 7 || len(all.gaps.Gaps) != 1 {
				t.Errorf("%+v, %+v", total, all.gaps)
			}
			c.Fake.SetScenario("ada", fakewaka.Scenario{})
			c.runOK(c.ada)
			if total := c.claims().report.Total; total.Known != 7 {
				// Days that the plan hides are left to the nightly checks.
				if name != "402 for everything" || total.PlanLimited == 0 {
					t.Errorf("after the recovery: %+v", total)
				}
			}
		})
	}
}

func TestAPIKey_IsAcceptedAsPasted(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.wakatimeUser("ada", "UTC")
	ada := e.members(1)[0]
	key := e.Fake.APIKey("ada")
	for _, pasted := range []string{
		key, " " + key, key + "\n", key + "\r\n", "\t" + key + "\t", `"` + key + `"`, "'" + key + "'", "“" + key + "”", "`" + key + "`",
		"api_key = " + key, "api_key=" + key + "\n", `api_key: "` + key + `"`, `"api_key": "` + key + `",`, "export WAKATIME_API_KEY=" + key,
		"\ufeff" + key, key + "\u200b", "Bearer " + key,
	} {
		if res := ada.Put(keyPath, object{"api_key": pasted, "base_url": e.CompatURL()}); res.Status != http.StatusOK {
			t.Errorf("%q: %d %s", pasted, res.Status, res.Body)
		}
	}
	e.runOK(ada)
	e.isAccurate(get[report](ada, "/me/days"), "ada")

	e.Fake.ResetCalls()
	for _, pasted := range []string{
		"not a key", key + " " + key, key + "\n" + key, "waka", "my wakatime password", "https://wakatime.com/api-key", "[settings]\napi_key = " + key,
		"ключ-от-сервера", "   ", `""`, "api_key =",
	} {
		p := ada.Put(keyPath, object{"api_key": pasted, "base_url": e.CompatURL()}).ExpectProblem(http.StatusUnprocessableEntity, "invalid_request")
		if len(p.Errors) != 1 || p.Errors[0].Pointer != "/api_key" || p.Errors[0].Code != "api_key_malformed" || strings.Contains(p.Detail, key) {
			t.Errorf("%q: %+v", pasted, p)
		}
	}
	if n := e.Fake.Calls("", ""); n != 0 {
		t.Errorf("keys of the wrong form led to %d requests", n)
	}
	ada.Put(keyPath, object{"api_key": strings.Replace(key, "waka_", "waka_0", 1), "base_url": e.CompatURL()}).
		ExpectProblem(http.StatusUnprocessableEntity, "wakatime_key_rejected")
}

func TestOAuthCallback_RepeatedPostsHaveTheSameResponse(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	users := e.members(3)
	for _, name := range []string{"ada", "ben", "cleo"} {
		e.wakatimeUser(name, "UTC")
	}
	flow := users[0].Consent("ada")
	first := users[0].Post(callback, flow).Expect(http.StatusOK)
	e.Clock.Advance(29 * time.Second)
	second := users[0].Post(callback, flow).Expect(http.StatusOK)
	if string(first.Body) != string(second.Body) || first.ETag() != second.ETag() || e.Fake.Calls("", "token") != 1 {
		t.Errorf("one response is\n%s\nthe other\n%s\nand %d codes were exchanged", first.Body, second.Body, e.Fake.Calls("", "token"))
	}
	e.Clock.Advance(2 * time.Second)
	users[0].Post(callback, flow).ExpectProblem(http.StatusUnprocessableEntity, "wakatime_state_invalid")

	// At the same time.
	e.Fake.SetScenario("ben", fakewaka.Scenario{Only: "users/current", Delay: 300 * time.Millisecond})
	flow = users[1].Consent("ben")
	e.Fake.ResetCalls()
	bodies := make([]string, 3)
	urls := []string{e.URL, e.Replica(t).URL, e.URL}
	concurrently(len(bodies), func(i int) { bodies[i] = string(users[1].At(urls[i]).Post(callback, flow).Expect(http.StatusOK).Body) })
	if bodies[0] != bodies[1] || bodies[1] != bodies[2] || e.Fake.Calls("", "token") != 1 {
		t.Errorf("concurrent responses: %q, and %d codes were exchanged", bodies, e.Fake.Calls("", "token"))
	}

	// A rejection is repeated, too.
	flow = users[2].Consent("ada")
	for range 2 {
		users[2].Post(callback, flow).ExpectProblem(http.StatusConflict, "wakatime_account_taken")
	}
	if n := e.Fake.Calls("", "token"); n != 2 {
		t.Errorf("%d codes were exchanged, want one for each flow", n)
	}
}
