package fakewaka_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

func data(t *testing.T, a response) map[string]any {
	t.Helper()
	want(t, "status", a.status, http.StatusOK)
	d, ok := a.json(t)["data"].(map[string]any)
	if !ok {
		t.Fatalf("no data in %q", a.body)
	}
	return d
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	key, bearer := h.APIKey("ada"), "Bearer "+h.login(t, "ada").access
	for name, tc := range map[string]struct {
		auth, query string
		status      int
	}{
		"a bearer token is accepted":                 {bearer, "", 200},
		"a key is accepted":                          {basic(key), "", 200},
		"a key with a colon is accepted":             {basic(key + ":"), "", 200},
		"a key without its prefix is accepted":       {basic(strings.TrimPrefix(key, "waka_")), "", 200},
		"a key in the query is accepted":             {"", "?api_key=" + key, 200},
		"a request without a credential is rejected": {"", "", 401},
		"a wrong key is rejected":                    {basic("waka_x"), "", 401},
		"a key that is not base64 is rejected":       {"Basic " + key, "", 401},
		"a key as a bearer token is rejected":        {"Bearer " + key, "", 401},
		"an unknown token is rejected":               {"Bearer waka_tok_00", "", 401},
		"the key of an unknown person is rejected":   {basic(h.APIKey("nobody")), "", 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := h.do(t, http.MethodGet, "/api/v1/users/current"+tc.query, tc.auth, "")
			want(t, "status", a.status, tc.status)
			if tc.status == http.StatusUnauthorized {
				want(t, "body", a.body, `{"error":"Unauthorized"}`)
			} else {
				want(t, "username", data(t, a)["username"], any("ada"))
			}
		})
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		granted string
		allowed []string
	}{
		"email grants the account alone":            {"email", []string{"users/current"}},
		"read_summaries grants summaries and stats": {"read_summaries", []string{"summaries", "status_bar/today", "stats"}},
		"a part of read_summaries grants the same":  {"read_summaries.languages", []string{"summaries", "status_bar/today", "stats"}},
		"read_stats grants stats and all time":      {"read_stats", []string{"stats", "all_time_since_today"}},
		"read_heartbeats grants durations":          {"read_heartbeats", []string{"durations"}},
		"other scopes grant none of these":          {"read_goals", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, config())
			h.SetScenario("ada", fakewaka.Scenario{GrantScope: tc.granted})
			bearer := "Bearer " + h.login(t, "ada").access
			for path, endpoint := range map[string]string{
				"": "users/current", "/summaries?range=today": "summaries", "/status_bar/today": "status_bar/today",
				"/stats/last_7_days": "stats", "/all_time_since_today": "all_time_since_today", "/durations?date=today": "durations",
			} {
				status := http.StatusForbidden
				if slices.Contains(tc.allowed, endpoint) {
					status = http.StatusOK
				}
				want(t, endpoint, h.do(t, http.MethodGet, "/api/v1/users/current"+path, bearer, "").status, status)
			}
		})
	}
}

