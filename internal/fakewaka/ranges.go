package fakewaka

import (
	"net/http"
	"strings"
	"time"
)

// windows returns the days that a request selects with start and end or with
// range: at least one.
func (c *call) windows(loc *time.Location) ([]window, *response) {
	today := dateOf(c.now, loc)
	if name := c.FormValue("range"); name != "" {
		first, last, ok := namedRange(name, today)
		if !ok {
			bad := fieldError("range", "Unknown range.")
			return nil, &bad
		}
		return c.partial(windows(first, last, loc), name), nil
	}
	var edges [2]date
	for i, field := range []string{"start", "end"} {
		d, problem := readDay(c.FormValue(field), today)
		if problem != "" {
			bad := fieldError(field, problem)
			return nil, &bad
		}
		edges[i] = d
	}
	if edges[1] < edges[0] || edges[1]-edges[0] >= maxDays {
		bad := fieldError("end", "Must not be before start or ten years after it.")
		return nil, &bad
	}
	return windows(edges[0], edges[1], loc), nil
}

// requestedDays returns how many days a request selects with two dates.
func requestedDays(r *http.Request) int {
	from, err := parseDate(r.FormValue("start"))
	to, failed := parseDate(r.FormValue("end"))
	if err != nil || failed != nil {
		return 0
	}
	return int(to-from) + 1
}

func readDay(text string, today date) (d date, problem string) {
	switch text {
	case "":
		return 0, "This field is required."
	case "today":
		return today, ""
	case "yesterday":
		return today - 1, ""
	}
	d, err := parseDate(text)
	if err != nil {
		return 0, "Invalid date, expected YYYY-MM-DD."
	}
	return d, ""
}

// namedRange accepts both "Last 7 Days" and "last_7_days".
func namedRange(name string, today date) (first, last date, ok bool) {
	monday := today - date((int(today.weekday())+6)%7)
	year, month, _ := today.utc().Date()
	thisMonth := dateOf(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	lastMonth := dateOf(time.Date(year, month-1, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	switch strings.ReplaceAll(strings.ToLower(name), "_", " ") {
	case "today":
		return today, today, true
	case "yesterday":
		return today - 1, today - 1, true
	case "last 7 days":
		return today - 6, today, true
	case "last 7 days from yesterday":
		return today - 7, today - 1, true
	case "last 14 days":
		return today - 13, today, true
	case "last 30 days":
		return today - 29, today, true
	case "this week":
		return monday, today, true
	case "last week":
		return monday - 7, monday - 1, true
	case "this month":
		return thisMonth, today, true
	case "last month":
		return lastMonth, thisMonth - 1, true
	default:
		return 0, 0, false
	}
}

// partial starts a Wakapi-style "Last N Days" exactly N times 24 hours ago, in the
// middle of one additional day.
func (c *call) partial(days []window, name string) []window {
	if c.rangeStyle() != RangeWakapi || !strings.HasPrefix(strings.ToLower(name), "last") || len(days) < 7 ||
		days[len(days)-1].date != dateOf(c.now, days[0].loc) {
		return days
	}
	first := (days[0].date - 1).window(days[0].loc)
	first.from = c.now.Add(-time.Duration(len(days)) * 24 * time.Hour).Unix()
	return append([]window{first}, days...)
}
