package wakatime_test

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// wakapi is a server that measures an account by its settings and does not show them.
type wakapi struct {
	timeout  float64        // in minutes
	zone     *time.Location // of the server; default: UTC
	location string         // of the account
	name     string         // of the location in responses; default: location
	beats    map[string][]float64
	page     *page    // instead of the heartbeats
	extra    int      // seconds in each total that no heartbeat explains
	requests []string // the received ones
}

// beatsOf returns heartbeats from start on, with gaps in minutes. Between the gaps there
// are four minutes of activity each, so that the totals are long enough.
func beatsOf(start string, gaps ...float64) []float64 {
	at, err := time.Parse(time.RFC3339, start)
	if err != nil {
		panic(err)
	}
	t := float64(at.UnixMilli()) / 1000
	beats := []float64{t}
	activity := func() {
		for range 8 {
			t += 30
			beats = append(beats, t)
		}
	}
	for range 10 {
		activity()
	}
	for _, gap := range gaps {
		t += gap * 60
		beats = append(beats, t)
		activity()
	}
	return beats
}

// seconds returns the total of the heartbeats from an instant until another.
func (w *wakapi) seconds(from, to time.Time) int {
	zone := cmp.Or(w.zone, time.UTC)
	var sum, last float64
	for _, beats := range w.beats {
		last = 0
		for _, t := range beats {
			if int64(t) < from.Unix() || int64(t) >= to.Unix() {
				continue
			}
			sameDay := domain.DayAt(time.Unix(int64(last), 0), zone) == domain.DayAt(time.Unix(int64(t), 0), zone)
			if last > 0 && t-last < w.timeout*60 && sameDay {
				sum += t - last
			}
			last = t
		}
	}
	if sum == 0 {
		return 0
	}
	return int(sum) + w.extra
}

func (w *wakapi) RoundTrip(r *http.Request) (*http.Response, error) {
	_, path, _ := strings.Cut(r.URL.Path, "/users/current/")
	path, _, _ = strings.Cut(path, "/")
	w.requests = append(w.requests, path)
	q := r.URL.Query()
	switch path {
	case "summaries":
		loc, err := time.LoadLocation(q.Get("timezone"))
		if err != nil {
			return nil, err
		}
		var days []string
		from, _ := time.ParseInLocation(time.DateOnly, q.Get("start"), loc)
		to, _ := time.ParseInLocation(time.DateOnly, q.Get("end"), loc)
		for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
			days = append(days, fmt.Sprintf(`{"grand_total":{"total_seconds":%d},"range":{"start":%q},"projects":[{"name":"p","total_seconds":9}]}`,
				w.seconds(d, d.AddDate(0, 0, 1)), d.Format(time.RFC3339)))
		}
		return respond(http.StatusOK, `{"data":[`+strings.Join(days, ",")+`]}`), nil
	case "stats":
		return respond(http.StatusOK, `{"data":{}}`), nil
	}
	if w.page != nil {
		return respond(w.page.status, w.page.body), nil
	}
	return respond(http.StatusOK, w.heartbeats(q.Get("date"))), nil
}

// heartbeats returns the day in the account's time zone that contains 00:00 UTC of a date.
func (w *wakapi) heartbeats(date string) string {
	loc, err := time.LoadLocation(w.location)
	if err != nil {
		panic(err)
	}
	at, _ := time.Parse(time.DateOnly, date)
	y, m, d := at.In(loc).Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, loc)
	to := from.AddDate(0, 0, 1)
	var entries []string
	for _, beats := range w.beats {
		for _, t := range beats {
			if int64(t) >= from.Unix() && int64(t) < to.Unix() {
				entries = append(entries, fmt.Sprintf(`{"entity":"/home/x/secret.go","time":%d}`, int64(t)))
			}
		}
	}
	name := w.name
	if name == "" {
		name = w.location
	}
	return fmt.Sprintf(`{"data":[%s],"start":%q,"end":%q,"timezone":%q}`, strings.Join(entries, ","),
		from.UTC().Format(time.RFC3339), to.Add(-time.Second).UTC().Format(time.RFC3339), name)
}

// yardstick measures the account for a student in a time zone. It returns the requests
// after those for the summaries and the stats.
func (w *wakapi) yardstick(t *testing.T, zone domain.TimeZone) (_ domain.Yardstick, requests string, _ error) {
	t.Helper()
	if w.location == "" {
		w.location = "UTC"
	}
	c := newClient(t, "https://wakapi.example")
	c.SetTransport(w)
	got, err := c.Yardstick(t.Context(), bearer("token"), zone, days(t, "2026-11-16", "2026-11-22"))
	if len(w.requests) > 5 {
		t.Errorf("the server received %d requests, want at most 5", len(w.requests))
	}
	return got, strings.Join(w.requests[min(3, len(w.requests)):], " "), err
}

