package histories_test

import (
	"testing"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/testkit/histories"
)

// TestRequests measures what a student costs the server: the figures in docs/guides/sync.md.
func TestRequests(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]domain.Day{"an unlimited plan": 0, "a plan of 7 days": 7, "a plan of 14 days": 14} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := histories.NewCourse(t, domain.UserID{1, 15: 7}, plan)
			first := c.Requests()
			total, most, plain, days := 0, 0, 0, 0
			for day := range 150 {
				nightly, hourly := c.Night(t)
				if hourly+min(nightly, 1) != 24 {
					t.Errorf("day %d: %d hourly requests, want 24 with the nightly one", day, hourly)
				}
				if day < 90 {
					continue
				}
				days++
				total += nightly
				most = max(most, nightly)
				if nightly == 1 {
					plain++
				}
			}
			t.Logf("%s: %d requests after connecting; a day has 23 hourly ones; a night has 1 in %d of %d nights, %.2f on average and %d at most",
				name, first, plain, days, float64(total)/float64(days), most)
			// Eight or nine weekly nights, and two monthly ones.
			if days != 60 || plain < 49 || most > 14 || total > 153 {
				t.Errorf("nightly requests: %d nights with 1, %d at most, %d in %d days", plain, most, total, days)
			}
		})
	}
}

func TestRequests_AfterAnOutage(t *testing.T) {
	t.Parallel()
	for _, outage := range []int{1, 6, 30} {
		c := histories.NewCourse(t, domain.UserID{1, 15: 7}, 0)
		for range 60 {
			c.Night(t)
		}
		c.Outage(true)
		during := 0
		for range outage {
			nightly, hourly := c.Night(t)
			during += nightly + hourly
		}
		c.Outage(false)
		nightly, hourly := c.Night(t)
		t.Logf("an outage of %d days: %d failed requests, then %d in the next night", outage, during, nightly)
		if during > 24*outage || nightly > 3+3+outage/14+5 || hourly != 23 {
			t.Errorf("an outage of %d days: %d requests during it, then %d and %d", outage, during, nightly, hourly)
		}
	}
}

// A sync without news writes no day, however many days it checks.
func TestRequests_WithoutNewsWriteNoDays(t *testing.T) {
	t.Parallel()
	c := histories.NewCourse(t, domain.UserID{1, 15: 7}, 0)
	for range 60 {
		c.Night(t)
	}
	c.Rows()
	for range 31 { // with all weekly nights and a monthly one
		c.Night(t)
		// The day that ended is known now, and today began.
		if n := c.Rows(); n > 4 {
			t.Errorf("%d rows were written in a day", n)
		}
	}
}
