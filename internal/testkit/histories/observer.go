package histories

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// observe compares what Gradus says with what the server said, and when it was asked.
func (h *history) observe() {
	today := h.zone.Today(h.clock)
	// The copy of a frontend starts at the latest day that it has seen, less 90.
	q := domain.DayQuery{From: new(h.zone.Today(later(h.latest, h.clock)) - 90), To: new(today + 1)}
	report, err := h.tracking.Days(h.ctx, h.student, h.stores.User, q, time.Time{})
	if err != nil {
		h.Fatal(err)
	}
	for _, d := range report.Days {
		h.observeDay(d)
	}
	h.observeTotal(report, today)
	h.observeChanges(q, report)
	h.observeConnection()
}

func (h *history) failf(format string, args ...any) {
	h.Fatalf(format+"\nat %s in %s, connected to %q (%t):\n  %s", append(args, h.clock, h.zone, h.current, h.linked, strings.Join(h.log, "\n  "))...)
}

// observeDay checks the claims about one day.
func (h *history) observeDay(d domain.DailySummary) {
	known := d.State.Known()
	if (known || d.State == domain.DayPartial) != (d.Seconds != nil) {
		h.failf("%+v: seconds are for known and partial days", d)
	}
	if d.Seconds == nil {
		return
	}
	if d.Username != h.current && !h.accepted[d.Username] {
		h.failf("%s has the time of account %q", d.Day, d.Username)
	}
	if d.TimeZone != string(h.zone) && d.Reason != domain.ReasonOtherZone && d.Attempts == 0 {
		h.failf("%s was split in %s, which nothing says", d.Day, d.TimeZone)
	}
	said := h.upstream.responses[d.Username][d.Day]
	same := slices.DeleteFunc(slices.Clone(said), func(r response) bool { return r.zone != d.TimeZone })
	var ended []response
	for _, r := range same {
		if r.ended() {
			ended = append(ended, r)
		}
	}
	switch {
	case known && d.Day >= h.zone.Today(h.clock):
		h.failf("%s has not ended, but is %s", d.Day, d.State)
	case known && len(ended) == 0:
		h.failf("%s is %s, but was never requested after it ended: %v", d.Day, d.State, said)
	case known && !says(ended, *d.Seconds):
		h.failf("%s has %d seconds, but the server said %v", d.Day, *d.Seconds, ended)
	case known && (d.State == domain.DayEmpty) != (*d.Seconds == 0):
		h.failf("%s is %s with %d seconds", d.Day, d.State, *d.Seconds)
	case d.State == domain.DayPartial && !soFar(same, ended, *d.Seconds):
		h.failf("%s has %d seconds so far, but the server said %v", d.Day, *d.Seconds, same)
	}
	if a := h.upstream.accounts[d.Username]; *d.Seconds > 0 && a.noCategories != (d.AISeconds == nil) {
		h.failf("%s has AI seconds %v", d.Day, d.AISeconds)
	}
	asked := h.upstream.asked[d.Username][d.Day]
	switch {
	case d.CheckedAt == nil:
		h.failf("%s has seconds, but was never checked", d.Day)
	case d.CheckedAt.After(asked):
		h.failf("%s was checked at %s, but last requested at %s", d.Day, d.CheckedAt, asked)
	case known && d.CheckedAt.Before(d.Day.End(domain.ServerLocation(d.TimeZone))):
		h.failf("%s is known, but was last checked at %s", d.Day, d.CheckedAt)
	}
}

// says reports whether a known day may have these seconds: those of the last response, or of
// an older one if the clock went back and later syncs began before the end of the day.
func says(ended []response, seconds int) bool {
	for _, r := range slices.Backward(ended) {
		if r.seconds == seconds || r.sure() {
			return r.seconds == seconds
		}
	}
	return false
}

// soFar reports whether a partial day may have these seconds: those of the last response, or
// of the last one after the end of the day, if the clock went back across it since.
func soFar(said, ended []response, seconds int) bool {
	return len(said) > 0 && said[len(said)-1].seconds == seconds || len(ended) > 0 && ended[len(ended)-1].seconds == seconds
}