func TestOtherEndpoints(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	chicago := zone(t, "America/Chicago")
	expected := func(from, to int) (all int) {
		for d := from; d <= to; d++ {
			all += h.Seconds("ada", time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), chicago)
		}
		return all
	}
	t.Run("the account", func(t *testing.T) {
		t.Parallel()
		d := data(t, h.get(t, "ada", ""))
		want(t, "zone", d["timezone"], any("America/Chicago"))
		want(t, "plan", d["plan"], any("free"))
		want(t, "email", d["email"], any("ada@example.com"))
		want(t, "has coded", d["last_heartbeat_at"] != nil, true)
		want(t, "idle has not coded", data(t, h.get(t, "idle", ""))["last_heartbeat_at"], nil)
	})
	t.Run("the status bar", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{"/status_bar/today", "/statusbar/today"} {
			// It is evening in Kathmandu, so there is some coding.
			a := h.get(t, "grace", path)
			today := h.Seconds("grace", "2026-11-23", zone(t, "Asia/Kathmandu"))
			want(t, "has coded", today > 0, true)
			want(t, "total", int(total(data(t, a))), today)
			want(t, "cached at", a.json(t)["cached_at"], any("2026-11-23T16:39:25Z"))
			want(t, "decimal", data(t, a)["grand_total"].(map[string]any)["decimal"] != nil, true)
		}
	})
	t.Run("stats", func(t *testing.T) {
		t.Parallel()
		for path, seconds := range map[string]int{
			"/stats": expected(17, 23), "/stats/last_7_days": expected(17, 23), "/stats/2026-11": expected(1, 23),
		} {
			d := data(t, h.get(t, "ada", path))
			want(t, path, int(d["total_seconds"].(float64)), seconds)
			want(t, "up to date", d["is_up_to_date"], any(true))
		}
		for _, name := range []string{"last_30_days", "last_6_months", "last_year", "all_time", "2025"} {
			want(t, name, data(t, h.get(t, "ada", "/stats/"+name))["range"], any(name))
		}
		want(t, "unknown", h.get(t, "ada", "/stats/last_decade").status, 404)
		want(t, "bad timeout", h.get(t, "ada", "/stats/all_time?timeout=x").status, 400)
	})
	t.Run("all time equals the stats of all time", func(t *testing.T) {
		t.Parallel()
		d := data(t, h.get(t, "ada", "/all_time_since_today"))
		want(t, "total", d["total_seconds"], data(t, h.get(t, "ada", "/stats/all_time"))["total_seconds"])
		want(t, "since", d["range"].(map[string]any)["start_date"], any("2024-01-01"))
	})
	t.Run("durations add up to the total of the day", func(t *testing.T) {
		t.Parallel()
		for _, by := range []string{"project", "language", "os", "editor", "category", "machine"} {
			sum, last := 0.0, 0.0
			for _, d := range daysOf(t, h.get(t, "ada", "/durations?date=2026-11-20&slice_by="+by)) {
				sum += d["duration"].(float64)
				want(t, "in order", d["time"].(float64) > last, true)
				want(t, "has names", d[by] != nil && d["project"] != nil, true)
				last = d["time"].(float64)
			}
			want(t, by, int(sum), expected(20, 20))
		}
		want(t, "dependencies", h.get(t, "ada", "/durations?date=2026-11-20&slice_by=dependencies").status, 200)
		for _, query := range []string{"", "date=x", "date=today&slice_by=entity", "date=today&timezone=x", "date=today&timeout=-1"} {
			want(t, query, h.get(t, "ada", "/durations?"+query).status, 400)
		}
	})
	t.Run("an unknown path", func(t *testing.T) {
		t.Parallel()
		want(t, "body", h.get(t, "ada", "/goals").body, `{"error":"Not found."}`)
	})
	t.Run("the front page identifies the fake", func(t *testing.T) {
		t.Parallel()
		want(t, "text", strings.Contains(h.do(t, http.MethodGet, "/", "", "").body, "fake WakaTime"), true)
	})
}

func TestWakapiMount(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	const mount = "/api/compat/wakatime/v1/users/current"
	get := func(t *testing.T, path string) response {
		t.Helper()
		return h.do(t, http.MethodGet, mount+path, h.key("ada"), "")
	}
	t.Run("only the start identifies a day", func(t *testing.T) {
		t.Parallel()
		days := daysOf(t, get(t, "/summaries?start=2026-11-16&end=2026-11-23&timezone=Asia/Kathmandu"))
		want(t, "days", len(days), 8)
		r := dayRange(days[0])
		want(t, "date", r["date"], any("2026-11-23T16:39:25Z"))
		want(t, "start", r["start"], any("2026-11-16T00:00:00+05:45"))
		want(t, "end", r["end"], any("2026-11-16T23:59:59+05:45"))
		want(t, "timezone", r["timezone"], any("UTC"))
		want(t, "total", total(days[3]), float64(h.Seconds("ada", "2026-11-19", zone(t, "Asia/Kathmandu"))))
	})
	t.Run("a range starts in the middle of a day", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"Last+7+Days", "last_7_days"} {
			days := daysOf(t, get(t, "/summaries?timezone=Asia/Kathmandu&range="+name))
			want(t, "days", len(days), 8)
			want(t, "start", dayRange(days[0])["start"], any("2026-11-16T22:24:25+05:45"))
		}
	})
	t.Run("the account has fewer fields", func(t *testing.T) {
		t.Parallel()
		d := data(t, get(t, ""))
		want(t, "id", d["id"], any("ada"))
		want(t, "plan", d["plan"], nil)
	})
	t.Run("only the old status bar path exists", func(t *testing.T) {
		t.Parallel()
		want(t, "old", get(t, "/statusbar/today").status, 200)
		for _, path := range []string{"/status_bar/today", "/durations?date=today", "/goals"} {
			a := get(t, path)
			want(t, path, a.status, 404)
			want(t, "type", a.header.Get("Content-Type"), "text/plain; charset=utf-8")
		}
	})
}
