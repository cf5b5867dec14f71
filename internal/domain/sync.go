package domain

import (
	"errors"
	"hash/fnv"
	"slices"
	"time"
)

// Outcomes of a sync that are internal to the program.
var (
	// ErrSyncBusy means that another sync of the same connection is running.
	ErrSyncBusy = errors.New("another sync of this connection is running")
	// ErrSyncUnfinished means that a sync ran out of time. The next run continues where it
	// stopped.
	ErrSyncUnfinished = errors.New("the sync will continue in its next run")
	// ErrTokenUnreadable means that a secret was sealed with a key that is not available.
	ErrTokenUnreadable = errors.New("a stored secret cannot be opened with the available keys")
)

// SyncScope determines which days a sync fetches.
type SyncScope string

// The scopes. Jobs store them.
const (
	SyncToday    SyncScope = "today"   // today
	SyncNightly  SyncScope = "nightly" // missing days, and the days whose check is due
	SyncOnDemand SyncScope = "now"     // missing days and the last week, as requested by a user
	SyncRange    SyncScope = "range"   // the days of a range, as requested by a user
)

// SyncRequest says what a sync fetches.
type SyncRequest struct {
	Scope SyncScope
	Days  DayRange // for SyncRange only
}

// SyncRequest returns the sync that a user requests with a query: of its range, or of the
// last week and all missing days if it is open on both ends.
// Errors: ErrInvalid for from.
func (q DayQuery) SyncRequest(today Day) (SyncRequest, error) {
	if q.From == nil && q.To == nil {
		return SyncRequest{Scope: SyncOnDemand}, nil
	}
	r, err := q.Range(today)
	return SyncRequest{Scope: SyncRange, Days: r}, err
}

// SyncResult is the outcome of a sync.
type SyncResult struct {
	At         time.Time
	Lease      time.Time  // the end of the lease to release
	Next       *time.Time // the approximate time of the next planned sync
	Reason     Reason     // ReasonNone on success
	Unfinished bool       // it continues later: no outcome is recorded
	Account    AccountRef // the account that Checks belong to; 0 if none was loaded
	Checks     Checks     // of Account, with those of this sync
	Yardstick  *Yardstick // nil if it was not measured
}

// PlannedSync is a sync to run.
type PlannedSync struct {
	User UserID
	SyncRequest
	At    time.Time
	Night Day // the night it is for, if Scope is SyncNightly
}

// spreadOver is the period over which the syncs of one plan are spread. The planner runs
// every hour, and they should have finished by its next run.
const spreadOver = 55 * time.Minute

// Spread delays the sync by a jitter that depends only on the user, so that a school does
// not send all its requests to WakaTime at once.
func (p *PlannedSync) Spread() {
	h := fnv.New32a()
	h.Write(p.User[:])
	p.At = p.At.Add(time.Duration(h.Sum32()) % (spreadOver / time.Second) * time.Second)
}

// SyncCandidate is a user with a working connection, as the planner needs them.
type SyncCandidate struct {
	User         UserID
	TimeZone     TimeZone
	Active       bool // a student of an active batch
	Ended        bool // a student of a batch that is archived or ended more than a week ago
	PlannedNight *Day // the last night that was planned
}

// Plan returns the sync that is due at now, if any. If the planner missed a night, because
// it did not run at that hour, the nightly sync runs later the same day.
func (c SyncCandidate) Plan(now time.Time) (PlannedSync, bool) {
	today := c.TimeZone.Today(now)
	local := now.In(c.TimeZone.Location())
	switch {
	case c.Ended:
		return PlannedSync{}, false
	case local.Hour() >= nightHour && (c.PlannedNight == nil || *c.PlannedNight < today):
		return PlannedSync{User: c.User, SyncRequest: SyncRequest{Scope: SyncNightly}, At: now, Night: today}, true
	case c.Active:
		return PlannedSync{User: c.User, SyncRequest: SyncRequest{Scope: SyncToday}, At: now}, true
	}
	return PlannedSync{}, false
}

