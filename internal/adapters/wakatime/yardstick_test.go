package wakatime_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
)

// eve has a keystroke timeout of her own.
var eve = fakewaka.Person{Username: "eve", KeystrokeTimeout: 3, Activity: fakewaka.Activity{WeeklyHours: 40}}

// newIgnoringHarness returns a fake WakaTime that ignores the requested keystroke timeout.
// For the stats, it returns a page if that has a status.
func newIgnoringHarness(t *testing.T, stats page) *harness {
	t.Helper()
	h := newHarness(t)
	h.AddPerson(eve)
	h.SetTransport(transport(func(r *http.Request) (*http.Response, error) {
		if stats.status != 0 && strings.Contains(r.URL.Path, "/stats/") {
			return respond(stats.status, stats.body), nil
		}
		q := r.URL.Query()
		q.Del("timeout")
		r.URL.RawQuery = q.Encode()
		return serve(h.Handler())(r)
	}))
	return h
}

var (
	standard     = domain.Yardstick{Kind: domain.YardstickStandard, Timeout: 15}
	unknown      = domain.Yardstick{Kind: domain.YardstickUnknown}
	notSpecified = domain.Yardstick{Kind: domain.YardstickOther}
)

func other(timeout int) domain.Yardstick {
	return domain.Yardstick{Kind: domain.YardstickOther, Timeout: timeout}
}

func TestYardstick_ServerThatHonorsTheTimeout(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, who string
		from, to  string
		want      domain.Yardstick
		requests  int
	}{
		{"an account with the same setting", "ada", "2026-11-10", "2026-11-22", standard, 2},
		{"an account with another setting", "eve", "2026-11-10", "2026-11-22", standard, 2},
		{"no time", "idle", "2026-11-10", "2026-11-22", unknown, 1},
		{"time only on a day that has not ended", "ada", "2026-11-23", "2026-11-23", unknown, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.AddPerson(eve)
			got, err := h.Yardstick(t.Context(), h.key(tc.who), zone, days(t, tc.from, tc.to))
			if err != nil || got != tc.want {
				t.Errorf("got %+v, %v, want %+v", got, err, tc.want)
			}
			if n := h.Calls(tc.who, ""); n != tc.requests {
				t.Errorf("the server received %d requests, want %d", n, tc.requests)
			}
		})
	}
}

func TestYardstick_ServerThatIgnoresTheTimeout(t *testing.T) {
	t.Parallel()
	settings := func(data string) page { return page{http.StatusOK, `{"data":` + data + `}`} }
	for _, tc := range []struct {
		name, who string
		stats     page
		want      domain.Yardstick
	}{
		{"an account with the same setting", "ada", page{}, standard},
		{"an account with another setting", "eve", page{}, other(3)},
		{"an account that counts only writes", "ada", settings(`{"timeout":15,"writes_only":true}`), other(15)},
		{"stats recorded from Wakapi", "ada", page{http.StatusOK, recorded(t, "stats-last-7-days.json")}, notSpecified},
		{"a timeout as a string", "ada", settings(`{"timeout":"15"}`), notSpecified},
		{"a fraction", "ada", settings(`{"timeout":0.5}`), notSpecified},
		{"a huge timeout", "ada", settings(`{"timeout":1e300}`), notSpecified},
		{"no stats", "ada", noPage, notSpecified},
		{"stats outside the plan", "ada", unpaid, notSpecified},
		{"stats without permission", "ada", keyDenied, notSpecified},
		{"HTML instead of stats", "ada", htmlPage, notSpecified},
		{"an empty list instead of stats", "ada", emptyData, notSpecified},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := newIgnoringHarness(t, tc.stats)
			got, err := h.Yardstick(t.Context(), h.key(tc.who), zone, days(t, "2026-11-10", "2026-11-22"))
			if err != nil || got != tc.want {
				t.Errorf("got %+v, %v, want %+v", got, err, tc.want)
			}
			if n := h.Calls(tc.who, "summaries"); n != 2 {
				t.Errorf("the server received %d requests for summaries", n)
			}
		})
	}
}

func TestYardstick_Failures(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		stats page
		want  domain.Reason
	}{
		"stats are not ready": {unready, domain.ReasonNotReady},
		"stats fail":          {broken, domain.ReasonUnavailable},
		"the key expired":     {noKey, domain.ReasonUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newIgnoringHarness(t, tc.stats)
			got, err := h.Yardstick(t.Context(), h.key("ada"), zone, days(t, "2026-11-10", "2026-11-22"))
			if reason(t, err) != tc.want || got != unknown {
				t.Errorf("got %+v, %v, want %s", got, err, tc.want)
			}
		})
	}
	t.Run("summaries fail", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t)
		h.SetScenario("ada", fakewaka.Scenario{Status: http.StatusPaymentRequired, Only: "summaries"})
		got, err := h.Yardstick(t.Context(), h.key("ada"), zone, days(t, "2026-11-10", "2026-11-22"))
		if reason(t, err) != domain.ReasonPlanLimited || got != unknown || h.Calls("ada", "") != 1 {
			t.Errorf("got %+v, %v after %d requests", got, err, h.Calls("ada", ""))
		}
	})
}

// TestYardstick_Evidence checks which pairs of totals tell whether a server honors the
// timeout.
func TestYardstick_Evidence(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		long, short string // the totals of two days
		want        domain.Yardstick
	}{
		"one lower day":                              {"1800 0", "1799 0", standard},
		"equal days":                                 {"1800 0", "1800 0", notSpecified},
		"equal days with too little time":            {"1799 0", "1799 0", unknown},
		"a lower day with too little time":           {"1799 0", "60 0", unknown},
		"time that arrived in between":               {"1800 100", "1900 100", unknown},
		"time that arrived in between on one day":    {"600 1800", "700 1800", notSpecified},
		"one lower day, time arrived on the other":   {"1000 1000", "1100 900", standard},
		"a day that is unreadable in the second":     {"1800 0", "-9 0", unknown},
		"a day that is unreadable, the other equals": {"1800 1800", "-9 1800", notSpecified},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, "https://wakatime.example")
			c.SetTransport(transport(func(r *http.Request) (*http.Response, error) {
				totals := map[string]string{"15": tc.long, "1": tc.short}[r.URL.Query().Get("timeout")]
				if totals == "" {
					return respond(http.StatusNotFound, ""), nil
				}
				var a, b int
				if _, err := fmt.Sscan(totals, &a, &b); err != nil {
					return nil, err
				}
				const format = `{"grand_total":{"total_seconds":%d},"range":{"start":"2026-11-%dT00:00:00Z"}}`
				return respond(http.StatusOK, fmt.Sprintf(`{"data":[`+format+`,`+format+`]}`, a, 16, b, 17)), nil
			}))
			got, err := c.Yardstick(t.Context(), bearer("token"), "UTC", days(t, "2026-11-16", "2026-11-17"))
			if err != nil || got != tc.want {
				t.Errorf("got %+v, %v, want %+v", got, err, tc.want)
			}
		})
	}
}
