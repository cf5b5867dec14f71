package wakatime_test

import (
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/fakewaka"
)

// recorded returns a response recorded from a real server.
func recorded(tb testing.TB, name string) string {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "wakapi", name))
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// outcome is the result for a day.
type outcome struct {
	Seconds   int
	Zone      string
	OtherZone bool
	Failure   domain.Reason
}

func ok(seconds int, zone string) outcome { return outcome{Seconds: seconds, Zone: zone} }

// inOtherZone is the outcome of a day in a zone other than the requested one.
func inOtherZone(seconds int, zone string) outcome {
	return outcome{Seconds: seconds, Zone: zone, OtherZone: true}
}

func failed(r domain.Reason) outcome { return outcome{Failure: r} }

func outcomeOf(d domain.FetchedDay) outcome {
	return outcome{d.Seconds, d.TimeZone, d.OtherZone, d.Failure}
}

func outcomes(f domain.FetchedDays) map[string]outcome {
	out := map[string]outcome{}
	for _, d := range f.Days {
		out[d.Day.String()] = outcomeOf(d)
	}
	return out
}

// fetch requests summaries from a server that always returns body.
func fetch(tb testing.TB, body string, zone domain.TimeZone, r domain.DayRange) (domain.FetchedDays, error) {
	tb.Helper()
	c := newClient(tb, "https://wakatime.example")
	c.SetTransport(transport(func(*http.Request) (*http.Response, error) { return respond(http.StatusOK, body), nil }))
	return c.Summaries(tb.Context(), bearer("token"), zone, r)
}

func TestSummaries_RecordedFromWakapi(t *testing.T) {
	t.Parallel()
	const (
		inChicago   = "summaries-2026-11-16-to-2026-11-23-america-chicago.json"
		inKathmandu = "summaries-last-7-days-asia-kathmandu.json"
	)
	for name, tc := range map[string]struct {
		file string
		zone domain.TimeZone
		want map[string]outcome
	}{
		"days requested in Chicago": {inChicago, "America/Chicago", map[string]outcome{
			"2026-11-16": ok(6045, "America/Chicago"),
			"2026-11-17": ok(5707, "America/Chicago"),
			"2026-11-18": ok(0, "America/Chicago"),
			"2026-11-19": ok(4310, "America/Chicago"),
			"2026-11-20": ok(6411, "America/Chicago"),
			"2026-11-21": ok(5159, "America/Chicago"),
			"2026-11-22": ok(4818, "America/Chicago"),
			"2026-11-23": ok(2502, "America/Chicago"),
		}},
		"days requested in Kathmandu, the first one partial": {inKathmandu, "Asia/Kathmandu", map[string]outcome{
			"2026-11-16": failed(domain.ReasonInvalid),
			"2026-11-17": ok(7604, "Asia/Kathmandu"),
			"2026-11-18": ok(2387, "Asia/Kathmandu"),
			"2026-11-19": ok(2737, "Asia/Kathmandu"),
			"2026-11-20": ok(4799, "Asia/Kathmandu"),
			"2026-11-21": ok(5733, "Asia/Kathmandu"),
			"2026-11-22": ok(4618, "Asia/Kathmandu"),
			"2026-11-23": ok(5313, "Asia/Kathmandu"),
		}},
		"days in Chicago when Kathmandu was requested": {inChicago, "Asia/Kathmandu", map[string]outcome{
			"2026-11-16": inOtherZone(6045, "-06:00"),
			"2026-11-17": inOtherZone(5707, "-06:00"),
			"2026-11-18": inOtherZone(0, "-06:00"),
			"2026-11-19": inOtherZone(4310, "-06:00"),
			"2026-11-20": inOtherZone(6411, "-06:00"),
			"2026-11-21": inOtherZone(5159, "-06:00"),
			"2026-11-22": inOtherZone(4818, "-06:00"),
			"2026-11-23": inOtherZone(2502, "-06:00"),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := fetch(t, recorded(t, tc.file), tc.zone, days(t, "2026-11-16", "2026-11-23"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, outcomes(got)); diff != "" {
				t.Error(diff)
			}
			checkShares(t, got)
		})
	}
}

func TestSummaries_NormalResponses(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	r := days(t, "2026-11-10", "2026-11-23")
	for name, cred := range map[string]domain.Credential{"WakaTime": h.key("ada"), "Wakapi": h.wakapi("ada"), "OAuth": bearer(h.login(t).AccessToken)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := h.Summaries(t.Context(), cred, zone, r)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.TrimPrefix(h.url, "http://"); got.Source != want {
				t.Errorf("source is %q, want %q", got.Source, want)
			}
			checkDays(t, h.Server, got, "ada", zone, r)
			checkShares(t, got)
		})
	}
}

