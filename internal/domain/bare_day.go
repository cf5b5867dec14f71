package domain

import (
	"iter"
	"slices"
)

// BareDay is a row of the ledger without its details: what lists of students read of a day.
type BareDay struct {
	Day       Day
	State     DayState
	Seconds   int  // NoSeconds unless the state is known or partial
	AISeconds int  // NoSeconds if the server does not tell
	OtherZone bool // split in another time zone than the user's
}

// NoSeconds stands for a time that is not known.
const NoSeconds = -1

// Bare returns the day without its details.
func (d DailySummary) Bare() BareDay {
	b := BareDay{Day: d.Day, State: d.State, Seconds: NoSeconds, AISeconds: NoSeconds}
	if d.Seconds != nil {
		b.Seconds = *d.Seconds
	}
	if d.AISeconds != nil {
		b.AISeconds = *d.AISeconds
	}
	return b
}

// bareLedger returns the tracked days of a range as Ledger does, without their details.
func (t TrackedUser) bareLedger(r DayRange, rows []BareDay) iter.Seq[BareDay] {
	return func(yield func(BareDay) bool) {
		unfetched, _ := t.Unfetched()
		tracked := r.Intersect(t.Tracked)
		for d := tracked.From; d <= tracked.To; d++ {
			for len(rows) > 0 && rows[0].Day < d {
				rows = rows[1:]
			}
			day := BareDay{Day: d, State: unfetched, Seconds: NoSeconds, AISeconds: NoSeconds}
			if len(rows) > 0 && rows[0].Day == d {
				day = rows[0]
				day.State = t.shownState(d, day.State)
			}
			if !yield(day) {
				return
			}
		}
	}
}

// Sum returns the total of the user's ledger for a range.
func (t TrackedUser) Sum(r DayRange, rows []BareDay) Coverage {
	c := t.Count(r)
	for _, d := range rows {
		c.Add(d)
	}
	return c.Total()
}

// Progress returns the row of the user in a BatchProgress. The rows must be sorted by day.
func (t TrackedUser) Progress(r DayRange, rows []BareDay) Progress {
	p := Progress{
		User: t.User, Name: t.Name, Connection: t.Connection,
		States: make([]DayState, r.Len()), Seconds: make([]*int, r.Len()), AISeconds: make([]*int, r.Len()),
	}
	numbers := make([]int, 0, 2*len(rows)) // one allocation for all days
	number := func(n int) *int {
		if n == NoSeconds {
			return nil
		}
		numbers = append(numbers, n)
		return &numbers[len(numbers)-1]
	}
	for d := range t.bareLedger(r, rows) {
		i := d.Day - r.From
		p.States[i], p.Seconds[i], p.AISeconds[i] = d.State, number(d.Seconds), number(d.AISeconds)
		p.Total.add(d, t.Today)
	}
	return p
}

// Gap returns the missing days of a range as the user's gap: days that have ended and are
// unknown or were split in another time zone. Without any, it is the gap of a failing
// connection. The rows must be sorted by day; why is the stored reason of the last one that has
// ended and is unknown.
func (t TrackedUser) Gap(r DayRange, rows []BareDay, why Reason) Gap {
	g := Gap{User: t.User, Name: t.Name, Connection: t.Connection, Server: t.Server, Since: t.Today}
	if t.Failure != nil {
		g.Reason = t.Failure.Reason
	}
	var last BareDay
	for d := range t.bareLedger(r, rows) {
		g.Total.add(d, t.Today)
		if d.Day < t.Today && (!d.State.Known() || d.OtherZone) {
			g.Since, last = min(g.Since, d.Day), d
		}
	}
	if last.State != "" {
		g.Reason = t.missingReason(last, rows, why)
	}
	return g
}

// missingReason returns why a day is missing, as Ledger does. The rows tell whether it has one, and
// why is its stored reason.
func (t TrackedUser) missingReason(d BareDay, rows []BareDay, why Reason) Reason {
	if !slices.ContainsFunc(rows, func(row BareDay) bool { return row.Day == d.Day }) {
		_, why = t.Unfetched()
		return why
	}
	if d.OtherZone && (d.State.Known() || why == ReasonNone) {
		why = ReasonOtherZone
	}
	row := DailySummary{Day: d.Day, State: d.State, Reason: why}
	if d.Seconds != NoSeconds {
		row.Seconds = &d.Seconds
	}
	return t.shown(row).Reason
}
