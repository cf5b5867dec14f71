package domain

import (
	"cmp"
	"slices"
	"time"
)

// Coverage counts the days of one or more users in a range by their state. It counts only
// days that have ended: today cannot be known yet.
type Coverage struct {
	Expected     int // days that should be known by now
	OK           int
	Empty        int
	Partial      int
	Pending      int
	PlanLimited  int
	Error        int
	Disconnected int
	Seconds      int // total of the known days, as the servers report it
	AISeconds    int // the part of Seconds that AI agents coded
	AIUnknown    int // known days whose server does not tell AI time
	// PartialSeconds is the time seen so far on today and on partial days. Seconds does not
	// include it.
	PartialSeconds int
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

// Count adds a day that has ended.
func (c *Coverage) Count(d DailySummary) { c.count(d.Bare()) }

func (c *Coverage) count(d BareDay) {
	c.Expected++
	switch d.State {
	case DayOK:
		c.OK++
	case DayEmpty:
		c.Empty++
	case DayPartial:
		c.Partial++
	case DayPending:
		c.Pending++
	case DayPlanLimited:
		c.PlanLimited++
	case DayError:
		c.Error++
	case DayDisconnected:
		c.Disconnected++
	}
	if !d.State.Known() {
		c.countPartial(d)
		return
	}
	c.Seconds += d.Seconds
	if d.AISeconds == NoSeconds {
		c.AIUnknown++
		return
	}
	c.AISeconds += d.AISeconds
}

func (c *Coverage) countPartial(d BareDay) {
	if d.State == DayPartial {
		c.PartialSeconds += d.Seconds
	}
}

// add adds a day of a ledger, of which those before today count.
func (c *Coverage) add(d BareDay, today Day) {
	if d.Day < today {
		c.count(d)
	} else {
		c.countPartial(d)
	}
}

// Add adds the days of another user. It does nothing for nil, the total that a list lacks.
func (c *Coverage) Add(o Coverage) {
	if c == nil {
		return
	}
	c.Expected += o.Expected
	c.OK += o.OK
	c.Empty += o.Empty
	c.Partial += o.Partial
	c.Pending += o.Pending
	c.PlanLimited += o.PlanLimited
	c.Error += o.Error
	c.Disconnected += o.Disconnected
	c.Seconds += o.Seconds
	c.AISeconds += o.AISeconds
	c.AIUnknown += o.AIUnknown
	c.PartialSeconds += o.PartialSeconds
}

// TrackedUser is a user with the days that are tracked of them.
type TrackedUser struct {
	User     UserID
	Name     string
	Batch    BatchID  // zero outside a batch
	TimeZone TimeZone // the batch's, or the account's own
	Today    Day      // in TimeZone
	// Tracked is the days to fetch, up to and including today. It is empty for a user who
	// is not in a batch and never connected.
	Tracked       DayRange
	Active        bool // in an active batch
	Connection    ConnectionState
	EverConnected bool
	Server        string // the host of the connected account, or of the last one
	Failure       *SyncFailure
}

// leadDays is how many days before the enrolment a student's first sync fetches.
const leadDays = recentDays - 1

// TrackedDays returns the days to fetch of a user who is tracked since start: from the week
// before it until today or the end of their batch.
func TrackedDays(start, today Day, end *Day) DayRange {
	r := DayRange{From: start - leadDays, To: today}
	if end != nil && *end < r.To {
		r.To = *end
	}
	return r
}

// NextSync returns the approximate time of the next planned sync.
func (t TrackedUser) NextSync(now time.Time) time.Time {
	if t.Active {
		return now.Add(time.Hour)
	}
	loc := t.TimeZone.Location()
	today := DayAt(now, loc)
	next := night(today, loc)
	if !next.After(now) {
		next = night(today+1, loc)
	}
	return next.UTC()
}

// Unfetched returns the state of a day without a row, and why it has none.
func (t TrackedUser) Unfetched() (DayState, Reason) {
	switch {
	case t.Connection == Connected:
		return DayPending, ReasonNotSyncedYet
	case t.Connection == NeedsReconnect && t.Failure != nil:
		return DayDisconnected, t.Failure.Reason
	case t.Connection == NeedsReconnect:
		return DayDisconnected, ReasonRevoked
	case t.EverConnected:
		return DayDisconnected, ReasonDisconnected
	}
	return DayDisconnected, ReasonNotConnected
}

// PartialReason returns why a partial day that is over is not known.
func (t TrackedUser) PartialReason() Reason {
	if t.Connection == Connected {
		return ReasonPartial
	}
	_, why := t.Unfetched()
	return why
}

// Ledger returns the user's ledger for a range: the given rows, which must be sorted by day,
// and a placeholder for each tracked day without a row.
func (t TrackedUser) Ledger(r DayRange, rows []DailySummary) StudentCoverage {
	c := StudentCoverage{User: t.User, TimeZone: t.TimeZone, Range: r}
	tracked := r.Intersect(t.Tracked)
	c.Days = make([]DailySummary, 0, tracked.Len())
	for d := tracked.From; d <= tracked.To; d++ {
		for len(rows) > 0 && rows[0].Day < d {
			rows = rows[1:]
		}
		day := DailySummary{Day: d, Source: t.Server}
		day.State, day.Reason = t.Unfetched()
		if len(rows) > 0 && rows[0].Day == d {
			day = t.shown(rows[0])
		}
		c.Days = append(c.Days, day)
		c.Total.add(day.Bare(), t.Today)
	}
	return c
}

// shownState returns the state of a row as users see it. After a change of the time zone, a
// day that had ended can be today, which is not known.
func (t TrackedUser) shownState(d Day, s DayState) DayState {
	if d >= t.Today && s.Known() {
		return DayPartial
	}
	return s
}

// shown returns a row as users see it. A day that was split in another time zone says so:
// either the server ignored the requested zone, or the zone has changed and the next sync
// will fetch the day again. A partial day that is over says why it is not known, and without a connection,
// no reason promises that the next sync will retry. A day that was never fetched names the
// connected server.
func (t TrackedUser) shown(d DailySummary) DailySummary {
	d.State = t.shownState(d.Day, d.State)
	if d.Seconds != nil && d.Reason == ReasonNone && d.TimeZone != "" && d.TimeZone != string(t.TimeZone) {
		d.Reason = ReasonOtherZone
	}
	over := d.State == DayPartial && d.Day < t.Today
	switch {
	case over && d.Reason == ReasonNone:
		d.Reason = t.PartialReason()
	case t.Connection != Connected && (over || d.Seconds == nil) && d.Reason.retried():
		_, d.Reason = t.Unfetched()
	}
	d.Source = cmp.Or(d.Source, t.Server)
	return d
}

// StudentCoverage is the ledger of one user for a range of days.
type StudentCoverage struct {
	User     UserID
	TimeZone TimeZone
	Range    DayRange
	Total    Coverage
	Days     []DailySummary // one per tracked day of the range, oldest first
}

// KeepChanged removes the days that have not changed since an instant, in the same time zone.
// Days that are not known stay, because they change with the connection, and so do the days
// since then, which were not listed before.
func (c *StudentCoverage) KeepChanged(since time.Time) {
	first := c.TimeZone.Today(since)
	c.Days = slices.DeleteFunc(c.Days, func(d DailySummary) bool {
		return d.Day < first && d.State.Known() && d.ChangedAt.Before(since)
	})
}

// Progress is the row of one student in a BatchProgress.
type Progress struct {
	User       UserID
	Name       string
	Connection ConnectionState
	Total      Coverage
	Failing    *Failing
	Yardstick  Yardstick
	States     []DayState // one per day of the range; empty if the day is not tracked
	Seconds    []*int     // one per day of the range; nil unless it is known or partial
	AISeconds  []*int     // the part of Seconds that AI agents coded
}

// Failing says since when and why a student's days cannot be fetched.
type Failing struct {
	Since  time.Time
	Reason Reason
	Server string // the host of the account
}

// BatchProgress is a batch by days: a page of students with the state of each day.
type BatchProgress struct {
	Batch    BatchID
	TimeZone TimeZone
	Measure  Measure
	Range    DayRange
	Students Page[Progress]
	// Total is that of all students of the batch, not only this page. Only the first page
	// has it.
	Total *Coverage
}

// Gap is a student with missing days or a failing connection.
type Gap struct {
	User       UserID
	Name       string
	Connection ConnectionState
	Failing    *Failing
	Server     string // of the last account; empty if there was none
	Total      Coverage
	// Since is the first day that is unknown or was split in another time zone. It is today
	// if only the connection is failing.
	Since        Day
	Reason       Reason // of the latest such day, or of the failing connection
	LastSyncedAt *time.Time
}

// BatchCoverage is a page of the students of a batch with missing days.
type BatchCoverage struct {
	Batch    BatchID
	TimeZone TimeZone
	Range    DayRange
	Total    *Coverage // of all students of the batch; only the first page has it
	Gaps     Page[Gap]
}