// checkDays fails unless got has each day of r once, oldest first, in the requested zone,
// with the correct total.
func checkDays(t interface {
	Helper()
	Errorf(string, ...any)
}, fake *fakewaka.Server, got domain.FetchedDays, who string, zone domain.TimeZone, r domain.DayRange,
) {
	t.Helper()
	if len(got.Days) != r.Len() {
		t.Errorf("got %d days, want %d", len(got.Days), r.Len())
		return
	}
	for i, d := range got.Days {
		want := ok(fake.Seconds(who, d.Day.String(), zone.Location()), string(zone))
		if d.Day != r.From+domain.Day(i) || outcomeOf(d) != want {
			t.Errorf("%s is %+v, want %+v", d.Day, d, want)
		}
	}
}

// checkShares fails unless each dimension of each day adds up to roughly the day's total.
func checkShares(t *testing.T, got domain.FetchedDays) {
	t.Helper()
	for _, d := range got.Days {
		sums := map[domain.Dimension]int{}
		for _, s := range d.Shares {
			sums[s.Dimension] += s.Seconds
		}
		for dimension, sum := range sums {
			if dimension != domain.ByDependency && math.Abs(float64(sum-d.Seconds)) > 10 {
				t.Errorf("%s: %s adds up to %d of %d", d.Day, dimension, sum, d.Seconds)
			}
		}
		for _, dimension := range domain.Dimensions {
			if d.Seconds > 0 && dimension != domain.ByDependency && sums[dimension] == 0 {
				t.Errorf("%s has no shares by %s", d.Day, dimension)
			}
		}
	}
}

func TestSummaries_Scenarios(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		scenario fakewaka.Scenario
		change   func(map[string]outcome) // of the normal outcomes
	}{
		"unknown fields":               {fakewaka.Scenario{UnknownFields: true}, nil},
		"no seconds and no decimal":    {fakewaka.Scenario{MissingSeconds: true}, nil},
		"null instead of lists":        {fakewaka.Scenario{NullLists: true}, nil},
		"duplicate days":               {fakewaka.Scenario{DuplicateDays: true}, nil},
		"days that were not requested": {fakewaka.Scenario{ExtraDays: 3}, nil},
		"a negative day": {fakewaka.Scenario{NegativeSeconds: true}, func(m map[string]outcome) {
			m["2026-11-19"] = failed(domain.ReasonInvalid)
		}},
		"an overlong day": {fakewaka.Scenario{OverlongDay: true}, func(m map[string]outcome) {
			m["2026-11-19"] = failed(domain.ReasonInvalid)
		}},
		"missing days": {fakewaka.Scenario{MissingDays: []string{"2026-11-20"}, MissingLast: 1}, func(m map[string]outcome) {
			m["2026-11-20"], m["2026-11-23"] = failed(domain.ReasonMissingDay), failed(domain.ReasonMissingDay)
		}},
		"no days": {fakewaka.Scenario{MissingLast: 99}, func(m map[string]outcome) {
			for d := range m {
				m[d] = failed(domain.ReasonMissingDay)
			}
		}},
		"conflicting duplicate days": {fakewaka.Scenario{ConflictingDuplicateDays: true}, func(m map[string]outcome) {
			for d := range m {
				m[d] = failed(domain.ReasonInvalid)
			}
		}},
		"lower totals": {fakewaka.Scenario{ScaleSeconds: 0.5}, func(m map[string]outcome) {
			for d, v := range m {
				v.Seconds = int(math.Round(float64(v.Seconds) / 2))
				m[d] = v
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			r := days(t, "2026-11-19", "2026-11-23")
			normal, err := h.Summaries(t.Context(), h.key("ada"), zone, r)
			if err != nil {
				t.Fatal(err)
			}
			want := maps.Clone(outcomes(normal))
			if tc.change != nil {
				tc.change(want)
			}
			h.SetScenario("ada", tc.scenario)
			got, err := h.Summaries(t.Context(), h.key("ada"), zone, r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, outcomes(got)); diff != "" || len(got.Days) != 5 {
				t.Error(diff)
			}
		})
	}
}

