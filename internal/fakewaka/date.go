package fakewaka

import (
	"fmt"
	"time"
)

// date is a calendar day, counted in days since 1970-01-01.
type date int

// parseDate parses YYYY-MM-DD.
func parseDate(text string) (date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("day %q is not YYYY-MM-DD", text)
	}
	return date(t.Unix() / 86400), nil
}

// dateOf returns the day that t falls on in loc.
func dateOf(t time.Time, loc *time.Location) date {
	year, month, day := t.In(loc).Date()
	return date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d date) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d date) String() string { return d.utc().Format(time.DateOnly) }

func (d date) weekday() time.Weekday { return d.utc().Weekday() }

// at returns the instant of a wall clock time on d in loc. Hours may exceed 24.
func (d date) at(hour, minute int, loc *time.Location) time.Time {
	year, month, day := d.utc().Date()
	return time.Date(year, month, day, hour, minute, 0, 0, loc)
}

// window is a day as responses report it: a date and the interval it covers. A
// Wakapi-style range may start in the middle of its first day.
type window struct {
	date     date
	from, to int64 // Unix seconds, to exclusive
	loc      *time.Location
}

// window returns the whole day d in loc. It lasts 23 or 25 hours when the clocks
// change.
func (d date) window(loc *time.Location) window {
	return window{date: d, from: d.at(0, 0, loc).Unix(), to: (d + 1).at(0, 0, loc).Unix(), loc: loc}
}

// windows returns the days from first to last, both inclusive.
func windows(first, last date, loc *time.Location) []window {
	all := make([]window, 0, max(0, int(last-first)+1))
	for d := first; d <= last; d++ {
		all = append(all, d.window(loc))
	}
	return all
}
