package wakatime

import (
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// dayBounds is a day as a server delimits it.
type dayBounds struct {
	day     domain.Day
	zone    string // an IANA name, or an offset such as -06:00
	seconds int    // length of the day; an upper bound if the zone is an offset
	other   bool   // whether the zone is not the requested one
	whole   bool   // whether it starts at the start of a day
}

// longestDay is the length of a day on which clocks go back an hour, the longest that
// the ledger accepts.
const longestDay = 25 * 60 * 60

// boundsAt returns the day that starts at start. Only this timestamp identifies the
// day: on some servers, range.date is the time of the request, and range.timezone is
// UTC regardless of the zone.
//
//   - If start is the start of a day in the requested zone, it is that day, whether
//     start is written in UTC (WakaTime) or with an offset (Wakapi).
//   - Otherwise, the server ignored the requested zone. If start is the start of a day
//     in the zone that the response names, it is that day in that zone.
//   - Otherwise, if start is midnight in its own offset, it is that date. One o'clock
//     counts as well: the day starts there if clocks go forward at midnight.
//   - Otherwise, a part of the day is missing or the zone is unknown. Storing its total
//     as the day's would understate it, so the bounds are not whole and the day is a
//     guess.
func boundsAt(start time.Time, named string, requested domain.TimeZone) dayBounds {
	if b, ok := boundsIn(start, requested); ok {
		return b
	}
	if zone, err := domain.ParseTimeZone("timezone", named); err == nil {
		if b, ok := boundsIn(start, zone); ok {
			b.other = true
			return b
		}
	}
	hour, minute, second := start.Clock()
	y, m, d := start.Date()
	return dayBounds{
		day: domain.NewDay(y, m, d), zone: start.Format("-07:00"), seconds: longestDay, other: true,
		whole: hour <= 1 && minute == 0 && second == 0 && start.Nanosecond() == 0,
	}
}

// boundsIn returns the day in zone that starts at start, if there is one.
func boundsIn(start time.Time, zone domain.TimeZone) (dayBounds, bool) {
	loc := zone.Location()
	day := domain.DayAt(start, loc)
	return dayBounds{day: day, zone: string(zone), seconds: min(longestDay, day.Seconds(loc)), whole: true}, day.Start(loc).Equal(start)
}
