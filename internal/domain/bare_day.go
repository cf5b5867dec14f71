package domain

import "iter"

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

// bare returns the day without its details.
func (d DailySummary) bare() BareDay {
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

// Sum returns the total of the user's ledger for a range. The rows must be sorted by day.
func (t TrackedUser) Sum(r DayRange, rows []BareDay) (c Coverage) {
	for d := range t.bareLedger(r, rows) {
		c.add(d, t.Today)
	}
	return c
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
