package fakewaka

import (
	"net/http"
	"time"
)

// durations answers one day's stretches of coding, each with one project, or
// with one name of what slice_by asks for.
func durations(c *call) reply {
	loc, bad := c.location()
	if bad != nil {
		return *bad
	}
	y, bad := c.yardstick()
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
		return answer(http.StatusPaymentRequired, errorBody(paymentRequired))
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
	return answer(http.StatusOK, c.sc.reshape(body))
}

// sliceBy reads the parameter; entity is refused, as no files exist here.
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