// one returns a response with one day.
func one(start, timezone, total string) string {
	return `{"data":[{"grand_total":{"total_seconds":` + total + `},"range":{"date":"2026-11-23T16:39:25Z","start":"` + start + `","timezone":"` + timezone + `"}}]}`
}

func TestSummaries_StartIdentifiesTheDay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		requested       domain.TimeZone
		day             string
		start, timezone string
		want            outcome
	}{
		"a UTC timestamp in the requested zone":                     {"America/Chicago", "2026-11-16", "2026-11-16T06:00:00Z", "America/Chicago", ok(600, "America/Chicago")},
		"an offset with UTC as the zone":                            {"America/Chicago", "2026-11-16", "2026-11-16T00:00:00-06:00", "UTC", ok(600, "America/Chicago")},
		"a UTC timestamp on the day before":                         {"Asia/Kathmandu", "2026-11-16", "2026-11-15T18:15:00Z", "", ok(600, "Asia/Kathmandu")},
		"an offset without a colon":                                 {"Asia/Kathmandu", "2026-11-16", "2026-11-16T00:00:00+0545", "", ok(600, "Asia/Kathmandu")},
		"a day that starts after a gap":                             {"Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00", "UTC", ok(600, "Africa/Cairo")},
		"another zone to the west, by name":                         {"Asia/Kathmandu", "2026-11-16", "2026-11-16T06:00:00Z", "America/Chicago", inOtherZone(600, "America/Chicago")},
		"another zone to the east, by name":                         {"America/Chicago", "2026-11-16", "2026-11-15T18:15:00Z", "Asia/Kathmandu", inOtherZone(600, "Asia/Kathmandu")},
		"UTC instead of the requested zone":                         {"America/Chicago", "2026-11-16", "2026-11-16T00:00:00Z", "UTC", inOtherZone(600, "UTC")},
		"another zone, by offset":                                   {"Asia/Kathmandu", "2026-11-16", "2026-11-16T00:00:00-06:00", "UTC", inOtherZone(600, "-06:00")},
		"an offset of zero":                                         {"Asia/Kathmandu", "2026-11-16", "2026-11-16T00:00:00+00:00", "Mars/Olympus", inOtherZone(600, "+00:00")},
		"a day that starts after a gap in another zone":             {"Asia/Kathmandu", "2026-04-24", "2026-04-24T01:00:00+03:00", "UTC", inOtherZone(600, "+03:00")},
		"a zone whose name is a path":                               {"Asia/Kathmandu", "2026-11-16", "2026-11-16T00:00:00-06:00", "../../etc/passwd", inOtherZone(600, "-06:00")},
		"a part of a day":                                           {"Asia/Kathmandu", "2026-11-16", "2026-11-16T22:24:25.977291226+05:45", "UTC", failed(domain.ReasonInvalid)},
		"half a second after midnight":                              {"Asia/Kathmandu", "2026-11-16", "2026-11-16T00:00:00.5+05:45", "UTC", failed(domain.ReasonInvalid)},
		"a UTC timestamp in a zone that the response does not name": {"America/Chicago", "2026-11-15", "2026-11-15T18:15:00Z", "", failed(domain.ReasonInvalid)},
		"an hour that starts no day":                                {"Asia/Kathmandu", "2026-11-16", "2026-11-16T06:00:00Z", "UTC", failed(domain.ReasonInvalid)},
		"the next day, where zones are a day apart":                 {"Pacific/Kiritimati", "2026-11-17", "2026-11-16T10:00:00Z", "Pacific/Honolulu", ok(600, "Pacific/Kiritimati")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := day(t, tc.day)
			got, err := fetch(t, one(tc.start, tc.timezone, "600"), tc.requested, domain.DayRange{From: d, To: d})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]outcome{tc.day: tc.want}, outcomes(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSummaries_Totals(t *testing.T) {
	t.Parallel()
	long, short := "2026-11-01T00:00:00-05:00", "2026-03-08T00:00:00-06:00"
	for name, tc := range map[string]struct {
		start, total string
		want         outcome
	}{
		"a fraction is rounded":                      {long, "12.5", ok(13, "America/Chicago")},
		"less than half a second is zero":            {long, "0.49", ok(0, "America/Chicago")},
		"a small negative total is zero":             {long, "-0.2", ok(0, "America/Chicago")},
		"an exponent":                                {long, "1.2e3", ok(1200, "America/Chicago")},
		"a long day can have 25 hours":               {long, "90000", ok(90000, "America/Chicago")},
		"a total within the tolerance is capped":     {long, "90059.4", ok(90000, "America/Chicago")},
		"a total beyond the tolerance is invalid":    {long, "90061", failed(domain.ReasonInvalid)},
		"a short day can have 23 hours":              {short, "82800", ok(82800, "America/Chicago")},
		"24 hours are invalid on a short day":        {short, "86400", failed(domain.ReasonInvalid)},
		"a day in an unknown zone can have 25 hours": {"2026-03-08T00:00:00+03:00", "90000", inOtherZone(90000, "+03:00")},
		"a negative total":                           {long, "-1", failed(domain.ReasonInvalid)},
		"a huge total":                               {long, "1e300", failed(domain.ReasonInvalid)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := day(t, tc.start[:10])
			got, err := fetch(t, one(tc.start, "", tc.total), zone, domain.DayRange{From: d, To: d})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]outcome{d.String(): tc.want}, outcomes(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSummaries_MalformedDayDoesNotAffectOthers(t *testing.T) {
	t.Parallel()
	const good = `{"grand_total":{"total_seconds":60},"range":{"start":"2026-11-16T06:00:00Z"}}`
	for name, tc := range map[string]struct {
		element string
		reason  domain.Reason
	}{
		"no total":                        {`{"grand_total":null,"range":{"start":"2026-11-17T06:00:00Z"}}`, domain.ReasonInvalid},
		"a total as a string":             {`{"grand_total":{"total_seconds":"60"},"range":{"start":"2026-11-17T06:00:00Z"}}`, domain.ReasonInvalid},
		"a total out of range":            {`{"grand_total":{"total_seconds":1e999},"range":{"start":"2026-11-17T06:00:00Z"}}`, domain.ReasonInvalid},
		"no range":                        {`{"grand_total":{"total_seconds":60}}`, domain.ReasonMissingDay},
		"a start that is not a timestamp": {`{"grand_total":{"total_seconds":60},"range":{"start":"yesterday"}}`, domain.ReasonMissingDay},
		"null":                            {`null`, domain.ReasonMissingDay},
		"a number":                        {`7`, domain.ReasonMissingDay},
		"a list":                          {`[[]]`, domain.ReasonMissingDay},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := fetch(t, `{"data":[`+tc.element+`,`+good+`]}`, zone, days(t, "2026-11-16", "2026-11-17"))
			want := map[string]outcome{"2026-11-16": ok(60, string(zone)), "2026-11-17": failed(tc.reason)}
			if diff := cmp.Diff(want, outcomes(got)); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
}

func TestSummaries_RejectsResponsesWithoutDays(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, `null`, `[]`, `"x"`, `{}`, `{"data":null}`, `{"data":{}}`, `{"data":"x"}`, `{"data":[null]}`, `{"data":[7,[]]}`,
		`{"data":[{"grand_total":{"total_seconds":NaN},"range":{"start":"2026-11-16T06:00:00Z"}}]}`,
		`{"data":[]} {"data":[]}`, `{"data":[]`, `{"error":"x"}`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			if got, err := fetch(t, body, zone, days(t, "2026-11-16", "2026-11-17")); reason(t, err) != domain.ReasonInvalid || got.Days != nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestSummaries_LimitsListLength(t *testing.T) {
	t.Parallel()
	const day = `{"grand_total":{"total_seconds":60},"range":{"start":"2026-11-16T06:00:00Z"}`
	for name, form := range map[string]string{
		"of days":  `{"data":[JUNK` + day + `}]}`,
		"of names": `{"data":[` + day + `,"projects":[JUNK{"name":"last","total_seconds":60}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for junk, seen := range map[int]bool{999: true, 1000: false} {
				body := strings.Replace(form, "JUNK", strings.Repeat("{},", junk), 1)
				got, err := fetch(t, body, zone, days(t, "2026-11-16", "2026-11-16"))
				if last := err == nil && (name == "of days" || len(got.Days[0].Shares) == 1); last != seen {
					t.Errorf("element %d: seen is %t, want %t", junk+1, last, seen)
				}
			}
		})
	}
}
