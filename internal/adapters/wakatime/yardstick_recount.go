package wakatime

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

const (
	// maxTimeout is the longest keystroke timeout in minutes that Wakapi allows.
	maxTimeout = 60
	// wakapiTimeout is Wakapi's keystroke timeout in minutes unless the user changes it.
	wakapiTimeout = 10
	// otherTimeout is a longer keystroke timeout in minutes that must not yield the same
	// total as domain.KeystrokeTimeout.
	otherTimeout = 30
	// recountRequests is how many requests a recount sends at most.
	recountRequests = 2
	// maxHeartbeats limits the heartbeats of a day.
	maxHeartbeats = 20_000
)

// timeouts is a range of keystroke timeouts in minutes. It is empty if from is after to.
type timeouts struct{ from, to int }

func (t timeouts) contains(timeout int) bool { return t.from <= timeout && timeout <= t.to }

// yardstick returns the yardstick of an account with one of the timeouts. If the days do
// not distinguish domain.KeystrokeTimeout from both shorter and longer ones, or if the
// setting could be any of several, the timeout is not known.
func (t timeouts) yardstick() domain.Yardstick {
	other := domain.Yardstick{Kind: domain.YardstickOther}
	switch {
	case t.contains(domain.KeystrokeTimeout):
		if !t.contains(wakapiTimeout) && !t.contains(otherTimeout) {
			return domain.Yardstick{Kind: domain.YardstickStandard, Timeout: domain.KeystrokeTimeout}
		}
	case t.contains(wakapiTimeout):
		other.Timeout = wakapiTimeout
	case t.from == t.to:
		other.Timeout = t.from
	}
	return other
}

// recount returns the yardstick of an account whose server measures by the account's
// settings and does not show them (Wakapi). It recounts the longest days from their
// heartbeats with every timeout and compares the results with the totals.
//
// It sends at most recountRequests requests. Two of them fetch the heartbeats of two days,
// unless the first response is a day that is not in totals, because the account has
// another time zone: then the second one fetches the total of that day.
func (c *Client) recount(ctx context.Context, cred domain.Credential, zone domain.TimeZone, totals map[domain.Day]domain.FetchedDay) (domain.Yardstick, error) {
	fit := timeouts{1, maxTimeout}
	left := recountRequests
	for _, date := range c.longest(totals) {
		if left == 0 || fit.from > fit.to || fit.yardstick().Timeout > 0 {
			break
		}
		left--
		h, ok, err := c.heartbeats(ctx, cred, zone, date)
		if err != nil {
			return domain.Yardstick{Kind: domain.YardstickUnknown}, err
		}
		if !ok {
			break
		}
		total, ok := totals[h.day]
		if ok = ok && total.TimeZone == string(h.zone); !ok {
			if left == 0 {
				break
			}
			left--
			own, err := c.endedDays(ctx, cred, h.zone, domain.DayRange{From: h.day, To: h.day}, domain.KeystrokeTimeout)
			if err != nil && !notProvided(err) {
				return domain.Yardstick{Kind: domain.YardstickUnknown}, err
			}
			total, ok = own[h.day]
			ok = ok && total.TimeZone == string(h.zone)
		}
		if ok {
			day := h.fitting(total)
			fit = timeouts{max(fit.from, day.from), min(fit.to, day.to)}
		}
	}
	return fit.yardstick(), nil
}

// longest returns the dates to request the heartbeats of days with, the longest day first.
//
// Wakapi returns the day of the account's time zone that contains 00:00 UTC of the date.
// In the zone of the totals, that is the requested day. In any zone, it has ended.
func (c *Client) longest(totals map[domain.Day]domain.FetchedDay) []domain.Day {
	days := slices.SortedFunc(maps.Values(totals), func(a, b domain.FetchedDay) int {
		return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(b.Day, a.Day))
	})
	var dates []domain.Day
	for _, d := range days {
		end := d.Day.End(domain.ServerLocation(d.TimeZone))
		date := domain.DayAt(end.Add(-time.Second), time.UTC)
		if d.Seconds > 0 && date < domain.UTC.Today(c.now()) {
			dates = append(dates, date)
		}
	}
	return dates
}

// dayHeartbeats is when the heartbeats of a day were, in ascending order.
type dayHeartbeats struct {
	day   domain.Day
	zone  domain.TimeZone
	times []int64 // Unix times
}

