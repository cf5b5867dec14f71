package fakewaka_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

// late is a day on which ada codes.
const late = "2026-11-20"

func TestAddSession(t *testing.T) {
	t.Parallel()
	chicago := zone(t, "America/Chicago")
	t.Run("all endpoints include it", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		path := map[string]string{
			"summaries": "/summaries?start=" + late + "&end=" + late, "stats": "/stats/last_7_days",
			"all time": "/all_time_since_today", "durations": "/durations?date=" + late,
		}
		seconds := func(name string) int {
			a := h.get(t, "ada", path[name])
			switch name {
			case "summaries":
				checkParts(t, daysOf(t, a)[0])
				return int(total(daysOf(t, a)[0]))
			case "durations":
				sum := 0.0
				for _, d := range daysOf(t, a) {
					sum += d["duration"].(float64)
				}
				return int(sum)
			default:
				return int(data(t, a)["total_seconds"].(float64))
			}
		}
		before, known := map[string]int{}, h.Seconds("ada", late, chicago)
		for name := range path {
			before[name] = seconds(name)
		}
		h.AddSession("ada", fakewaka.Session{Day: late, Seconds: 1234})
		for name := range path {
			want(t, name, seconds(name), before[name]+1234)
		}
		want(t, "Seconds", h.Seconds("ada", late, chicago), known+1234)
	})
	t.Run("sessions without a start add exactly their time", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		for _, day := range []string{"2024-01-01", "2026-03-08", "2026-11-01", late, "2026-11-23"} { // clock changes in March and November
			known := h.Seconds("ada", day, chicago)
			h.AddSession("ada", fakewaka.Session{Day: day, Seconds: 3600})
			h.AddSession("ada", fakewaka.Session{Day: day, Seconds: 60})
			want(t, day, h.Seconds("ada", day, chicago), known+3660)
		}
	})
	t.Run("time that is covered counts once", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		// It covers all sessions of the day, which do not fill it.
		for range 2 {
			h.AddSession("ada", fakewaka.Session{Day: late, Start: "08:00", Seconds: 12 * 3600})
			h.AddSession("ada", fakewaka.Session{Day: late, Start: "20:00", Seconds: 4 * 3600})
			h.AddSession("ada", fakewaka.Session{Day: late, Start: "10:00", Seconds: 600})
		}
		// Sessions of the day before end before 01:30.
		if got := h.Seconds("ada", late, chicago); got < 16*3600 || got > 17*3600+1800 {
			t.Errorf("got %d seconds, want 16 hours", got)
		}
	})
	t.Run("a short pause is joined and a long one is not", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		for day, second := range map[string]string{"2026-11-20": "03:15", "2026-11-21": "03:16"} {
			h.AddSession("idle", fakewaka.Session{Day: day, Start: "02:00", Seconds: 3600})
			h.AddSession("idle", fakewaka.Session{Day: day, Start: second, Seconds: 3600})
		}
		want(t, "joined", h.Seconds("idle", "2026-11-20", time.UTC), 2*3600+15*60)
		want(t, "not joined", h.Seconds("idle", "2026-11-21", time.UTC), 2*3600)
	})
	t.Run("it can cross midnight", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		h.AddSession("idle", fakewaka.Session{Day: "2026-11-19", Start: "23:59", Seconds: 12 * 3600})
		want(t, "first day", h.Seconds("idle", "2026-11-19", time.UTC), 60)
		want(t, "second day", h.Seconds("idle", "2026-11-20", time.UTC), 12*3600-60)
	})
	t.Run("the future is not reported", func(t *testing.T) {
		t.Parallel()
		cfg, now := config(), noon
		cfg.Now = func() time.Time { return now }
		server := fakewaka.New(cfg)
		server.AddSession("idle", fakewaka.Session{Day: "2026-11-24", Seconds: 600})
		want(t, "before", server.Seconds("idle", "2026-11-24", time.UTC), 0)
		now = now.AddDate(0, 0, 1)
		want(t, "after", server.Seconds("idle", "2026-11-24", time.UTC), 600)
	})
	t.Run("a replaced person keeps it at the same instant", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		h.AddSession("idle", fakewaka.Session{Day: late, Seconds: 600})
		h.AddPerson(fakewaka.Person{Username: "idle", TimeZone: "Asia/Tokyo", Activity: fakewaka.Activity{Idle: true}})
		want(t, "seconds", h.Seconds("idle", late, time.UTC), 600)
	})
	t.Run("no other person has it", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		known := h.Seconds("grace", late, time.UTC)
		h.AddSession("ada", fakewaka.Session{Day: late, Seconds: 600})
		want(t, "seconds", h.Seconds("grace", late, time.UTC), known)
	})
}

