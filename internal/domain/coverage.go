package domain

import "time"

// Coverage counts what is known of a range of days of one person or of several.
type Coverage struct {
	Expected     int // days that should be known by now
	OK           int
	Empty        int
	Pending      int
	PlanLimited  int
	Error        int
	Disconnected int
	Seconds      int // the sum over the known days
}

// Known returns how many days are known.
func (c Coverage) Known() int { return c.OK + c.Empty }

// Share returns the part of the expected days that is known, 0 to 1; 1 when none
// is expected.
func (c Coverage) Share() float64 {
	if c.Expected == 0 {
		return 1
	}
	return float64(c.Known()) / float64(c.Expected)
}

// Count adds a day in state s with its seconds.
func (c *Coverage) Count(s DayState, seconds *int) {
	c.Expected++
	switch s {
	case DayOK:
		c.OK++
	case DayEmpty:
		c.Empty++
	case DayPending:
		c.Pending++
	case DayPlanLimited:
		c.PlanLimited++
	case DayError:
		c.Error++
	case DayDisconnected:
		c.Disconnected++
	}
	if seconds != nil {
		c.Seconds += *seconds
	}
}

// TrackedUser is what the tracking needs to know of a person: which days are expected
// of them and how these are cut.
type TrackedUser struct {
	User     UserID
	Name     string
	Batch    BatchID  // zero outside a batch
	TimeZone TimeZone // the batch's, or else the account's own
	// Expected is the days that should be known, up to and including today. It is
	// empty for who is in no batch and never connected.
	Expected   DayRange
	Active     bool // in a batch that is under way
	Connection ConnectionState
	Failure    *SyncFailure
}

// lookBack is how many days each night reads again, because editors hand time in
// late, and how far before enrolment a student's first sync goes.
const lookBack = 7

// RecentDays is the last week up to today: what is read again each night.
func (t TrackedUser) RecentDays(today Day) DayRange {
	return DayRange{From: today - lookBack + 1, To: today}
}

// ExpectedDays returns the days that should be known of somebody who is expected
// since start, with the last week before it, until today or the end of their batch.
func ExpectedDays(start, today Day, end *Day) DayRange {
	r := DayRange{From: start - lookBack + 1, To: today}
	if end != nil && *end < r.To {
		r.To = *end
	}
	return r
}

// DaysToFetch returns which days a sync looks at: within window it asks for what is
// missing, and for always in any case. Both may be empty.
func (t TrackedUser) DaysToFetch(scope SyncScope, today Day) (window, always DayRange) {
	switch scope {
	case SyncToday:
		window = DayRange{From: today - 1, To: today}
		always = DayRange{From: today, To: today}
	case SyncNightly, SyncOnDemand:
		window, always = t.Expected, t.RecentDays(today)
	}
	return window.Intersect(t.Expected), always.Intersect(t.Expected)
}

// NextSync returns about when the planner thinks of the person again.
func (t TrackedUser) NextSync(now time.Time) time.Time {
	if t.Active {
		return now.Add(time.Hour)
	}
	loc := t.TimeZone.Location()
	y, m, d := now.In(loc).Date()
	next := time.Date(y, m, d, nightHour, 0, 0, 0, loc)
	if !next.After(now) {
		next = time.Date(y, m, d+1, nightHour, 0, 0, 0, loc)
	}
	return next.UTC()
}

// Ledger returns what is known of the person over a range: the rows, which are
// ascending, and in between the expected days that have none.
func (t TrackedUser) Ledger(r DayRange, rows []DailySummary) StudentCoverage {
	blank := DailySummary{State: DayPending, Reason: ReasonNotSyncedYet}
	if t.Connection != Connected {
		blank = DailySummary{State: DayDisconnected, Reason: ReasonNotConnected}
	}
	c := StudentCoverage{User: t.User, TimeZone: t.TimeZone, Range: r}
	expected := r.Intersect(t.Expected)
	c.Days = make([]DailySummary, 0, expected.Len())
	for d := expected.From; d <= expected.To; d++ {
		for len(rows) > 0 && rows[0].Day < d {
			rows = rows[1:]
		}
		day := blank
		day.Day = d
		if len(rows) > 0 && rows[0].Day == d {
			day = rows[0].in(t.TimeZone)
		}
		c.Days = append(c.Days, day)
		c.Total.Count(day.State, day.Seconds)
	}
	return c
}

// in marks a known day that was cut in another zone than z: the server ignored the
// zone, or the person's zone has changed since and the next sync cuts the day anew.
func (d DailySummary) in(z TimeZone) DailySummary {
	if d.State.Known() && d.Reason == ReasonNone && d.TimeZone != "" && d.TimeZone != string(z) {
		d.Reason = ReasonOtherZone
	}
	return d
}

// StudentCoverage is the ledger of one person over a range.
type StudentCoverage struct {
	User     UserID
	TimeZone TimeZone
	Range    DayRange
	Total    Coverage
	Days     []DailySummary // one for each expected day in the range, oldest first
}

// Progress is one student's row of a class's matrix.
type Progress struct {
	User       UserID
	Name       string
	Connection ConnectionState
	Total      Coverage
	States     []DayState // one for each day of the range; empty text where nothing is expected
	Seconds    []*int     // one for each day of the range; nil where it is not known
}

// BatchProgress is a class by days: a page of students times a range of days.
type BatchProgress struct {
	Batch    BatchID
	TimeZone TimeZone
	Range    DayRange
	Students Page[Progress]
	Total    Coverage // over all students of the batch, not only this page
}

// Gap is a student with days that should be known and are not.
type Gap struct {
	User         UserID
	Name         string
	Connection   ConnectionState
	Total        Coverage
	Since        Day    // the first day that is unknown or was cut in another zone
	Reason       Reason // of the latest such day
	LastSyncedAt *time.Time
}

// BatchCoverage is who of a batch has gaps.
type BatchCoverage struct {
	Batch    BatchID
	TimeZone TimeZone
	Range    DayRange
	Total    Coverage // over all students
	Gaps     []Gap    // students with at least one, most unknown days first
}
