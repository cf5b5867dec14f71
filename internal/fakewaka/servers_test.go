package fakewaka_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

const (
	wakaTime  = "/api/v1/users/current"
	wakapi    = "/api/compat/wakatime/v1/users/current"
	hackatime = "/api/hackatime/v1/users/current"
)

// apiPaths are the paths of the API by endpoint.
var apiPaths = map[string]string{
	"users/current": "", "summaries": fiveDays, "status_bar/today": "/status_bar/today", "statusbar/today": "/statusbar/today",
	"all_time_since_today": "/all_time_since_today", "stats": "/stats/last_7_days", "durations": "/durations?date=today",
}

// partsOf returns the names of the lists in a day.
func partsOf(day map[string]any) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(day)), func(name string) bool { return !slices.Contains(kinds, name) })
}

func TestScenario_AllEndpoints(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		scenario fakewaka.Scenario
		status   int
		body     string
	}{
		"everything is outside the plan": {fakewaka.Scenario{Status: 402}, 402, `{"error":"This date is outside of your plan's history. Upgrade to see it."}`},
		"everything is an empty list":    {fakewaka.Scenario{EmptyData: true}, 200, `{"data":[]}`},
		"everything is missing":          {fakewaka.Scenario{MissingEndpoints: fakewaka.Endpoints()[3:]}, 404, "404 page not found\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, config())
			h.SetScenario("", tc.scenario)
			for _, mount := range []string{wakaTime, wakapi} {
				for endpoint, path := range apiPaths {
					a := h.do(t, http.MethodGet, mount+path, h.key("ada"), "")
					want(t, endpoint+" status", a.status, tc.status)
					want(t, endpoint+" body", strings.ReplaceAll(a.body, `\u0026`, "&"), tc.body)
				}
			}
			h.login(t, "ada")
		})
	}
}

func TestScenario_MissingEndpoints(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	h.SetScenario("", fakewaka.Scenario{Status: 503})
	h.SetScenario("ada", fakewaka.Scenario{MissingEndpoints: []string{"users/current", "stats"}})
	for endpoint, path := range apiPaths {
		status := 503
		if endpoint == "users/current" || endpoint == "stats" {
			status = 404
		}
		want(t, endpoint, h.get(t, "ada", path).status, status)
	}
	want(t, "type", h.get(t, "ada", "").header.Get("Content-Type"), "text/plain; charset=utf-8")
	h.SetScenario("", fakewaka.Scenario{MissingEndpoints: []string{"users/current"}})
	want(t, "regardless of the credential", h.do(t, http.MethodGet, wakaTime, basic("waka_x"), "").status, 404)
	want(t, "other endpoints need a credential", h.do(t, http.MethodGet, wakaTime+fiveDays, basic("waka_x"), "").status, 401)
}

func TestScenario_OnlyParts(t *testing.T) {
	t.Parallel()
	for name, parts := range map[string][]string{
		"one list":  {"projects"},
		"two lists": {"categories", "languages"},
		"no list":   {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, config())
			full := daysOf(t, h.get(t, "ada", fiveDays))
			h.SetScenario("ada", fakewaka.Scenario{OnlyParts: parts})
			for i, day := range daysOf(t, h.get(t, "ada", fiveDays)) {
				if diff := cmp.Diff(parts, partsOf(day)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				for _, kind := range kinds {
					if !slices.Contains(parts, kind) {
						delete(full[i], kind)
					}
				}
				if diff := cmp.Diff(full[i], day); diff != "" {
					t.Errorf("the rest of the day changed (-want +got):\n%s", diff)
				}
			}
			for _, path := range []string{"/statusbar/today", "/stats"} {
				want(t, path, len(partsOf(data(t, h.get(t, "ada", path)))), len(parts))
			}
		})
	}
}

func TestScenario_IgnoreTimeout(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	h.SetKeystrokeTimeout("ada", 60)
	own := monthOf(t, h, "")
	want(t, "parameters count without the scenario", monthOf(t, h, "&timeout=15") < own, true)
	h.SetScenario("ada", fakewaka.Scenario{IgnoreTimeout: true})
	for _, query := range []string{"&timeout=15", "&timeout=1&writes_only=true", "&timeout=x"} {
		want(t, query, monthOf(t, h, query), own)
	}
	stats := data(t, h.get(t, "ada", "/stats/last_7_days?timeout=15&writes_only=true"))
	want(t, "timeout", stats["timeout"], any(60.0))
	want(t, "writes_only", stats["writes_only"], any(false))
}

func TestHackatimeMount(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	get := func(t *testing.T, path string) response {
		t.Helper()
		return h.do(t, http.MethodGet, hackatime+path, h.key("ada"), "")
	}
	t.Run("only summaries and the status bar exist", func(t *testing.T) {
		t.Parallel()
		for endpoint, path := range apiPaths {
			status := 404
			if endpoint == "summaries" || endpoint == "statusbar/today" {
				status = 200
			}
			want(t, endpoint, get(t, path).status, status)
		}
		want(t, "a wrong key is rejected", h.do(t, http.MethodGet, hackatime+fiveDays, basic("waka_x"), "").status, 401)
	})
	t.Run("days have projects alone", func(t *testing.T) {
		t.Parallel()
		days := daysOf(t, get(t, fiveDays))
		want(t, "days", len(days), 5)
		for _, day := range days {
			date := dayRange(day)["date"].(string)
			want(t, date, int(total(day)), h.Seconds("ada", date, zone(t, "Asia/Kathmandu")))
			want(t, "parts", strings.Join(partsOf(day), ","), "projects")
		}
	})
	t.Run("parameters of the count are ignored", func(t *testing.T) {
		t.Parallel()
		want(t, "body", get(t, fiveDays+"&timeout=1&writes_only=true").body, get(t, fiveDays).body)
	})
	t.Run("scenarios apply", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		h.SetScenario("ada", fakewaka.Scenario{MissingEndpoints: []string{"statusbar/today"}, OnlyParts: []string{}})
		for path, status := range map[string]int{"": 404, "/statusbar/today": 404, fiveDays: 200} {
			want(t, path, h.do(t, http.MethodGet, hackatime+path, h.key("ada"), "").status, status)
		}
		want(t, "parts", len(partsOf(daysOf(t, h.do(t, http.MethodGet, hackatime+fiveDays, h.key("ada"), ""))[0])), 0)
	})
}

func TestUnknownPrefixes(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	for _, path := range []string{"/users/current", "/api/users/current", "/api/v2/users/current", "/v1/users/current", "/api/v1", "/api/hackatime"} {
		a := h.do(t, http.MethodGet, path+"/summaries?start=today&end=today", h.key("ada"), "")
		want(t, path, a.status, http.StatusNotFound)
	}
}