// observeTotal checks that only days that have ended count, and known ones alone as known.
func (h *history) observeTotal(report domain.StudentCoverage, today domain.Day) {
	expected, known, seconds, partial := 0, 0, 0, 0
	for _, d := range report.Days {
		if d.Day < today {
			expected++
		}
		switch {
		case d.State.Known() && d.Day < today:
			known, seconds = known+1, seconds+*d.Seconds
		case d.State.Known():
			if d.TimeZone == string(h.zone) && d.Day >= h.zone.Today(h.latest) {
				h.failf("%s is not over, but %s", d.Day, d.State)
			}
		case d.State == domain.DayPartial:
			partial += *d.Seconds
		}
	}
	c := report.Total
	if c.Expected != expected || c.Known() != known || c.Seconds != seconds || c.PartialSeconds != partial {
		h.failf("the coverage is %+v; want %d expected, %d known, %d and %d seconds", c, expected, known, seconds, partial)
	}
}

// observeChanges checks that a frontend that keeps a copy and asks for changes is up to date.
func (h *history) observeChanges(q domain.DayQuery, report domain.StudentCoverage) {
	// Clocks can go back a few minutes, so frontends ask for a little more.
	changed, err := h.tracking.Days(h.ctx, h.student, h.stores.User, q, h.seenAt.Add(-5*time.Minute))
	if err != nil {
		h.Fatal(err)
	}
	kept := maps.Clone(h.seen)
	if h.seenZone != h.zone { // frontends see the change, and read all days again
		kept, changed = map[domain.Day]domain.DailySummary{}, report
	}
	h.seenZone = h.zone
	for _, d := range changed.Days {
		kept[d.Day] = d
	}
	for _, d := range report.Days {
		if k := kept[d.Day]; k.State != d.State || k.Reason != d.Reason || k.Username != d.Username || (k.Seconds == nil) != (d.Seconds == nil) || d.Seconds != nil && *k.Seconds != *d.Seconds {
			h.failf("%s is %+v, but a copy with all changes since %s has %+v", d.Day, d, h.seenAt, k)
		}
	}
	clear(h.seen)
	for _, d := range report.Days {
		h.seen[d.Day] = d
	}
	h.seenAt = h.clock
}

// observeConnection checks that the connection does not look better than it is.
func (h *history) observeConnection() {
	c, err := h.connections.Connection(h.ctx, h.student)
	if err != nil {
		h.Fatal(err)
	}
	want := domain.NotConnected
	if h.linked {
		want = domain.Connected
	}
	if h.linked && h.upstream.rejected {
		want = domain.NeedsReconnect
	}
	if c.State != want {
		h.failf("the connection is %s, want %s", c.State, want)
	}
	current := strings.Contains(c.Summary(c.Coverage), "up to date")
	if current && (c.Coverage.Known() < c.Coverage.Expected || c.Failure != nil || c.State != domain.Connected) {
		h.failf("%q with %+v", c.Summary(c.Coverage), c)
	}
}

// settle ends the history with a server that works, a valid key and two nights. Then every
// day that the plan shows is known, with all heartbeats of the last month or two.
func (h *history) settle() {
	h.upstream.outage = domain.ReasonNone
	clear(h.upstream.missing)
	h.log = append(h.log, "settles")
	h.connect()
	for range 2 {
		h.clock = h.clock.Add(24 * time.Hour)
		for range 9 { // a night can take several runs
			h.run(domain.SyncRequest{Scope: domain.SyncNightly})
		}
		h.observe()
	}
	today := h.zone.Today(h.clock)
	a := h.upstream.accounts[h.current]
	report, err := h.tracking.Days(h.ctx, h.student, h.stores.User, domain.DayQuery{From: new(today - 90), To: new(today)}, time.Time{})
	if err != nil {
		h.Fatal(err)
	}
	for _, d := range report.Days {
		shown := a.history == 0 || d.Day > today-a.history+1
		if d.Day < today-1 && shown && !d.State.Known() && d.Reason != domain.ReasonPlanLimited && d.Username != h.other() {
			h.failf("%s is %s although the server works: %+v", d.Day, d.State, d)
		}
		if d.Day < today-1 && d.Day > today-7 && shown && d.State.Known() && d.Username == h.current && !a.ignoresZone {
			if want := h.upstream.day(h.current, a, h.zone, d.Day, h.clock).Seconds; want != *d.Seconds {
				h.failf("%s has %d seconds after two nights, want %d", d.Day, *d.Seconds, want)
			}
		}
	}
}

// other returns the account that is not connected.
func (h *history) other() string {
	if h.current == "a" {
		return "b"
	}
	return "a"
}
