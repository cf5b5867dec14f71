package wakatime_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gradus-dev/gradus/internal/domain"
)

// FuzzSummaries parses arbitrary responses and checks invariants of the returned days.
func FuzzSummaries(f *testing.F) {
	for _, name := range []string{
		"summaries-2026-11-16-to-2026-11-23-america-chicago.json", "summaries-last-7-days-asia-kathmandu.json",
	} {
		f.Add(short(f, recorded(f, name)), uint8(0))
	}
	f.Add([]byte(recorded(f, "all-time-since-today.json")), uint8(0))
	f.Add([]byte(recorded(f, "users-current.json")), uint8(0))
	for _, body := range []string{
		machines, one("2026-11-16T00:00:00-06:00", "UTC", "-1"), one("2026-11-16T06:00:00Z", "America/Chicago", "1e308"),
		`{"data":[null,7,[],{"range":{"start":"9999-12-31T23:59:59+23:59","timezone":"Local"}}]}`,
	} {
		for i := range oddZones {
			f.Add([]byte(body), uint8(i))
		}
	}
	c := newClient(f, "https://wakatime.example")
	r := days(f, "2026-11-15", "2026-11-24")
	f.Fuzz(func(t *testing.T, body []byte, which uint8) {
		zone := oddZones[int(which)%len(oddZones)]
		c := *c
		c.SetTransport(transport(func(*http.Request) (*http.Response, error) { return respond(http.StatusOK, string(body)), nil }))
		got, err := c.Summaries(t.Context(), bearer("token"), zone, r)
		if err != nil {
			if reason(t, err) != domain.ReasonInvalid || got.Days != nil {
				t.Errorf("got %v and %d days", err, len(got.Days))
			}
			return
		}
		if len(got.Days) != r.Len() {
			t.Fatalf("got %d days, want %d", len(got.Days), r.Len())
		}
		for i, d := range got.Days {
			if d.Day != r.From+domain.Day(i) {
				t.Errorf("day %d is %s", i, d.Day)
			}
			checkPlausible(t, d, zone)
		}
	})
}

// short returns a response with only its first two days: the fuzzer takes minutes to
// minimize long seeds.
func short(tb testing.TB, body string) []byte {
	tb.Helper()
	var parsed struct {
		Data []json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal([]byte(body), &parsed); err != nil {
		tb.Fatal(err)
	}
	parsed.Data = parsed.Data[:2]
	out, err := json.Marshal(parsed)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// checkPlausible fails unless a day can be stored.
func checkPlausible(t *testing.T, d domain.FetchedDay, requested domain.TimeZone) {
	t.Helper()
	if d.Failure != domain.ReasonNone {
		only := domain.FetchedDay{Day: d.Day, Failure: d.Failure}
		if !reflect.DeepEqual(d, only) || d.Failure != domain.ReasonInvalid && d.Failure != domain.ReasonMissingDay {
			t.Errorf("%+v", d)
		}
		return
	}
	valid := d.Seconds >= 0 && d.Seconds <= 90_000 && (d.Seconds > 0 || d.Shares == nil) &&
		(d.TimeZone == string(requested)) == !d.OtherZone && len(d.TimeZone) <= 64 && d.TimeZone != ""
	noCategories := slices.Contains(d.Absent, domain.ByCategory)
	valid = valid && (d.AISeconds == nil) == (d.Seconds > 0 && noCategories) &&
		(d.AISeconds == nil || *d.AISeconds >= 0 && *d.AISeconds <= d.Seconds)
	for _, s := range d.Shares {
		valid = valid && s.Seconds > 0 && utf8.ValidString(s.Name) && s.Name != "" && !strings.ContainsRune(s.Name, 0) && slices.Contains(domain.Dimensions, s.Dimension) && !slices.Contains(d.Absent, s.Dimension)
	}
	if !valid {
		t.Errorf("%+v", d)
	}
}
