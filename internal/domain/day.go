package domain

import (
	"cmp"
	"fmt"
	"time"
)

// Day is a calendar day, counted from 1970-01-01. When it begins and ends depends on a time
// zone.
type Day int32

// The first and the last day that requests may name. All days that are computed from them are
// in a year of four digits in every time zone, as JSON and Postgres need it.
var (
	MinDay = NewDay(1900, time.January, 1)
	MaxDay = NewDay(2999, time.December, 31)
)

// InRange reports whether requests may name the day.
func (d Day) InRange() bool { return MinDay <= d && d <= MaxDay }

// TimeInRange reports whether requests may name an instant: it is between the beginning of
// MinDay and the end of MaxDay in UTC.
func TimeInRange(t time.Time) bool { return DayAt(t, time.UTC).InRange() }

const secondsPerDay = 24 * 60 * 60

// NewDay returns the day of a date.
func NewDay(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

// DayAt returns the calendar day in loc at t.
func DayAt(t time.Time, loc *time.Location) Day {
	y, m, d := t.In(loc).Date()
	return NewDay(y, m, d)
}

// ParseDay parses a date in the format YYYY-MM-DD.
// Errors: ErrInvalid for field.
func ParseDay(field, s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, invalid(field, "day_invalid", "%q is not a calendar date. Use the format YYYY-MM-DD.", clip(s, 32))
	}
	return Day(t.Unix() / secondsPerDay), nil
}

// Date returns midnight UTC of the day, as stores and encoders expect it.
func (d Day) Date() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// String returns YYYY-MM-DD.
func (d Day) String() string { return d.Date().Format(time.DateOnly) }

// Start returns the first instant of the day in loc. If a clock change skips midnight, the
// day starts when the gap ends; if midnight occurs twice, it starts at the first. A day that
// a zone skipped (Apia, 2011-12-30) is empty: it starts when the next one does.
func (d Day) Start(loc *time.Location) time.Time {
	y, m, n := d.Date().Date()
	t := time.Date(y, m, n, 0, 0, 0, 0, loc)
	begin, end := t.ZoneBounds()
	if DayAt(t, loc) < d && !end.IsZero() {
		return end
	}
	if !begin.IsZero() {
		_, after := t.Zone()
		_, before := begin.Add(-1).Zone()
		if earlier := t.Add(time.Duration(after-before) * time.Second); earlier.Before(begin) {
			if DayAt(earlier, loc) == d {
				return earlier
			}
			return begin
		}
	}
	return t
}

// End returns the first instant after the day in loc.
func (d Day) End(loc *time.Location) time.Time { return (d + 1).Start(loc) }

// Seconds returns the length of the day in loc, which is 86,400 unless the clock changes.
func (d Day) Seconds(loc *time.Location) int {
	return int(d.End(loc).Sub(d.Start(loc)) / time.Second)
}

const (
	// MaxDays is the maximum length of a range.
	MaxDays = 366
	// DefaultDays is the length of a range whose start is not given.
	DefaultDays = 30
	// MaxStudentDays is the maximum number of students times days that one request reads:
	// 2,000 students for DefaultDays, or 163 for MaxDays.
	MaxStudentDays = 60_000
)

// ErrRangeTooLarge is the error of a range that is too long for the number of students.
var ErrRangeTooLarge = define(KindInvalid, "range_too_large", "The range has too many days for this number of students. Request fewer days at once.")

// DayRange is the days From to To, inclusive.
type DayRange struct{ From, To Day }

// DayQuery is a range of days whose start or end may be open.
type DayQuery struct{ From, To *Day }

// Range completes the query: the end defaults to today, and the start to a range of
// DefaultDays.
// Errors: ErrInvalid for from.
func (q DayQuery) Range(today Day) (DayRange, error) {
	r := DayRange{To: today}
	if q.To != nil {
		r.To = *q.To
	}
	r.From = defaultStart(r.To)
	if q.From != nil {
		r.From = *q.From
	}
	return r, r.Check()
}

// Span returns a range that contains that of Range in every time zone at now, and is at most
// two days longer than a valid one.
func (q DayQuery) Span(now time.Time) DayRange {
	// Depending on the time zone, today is one of three days.
	utc := UTC.Today(now)
	first, _ := q.Range(utc - 1)
	last, _ := q.Range(utc + 1)
	return DayRange{From: max(first.From, last.To-MaxDays-1), To: last.To}
}

// Start returns the first day, or nil if it depends on today.
func (q DayQuery) Start() *Day {
	if q.From == nil && q.To != nil {
		return new(defaultStart(*q.To))
	}
	return q.From
}

// Bounds returns the days that the query has in any time zone, and how many it has at least.
// Depending on the time zone, today is one of three days.
func (q DayQuery) Bounds(now time.Time) (all DayRange, least int) {
	utc := UTC.Today(now)
	first, _ := q.Range(utc - 1) // the caller checks the range in its time zone
	last, _ := q.Range(utc + 1)
	return DayRange{From: first.From, To: last.To}, first.Len()
}

// defaultStart returns the first day of a range of DefaultDays, or of fewer at MinDay.
func defaultStart(to Day) Day { return max(to-DefaultDays+1, MinDay) }

// Check rejects a query that is invalid in every time zone. A query that passes is at most
// one day longer than a valid range.
// Errors: ErrInvalid for from.
func (q DayQuery) Check(now time.Time) error {
	// Depending on the time zone, today is one of three days.
	utc := UTC.Today(now)
	var first error
	for today := utc - 1; today <= utc+1; today++ {
		_, err := q.Range(today)
		if err == nil {
			return nil
		}
		first = cmp.Or(first, err)
	}
	return first
}

// Check rejects ranges that are reversed or longer than MaxDays.
// Errors: ErrInvalid for from.
func (r DayRange) Check() error {
	switch {
	case r.From > r.To:
		return invalid("from", "range_reversed", "The range ends (%s) before it starts (%s).", r.To, r.From)
	case r.Len() > MaxDays:
		return invalid("from", "range_too_long", "The range has %d days. The maximum is %d.", r.Len(), MaxDays)
	}
	return nil
}

// CheckStudents rejects ranges with too many days to read those of a number of students at
// once.
// Errors: ErrRangeTooLarge.
func (r DayRange) CheckStudents(students int) error {
	if students*r.Len() <= MaxStudentDays {
		return nil
	}
	advice := fmt.Sprintf("Request at most %d days at once.", MaxStudentDays/students)
	if students > MaxStudentDays {
		advice = "Read the days of one student at a time."
	}
	return ErrRangeTooLarge.Withf("%d students times %d days are %d student-days. The maximum is %d. %s",
		students, r.Len(), students*r.Len(), MaxStudentDays, advice).At("from")
}

// Len returns the number of days in the range, which may be 0.
func (r DayRange) Len() int { return max(0, int(r.To-r.From)+1) }

// Contains reports whether d is in the range.
func (r DayRange) Contains(d Day) bool { return r.From <= d && d <= r.To }

// Intersect returns the days that are in both r and o. It may be empty.
func (r DayRange) Intersect(o DayRange) DayRange {
	return DayRange{From: max(r.From, o.From), To: min(r.To, o.To)}
}
