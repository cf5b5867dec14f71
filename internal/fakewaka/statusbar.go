package fakewaka

import (
	"net/http"
	"time"
)

// statusBarToday returns today's summary from a cache.
func statusBarToday(c *call) response {
	loc, bad := c.location()
	if bad != nil {
		return *bad
	}
	if c.sc.NotReady {
		return notReady()
	}
	today := dateOf(c.now, loc)
	days := []day{{window: today.window(loc)}}
	if !c.sc.EmptyStatusBar {
		days = c.sc.distort(c.acc.days([]window{today.window(loc)}, c.acc.countingRules(), c.now))
	}
	if len(days) == 0 {
		days = []day{{window: today.window(loc)}}
	}
	f := formatter{compat: c.compat, decimal: !c.compat}
	data := map[string]any{
		"grand_total": f.grandTotal(days[0].total),
		"range":       dayRange(days[0].window, c.rangeStyle(), c.now),
	}
	f.lists(days[0], c.acc, data)
	if c.compat {
		data["branches"], data["entities"] = nil, nil
	}
	body := map[string]any{"data": data, "has_team_features": false}
	if c.sc.EmptyStatusBar {
		data["range"] = map[string]any{"text": "Today", "timezone": loc.String()}
	} else {
		body["cached_at"] = c.now.UTC().Format(time.RFC3339)
	}
	return jsonResponse(http.StatusOK, c.sc.reshape(body))
}
