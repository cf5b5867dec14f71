package api_test

import (
	"fmt"
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

func TestParts_ThatTheServerDoesNotOfferAreNull(t *testing.T) {
	t.Parallel()
	all := []string{"languages", "projects", "editors", "operating_systems", "categories", "dependencies", "machines"}
	tests := map[string]struct {
		scenario fakewaka.Scenario
		path     string // of the API, if it is not WakaTime's
		parts    []string
	}{
		"WakaTime":                       {parts: all},
		"Wakapi":                         {path: "/api/compat/wakatime/v1", parts: slices.Concat(all[:5], all[6:])},
		"Hackatime":                      {path: hackatimePath, parts: []string{"projects"}},
		"a server with projects only":    {scenario: fakewaka.Scenario{OnlyParts: []string{"projects"}}, parts: []string{"projects"}},
		"a server without any part":      {scenario: fakewaka.Scenario{OnlyParts: []string{}}},
		"a server with null for a part":  {scenario: fakewaka.Scenario{NullLists: true}},
		"a server without AI categories": {scenario: fakewaka.Scenario{OnlyParts: all[:4]}, parts: all[:4]},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClass(newEnv(t, withHackatime))
			c.coder("ada", fakewaka.Session{Day: onlyA, Seconds: 1000})
			c.Fake.SetScenario("ada", tt.scenario)
			base := ""
			if tt.path != "" {
				base = strings.TrimSuffix(c.Config.WakaTime.APIURL, "/api/v1") + tt.path
			}
			c.ada.ConnectByKey(c.Fake.APIKey("ada"), base)
			c.runOK(c.ada)
			r := c.claims().report
			d := r.on(t, onlyA)
			reason := any("not_offered")
			if len(tt.parts) == len(all) {
				reason = nil
			}
			if d.State != "ok" || *d.Seconds != 1000 || !slices.Equal(d.breakdown(), tt.parts) || deref(d.PartsReason) != reason {
				t.Errorf("%s, %v seconds, with %q because of %v", d.State, deref(d.Seconds), d.breakdown(), deref(d.PartsReason))
			}
			if offered := slices.Contains(tt.parts, "categories"); (d.AISeconds != nil) != offered || (r.Total.AIUnknown > 0) == offered {
				t.Errorf("AI time is %v, and unknown on %d days", deref(d.AISeconds), r.Total.AIUnknown)
			}
			// A known day without time has no parts, which is not the same as not offering them.
			if d := r.on(t, "2040-03-09"); d.State != "empty" || len(tt.parts) == len(all) && (!slices.Equal(d.breakdown(), all) || len(d.Languages) != 0) {
				t.Errorf("an empty day: %+v", d)
			}
			c.Clock.Advance(24 * time.Hour)
			if d := c.claims().report.Days[7]; d.breakdown() != nil || deref(d.PartsReason) != "not_synced_yet" {
				t.Errorf("an unknown day has %q because of %v", d.breakdown(), deref(d.PartsReason))
			}
		})
	}
}