// heartbeats fetches the heartbeats of a day. It keeps only their times. It reports false
// if the server does not provide them. A failure that may not last is an error.
func (c *Client) heartbeats(ctx context.Context, cred domain.Credential, zone domain.TimeZone, date domain.Day) (_ dayHeartbeats, ok bool, _ error) {
	_, body, err := c.get(ctx, cred, "/users/current/heartbeats?"+url.Values{"date": {date.String()}}.Encode())
	if err != nil && !notProvided(err) && !forbidden(err) && !errors.Is(err, errOversize) {
		return dayHeartbeats{}, false, err
	}
	var parsed struct {
		Data     times `json:"data"`
		Start    text  `json:"start"`
		TimeZone text  `json:"timezone"`
	}
	if err != nil || json.Unmarshal(body, &parsed) != nil || len(parsed.Data) == 0 {
		return dayHeartbeats{}, false, nil
	}
	start, _ := parsed.Start.instant()
	b := boundsAt(start, string(parsed.TimeZone), zone)
	if b.zone == "+00:00" { // of an account without a time zone
		b.zone = string(domain.UTC)
	}
	h := dayHeartbeats{day: b.day, zone: domain.TimeZone(b.zone), times: slices.Sorted(slices.Values(parsed.Data))}
	_, err = domain.ParseTimeZone("timezone", b.zone)
	from, end := h.day.Start(h.zone.Location()), h.day.End(h.zone.Location())
	ok = err == nil && start.Equal(from) && h.times[0] >= from.Unix() && h.times[len(h.times)-1] < end.Unix()
	return h, ok, nil
}

// times is a list of Unix times. It is nil unless all elements are heartbeats, of which
// there are at most maxHeartbeats.
type times []int64

// UnmarshalJSON never fails.
func (t *times) UnmarshalJSON(b []byte) error {
	*t = nil
	d := json.NewDecoder(bytes.NewReader(b))
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return nil
	}
	var all times
	for d.More() {
		var h struct {
			Time lenient[float64] `json:"time"`
		}
		if d.Decode(&h) != nil || !h.Time.ok || h.Time.value < 0 || h.Time.value > 1<<40 || len(all) == maxHeartbeats {
			return nil
		}
		all = append(all, int64(h.Time.value))
	}
	*t = all
	return nil
}

// fitting returns the timeouts that reproduce the total of the day. The timeout that the
// server used is always one of them if the server counts as Wakapi does.
func (h dayHeartbeats) fitting(total domain.FetchedDay) timeouts {
	projects := 0
	for _, s := range total.Shares {
		if s.Dimension == domain.ByProject {
			projects++
		}
	}
	fit := timeouts{1, 0}
	for timeout := 1; timeout <= maxTimeout; timeout++ {
		switch {
		case !h.count(timeout*60).fits(total.Seconds, max(1, projects)):
		case fit.to == 0:
			fit = timeouts{timeout, timeout}
		default:
			fit.to = timeout
		}
	}
	return fit
}

// count is the time of a day that a timeout in seconds yields.
type count struct {
	timeout   int
	seconds   int // of the gaps that count
	intervals int // of activity
	limits    int // number of gaps that are as long as the timeout
	midnight  int // seconds of the gap across midnight, if it is shorter than the timeout
}

// count counts as Wakapi does: all gaps that are shorter than the timeout, except the one
// across midnight in the server's time zone. That zone is not known. If it is UTC, the gap
// can be in the middle of the account's day.
func (h dayHeartbeats) count(timeout int) count {
	const day = 24 * 60 * 60
	c := count{timeout: timeout, intervals: 1}
	for i := 1; i < len(h.times); i++ {
		from, to := h.times[i-1], h.times[i]
		gap := int(to - from)
		if gap < timeout && from/day == to/day {
			c.seconds += gap
			continue
		}
		c.intervals++
		switch {
		case gap < timeout:
			c.midnight = gap
		case gap == timeout:
			c.limits++
		}
	}
	return c
}

// fits reports whether the server can have counted a total.
//
// Wakapi rounds twice. The times in its responses have no fractions of seconds, so the
// length of an interval of activity is off by less than a second, and a gap that is as long
// as the timeout may be shorter. The total is the sum of the projects without fractions of
// seconds, so it is too short by less than a second for each project.
func (c count) fits(total, projects int) bool {
	for n := range c.limits + 1 { // of these gaps count
		seconds, intervals := c.seconds+n*c.timeout, c.intervals-n
		if near(total-seconds, intervals, projects) || c.midnight > 0 && near(total-seconds-c.midnight, intervals-1, projects) {
			return true
		}
	}
	return false
}

// near reports whether rounding explains a difference in seconds.
func near(difference, intervals, projects int) bool {
	return -intervals-projects <= difference && difference <= intervals
}