func TestAISeconds(t *testing.T) {
	t.Parallel()
	h, chicago := newHarness(t, config()), zone(t, "America/Chicago")
	h.AddSession("ada", fakewaka.Session{Day: "2026-11-18", Seconds: 900, Category: "AI Coding"})
	h.AddSession("ada", fakewaka.Session{Day: "2026-11-19", Seconds: 900, Category: "meeting"})
	sum, ai := 0, 0
	for _, day := range daysOf(t, h.get(t, "ada", "/summaries?range=last_30_days")) {
		date, seconds := dayRange(day)["date"].(string), 0.0
		for _, item := range day["categories"].([]any) {
			if c := item.(map[string]any); c["name"] == "ai coding" || c["name"] == "AI Coding" {
				seconds += c["total_seconds"].(float64)
			}
		}
		want(t, date, h.AISeconds("ada", date, chicago), int(seconds))
		sum += h.Seconds("ada", date, chicago)
		ai += int(seconds)
	}
	if part := float64(ai) / float64(sum); part < 0.05 || part > 0.15 {
		t.Errorf("%d of %d seconds are AI time", ai, sum)
	}
	for day, more := range map[string]int{"2026-11-18": 900, "2026-11-19": 0} {
		want(t, day, h.AISeconds("ada", day, chicago), fakewaka.New(config()).AISeconds("ada", day, chicago)+more)
	}
}

func TestResetKey(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	status := func(key string) int {
		return h.do(t, http.MethodGet, "/api/v1/users/current", basic(key), "").status
	}
	tokens := h.login(t, "ada")
	keys := []string{h.APIKey("ada"), h.ResetKey("ada"), h.ResetKey("ada")}
	want(t, "APIKey", h.APIKey("ada"), keys[2])
	want(t, "the keys differ", len(slices.Compact(slices.Sorted(slices.Values(keys)))), 3)
	want(t, "first key", status(keys[0]), 401)
	want(t, "second key", status(keys[1]), 401)
	want(t, "third key", status(keys[2]), 200)
	want(t, "token", h.statusOf(t, tokens.access), 200)
	h.AddPerson(fakewaka.Person{Username: "ada", Plan: "premium"})
	want(t, "third key of a replaced person", status(keys[2]), 200)
	want(t, "another person", h.get(t, "grace", "").status, 200)
}

// monthOf returns the seconds of ada's last 30 days.
func monthOf(t *testing.T, h *harness, query string) (sum float64) {
	t.Helper()
	for _, day := range daysOf(t, h.get(t, "ada", "/summaries?range=last_30_days"+query)) {
		sum += total(day)
	}
	return sum
}

func TestKeystrokeTimeout(t *testing.T) {
	t.Parallel()
	t.Run("a longer timeout counts more", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		for _, rules := range []string{"", "&writes_only=true"} {
			last := 0.0
			for _, minutes := range []string{"1", "5", "10", "15", "30", "60", "120"} {
				seconds := monthOf(t, h, rules+"&timeout="+minutes)
				if seconds <= last {
					t.Errorf("%s minutes%s: %v seconds, with a shorter timeout %v", minutes, rules, seconds, last)
				}
				last = seconds
			}
		}
	})
	t.Run("the account's setting can change", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		standard := monthOf(t, h, "")
		for _, minutes := range []string{"60", "2"} {
			expected := monthOf(t, h, "&timeout="+minutes)
			want(t, "set", h.do(t, http.MethodPatch, "/_fake/people/ada", "", `{"keystroke_timeout":`+minutes+`}`).status, 200)
			want(t, "without a parameter", monthOf(t, h, ""), expected)
			want(t, "with a parameter", monthOf(t, h, "&timeout=15"), standard)
		}
		h.SetKeystrokeTimeout("ada", 15)
		want(t, "set back", monthOf(t, h, ""), standard)
	})
	t.Run("responses contain the rules that were used", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		h.SetKeystrokeTimeout("ada", 20)
		for path, rules := range map[string][2]any{
			"/stats": {20.0, false},
			"/stats/last_7_days?timeout=5&writes_only=true": {5.0, true},
			"/all_time_since_today":                         {20.0, nil},
		} {
			d := data(t, h.get(t, "ada", path))
			want(t, path+" timeout", d["timeout"], rules[0])
			want(t, path+" writes_only", d["writes_only"], rules[1])
			compat := data(t, h.do(t, http.MethodGet, "/api/compat/wakatime/v1/users/current"+path, h.key("ada"), ""))
			for _, field := range []string{"timeout", "writes_only"} {
				_, ok := compat[field]
				want(t, "Wakapi's "+path+" has "+field, ok, false)
			}
		}
	})
}

func TestControl_Changes(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	post := func(path, body string) map[string]any {
		a := h.do(t, http.MethodPost, "/_fake/people/idle"+path, "", body)
		want(t, path, a.status, http.StatusOK)
		return a.json(t)
	}
	view := post("/sessions", `{"day":"2026-11-23","seconds":900,"category":"ai coding"}`)
	want(t, "today", view["today_seconds"], any(900.0))
	post("/sessions", `{"day":"2026-11-20","start":"15:30","seconds":60}`)
	want(t, "AI time", h.AISeconds("idle", "2026-11-23", time.UTC), 900)
	want(t, "past day", h.Seconds("idle", "2026-11-20", time.UTC), 60)
	before := h.APIKey("idle")
	key := post("/key", "")["api_key"]
	want(t, "new key", key, any(h.APIKey("idle")))
	want(t, "differs", key != before, true)
}
