package domain

import (
	"strings"
	"sync"
	"time"
)

// TimeZone is the name of a known IANA time zone, such as
// "Asia/Kathmandu".
type TimeZone string

// UTC is the default time zone of accounts.
const UTC TimeZone = "UTC"

var locations sync.Map // string -> *time.Location; loading one parses its rules

// ParseTimeZone parses the name of an IANA time zone. It rejects names whose meaning depends
// on the machine, and zones that count leap seconds.
// Errors: ErrInvalid for field.
func ParseTimeZone(field, name string) (TimeZone, error) {
	if len(name) > 64 || notIANA(name) || loadLocation(name) == nil {
		return "", UnknownTimeZone(field, name)
	}
	return TimeZone(name), nil
}

// notIANA reports whether name is a file that systems store alongside the zones.
func notIANA(name string) bool {
	switch name {
	case "", "Local", "localtime", "posixrules", "Factory":
		return true
	}
	return strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/")
}

// UnknownTimeZone returns ErrInvalid for a time zone that is unknown to this program or the
// database.
func UnknownTimeZone(field, name string) *Error {
	return invalid(field, "time_zone_unknown", "%q is not a known IANA time zone. Use a name such as America/Chicago.", clip(name, 64))
}

// Location returns the rules of the time zone, or UTC if it is unknown.
func (z TimeZone) Location() *time.Location {
	if loc := loadLocation(string(z)); loc != nil {
		return loc
	}
	return time.UTC
}

func loadLocation(name string) *time.Location {
	if loc, ok := locations.Load(name); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	locations.Store(name, loc)
	return loc
}

// Today returns the calendar day in the time zone at now.
func (z TimeZone) Today(now time.Time) Day { return DayAt(now, z.Location()) }

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