// TestYardstick_Recount checks which days tell the timeout of an account.
func TestYardstick_Recount(t *testing.T) {
	t.Parallel()
	const one, two = "heartbeats", "heartbeats heartbeats"
	for name, tc := range map[string]struct {
		timeout  float64
		gaps     []float64
		want     domain.Yardstick
		requests string
	}{
		"15 minutes":                                     {15, []float64{7, 12, 20}, standard, one},
		"the default of Wakapi":                          {10, []float64{7, 12, 20}, other(10), one},
		"another timeout that only one fits":             {20, []float64{7, 12, 19.5, 20.5}, other(20), one},
		"another timeout that several fit":               {30, []float64{7, 12, 20, 40}, notSpecified, two},
		"a short timeout that only one fits":             {2, []float64{1.5, 2.5}, other(2), one},
		"15 minutes or the default":                      {15, []float64{7, 20}, notSpecified, two},
		"the default or 15 minutes":                      {10, []float64{7, 20}, notSpecified, two},
		"15 minutes or much longer":                      {15, []float64{7, 12}, notSpecified, two},
		"no gaps":                                        {10, nil, notSpecified, two},
		"a gap of 15 minutes does not count":             {15, []float64{12, 15}, standard, one},
		"a gap of just under 15 minutes counts":          {15, []float64{12, 14.99, 16}, standard, one},
		"a gap of just under 10 minutes at the default":  {10, []float64{9.99, 12, 20}, other(10), one},
		"a setting that no whole number of minutes fits": {11.5, []float64{11.2, 11.7, 20}, notSpecified, one},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wakapi{timeout: tc.timeout, beats: map[string][]float64{
				"longest": beatsOf("2026-11-18T09:00:00.75Z", tc.gaps...),
				"short":   beatsOf("2026-11-20T09:00:00Z"),
			}}
			got, requests, err := w.yardstick(t, "UTC")
			if err != nil || got != tc.want || requests != tc.requests {
				t.Errorf("got %+v, %v after %q, want %+v after %q", got, err, requests, tc.want, tc.requests)
			}
		})
	}
	t.Run("two days tell together", func(t *testing.T) {
		t.Parallel()
		w := &wakapi{timeout: 15, beats: map[string][]float64{
			"excludes the default":      beatsOf("2026-11-18T09:00:00Z", 12),
			"excludes longer timeouts":  beatsOf("2026-11-20T09:00:00Z", 20),
			"is neither of the longest": beatsOf("2026-11-21T09:00:00Z"),
		}}
		if got, requests, err := w.yardstick(t, "UTC"); err != nil || got != standard || requests != two {
			t.Errorf("got %+v, %v after %q", got, err, requests)
		}
	})
	for extra, want := range map[int]domain.Yardstick{
		// One for each of the two intervals of activity, and if it is short, one for the project.
		-4: notSpecified, -3: standard, 0: standard, 2: standard, 3: notSpecified,
	} {
		t.Run(fmt.Sprintf("a total that is off by %d seconds", extra), func(t *testing.T) {
			t.Parallel()
			w := &wakapi{timeout: 15, extra: extra, beats: map[string][]float64{"a": beatsOf("2026-11-18T09:00:00Z", 12, 20)}}
			if got, _, err := w.yardstick(t, "UTC"); err != nil || got != want {
				t.Errorf("got %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

// TestYardstick_RecountsTheDayOfTheResponse checks accounts and students in all pairs of
// time zones.
func TestYardstick_RecountsTheDayOfTheResponse(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"UTC", "America/Chicago", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Auckland"} {
		for _, student := range []string{"UTC", "America/Chicago", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Auckland"} {
			t.Run(account+" and "+student, func(t *testing.T) {
				t.Parallel()
				w := &wakapi{timeout: 15, location: account, beats: map[string][]float64{}}
				for d := 15; d <= 22; d++ { // near midnight everywhere
					for h := 1; h < 24; h += 3 {
						w.beats[fmt.Sprint(d, h)] = beatsOf(fmt.Sprintf("2026-11-%dT%02d:00:00Z", d, h), 12, 20)
					}
				}
				want := "heartbeats summaries"
				if account == student {
					want = "heartbeats"
				}
				if got, requests, err := w.yardstick(t, domain.TimeZone(student)); err != nil || got != standard || requests != want {
					t.Errorf("got %+v, %v after %q, want %q", got, err, requests, want)
				}
			})
		}
	}
	t.Run("an account without a time zone at a server in UTC", func(t *testing.T) {
		t.Parallel()
		w := &wakapi{timeout: 15, name: "Local", beats: map[string][]float64{
			"a": beatsOf("2026-11-18T09:00:00Z", 12, 20, 7), "b": beatsOf("2026-11-19T09:00:00Z", 12, 20),
		}}
		if got, _, err := w.yardstick(t, "America/Chicago"); err != nil || got != standard {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	t.Run("a day that has not ended in the account's time zone", func(t *testing.T) {
		t.Parallel()
		w := &wakapi{timeout: 15, beats: map[string][]float64{
			"longest": beatsOf("2026-11-22T09:00:00Z", 12, 20, 7, 7), "today": beatsOf("2026-11-23T09:00:00Z", 12, 20),
			"a": beatsOf("2026-11-18T09:00:00Z", 12, 20, 7), "b": beatsOf("2026-11-19T09:00:00Z", 12, 20),
		}}
		if got, _, err := w.yardstick(t, "America/Chicago"); err != nil || got != standard {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	for name, server := range map[string]*time.Location{
		"a gap across midnight in UTC does not count at a server in UTC":  time.UTC,
		"a gap across midnight in UTC counts at a server in another zone": domain.TimeZone("Asia/Kathmandu").Location(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wakapi{timeout: 15, zone: server, location: "America/Chicago", beats: map[string][]float64{
				// The gap of 9 minutes is from 23:53 until 00:02.
				"a": beatsOf("2026-11-18T22:33:00Z", 12, 20, 9, 12),
			}}
			if got, _, err := w.yardstick(t, "America/Chicago"); err != nil || got != standard {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestYardstick_UnusableHeartbeats(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		page page
		want domain.Reason
	}{
		"no endpoint":                   {noPage, domain.ReasonNone},
		"outside the plan":              {unpaid, domain.ReasonNone},
		"without permission":            {keyDenied, domain.ReasonNone},
		"HTML":                          {htmlPage, domain.ReasonNone},
		"an empty list":                 {emptyData, domain.ReasonNone},
		"a response that is too large":  {page{http.StatusOK, strings.Repeat(" ", 8<<20) + "{}"}, domain.ReasonNone},
		"heartbeats that are not ready": {unready, domain.ReasonNotReady},
		"a server that fails":           {broken, domain.ReasonUnavailable},
		"a key that expired":            {noKey, domain.ReasonUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wakapi{timeout: 15, page: &tc.page, beats: map[string][]float64{"a": beatsOf("2026-11-18T09:00:00Z", 12, 20)}}
			got, requests, err := w.yardstick(t, "UTC")
			switch {
			case tc.want == domain.ReasonNone && (err != nil || got != notSpecified):
				t.Errorf("got %+v, %v, want %+v", got, err, notSpecified)
			case tc.want != domain.ReasonNone && (reason(t, err) != tc.want || got != unknown):
				t.Errorf("got %+v, %v, want %s", got, err, tc.want)
			}
			if requests != "heartbeats" {
				t.Errorf("then the server received %q", requests)
			}
		})
	}
}

// TestYardstick_DoesNotTrustHeartbeats changes heartbeats that tell the timeout.
func TestYardstick_DoesNotTrustHeartbeats(t *testing.T) {
	t.Parallel()
	const list, start, zone = `"data":[`, `"start":"2026-11-18T00:00:00Z"`, `"timezone":"UTC"`
	first := fmt.Sprintf(`{"time":%d},`, time.Date(2026, 11, 18, 9, 0, 0, 0, time.UTC).Unix())
	for name, tc := range map[string]struct {
		from, to string
		want     domain.Yardstick
	}{
		"the same":                     {list, list, standard},
		"a duplicate":                  {list, list + first, standard},
		"20,000 heartbeats":            {list, list + strings.Repeat(first, 20_000-99), standard},
		"more than 20,000 heartbeats":  {list, list + strings.Repeat(first, 20_000-98), notSpecified},
		"a heartbeat without time":     {list, list + `{},`, notSpecified},
		"a time as a string":           {list, list + `{"time":"1"},`, notSpecified},
		"a huge time":                  {list, list + `{"time":1e300},`, notSpecified},
		"a negative time":              {list, list + `{"time":-1},`, notSpecified},
		"a time before the day":        {list, list + `{"time":1},`, notSpecified},
		"a time after the day":         {list, list + `{"time":1800000000},`, notSpecified},
		"an object instead of a list":  {list, `"data":{},"more":[`, notSpecified},
		"no start":                     {start, `"start":null`, notSpecified},
		"a start within the day":       {start, `"start":"2026-11-18T05:00:00Z"`, notSpecified},
		"the start of another day":     {start, `"start":"2026-11-19T00:00:00Z"`, notSpecified},
		"no time zone":                 {zone, `"timezone":null`, standard},
		"a time zone without midnight": {zone, `"timezone":"Asia/Kathmandu"`, standard},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wakapi{timeout: 15, location: "UTC", beats: map[string][]float64{"a": beatsOf("2026-11-18T09:00:00Z", 12, 20)}}
			body := w.heartbeats("2026-11-18")
			if !strings.Contains(body, tc.from) {
				t.Fatalf("no %s in %s", tc.from, body)
			}
			w.page = &page{http.StatusOK, strings.Replace(body, tc.from, tc.to, 1)}
			if got, _, err := w.yardstick(t, "UTC"); err != nil || got != tc.want {
				t.Errorf("got %+v, %v, want %+v", got, err, tc.want)
			}
		})
	}
}
