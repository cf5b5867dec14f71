package wakatime

import (
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// cut is how a server cut one day out of time.
type cut struct {
	day     domain.Day
	zone    string        // in which it was cut: an IANA name or an offset such as -06:00
	seconds int           // how long the day is; at most, where the zone is only an offset
	reason  domain.Reason // ReasonOtherZone when the zone is not the one asked for
	whole   bool          // it begins where some day begins
}

// longestDay is what the ledger takes: a day on which the clock goes back an hour.
const longestDay = 25 * 60 * 60

// cutAt tells which day begins at start. Nothing but this instant names the day:
// range.date is the time of the request on some servers, and range.timezone is UTC
// there whatever the zone is.
//
//   - Where start begins a day in the zone that was asked for, it is that day, whether
//     it is written as a UTC instant (WakaTime) or with an offset (Wakapi).
//   - Else the server did not honour the zone. Where start begins a day in the zone
//     that the answer names, it is that day of that zone.
//   - Else it is the date of start in the offset it is written with, if it is midnight
//     there, or one o'clock: clocks that go forward at midnight begin the day then.
//   - Else start begins no day: part of a day is missing, or the zone cannot be told.
//     Taking its total for the day's would store too little as if it were known, so
//     the cut is not whole; its day is a guess.
func cutAt(start time.Time, named string, asked domain.TimeZone) cut {
	if c, ok := cutIn(start, asked); ok {
		return c
	}
	if zone, err := domain.ParseTimeZone("timezone", named); err == nil {
		if c, ok := cutIn(start, zone); ok {
			c.reason = domain.ReasonOtherZone
			return c
		}
	}
	hour, minute, second := start.Clock()
	y, m, d := start.Date()
	return cut{
		day: domain.NewDay(y, m, d), zone: start.Format("-07:00"), seconds: longestDay, reason: domain.ReasonOtherZone,
		whole: hour <= 1 && minute == 0 && second == 0 && start.Nanosecond() == 0,
	}
}

// cutIn returns the day of a zone that begins at start, if one does.
func cutIn(start time.Time, zone domain.TimeZone) (cut, bool) {
	loc := zone.Location()
	day := domain.DayAt(start, loc)
	return cut{day: day, zone: string(zone), seconds: min(longestDay, day.Seconds(loc)), whole: true}, day.Start(loc).Equal(start)
}
