package fakewaka_test

import (
	"math"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/fakewaka"
)

// daysOf returns the list of days in a response.
func daysOf(t *testing.T, a response) []map[string]any {
	t.Helper()
	want(t, "status", a.status, http.StatusOK)
	data, ok := a.json(t)["data"].([]any)
	if !ok {
		t.Fatalf("no list of days in %q", a.body)
	}
	days := make([]map[string]any, len(data))
	for i, d := range data {
		days[i] = d.(map[string]any)
	}
	return days
}

func total(day map[string]any) float64 {
	return day["grand_total"].(map[string]any)["total_seconds"].(float64)
}

func dayRange(day map[string]any) map[string]any { return day["range"].(map[string]any) }

var kinds = []string{"categories", "projects", "languages", "editors", "operating_systems", "dependencies", "machines"}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestSummaries_MatchSeconds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/Chicago", "Asia/Kathmandu", "UTC", "Pacific/Auckland"} {
		t.Run("days are cut in "+name, func(t *testing.T) {
			t.Parallel()
			h, loc := newHarness(t, config()), zone(t, name)
			days := daysOf(t, h.get(t, "ada", "/summaries?start=2026-10-26&end=2026-11-23&timeout=15&writes_only=false&timezone="+url.QueryEscape(name)))
			want(t, "days", len(days), 29)
			for i, day := range days {
				date := time.Date(2026, 10, 26+i, 0, 0, 0, 0, loc)
				r := dayRange(day)
				want(t, "date", r["date"], any(date.Format(time.DateOnly)))
				want(t, "start", r["start"], any(date.UTC().Format(time.RFC3339)))
				want(t, "timezone", r["timezone"], any(name))
				expected := h.Seconds("ada", date.Format(time.DateOnly), loc)
				want(t, "truncated total", int(total(day)), expected)
				want(t, "rounded total", int(math.Round(total(day))), expected)
				checkParts(t, day)
			}
		})
	}
}

// checkParts checks that every kind adds up to at most the total.
func checkParts(t *testing.T, day map[string]any) {
	t.Helper()
	for _, kind := range kinds {
		sum := 0.0
		for _, one := range day[kind].([]any) {
			item := one.(map[string]any)
			sum += item["total_seconds"].(float64)
			_, hasSeconds := item["seconds"]
			want(t, kind+" has seconds", hasSeconds, kind != "categories" && kind != "projects")
			_, hasID := item["machine_name_id"]
			want(t, kind+" has machine_name_id", hasID, kind == "machines")
		}
		if sum > total(day)+1e-6 {
			t.Errorf("%s add up to %v of %v", kind, sum, total(day))
		}
		if kind == "dependencies" && total(day) > 60 && sum >= total(day) {
			t.Errorf("dependencies cover all of %v", total(day))
		}
		if kind != "dependencies" && int(sum+1e-6) != int(total(day)) {
			t.Errorf("%s add up to %v, not to %v", kind, sum, total(day))
		}
	}
}

func TestSeconds_ByZone(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	chicago, kathmandu := zone(t, "America/Chicago"), zone(t, "Asia/Kathmandu")
	differ, sums := 0, map[*time.Location]int{}
	for d := 1; d <= 15; d++ {
		day := time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		here, there := h.Seconds("ada", day, chicago), h.Seconds("ada", day, kathmandu)
		sums[chicago] += here
		sums[kathmandu] += there
		if here != there {
			differ++
		}
	}
	want(t, "zones differ", differ > 5, true)
	// Fifteen days in two zones differ only at their edges.
	if apart := math.Abs(float64(sums[chicago] - sums[kathmandu])); apart > 24*3600 || sums[chicago] == 0 {
		t.Errorf("sums %d and %d are too far apart", sums[chicago], sums[kathmandu])
	}
}

