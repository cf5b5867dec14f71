package domain

import "time"

// Coverage counts the days of one or more users in a range by their state.
type Coverage struct {
	Expected     int // days that should be known by now
	OK           int
	Empty        int
	Pending      int
	PlanLimited  int
	Error        int
	Disconnected int
	Seconds      int // total of the known days
}

// Known returns how many days are known.
func (c Coverage) Known() int { return c.OK + c.Empty }

// Share returns the share of the expected days that is known, from 0 to 1. It is 1 if none
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

// TrackedUser is a user with the days that are expected of them.
type TrackedUser struct {
	User     UserID
	Name     string
	Batch    BatchID  // zero outside a batch
	TimeZone TimeZone // the batch's, or the account's own
	// Expected is the days that should be known, up to and including today. It is empty
	// for a user who is not in a batch and never connected.
	Expected   DayRange
	Active     bool // in an active batch
	Connection ConnectionState
	Failure    *SyncFailure
}

// lookBack is how many days each nightly sync fetches again, because editors send some
// heartbeats late, and how far before the enrolment a student's first sync goes.
const lookBack = 7

// RecentDays returns the last week including today, which each nightly sync fetches again.
func (t TrackedUser) RecentDays(today Day) DayRange {
	return DayRange{From: today - lookBack + 1, To: today}
}

// ExpectedDays returns the days that should be known of a user who is tracked since start:
// from the week before it until today or the end of their batch.
func ExpectedDays(start, today Day, end *Day) DayRange {
	r := DayRange{From: start - lookBack + 1, To: today}
	if end != nil && *end < r.To {
		r.To = *end
	}
	return r
}

// DaysToFetch returns the days that a sync fetches: the missing days of window, and every
// day of always. Both may be empty.
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

// NextSync returns the approximate time of the next planned sync.
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

// Ledger returns the user's ledger for a range: the given rows, which must be sorted by day,
// and a placeholder for each expected day without a row.
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

// in marks a known day that was split in another time zone than z: either the server
// ignored the requested zone, or the zone has changed and the next sync will fetch the day
// again.
func (d DailySummary) in(z TimeZone) DailySummary {
	if d.State.Known() && d.Reason == ReasonNone && d.TimeZone != "" && d.TimeZone != string(z) {
		d.Reason = ReasonOtherZone
	}
	return d
}

// StudentCoverage is the ledger of one user for a range of days.
type StudentCoverage struct {
	User     UserID
	TimeZone TimeZone
	Range    DayRange
	Total    Coverage
	Days     []DailySummary // one per expected day of the range, oldest first
}

// Progress is the row of one student in a BatchProgress.
type Progress struct {
	User       UserID
	Name       string
	Connection ConnectionState
	Total      Coverage
	States     []DayState // one per day of the range; empty if nothing is expected
	Seconds    []*int     // one per day of the range; nil if unknown
}

// BatchProgress is a batch by days: a page of students with the state of each day.
type BatchProgress struct {
	Batch    BatchID
	TimeZone TimeZone
	Range    DayRange
	Students Page[Progress]
	Total    Coverage // of all students of the batch, not only this page
}

// Gap is a student with missing days.
type Gap struct {
	User         UserID
	Name         string
	Connection   ConnectionState
	Total        Coverage
	Since        Day    // the first day that is unknown or was split in another time zone
	Reason       Reason // of the latest such day
	LastSyncedAt *time.Time
}

// BatchCoverage lists the students of a batch with missing days.
type BatchCoverage struct {
	Batch    BatchID
	TimeZone TimeZone
	Range    DayRange
	Total    Coverage // of all students
	Gaps     []Gap    // most unknown days first
}
