package domain

import (
	"errors"
	"hash/fnv"
	"slices"
	"time"
)

// Outcomes of a sync that only the program itself sees.
var (
	// ErrSyncBusy says that somebody else is fetching the same connection.
	ErrSyncBusy = errors.New("this connection is being synced right now")
	// ErrSyncUnfinished says that a sync stopped half-way, because its time is up,
	// and that running it again goes on where it stopped.
	ErrSyncUnfinished = errors.New("the sync goes on in its next run")
	// ErrTokenUnreadable says that a secret was sealed with a key that is gone.
	ErrTokenUnreadable = errors.New("a stored secret cannot be opened with the keys at hand")
)

// SyncScope is how much a sync fetches.
type SyncScope string

// The scopes. They are stored in jobs.
const (
	SyncToday    SyncScope = "today"   // today so far
	SyncNightly  SyncScope = "nightly" // the last week and everything that is missing
	SyncOnDemand SyncScope = "now"     // the same, asked for by a person
)

// SyncResult is how a sync went.
type SyncResult struct {
	At         time.Time
	Lease      time.Time  // the end of the lease that is given back
	Next       *time.Time // about when the next one comes
	Reason     Reason     // ReasonNone when it reached its end
	Unfinished bool       // it goes on later: only the lease is given back, nothing is noted
}

// PlannedSync is a sync to come.
type PlannedSync struct {
	User  UserID
	Scope SyncScope
	At    time.Time
	Night Day // the night it is for, when Scope is SyncNightly
}

// spreadOver is the time over which the syncs of one plan are spread: the planner
// runs each hour, and they should be over by the next time.
const spreadOver = 55 * time.Minute

// Spread puts the sync off by a moment that depends on the person alone, so that a
// school does not ask WakaTime all at once.
func (p *PlannedSync) Spread() {
	h := fnv.New32a()
	h.Write(p.User[:])
	p.At = p.At.Add(time.Duration(h.Sum32()) % (spreadOver / time.Second) * time.Second)
}

// SyncCandidate is somebody with a working connection, as the planner looks at them.
type SyncCandidate struct {
	User         UserID
	TimeZone     TimeZone
	Active       bool // a student of a batch that is under way
	Ended        bool // a student of a batch that is archived or over for more than a week
	PlannedNight *Day // the night they were last planned for
}

// nightHour is the local hour from which a night's sync may run: late heartbeats
// of the evening have arrived by then.
const nightHour = 2

// Plan returns the sync that is due at now, if one is. A night that was missed,
// because nothing ran at that hour, is made up for later the same day.
func (d SyncCandidate) Plan(now time.Time) (PlannedSync, bool) {
	today := d.TimeZone.Today(now)
	local := now.In(d.TimeZone.Location())
	switch {
	case d.Ended:
		return PlannedSync{}, false
	case local.Hour() >= nightHour && (d.PlannedNight == nil || *d.PlannedNight < today):
		return PlannedSync{User: d.User, Scope: SyncNightly, At: now, Night: today}, true
	case d.Active:
		return PlannedSync{User: d.User, Scope: SyncToday, At: now}, true
	}
	return PlannedSync{}, false
}

// MaxChunk is the most days that one question to WakaTime spans.
const MaxChunk = 14

// Chunks groups days into ranges of at most MaxChunk days, newest first: recent
// days matter most, and what is beyond a plan's limit is all at the old end.
// Days must be ascending. A range may hold days that were not asked for when that
// saves a question.
func Chunks(days []Day) []DayRange {
	var out []DayRange
	for _, d := range slices.Backward(days) {
		if n := len(out); n > 0 && out[n-1].To-d < MaxChunk {
			out[n-1].From = d
			continue
		}
		out = append(out, DayRange{From: d, To: d})
	}
	return out
}