func TestActivity(t *testing.T) {
	t.Parallel()
	weeks := func(h *harness, username string) (weekdays, weekends float64) {
		for d := range 7 * 40 {
			day := time.Date(2026, 1, 5+d, 0, 0, 0, 0, time.UTC)
			seconds := float64(h.Seconds(username, day.Format(time.DateOnly), time.UTC)) / 3600 / 40
			if d%7 >= 5 {
				weekends += seconds
			} else {
				weekdays += seconds
			}
		}
		return weekdays, weekends
	}
	t.Run("the mean is close to the configured hours", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		weekdays, weekends := weeks(h, "ada")
		if sum := weekdays + weekends; sum < 25 || sum > 35 || weekends < 2.5 || weekends > 7 {
			t.Errorf("30 hours a week became %v and %v", weekdays, weekends)
		}
	})
	t.Run("idle people never code", func(t *testing.T) {
		t.Parallel()
		weekdays, weekends := weeks(newHarness(t, config()), "idle")
		want(t, "hours", weekdays+weekends, 0.0)
	})
	t.Run("inactive periods are zero and other periods are not", func(t *testing.T) {
		t.Parallel()
		h := newHarness(t, config())
		h.AddPerson(fakewaka.Person{Username: "joan", Activity: fakewaka.Activity{
			WeeklyHours: 40, WeekendShare: -1, Since: "2026-03-01", GapFrom: "2026-05-01", GapTo: "2026-05-31", QuietSince: "2026-09-01",
		}})
		byMonth := map[time.Month]int{}
		for day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == 2026; day = day.AddDate(0, 0, 1) {
			seconds := h.Seconds("joan", day.Format(time.DateOnly), time.UTC)
			byMonth[day.Month()] += seconds
			if day.Weekday() == time.Sunday {
				want(t, "Sunday", seconds, 0)
			}
		}
		for month := time.January; month <= time.December; month++ {
			inactive := month < time.March || month == time.May || month >= time.September
			want(t, month.String()+" is inactive", byMonth[month] == 0, inactive)
		}
	})
	t.Run("inactivity starts exactly at midnight, even for people who code at night", func(t *testing.T) {
		t.Parallel()
		h, before := newHarness(t, config()), 0
		for i := range 40 {
			username := "owl" + strconv.Itoa(i)
			h.AddPerson(fakewaka.Person{Username: username, Activity: fakewaka.Activity{WeeklyHours: 90, QuietSince: "2026-09-01"}})
			before += h.Seconds(username, "2026-08-31", time.UTC)
			want(t, username, h.Seconds(username, "2026-09-01", time.UTC), 0)
		}
		want(t, "coded before", before > 0, true)
	})
	t.Run("today grows with the clock and tomorrow is empty", func(t *testing.T) {
		t.Parallel()
		cfg, now := config(), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
		cfg.People[0].TimeZone, cfg.People[0].Activity.WeeklyHours = "UTC", 80
		cfg.Now = func() time.Time { return now }
		h, before := fakewaka.New(cfg), 0
		for range 24 {
			seconds := h.Seconds("ada", "2026-11-23", time.UTC)
			if seconds < before {
				t.Errorf("fell from %d to %d", before, seconds)
			}
			before, now = seconds, now.Add(time.Hour)
			want(t, "tomorrow", h.Seconds("ada", "2026-11-25", time.UTC), 0)
		}
		want(t, "coded", before > 0, true)
	})
	t.Run("a day with a clock change is complete", func(t *testing.T) {
		t.Parallel()
		h, loc := newHarness(t, config()), zone(t, "America/Chicago")
		days := daysOf(t, h.get(t, "ada", "/summaries?start=2026-11-01&end=2026-11-01"))
		want(t, "start", dayRange(days[0])["start"], any("2026-11-01T05:00:00Z"))
		want(t, "end", dayRange(days[0])["end"], any("2026-11-02T05:59:59Z"))
		want(t, "total", int(total(days[0])), h.Seconds("ada", "2026-11-01", loc))
	})
}

func TestSummaries_CountingRules(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.People = append(cfg.People, fakewaka.Person{Username: "short", KeystrokeTimeout: 5})
	h := newHarness(t, cfg)
	sum := func(username, query string) (all float64) {
		for _, day := range daysOf(t, h.get(t, username, "/summaries?range=last_30_days"+query)) {
			all += total(day)
		}
		return all
	}
	normal := sum("ada", "")
	want(t, "the default is 15 minutes", sum("ada", "&timeout=15&writes_only=false"), normal)
	want(t, "a longer timeout counts more", sum("ada", "&timeout=120") > normal, true)
	want(t, "a shorter timeout counts less", sum("ada", "&timeout=1") < normal, true)
	want(t, "only writes count less", sum("ada", "&writes_only=true") < normal, true)
	want(t, "the account's timeout is the default", sum("short", "") < sum("short", "&timeout=15"), true)
}

func TestSummaries_Parameters(t *testing.T) {
	t.Parallel()
	h := newHarness(t, config())
	for name, tc := range map[string]struct {
		query  string
		status int
		days   int
		first  string
	}{
		"start and end are required":        {"", 400, 0, ""},
		"end is required":                   {"start=2026-11-20", 400, 0, ""},
		"a day must be valid":               {"start=2026-11-31&end=today", 400, 0, ""},
		"end must not be before start":      {"start=2026-11-20&end=2026-11-19", 400, 0, ""},
		"a time zone must exist":            {"start=today&end=today&timezone=Mars/Olympus", 400, 0, ""},
		"a timeout must be a number":        {"start=today&end=today&timeout=x", 400, 0, ""},
		"writes_only must be true or false": {"start=today&end=today&writes_only=x", 400, 0, ""},
		"an unknown range is rejected":      {"range=Last+Decade", 400, 0, ""},
		"yesterday and today are accepted":  {"start=yesterday&end=today", 200, 2, "2026-11-22"},
		"Today":                             {"range=Today", 200, 1, "2026-11-23"},
		"Yesterday":                         {"range=Yesterday", 200, 1, "2026-11-22"},
		"Last 7 Days":                       {"range=Last+7+Days", 200, 7, "2026-11-17"},
		"Last 7 Days from Yesterday":        {"range=Last+7+Days+from+Yesterday", 200, 7, "2026-11-16"},
		"Last 14 Days":                      {"range=Last+14+Days", 200, 14, "2026-11-10"},
		"Last 30 Days":                      {"range=Last+30+Days", 200, 30, "2026-10-25"},
		"This Week":                         {"range=This+Week", 200, 1, "2026-11-23"},
		"Last Week":                         {"range=Last+Week", 200, 7, "2026-11-16"},
		"This Month":                        {"range=This+Month", 200, 23, "2026-11-01"},
		"Last Month":                        {"range=Last+Month", 200, 31, "2026-10-01"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := h.get(t, "ada", "/summaries?"+tc.query)
			want(t, "status", a.status, tc.status)
			if tc.status != http.StatusOK {
				want(t, "has errors", a.json(t)["errors"] != nil, true)
				return
			}
			days := daysOf(t, a)
			want(t, "days", len(days), tc.days)
			want(t, "first", dayRange(days[0])["date"], any(tc.first))
		})
	}
}