// Candidates returns the days whose rows a sync has to look at. It may be empty.
func (t TrackedUser) Candidates(q SyncRequest) DayRange {
	switch q.Scope {
	case SyncToday:
		return t.Tracked.Intersect(DayRange{From: t.Today - 1, To: t.Today})
	case SyncRange:
		return t.Tracked.Intersect(q.Days)
	case SyncNightly, SyncOnDemand:
		return t.Tracked
	}
	return DayRange{From: t.Today, To: t.Today - 1} // a scope of another version
}

// DaysToFetch returns the days that a sync of a connection requests at now, oldest first,
// given the rows of its candidates: those that are missing, and those that are to be checked
// again. Rows must be sorted by day.
func (t TrackedUser) DaysToFetch(q SyncRequest, rows []DailySummary, c Connection, now time.Time) []Day {
	candidates := t.Candidates(q)
	var out []Day
	for d := candidates.From; d <= candidates.To; d++ {
		for len(rows) > 0 && rows[0].Day < d {
			rows = rows[1:]
		}
		missing := len(rows) == 0 || rows[0].Day != d || rows[0].missing(t.TimeZone, c.Ref)
		if missing || t.recheck(q.Scope, d, c.Checks, now) {
			out = append(out, d)
		}
	}
	return out
}

// recheck reports whether a day is fetched even if it is known.
func (t TrackedUser) recheck(scope SyncScope, d Day, checks Checks, now time.Time) bool {
	checked, _ := checks.At(d)
	switch scope {
	case SyncToday:
		return d == t.Today
	case SyncOnDemand:
		return d > t.Today-recentDays
	case SyncRange:
		return now.Sub(checked) >= settled
	case SyncNightly:
	}
	return checked.Before(recheckDue(t.User, d, t.Today, t.TimeZone.Location()))
}

// The maximum numbers of days in a request to WakaTime, which documents none. The first request
// of a sync is short, because recent days matter most. The following ones have as many days as
// the server returns: if a request fails because it has too many, it has fewer next time.
const (
	FirstChunk = 14
	MaxChunk   = MaxDays
)

// ShorterChunk returns how many days to request next if a server fails to return a number of
// days: a quarter, or FirstChunk, which is the least.
func ShorterChunk(days int) int {
	if days > 4*FirstChunk {
		return max(FirstChunk, days/4)
	}
	return FirstChunk
}

// maxGap is how many days in a row that are not to be fetched a request may include, if that
// saves a request.
const maxGap = FirstChunk

// LastChunk returns the range of at most limit days that ends with the last of days, which must
// be sorted and not empty, and the days before it.
func LastChunk(days []Day, limit int) (chunk DayRange, rest []Day) {
	last := days[len(days)-1]
	chunk = DayRange{From: last, To: last}
	for i, d := range slices.Backward(days) {
		if last-d >= Day(limit) || chunk.From-d > maxGap {
			return chunk, days[:i+1]
		}
		chunk.From = d
	}
	return chunk, nil
}

// Chunks returns the requests for days, which must be sorted, if the server returns as many
// days as are requested: newest first, because a plan hides the oldest.
func Chunks(days []Day) (out []DayRange) {
	limit := FirstChunk
	for len(days) > 0 {
		var chunk DayRange
		chunk, days = LastChunk(days, limit)
		out, limit = append(out, chunk), MaxChunk
	}
	return out
}

// LastWeek returns the last seven tracked days that have ended.
func (t TrackedUser) LastWeek() DayRange {
	return t.Tracked.Intersect(DayRange{From: t.Today - recentDays, To: t.Today - 1})
}

// MeasuresYardstick reports whether a sync finds out how the server measures the account:
// the first one after connecting, and then one each week.
func (t TrackedUser) MeasuresYardstick(q SyncRequest, c Connection) bool {
	return c.LastSyncedAt == nil || q.Scope == SyncNightly && sinceScheduled(t.User, t.Today, weekNights) == 0
}
