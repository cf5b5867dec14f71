package domain_test

import (
	"archive/zip"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestParseTimeZone(t *testing.T) {
	t.Parallel()

	for _, name := range []string{"UTC", "America/Chicago", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Argentina/Buenos_Aires", "Etc/GMT+5"} {
		if got, err := domain.ParseTimeZone("time_zone", name); string(got) != name || err != nil {
			t.Errorf("ParseTimeZone(%q) = %q, %v", name, got, err)
		}
	}
	for alias, current := range map[string]domain.TimeZone{
		"Asia/Calcutta": "Asia/Kolkata", "Asia/Katmandu": "Asia/Kathmandu", "Europe/Kiev": "Europe/Kyiv", "US/Pacific": "America/Los_Angeles",
		"America/Buenos_Aires": "America/Argentina/Buenos_Aires", "EST": "America/Panama", "EST5EDT": "America/New_York", "CET": "Europe/Brussels",
		"Iceland": "Atlantic/Reykjavik", "GMT": "UTC", "Etc/UTC": "UTC", "Zulu": "UTC", "Etc/GMT+0": "UTC", "PRC": "Asia/Shanghai",
		"europe/berlin": "Europe/Berlin", "UTC": "UTC", "utc": "UTC", "ASIA/CALCUTTA": "Asia/Kolkata",
		// The clocks of two countries can agree, but nobody in Oslo chooses Berlin.
		"Europe/Oslo": "Europe/Oslo", "Asia/Kuala_Lumpur": "Asia/Kuala_Lumpur", "Etc/GMT-14": "Etc/GMT-14",
	} {
		if got, err := domain.ParseTimeZone("time_zone", alias); got != current || err != nil || domain.StoredTimeZone(alias) != current {
			t.Errorf("ParseTimeZone(%q) = %q, %v; want %q", alias, got, err, current)
		}
	}
	rejected := map[string]string{
		"an empty name":                      "",
		"the zone of the machine":            "Local",
		"the zone of the machine, as a file": "localtime",
		"the zone of POSIX rules":            "posixrules",
		"the zone of unconfigured machines":  "Factory",
		"a zone that counts leap seconds":    "right/UTC",
		"an alternative name":                "posix/Asia/Kathmandu",
		"a list of zones":                    "zone1970.tab",
		"a folder":                           "Europe",
		"an offset":                          "+05:45",
		"an offset whose sign is ambiguous":  "GMT+5",
		"a list of names":                    "UTC Zulu",
		"a path outside the folder":          "../../../etc/localtime",
		"an absolute path":                   "/etc/localtime",
		"a planet":                           "Mars/Olympus_Mons",
		"a very long name":                   strings.Repeat("é", 40),
	}
	for kind, name := range rejected {
		got, err := domain.ParseTimeZone("zone", name)
		if diff := cmp.Diff([]string{"zone time_zone_unknown"}, fieldCodes(err)); diff != "" || got != "" {
			t.Errorf("%s, %q: %q, %v", kind, name, got, err)
		}
		if err != nil && (len(err.Error()) > 300 || !utf8.ValidString(err.Error()) || strings.Contains(err.Error(), `\x`)) {
			t.Errorf("%s: unreadable error %v", kind, err)
		}
	}
}

func TestTimeZone_Location_DefaultsToUTC(t *testing.T) {
	t.Parallel()

	if got := domain.TimeZone("Mars").Location(); got != time.UTC {
		t.Errorf("Location = %v, want UTC", got)
	}
	if got := domain.StoredTimeZone("Mars"); got != domain.UTC {
		t.Errorf("StoredTimeZone = %v, want UTC", got)
	}
	if got, want := domain.TimeZone("Pacific/Kiritimati").Today(noon), domain.NewDay(2026, time.March, 15); got != want {
		t.Errorf("Today = %v, want %v", got, want)
	}
}

// The names belong to the rules: each has some, and no zone has rules without a name.
func TestTimeZones_HaveNamesAndRules(t *testing.T) {
	t.Parallel()
	rules, err := zip.OpenReader("zoneinfo/zoneinfo.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rules.Close() }()
	list, err := os.ReadFile("zoneinfo/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{"Factory": true}
	for line := range strings.Lines(string(list)) {
		names := strings.Fields(line)
		current := domain.TimeZone(names[0]).Location()
		if names[0] != "UTC" && current.String() != names[0] {
			t.Errorf("%s has the rules of %s", names[0], current)
		}
		for _, name := range names {
			if named[name] {
				t.Errorf("%s has two zones", name)
			}
			named[name] = true
			alias := ruleOf(t, rules, name)
			for at := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2040; at = at.AddDate(0, 0, 7) {
				if domain.DayAt(at, alias) != domain.DayAt(at, current) {
					t.Errorf("%s is not another name of %s: they differ at %s", name, names[0], at)
					break
				}
			}
		}
	}
	for _, f := range rules.File {
		if !strings.HasSuffix(f.Name, "/") && !named[f.Name] {
			t.Errorf("%s has no name", f.Name)
		}
	}
}

func ruleOf(t *testing.T, rules *zip.ReadCloser, name string) *time.Location {
	t.Helper()
	f, err := rules.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	loc, err := time.LoadLocationFromTZData(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestCalendarAt_AgreesWithEveryZone(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("zoneinfo/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(list))
	rapid.Check(t, func(t *rapid.T) {
		from, to := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		now := time.Unix(rapid.Int64Range(from, to).Draw(t, "second"), 0)
		now = now.Truncate(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour}).Draw(t, "precision"))
		c := domain.CalendarAt(now)
		for _, name := range names {
			day := c.UTC
			if slices.Contains(c.Behind, name) {
				day--
			}
			if slices.Contains(c.Ahead, name) {
				day++
			}
			if want := domain.StoredTimeZone(name).Today(now); day != want {
				t.Fatalf("at %s, today is %s in %s, want %s", now.UTC(), day, name, want)
			}
		}
	})
}

func BenchmarkCalendarAt(b *testing.B) {
	for i := range b.N {
		domain.CalendarAt(noon.Add(time.Duration(i) * time.Minute))
	}
}
