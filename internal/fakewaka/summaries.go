package fakewaka

import (
	"net/http"
	"strconv"
	"time"
)

// maxDays limits the range of one request. Upstream documents no limit.
const maxDays = 3660

// summaries returns one element per day.
func summaries(c *call) response {
	loc, bad := c.location()
	if bad != nil {
		return *bad
	}
	y, bad := c.countingRules()
	if bad != nil {
		return *bad
	}
	requested, bad := c.windows(loc)
	if bad != nil {
		return *bad
	}
	if c.outsidePlan(requested[0].date, loc) {
		return jsonResponse(http.StatusPaymentRequired, errorBody(paymentRequired))
	}
	if c.sc.NotReady {
		return notReady()
	}
	days := c.sc.distort(c.acc.days(c.sc.extend(requested), y, c.now))
	f := formatter{compat: c.compat}
	data := make([]any, len(days))
	for i, d := range days {
		one := map[string]any{
			"grand_total": f.grandTotal(d.total),
			"range":       dayRange(d.window, c.rangeStyle(), c.now),
		}
		f.lists(d, c.acc, one)
		data[i] = one
	}
	body := map[string]any{"data": data}
	c.summaryFrame(body, days, requested, f)
	return jsonResponse(http.StatusOK, c.sc.reshape(body))
}

// summaryFrame adds the fields around the list of days.
func (c *call) summaryFrame(body map[string]any, days []day, requested []window, f formatter) {
	total, holidays := 0, 0
	for _, d := range days {
		total += d.total
		if d.total == 0 {
			holidays++
		}
	}
	average := 0
	if worked := len(days) - holidays; worked > 0 {
		average = total / worked
	}
	body["cumulative_total"] = map[string]any{
		"seconds": float64(total) + f.fraction(total), "text": f.text(total),
		"decimal": decimal(total), "digital": digital(total, false),
	}
	body["daily_average"] = map[string]any{
		"holidays": holidays, "days_including_holidays": len(days), "days_minus_holidays": len(days) - holidays,
		"seconds": average, "text": f.text(average),
		"seconds_including_other_language": average, "text_including_other_language": f.text(average),
	}
	whole := window{from: requested[0].from, to: requested[len(requested)-1].to, loc: requested[0].loc}
	edges := dayRange(whole, c.rangeStyle(), c.now)
	body["start"], body["end"] = edges["start"], edges["end"]
}

// location returns the zone that days are cut in.
func (c *call) location() (*time.Location, *response) {
	name := c.FormValue("timezone")
	if name == "" || c.sc.IgnoreTimezone {
		return c.acc.loc, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		bad := fieldError("timezone", "Unknown timezone.")
		return nil, &bad
	}
	return loc, nil
}

// countingRules returns the rules for a request: those of the account, except for
// the parameters timeout and writes_only.
func (c *call) countingRules() (countingRules, *response) {
	y := c.acc.countingRules()
	if c.sc.IgnoreTimeout {
		return y, nil
	}
	if text := c.FormValue("timeout"); text != "" {
		minutes, err := strconv.Atoi(text)
		if err != nil || minutes < 0 {
			bad := fieldError("timeout", "Must be a number of minutes.")
			return y, &bad
		}
		y.timeout = minutes
	}
	if text := c.FormValue("writes_only"); text != "" {
		only, err := strconv.ParseBool(text)
		if err != nil {
			bad := fieldError("writes_only", "Must be true or false.")
			return y, &bad
		}
		y.writesOnly = only
	}
	return y, nil
}

func (c *call) rangeStyle() RangeStyle {
	switch {
	case c.sc.RangeStyle != "":
		return c.sc.RangeStyle
	case c.compat:
		return RangeWakapi
	default:
		return RangeWakaTime
	}
}

// outsidePlan reports whether a range starting at first exceeds the plan's
// history.
func (c *call) outsidePlan(first date, loc *time.Location) bool {
	limit := c.acc.HistoryDays
	if c.sc.HistoryDays != 0 {
		limit = c.sc.HistoryDays
	}
	return limit > 0 && first < dateOf(c.now, loc)-date(limit)
}

func notReady() response {
	return jsonResponse(http.StatusAccepted, map[string]any{"message": "Still computing. Try again soon."})
}
