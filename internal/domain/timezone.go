package domain

import (
	"strings"
	"sync/atomic"
	"time"
)

// TimeZone is the current name of a known IANA time zone, such as "Asia/Kathmandu".
type TimeZone string

// UTC is the default time zone of accounts.
const UTC TimeZone = "UTC"

// ParseTimeZone parses the name of an IANA time zone in any case. It returns the current name
// of a zone that was renamed: Asia/Kolkata for Asia/Calcutta. It rejects offsets, and names
// whose meaning depends on the machine.
// Errors: ErrInvalid for field.
func ParseTimeZone(field, name string) (TimeZone, error) {
	if z := zones().find(name); z != nil {
		return z.name, nil
	}
	return "", invalid(field, "time_zone_unknown", "%q is not a known IANA time zone. Use a name such as America/Chicago.", clip(name, 64))
}

// StoredTimeZone returns the time zone of a stored name, or UTC if the name is unknown: a
// program with other time zones stored it.
func StoredTimeZone(name string) TimeZone {
	if z := zones().find(name); z != nil {
		return z.name
	}
	return UTC
}

// Location returns the rules of the time zone, or UTC if it is unknown.
func (z TimeZone) Location() *time.Location {
	if found := zones().find(string(z)); found != nil {
		return found.location()
	}
	return time.UTC
}

// Today returns the calendar day in the time zone at now.
func (z TimeZone) Today(now time.Time) Day { return DayAt(now, z.Location()) }

// Calendar is today in every time zone. In each, today is one of three days.
type Calendar struct {
	UTC           Day
	Behind, Ahead []string // names of the zones where it is the day before or after UTC, sorted
	// The same names in one text, with a space before and after each: Postgres searches a text
	// in less time than it needs to read a list.
	BehindNames, AheadNames string
}

// lastCalendar is the calendar of the last minute for which it was requested.
var lastCalendar atomic.Pointer[minuteCalendar]

type minuteCalendar struct {
	minute int64
	Calendar
}

// CalendarAt returns the calendar at now. It has all names of a zone, because older programs
// stored those that requests use. Callers must not change it.
func CalendarAt(now time.Time) Calendar {
	// Since 1972, every day has started on a whole minute.
	minute := now.Unix() / 60
	if c := lastCalendar.Load(); c != nil && c.minute == minute {
		return c.Calendar
	}
	c := calendarAt(now)
	lastCalendar.Store(&minuteCalendar{minute, c})
	return c
}

func calendarAt(now time.Time) Calendar {
	c := Calendar{UTC: DayAt(now, time.UTC)}
	for _, z := range zones().sorted {
		switch DayAt(now, z.location()) {
		case c.UTC - 1:
			c.Behind = append(c.Behind, z.names...)
		case c.UTC + 1:
			c.Ahead = append(c.Ahead, z.names...)
		}
	}
	c.BehindNames, c.AheadNames = spaced(c.Behind), spaced(c.Ahead)
	return c
}

// spaced joins names, with a space before and after each.
func spaced(names []string) string { return " " + strings.Join(names, " ") + " " }

// lastZone is the time zone in which a day ends last.
var lastZone = time.FixedZone("", -12*60*60)

// ServerLocation returns the location of a time zone as servers name them: an IANA name, or
// an offset such as +05:45. In an unknown time zone, a day ends when it has ended everywhere.
func ServerLocation(zone string) *time.Location {
	if z, err := ParseTimeZone("", zone); err == nil {
		return z.Location()
	}
	if t, err := time.Parse("-07:00", zone); err == nil {
		_, offset := t.Zone()
		return time.FixedZone("", offset)
	}
	return lastZone
}

// clip truncates s to at most n bytes for an error message.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
