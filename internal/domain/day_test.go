package domain_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

// zones have every kind of clock change: at night, at midnight in both directions, by half
// an hour, by a whole day, several times a year, and none.
var zones = []string{
	"UTC", "America/Chicago", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe", "Pacific/Apia",
	"Africa/Cairo", "America/Sao_Paulo", "Africa/Casablanca", "Atlantic/Azores", "Asia/Beirut",
}

var skipped = domain.NewDay(2011, time.December, 30) // did not exist in Apia

func TestDay_CoversTimeWithoutGaps(t *testing.T) {
	t.Parallel()
	for _, name := range zones {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := domain.TimeZone(name).Location()
			last := domain.NewDay(2036, time.January, 1)
			for day := domain.NewDay(2000, time.January, 1); day < last; day++ {
				start, end := day.Start(loc), day.End(loc)
				if !end.Equal((day + 1).Start(loc)) {
					t.Fatalf("%s ends at %s, but the next day starts at %s", day, end, (day + 1).Start(loc))
				}
				if name == "Pacific/Apia" && day == skipped {
					if !start.Equal(end) || day.Seconds(loc) != 0 {
						t.Errorf("%s has %d seconds, from %s to %s; want none", day, day.Seconds(loc), start, end)
					}
					continue
				}
				if domain.DayAt(start.Add(-1), loc) >= day {
					t.Fatalf("%s starts at %s, but the instant before is already on it", day, start)
				}
				contains(t, day, start, end, loc)
				if n := day.Seconds(loc); n < 23*3600 || n > 25*3600 || n != int(end.Unix()-start.Unix()) {
					t.Fatalf("%s has %d seconds", day, n)
				}
			}
		})
	}
}

// contains fails if an instant from start up to end is not on day. Between clock changes,
// dates only increase, so it checks only the first and last instant.
func contains(t *testing.T, day domain.Day, start, end time.Time, loc *time.Location) {
	t.Helper()
	for at := start; at.Before(end); {
		_, until := at.In(loc).ZoneBounds()
		// On the last day of a leap year, ZoneBounds can return an end in the past.
		if !until.After(at) || until.After(end) {
			until = end
		}
		if first, last := domain.DayAt(at, loc), domain.DayAt(until.Add(-1), loc); first != day || last != day {
			t.Fatalf("%s lasts from %s to %s, but at %s it is %s and before %s it is %s", day, start, end, at, first, until, last)
		}
		at = until
	}
}

func TestDayAt_MatchesStartAndEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		loc := domain.TimeZone(rapid.SampledFrom(zones).Draw(t, "zone")).Location()
		from := time.Date(2000, time.January, 2, 0, 0, 0, 0, time.UTC).Unix()
		to := time.Date(2035, time.December, 30, 0, 0, 0, 0, time.UTC).Unix()
		at := time.Unix(rapid.Int64Range(from, to).Draw(t, "second"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanosecond"))
		day := domain.DayAt(at, loc)
		if at.Before(day.Start(loc)) || !at.Before(day.End(loc)) {
			t.Fatalf("it is %s, but %s lasts from %s to %s", at.In(loc), day, day.Start(loc), day.End(loc))
		}
	})
}

func TestDay_ClockChanges(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		zone, day, start string
		seconds          int
	}{
		"an hour is skipped at night":                    {"America/Chicago", "2026-03-08", "2026-03-08T00:00:00-06:00", 23 * 3600},
		"an hour repeats at night":                       {"America/Chicago", "2026-11-01", "2026-11-01T00:00:00-05:00", 25 * 3600},
		"half an hour repeats":                           {"Australia/Lord_Howe", "2026-04-05", "2026-04-05T00:00:00+11:00", 24*3600 + 1800},
		"a day whose midnight is skipped starts at one":  {"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00", 23 * 3600},
		"a day whose last hour repeats":                  {"America/Sao_Paulo", "2018-02-17", "2018-02-17T00:00:00-02:00", 25 * 3600},
		"the day after starts at the second midnight":    {"America/Sao_Paulo", "2018-02-18", "2018-02-18T00:00:00-03:00", 24 * 3600},
		"a day whose first hour repeats":                 {"Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00+00:00", 25 * 3600},
		"a day whose first hour is skipped":              {"Atlantic/Azores", "2026-03-29", "2026-03-29T01:00:00+00:00", 23 * 3600},
		"Beirut skips its midnight":                      {"Asia/Beirut", "2026-03-29", "2026-03-29T01:00:00+03:00", 23 * 3600},
		"the day before the one that Apia skipped":       {"Pacific/Apia", "2011-12-29", "2011-12-29T00:00:00-10:00", 24 * 3600},
		"the day that Apia skipped starts with the next": {"Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00", 0},
		"the day after the one that Apia skipped":        {"Pacific/Apia", "2011-12-31", "2011-12-31T00:00:00+14:00", 24 * 3600},
		"a zone with an offset of a quarter of an hour":  {"Asia/Kathmandu", "2026-11-16", "2026-11-16T00:00:00+05:45", 24 * 3600},
		"a zone without clock changes":                   {"UTC", "2026-11-16", "2026-11-16T00:00:00Z", 24 * 3600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := domain.TimeZone(tc.zone).Location()
			day, err := domain.ParseDay("day", tc.day)
			if err != nil {
				t.Fatal(err)
			}
			want, err := time.Parse(time.RFC3339, tc.start)
			if err != nil {
				t.Fatal(err)
			}
			if got := day.Start(loc); !got.Equal(want) {
				t.Errorf("starts at %s, want %s", got, want)
			}
			if got := day.Seconds(loc); got != tc.seconds {
				t.Errorf("has %d seconds, want %d", got, tc.seconds)
			}
		})
	}
}
