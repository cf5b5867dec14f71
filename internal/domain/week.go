package domain

// DayCounter counts the days of a user in a range one by one. Its total is that of Ledger.
type DayCounter struct {
	today     Day
	days      DayRange // those that are tracked
	unfetched DayState
	total     Coverage
	stored    int // days that have ended
}

// Count returns a DayCounter of the tracked days of a range.
func (t *TrackedUser) Count(r DayRange) DayCounter {
	c := DayCounter{today: t.Today, days: r.Intersect(t.Tracked)}
	c.unfetched, _ = t.Unfetched()
	return c
}

// Add counts a row. It ignores those outside the range. Rows come in any order, at most one
// per day.
func (c *DayCounter) Add(d BareDay) {
	switch {
	case d.Day < c.days.From || d.Day > c.days.To:
	case d.Day < c.today:
		c.total.count(d)
		c.stored++
	case d.Seconds != NoSeconds: // today cannot be known yet
		c.total.PartialSeconds += d.Seconds
	}
}

// Total returns the coverage of the days that were counted, and of those without a row.
func (c *DayCounter) Total() Coverage {
	total := c.total
	total.Expected = DayRange{From: c.days.From, To: min(c.days.To, c.today-1)}.Len()
	if missing := total.Expected - c.stored; c.unfetched == DayPending {
		total.Pending += missing
	} else {
		total.Disconnected += missing
	}
	return total
}
