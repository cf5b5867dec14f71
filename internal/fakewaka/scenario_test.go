package fakewaka_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

const fiveDays = "/summaries?start=2026-11-16&end=2026-11-20&timezone=Asia/Kathmandu"

func TestScenario_ResponseFaults(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		scenario fakewaka.Scenario
		status   int
		body     string
		header   string // "Key: value"
	}{
		"throttled with a delay in seconds": {fakewaka.Scenario{Status: 429, RetryAfter: "30"}, 429, `"error"`, "Retry-After: 30"},
		"throttled with a malformed delay":  {fakewaka.Scenario{Status: 429, RetryAfter: "soon"}, 429, `"error"`, "Retry-After: soon"},
		"throttled as a redirect":           {fakewaka.Scenario{Status: 302}, 302, "", "Location: /"},
		"unauthorized":                      {fakewaka.Scenario{Status: 401}, 401, `{"error":"Unauthorized"}`, ""},
		"outside the plan":                  {fakewaka.Scenario{Status: 402}, 402, "plan", ""},
		"forbidden":                         {fakewaka.Scenario{Status: 403}, 403, `{"error":"Forbidden"}`, ""},
		"internal error":                    {fakewaka.Scenario{Status: 500}, 500, "Internal Server Error", ""},
		"throttled with a message":          {fakewaka.Scenario{Status: 429, Message: "disabled for account 1"}, 429, "disabled for account 1", ""},
		"HTML with status 200":              {fakewaka.Scenario{HTML: true}, 200, "<h1>", "Content-Type: text/html; charset=utf-8"},
		"HTML with status 503":              {fakewaka.Scenario{HTML: true, Status: 503}, 503, "<h1>", ""},
		"an empty body":                     {fakewaka.Scenario{Empty: true}, 200, "", "Content-Length: 0"},
		"an empty list as data":             {fakewaka.Scenario{EmptyData: true}, 200, `{"data":[]}`, "Content-Type: application/json"},
		"malformed JSON":                    {fakewaka.Scenario{GarbageJSON: true}, 200, ",,<<", "Content-Type: application/json"},
		"a missing scope":                   {fakewaka.Scenario{ScopeMissing: true}, 403, "read_summaries", ""},
		"a response that is not ready":      {fakewaka.Scenario{NotReady: true}, 202, "message", ""},
		"a delayed response":                {fakewaka.Scenario{Delay: time.Millisecond}, 200, `"data"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, config())
			h.SetScenario("ada", tc.scenario)
			a := h.get(t, "ada", fiveDays)
			want(t, "status", a.status, tc.status)
			if !strings.Contains(a.body, tc.body) {
				t.Errorf("body %q does not contain %q", a.body, tc.body)
			}
			if key, value, ok := strings.Cut(tc.header, ": "); ok {
				want(t, key, a.header.Get(key), value)
			}
			want(t, "another person", h.get(t, "grace", fiveDays).status, 200)
		})
	}
}

func TestScenario_ConnectionFaults(t *testing.T) {
	t.Parallel()
	t.Run("a truncated body ends early", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		full := h.get(t, "ada", fiveDays)
		h.SetScenario("ada", fakewaka.Scenario{Truncated: true})
		a, err := h.try(t, http.MethodGet, "/api/v1/users/current"+fiveDays, h.key("ada"), "")
		want(t, "fails", err != nil, true)
		want(t, "half", a.body, full.body[:len(full.body)/2])
	})
	t.Run("a failed connection returns no response", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		h.SetScenario("", fakewaka.Scenario{FailConnections: true})
		_, err := h.try(t, http.MethodGet, "/api/v1/users/current", h.key("ada"), "")
		want(t, "fails", err != nil, true)
	})
	t.Run("an oversize body is valid JSON of the given size", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		h.SetScenario("ada", fakewaka.Scenario{OversizeMB: 3})
		a := h.get(t, "ada", "")
		want(t, "size", len(a.body), 3<<20+len(`{"data":""}`))
		want(t, "object", len(a.json(t)), 1)
	})
	t.Run("a call that times out ends when the client disconnects", func(t *testing.T) {
		t.Parallel()
		for _, sc := range []fakewaka.Scenario{{Timeout: true}, {Delay: time.Hour}} {
			server := fakewaka.New(config())
			server.SetScenario("ada", sc)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			rec := httptest.NewRecorder()
			server.Handler().ServeHTTP(rec, request(ctx, server, "ada", ""))
			want(t, "body", rec.Body.Len(), 0)
		}
	})
	t.Run("a slow body takes one second per byte", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server, start := fakewaka.New(config()), time.Now()
			server.SetScenario("ada", fakewaka.Scenario{SlowBody: true, Delay: time.Minute})
			rec := httptest.NewRecorder()
			server.Handler().ServeHTTP(rec, request(t.Context(), server, "ada", ""))
			want(t, "time", time.Since(start), time.Minute+time.Duration(rec.Body.Len())*time.Second)
		})
	})
	t.Run("a slow body stops when the client disconnects", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			server := fakewaka.New(config())
			server.SetScenario("ada", fakewaka.Scenario{SlowBody: true})
			ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
			defer cancel()
			rec := httptest.NewRecorder()
			server.Handler().ServeHTTP(rec, request(ctx, server, "ada", ""))
			want(t, "bytes", rec.Body.Len(), 3)
		})
	})
}

func request(ctx context.Context, server *fakewaka.Server, username, path string) *http.Request {
	req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/users/current"+path, nil)
	req.Header.Set("Authorization", basic(server.APIKey(username)))
	return req
}

func TestScenario_DayFaults(t *testing.T) {
	t.Parallel()
	all := []string{"2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"}
	for name, tc := range map[string]struct {
		scenario fakewaka.Scenario
		dates    []string
		change   func(i int, expected float64) float64 // nil: unchanged
	}{
		"no faults":                    {dates: all},
		"numbers can be scaled":        {fakewaka.Scenario{ScaleSeconds: 2}, all, func(_ int, expected float64) float64 { return 2 * expected }},
		"a day can be negative":        {fakewaka.Scenario{NegativeSeconds: true}, all, changeFirst(-3600)},
		"a day can be too long":        {fakewaka.Scenario{OverlongDay: true}, all, changeFirst(90001)},
		"days can be missing":          {scenario: fakewaka.Scenario{MissingDays: []string{"2026-11-17", "2026-11-19"}}, dates: []string{all[0], all[2], all[4]}},
		"the last days can be missing": {scenario: fakewaka.Scenario{MissingLast: 2}, dates: all[:3]},
		"all days can be missing":      {scenario: fakewaka.Scenario{MissingLast: 9}, dates: []string{}},
		"days can be added":            {scenario: fakewaka.Scenario{ExtraDays: 2}, dates: append([]string{"2026-11-14", "2026-11-15"}, all...)},
		"a day can be duplicated":      {scenario: fakewaka.Scenario{DuplicateDays: true, MissingDays: all[1:]}, dates: []string{all[0], all[0]}},
		"a duplicate can conflict":     {fakewaka.Scenario{ConflictingDuplicateDays: true, MissingDays: all[1:]}, []string{all[0], all[0]}, func(i int, expected float64) float64 { return expected + float64(600*i) }},
		"the range style can be set":   {scenario: fakewaka.Scenario{RangeStyle: fakewaka.RangeWakaTime}, dates: all},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, config())
			h.SetScenario("", tc.scenario)
			dates := []string{}
			for i, day := range daysOf(t, h.get(t, "ada", fiveDays)) {
				date := dayRange(day)["date"].(string)
				dates = append(dates, date)
				expected := float64(h.Seconds("ada", date, zone(t, "Asia/Kathmandu")))
				if tc.change != nil {
					expected = tc.change(i, expected)
				}
				if got := total(day); got < expected || got >= expected+0.5 {
					t.Errorf("%s: got %v, want %v", date, got, expected)
				}
			}
			if diff := cmp.Diff(tc.dates, dates); diff != "" {
				t.Errorf("dates (-want +got):\n%s", diff)
			}
		})
	}
}

func changeFirst(seconds float64) func(int, float64) float64 {
	return func(i int, expected float64) float64 {
		if i == 0 {
			return seconds
		}
		return expected
	}
}

func TestScenario_FieldFaults(t *testing.T) {
	t.Parallel()
	day := func(t *testing.T, sc fakewaka.Scenario) map[string]any {
		t.Helper()
		h := newHarness(t, config())
		h.SetScenario("ada", sc)
		return daysOf(t, h.get(t, "ada", fiveDays))[0]
	}
	t.Run("types can be wrong", func(t *testing.T) {
		t.Parallel()
		grand := day(t, fakewaka.Scenario{WrongTypes: true})["grand_total"].(map[string]any)
		_, isText := grand["total_seconds"].(string)
		want(t, "total_seconds is text", isText, true)
		want(t, "text", grand["text"], any(42.0))
	})
	t.Run("fields can be unknown", func(t *testing.T) {
		t.Parallel()
		want(t, "color", day(t, fakewaka.Scenario{UnknownFields: true})["grand_total"].(map[string]any)["color"], any("#7e57c2"))
	})
	t.Run("seconds can be missing", func(t *testing.T) {
		t.Parallel()
		_, ok := day(t, fakewaka.Scenario{MissingSeconds: true})["machines"].([]any)[0].(map[string]any)["seconds"]
		want(t, "has seconds", ok, false)
	})
	t.Run("lists can be null", func(t *testing.T) {
		t.Parallel()
		d := day(t, fakewaka.Scenario{NullLists: true})
		for _, kind := range kinds {
			want(t, kind, d[kind], nil)
		}
	})
	t.Run("the time zone can be ignored", func(t *testing.T) {
		t.Parallel()
		want(t, "zone", dayRange(day(t, fakewaka.Scenario{IgnoreTimezone: true}))["timezone"], any("America/Chicago"))
	})
	t.Run("a range can have Wakapi's style", func(t *testing.T) {
		t.Parallel()
		want(t, "start", dayRange(day(t, fakewaka.Scenario{RangeStyle: fakewaka.RangeWakapi}))["start"], any("2026-11-16T00:00:00+05:45"))
	})
}

func TestScenario_OtherEndpoints(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	h.SetScenario("", fakewaka.Scenario{EmptyStatusBar: true})
	bar := h.get(t, "grace", "/status_bar/today")
	want(t, "total", total(data(t, bar)), 0.0)
	want(t, "cached_at", bar.json(t)["cached_at"], nil)
	if diff := cmp.Diff(map[string]any{"text": "Today", "timezone": "Asia/Kathmandu"}, dayRange(data(t, bar))); diff != "" {
		t.Errorf("range (-want +got):\n%s", diff)
	}
	h.SetScenario("", fakewaka.Scenario{MissingLast: 1})
	want(t, "total", total(data(t, h.get(t, "grace", "/status_bar/today"))), 0.0)
	h.SetScenario("ada", fakewaka.Scenario{NotReady: true})
	for _, path := range []string{"", "/status_bar/today", "/stats", "/all_time_since_today", "/durations?date=today"} {
		want(t, path, h.get(t, "ada", path).status, 202)
	}
	stale := h.get(t, "ada", "/all_time_since_today").json(t)["data"].(map[string]any)
	want(t, "up to date", stale["is_up_to_date"], any(false))
	want(t, "some of the total", stale["total_seconds"].(float64) > 0, true)
}

func TestHistoryDays(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.People = append(cfg.People, fakewaka.Person{Username: "free", HistoryDays: 7})
	h := newHarness(t, cfg)
	from := func(username, start string) int {
		return h.get(t, username, "/summaries?start="+start+"&end=2026-11-23").status
	}
	want(t, "seven days old", from("free", "2026-11-16"), 200)
	want(t, "eight days old", from("free", "2026-11-15"), 402)
	want(t, "no limit", from("grace", "2024-01-01"), 200)
	want(t, "durations", h.get(t, "free", "/durations?date=2026-11-15").status, 402)
	want(t, "stats", h.get(t, "free", "/stats/last_30_days").status, 402)
	want(t, "all time has no limit", h.get(t, "free", "/all_time_since_today").status, 200)
	h.SetScenario("", fakewaka.Scenario{HistoryDays: 14})
	want(t, "a scenario overrides", from("free", "2026-11-10"), 200)
	want(t, "for everybody", from("grace", "2026-11-08"), 402)
	want(t, "body", h.get(t, "grace", "/summaries?start=2026-01-01&end=today").json(t)["error"] != nil, true)
}

func TestScenario_Precedence(t *testing.T) {
	t.Parallel()
	t.Run("only affected calls are counted down", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		h.SetScenario("ada", fakewaka.Scenario{Only: "summaries", Status: 500, Calls: 2})
		for _, status := range []int{500, 500, 200} {
			want(t, "account", h.get(t, "ada", "").status, 200)
			want(t, "summaries", h.get(t, "ada", fiveDays).status, status)
		}
		h.SetScenario("ada", fakewaka.Scenario{Status: 429, Calls: 1})
		tokens := h.login(t, "ada")
		want(t, "token calls are not counted", h.statusOf(t, tokens.access), 429)
	})
	t.Run("a person's own scenario takes precedence where it applies", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		h.SetScenario("", fakewaka.Scenario{Status: 503})
		h.SetScenario("ada", fakewaka.Scenario{Only: "summaries", Status: 429})
		want(t, "own", h.get(t, "ada", fiveDays).status, 429)
		want(t, "everybody's", h.get(t, "ada", "").status, 503)
		h.SetScenario("ada", fakewaka.Scenario{})
		want(t, "removed", h.get(t, "ada", fiveDays).status, 503)
	})
	t.Run("an expired access token affects neither refreshed tokens nor keys", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		tokens := h.login(t, "ada")
		h.SetScenario("ada", fakewaka.Scenario{AccessTokenExpired: true})
		want(t, "old", h.statusOf(t, tokens.access), 401)
		want(t, "key", h.get(t, "ada", "").status, 200)
		want(t, "new", h.statusOf(t, pairOf(t, h.refresh(t, tokens.refresh)).access), 200)
		want(t, "still old", h.statusOf(t, tokens.access), 401)
	})
}

func TestCalls(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	h.login(t, "ada")
	h.get(t, "ada", "")
	h.get(t, "ada", fiveDays)
	h.get(t, "grace", fiveDays)
	for key, count := range map[[2]string]int{
		{"ada", "token"}: 1, {"ada", "authorize"}: 1, {"ada", "users/current"}: 1, {"ada", "summaries"}: 1,
		{"", "summaries"}: 2, {"ada", ""}: 4, {"", ""}: 5, {"idle", ""}: 0,
	} {
		want(t, key[0]+" "+key[1], h.Calls(key[0], key[1]), count)
	}
	h.ResetCalls()
	want(t, "after reset", h.Calls("", ""), 0)
	want(t, "peak after reset", h.InFlightPeak("ada"), 0)
}

func TestInFlightPeak(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := fakewaka.New(config())
		server.SetScenario("ada", fakewaka.Scenario{Delay: time.Second})
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				server.Handler().ServeHTTP(httptest.NewRecorder(), request(t.Context(), server, "ada", ""))
			})
		}
		synctest.Wait()
		want(t, "while in flight", server.InFlightPeak("ada"), 3)
		server.ResetCalls()
		group.Wait()
		server.Handler().ServeHTTP(httptest.NewRecorder(), request(t.Context(), server, "grace", ""))
		server.Handler().ServeHTTP(httptest.NewRecorder(), request(t.Context(), server, "grace", ""))
		want(t, "in-flight calls survive a reset", server.InFlightPeak("ada"), 3)
		want(t, "sequential calls", server.InFlightPeak("grace"), 1)
	})
}

func TestInvalidInputPanics(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(*fakewaka.Server){
		"a person without a username": func(s *fakewaka.Server) { s.AddPerson(fakewaka.Person{}) },
		"an unknown time zone":        func(s *fakewaka.Server) { s.AddPerson(fakewaka.Person{Username: "x", TimeZone: "Mars"}) },
		"a negative history limit":    func(s *fakewaka.Server) { s.AddPerson(fakewaka.Person{Username: "x", HistoryDays: -1}) },
		"a malformed date": func(s *fakewaka.Server) {
			s.AddPerson(fakewaka.Person{Username: "x", Activity: fakewaka.Activity{Since: "x"}})
		},
		"the seconds of an unknown person":      func(s *fakewaka.Server) { s.Seconds("nobody", "2026-11-23", time.UTC) },
		"the seconds of a malformed day":        func(s *fakewaka.Server) { s.Seconds("ada", "x", time.UTC) },
		"an unknown endpoint":                   func(s *fakewaka.Server) { s.SetScenario("", fakewaka.Scenario{Only: "summary"}) },
		"a successful status":                   func(s *fakewaka.Server) { s.SetScenario("", fakewaka.Scenario{Status: 200}) },
		"an unknown token format":               func(s *fakewaka.Server) { s.SetScenario("", fakewaka.Scenario{TokenFormat: "xml"}) },
		"an unknown range style":                func(s *fakewaka.Server) { s.SetScenario("", fakewaka.Scenario{RangeStyle: "x"}) },
		"a malformed missing day":               func(s *fakewaka.Server) { s.SetScenario("", fakewaka.Scenario{MissingDays: []string{"x"}}) },
		"an unknown missing endpoint":           func(s *fakewaka.Server) { s.SetScenario("", fakewaka.Scenario{MissingEndpoints: []string{"x"}}) },
		"an unknown part":                       func(s *fakewaka.Server) { s.SetScenario("", fakewaka.Scenario{OnlyParts: []string{"x"}}) },
		"the AI seconds of an unknown person":   func(s *fakewaka.Server) { s.AISeconds("nobody", "2026-11-23", time.UTC) },
		"a session of an unknown person":        func(s *fakewaka.Server) { s.AddSession("nobody", fakewaka.Session{Day: late, Seconds: 1}) },
		"a malformed session":                   func(s *fakewaka.Server) { s.AddSession("ada", fakewaka.Session{}) },
		"a key of an unknown person":            func(s *fakewaka.Server) { s.ResetKey("nobody") },
		"a keystroke timeout of zero":           func(s *fakewaka.Server) { s.SetKeystrokeTimeout("ada", 0) },
		"a timeout of an unknown person":        func(s *fakewaka.Server) { s.SetKeystrokeTimeout("nobody", 5) },
		"an unknown granted scope":              func(s *fakewaka.Server) { s.SetScenario("", fakewaka.Scenario{GrantScope: "x"}) },
		"a negative number of calls":            func(s *fakewaka.Server) { s.SetScenario("", fakewaka.Scenario{Calls: -1}) },
		"a person without a username in Config": func(*fakewaka.Server) { fakewaka.New(fakewaka.Config{People: []fakewaka.Person{{}}}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "fakewaka: ") {
					t.Errorf("want a panic that names the package, got %q", text)
				}
			}()
			act(fakewaka.New(config()))
		})
	}
}