func TestAITime_IsApart(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	batch, key := e.batch("Evening", "America/Chicago")
	users := e.students(key, 3)
	// Three students with 1000 to 1200 seconds of their own, and more of AI the less they code.
	for i, c := range users {
		name := fmt.Sprintf("coder-%d", i)
		own := 1000 + 100*i
		e.coder(name,
			fakewaka.Session{Day: onlyA, Seconds: own, Category: "coding"},
			fakewaka.Session{Day: onlyA, Seconds: 6000 - 2000*i, Category: "AI Coding"})
		e.connectByKey(c, name)
		e.runOK(c)
	}
	c := class{e, batch, users[0]}
	r := get[fullReport](c.ada, "/me/days")
	if d := r.on(t, onlyA); *d.Seconds != 7000 || deref(d.AISeconds) != 6000 || r.Total.Seconds != 7000 || r.Total.AISeconds != 6000 || r.Total.AIUnknown != 0 {
		t.Errorf("a day with AI time: %+v of %+v", d, r.Total)
	}
	if d := r.on(t, onBoth); deref(d.AISeconds) != 0 {
		t.Errorf("a day without AI time: %+v", d)
	}
	// The whole is 7000, 5100, 3200; without AI it is 1000, 1100, 1200.
	for _, tt := range []struct {
		rule   string
		median int
	}{{"exclude", 1100}, {"include", 5100}, {"exclude", 1100}} {
		e.admin.Patch("/batches/"+batch, object{"ai_time": tt.rule}).Expect(http.StatusOK)
		want := measure{AITime: tt.rule, Timeout: 15}
		d := get[fullDashboard](e.admin, "/admin/dashboard")
		if got := d.Batches[0]; deref(got.MedianSeconds) != tt.median || got.Measure != want {
			t.Errorf("%s: the median is %v by %+v, want %d", tt.rule, deref(got.MedianSeconds), got.Measure, tt.median)
		}
		// Totals stay comparable with those of the server.
		if d.Last7.Seconds != 15_300 || d.Last7.AISeconds != 12_000 || d.Batches[0].LastWeek.Seconds != 15_300 {
			t.Errorf("%s: the totals: %+v", tt.rule, d.Last7)
		}
		p := get[fullProgress](e.admin, "/batches/"+batch+"/progress")
		if p.Measure != want || p.Total.Seconds != 15_300 || p.Total.AISeconds != 12_000 {
			t.Errorf("%s: the progress: %+v, %+v", tt.rule, p.Measure, p.Total)
		}
	}
	id := e.admin.CreateBatch(batchOf("New", "UTC"))
	if got := get[object](e.admin, "/batches/"+id)["ai_time"]; got != "exclude" {
		t.Errorf("a new batch has the rule %v", got)
	}
}

func TestYardstick_SaysWhetherTheServerHonorsTheTimeout(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	batch, key := e.batch("Evening", "America/Chicago")
	users := e.students(key, 3)
	for i, sc := range []fakewaka.Scenario{{}, {IgnoreTimeout: true}, {IgnoreTimeout: true}} {
		name := fmt.Sprintf("coder-%d", i)
		e.Fake.AddPerson(fakewaka.Person{
			Username: name, TimeZone: "America/Chicago", KeystrokeTimeout: []int{45, 30, 15}[i],
			Activity: fakewaka.Activity{WeeklyHours: 40},
		})
		e.Fake.SetScenario(name, sc)
		users[i].ConnectByKey(e.Fake.APIKey(name), "")
	}
	yardsticks := func() (kinds []string) {
		for _, item := range get[fullProgress](e.admin, "/batches/"+batch+"/progress").Items {
			i := slices.IndexFunc(users, func(c client) bool { return c.ID == item.StudentID })
			own := get[fullConnection](users[i], "/me/wakatime").Yardstick
			kinds = append(kinds, fmt.Sprintf("%s %v", item.Yardstick.Kind, deref(item.Yardstick.Timeout)))
			if own == nil || own.Kind != item.Yardstick.Kind || deref(own.Timeout) != deref(item.Yardstick.Timeout) {
				t.Errorf("the student sees %+v, staff see %+v", own, item.Yardstick)
			}
		}
		slices.Sort(kinds)
		return kinds
	}
	if got := yardsticks(); !slices.Equal(got, []string{"unknown <nil>", "unknown <nil>", "unknown <nil>"}) {
		t.Errorf("before the first sync: %q", got)
	}
	for _, c := range users {
		e.runOK(c)
	}
	if got := yardsticks(); !slices.Equal(got, []string{"other 30", "standard 15", "standard 15"}) {
		t.Errorf("after the first sync: %q", got)
	}

	// A student changes the setting. It shows within a week.
	e.StartWorker(t)
	e.Fake.SetKeystrokeTimeout("coder-2", 60)
	for range 7 {
		e.Clock.Advance(24 * time.Hour)
		e.planSyncs()
	}
	e.admin = e.session(e.admin.Email)
	for i, c := range users {
		users[i] = e.session(c.Email)
	}
	if got := yardsticks(); !slices.Equal(got, []string{"other 30", "other 60", "standard 15"}) {
		t.Errorf("a week after the change: %q", got)
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
