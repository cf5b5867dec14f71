package fakewaka

import (
	"net/http"
	"time"
)

// durations returns the coding intervals of a day, each with one project, or with
// one name of the kind that slice_by selects.
func durations(c *call) response {
	loc, bad := c.location()
	if bad != nil {
		return *bad
	}
	y, bad := c.countingRules()
	if bad != nil {
		return *bad
	}
	d, problem := readDay(c.FormValue("date"), dateOf(c.now, loc))
	if problem != "" {
		return fieldError("date", problem)
	}
	by, key, ok := sliceBy(c.FormValue("slice_by"))
	switch {
	case !ok:
		return fieldError("slice_by", "Unknown slice.")
	case c.outsidePlan(d, loc):
		return jsonResponse(http.StatusPaymentRequired, errorBody(paymentRequired))
	case c.sc.NotReady:
		return notReady()
	}
	w := d.window(loc)
	data := []any{}
	for _, s := range c.acc.sessions(w.from, w.to, y, c.now) {
		at := s.start
		var cut day
		cut.add(int(s.end-s.start), c.acc.mix(s))
		for _, p := range cut.parts[by] {
			one := map[string]any{key: p.name, "time": float64(at), "duration": float64(p.seconds)}
			if by != projects {
				one["project"] = cut.parts[projects][0].name
			}
			data = append(data, one)
			at += int64(p.seconds)
		}
	}
	body := map[string]any{
		"data":     data,
		"start":    time.Unix(w.from, 0).UTC().Format(time.RFC3339),
		"end":      time.Unix(w.to-1, 0).UTC().Format(time.RFC3339),
		"timezone": loc.String(),
	}
	return jsonResponse(http.StatusOK, c.sc.reshape(body))
}

// sliceBy parses the parameter. It rejects entity, because there are no files
// here.
func sliceBy(name string) (by kind, key string, ok bool) {
	switch name {
	case "", "project":
		return projects, "project", true
	case "language":
		return languages, name, true
	case "dependencies":
		return dependencies, name, true
	case "os":
		return operatingSystems, name, true
	case "editor":
		return editors, name, true
	case "category":
		return categories, name, true
	case "machine":
		return machines, name, true
	default:
		return 0, "", false
	}
}
