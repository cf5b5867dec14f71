package domain_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
)

func TestParseTimeZone(t *testing.T) {
	t.Parallel()

	for _, name := range []string{"UTC", "America/Chicago", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Argentina/Buenos_Aires", "Etc/GMT+5"} {
		if got, err := domain.ParseTimeZone("time_zone", name); string(got) != name || err != nil {
			t.Errorf("ParseTimeZone(%q) = %q, %v", name, got, err)
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
	if got, want := domain.TimeZone("Pacific/Kiritimati").Today(noon), domain.NewDay(2026, time.March, 15); got != want {
		t.Errorf("Today = %v, want %v", got, want)
	}
}
