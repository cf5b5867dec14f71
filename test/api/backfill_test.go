package api_test

import (
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/config"
	"github.com/gradus-dev/gradus/internal/fakewaka"
)

// TestSync_BackfillsAYear fetches a year from servers that return all of it, reject long ranges
// or do not return them in time.
func TestSync_BackfillsAYear(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		scenario fakewaka.Scenario
		requests int
	}{
		"a server without a limit":                  {fakewaka.Scenario{}, 2},
		"a server that rejects more than 100 days":  {fakewaka.Scenario{OverDays: 100, Status: 400, Only: "summaries"}, 7},
		"a server that times out":                   {fakewaka.Scenario{OverDays: 100, Delay: time.Minute, Only: "summaries"}, 7},
		"a server that sends more than is accepted": {fakewaka.Scenario{OverDays: 100, OversizeMB: 9, Only: "summaries"}, 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t, func(c *config.Config) { c.WakaTime.UserRequestsPerSec = 1000 })
			_, key := e.batch("Evening", "America/Chicago")
			student := e.students(key, 1)[0]
			e.Exec(t, `UPDATE enrolments SET enrolled_at = enrolled_at - interval '353 days', enrolled_on = enrolled_on - 353`)
			e.wakatimeUser("coder", "America/Chicago")
			e.connectByKey(student, "coder")
			e.Fake.SetScenario("coder", tt.scenario)
			before := e.Fake.Calls("coder", "summaries")
			e.runOK(student)
			// The yardstick is measured with requests for a week.
			if n := e.Fake.Calls("coder", "summaries") - before - wakaTimeYardstick; n != tt.requests {
				t.Errorf("a year took %d requests, want %d", n, tt.requests)
			}
			days := e.Strings(t, `SELECT count(*)::text FROM days WHERE seconds IS NOT NULL OR state = 'partial'`)
			if days[0] != "360" {
				t.Errorf("%s of 360 days are stored", days[0])
			}
		})
	}
}

// wakaTimeYardstick is how many requests for summaries measure the yardstick of a server that
// respects the keystroke timeout.
const wakaTimeYardstick = 2
