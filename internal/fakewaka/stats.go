package fakewaka

import (
	"net/http"
	"strings"
	"time"
)

// stats returns totals over a range, "last_7_days" by default.
func stats(c *call) response {
	y, bad := c.countingRules()
	if bad != nil {
		return *bad
	}
	name := c.PathValue("range")
	if name == "" {
		name = "last_7_days"
	}
	today := dateOf(c.now, c.acc.loc)
	first, last, ok := c.statsRange(name, today)
	if !ok {
		return jsonResponse(http.StatusNotFound, errorBody("Unknown range."))
	}
	if name != "all_time" && c.outsidePlan(first, c.acc.loc) {
		return jsonResponse(http.StatusPaymentRequired, errorBody(paymentRequired))
	}
	days := c.sc.distort(c.acc.days(windows(first, last, c.acc.loc), y, c.now))
	all := sum(days)
	status, computed := http.StatusOK, 100
	if c.sc.NotReady {
		all.scale(0.5)
		status, computed = http.StatusAccepted, 50
	}
	data := c.statsBody(all, days, name)
	if !c.compat {
		data["timeout"], data["writes_only"] = y.timeout, y.writesOnly
	}
	data["is_up_to_date"], data["percent_calculated"] = !c.sc.NotReady, computed
	data["status"], data["is_already_updating"] = "ok", c.sc.NotReady
	if c.sc.NotReady {
		data["status"] = "pending_update"
	}
	return jsonResponse(status, c.sc.reshape(map[string]any{"data": data}))
}

func (c *call) statsBody(all day, days []day, name string) map[string]any {
	f := formatter{compat: c.compat}
	worked := 0
	best := day{}
	for _, d := range days {
		if d.total > 0 {
			worked++
		}
		if d.total > best.total {
			best = d
		}
	}
	average := all.total / max(1, worked)
	data := map[string]any{
		"username": c.acc.Username, "user_id": c.acc.ID, "range": name, "timezone": c.acc.TimeZone,
		"human_readable_range": humanRange(name),
		"total_seconds":        float64(all.total) + f.fraction(all.total),
		"daily_average":        average,
		"human_readable_total": f.text(all.total), "human_readable_daily_average": f.text(average),
		"total_seconds_including_other_language": float64(all.total) + f.fraction(all.total),
		"daily_average_including_other_language": average,
		"days_including_holidays":                len(days), "days_minus_holidays": worked, "holidays": len(days) - worked,
		"is_stuck": false, "is_including_today": true,
	}
	if len(days) > 0 {
		edges := dayRange(all.window, c.rangeStyle(), c.now)
		data["start"], data["end"] = edges["start"], edges["end"]
	}
	if best.total > 0 {
		data["best_day"] = map[string]any{
			"date": best.date.String(), "total_seconds": float64(best.total), "text": f.text(best.total),
		}
	}
	f.lists(all, c.acc, data)
	return data
}

// statsRange parses a named range, YYYY or YYYY-MM.
func (c *call) statsRange(name string, today date) (first, last date, ok bool) {
	if t, err := time.Parse("2006-01", name); err == nil {
		return dateOf(t, time.UTC), min(today, dateOf(t.AddDate(0, 1, -1), time.UTC)), true
	}
	if t, err := time.Parse("2006", name); err == nil {
		return dateOf(t, time.UTC), min(today, dateOf(t.AddDate(1, 0, -1), time.UTC)), true
	}
	switch name {
	case "last_7_days", "last_30_days":
		return namedRange(name, today)
	case "last_6_months":
		return dateOf(today.utc().AddDate(0, -6, 0), time.UTC), today, true
	case "last_year":
		return dateOf(today.utc().AddDate(-1, 0, 0), time.UTC), today, true
	case "all_time":
		return min(today, c.acc.schedule.since), today, true
	default:
		return 0, 0, false
	}
}

// humanRange formats last_7_days as "Last 7 Days".
func humanRange(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, " ")
}

// allTime returns the total since the person's first day.
func allTime(c *call) response {
	today := dateOf(c.now, c.acc.loc)
	first := min(today, c.acc.schedule.since)
	days := c.sc.distort(c.acc.days(windows(first, today, c.acc.loc), c.acc.countingRules(), c.now))
	all := sum(days)
	status, computed := http.StatusOK, 100
	if c.sc.NotReady {
		all.scale(0.5)
		status, computed = http.StatusAccepted, 50
	}
	worked := 0
	for _, d := range days {
		if d.total > 0 {
			worked++
		}
	}
	f := formatter{compat: c.compat}
	whole := window{date: first, from: first.window(c.acc.loc).from, to: today.window(c.acc.loc).to, loc: c.acc.loc}
	edges := dayRange(whole, c.rangeStyle(), c.now)
	data := map[string]any{
		"total_seconds": float64(all.total) + f.fraction(all.total), "text": f.text(all.total),
		"decimal": decimal(all.total), "digital": digital(all.total, false),
		"daily_average": all.total / max(1, worked),
		"is_up_to_date": !c.sc.NotReady, "percent_calculated": computed,
		"range": map[string]any{
			"start": edges["start"], "start_date": first.String(), "start_text": dayText(first, today),
			"end": edges["end"], "end_date": today.String(), "end_text": dayText(today, today),
			"timezone": c.acc.TimeZone,
		},
	}
	if !c.compat {
		data["timeout"] = c.acc.KeystrokeTimeout
	}
	return jsonResponse(status, c.sc.reshape(map[string]any{"data": data}))
}
