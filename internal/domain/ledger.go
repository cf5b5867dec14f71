package domain

import (
	"slices"
	"time"
)

// AccountRef is the short number of a TrackedAccount, which days refer to. 0 means none.
type AccountRef int32

// DailySummary is one row of the ledger: what is known about one day of one user, and where
// it comes from.
type DailySummary struct {
	Day       Day
	State     DayState
	Seconds   *int   // nil unless the state is known or partial
	AISeconds *int   // the part of Seconds that AI agents coded; nil if the server does not tell
	TimeZone  string // the time zone in which the server split the day; an IANA name or an offset
	Account   AccountRef
	Source    string     // the host it was fetched from; empty if none
	Username  string     // of the account it was fetched from
	ChangedAt *time.Time // the last change of the row; nil if there is no row
	CheckedAt *time.Time // the last request that the server returned a response to; nil if there was none
	Attempts  int        // failed attempts since it was last fetched
	Reason    Reason     // why it is unknown, or what is unusual about it
	Shares    []Share
	Absent    []Dimension // dimensions that the server does not offer
	// OtherSeconds is the coding time of the same day at other accounts of the user. It does
	// not count.
	OtherSeconds int
}

// FetchedDay is one day of a response.
type FetchedDay struct {
	Day       Day
	Failure   Reason // why the day could not be read; the other fields are then empty
	Seconds   int
	AISeconds *int   // nil if the server does not tell
	TimeZone  string // the time zone in which the server split the day
	OtherZone bool   // whether that is not the requested one
	// Requested is the requested time zone; empty if it is not known.
	Requested TimeZone
	Shares    []Share
	Absent    []Dimension // dimensions that the server does not offer, in storage order
}

// ended reports whether the day had ended at an instant, where the server split it and in the
// requested time zone: nobody should be told that today is known.
func (f FetchedDay) ended(at time.Time) bool {
	return !at.Before(f.Day.End(ServerLocation(f.TimeZone))) &&
		(f.Requested == "" || !at.Before(f.Day.End(f.Requested.Location())))
}

// summary returns the row of a day that was requested from an account at an instant. The
// row is known only if the day had ended by then.
func (f FetchedDay) summary(account AccountRef, asked time.Time) DailySummary {
	s := DailySummary{
		Day: f.Day, State: DayPartial, Seconds: &f.Seconds, AISeconds: f.AISeconds, TimeZone: f.TimeZone,
		Account: account, Shares: f.Shares, Absent: f.Absent,
	}
	if f.ended(asked) {
		s.State = DayEmpty
		if f.Seconds > 0 {
			s.State = DayOK
		}
	}
	if f.OtherZone {
		s.Reason = ReasonOtherZone
	}
	return s
}

// Receive returns the row after a response to a request that was sent to an account at asked
// contained the day, and reports whether the row changed.
//
//   - Where the current account has no time, the row of another account that staff accepted
//     stays.
//   - A known row stays if the day had not ended when it was requested: the response is
//     older than the row.
func (s DailySummary) Receive(f FetchedDay, account AccountRef, asked time.Time) (DailySummary, bool) {
	if f.Failure != ReasonNone {
		return s.Fail(f.Failure)
	}
	next := f.summary(account, asked)
	switch {
	case s.Seconds != nil && *s.Seconds > 0 && s.Account != account && f.Seconds == 0,
		s.State.Known() && next.State == DayPartial && s.Account == account && s.TimeZone == next.TimeZone:
		return s, false
	}
	return next, !s.same(next)
}

// Fail returns the row after a failed attempt to fetch the day, and reports whether the row
// changed. A known day stays as it is, and a partial one keeps its seconds.
func (s DailySummary) Fail(r Reason) (DailySummary, bool) {
	if s.State.Known() {
		return s, false
	}
	s.Attempts, s.Reason = min(s.Attempts+1, maxAttempts), r
	if s.Seconds == nil {
		s.State = failedState(r)
	}
	return s, true
}

// maxAttempts is the highest number of attempts that is counted.
const maxAttempts = 32_767

// failedState returns the state of a day that was never fetched.
func failedState(r Reason) DayState {
	if r == ReasonNotReady || r == ReasonThrottled {
		return DayPending
	}
	if r == ReasonPlanLimited {
		return DayPlanLimited
	}
	return DayError
}

// same reports whether both rows store the same.
func (s DailySummary) same(o DailySummary) bool {
	return s.State == o.State && sameInt(s.Seconds, o.Seconds) && sameInt(s.AISeconds, o.AISeconds) &&
		s.TimeZone == o.TimeZone && s.Account == o.Account && s.Attempts == o.Attempts && s.Reason == o.Reason &&
		slices.Equal(s.Shares, o.Shares) && slices.Equal(s.Absent, o.Absent)
}

// missing reports whether the row has to be fetched from the connected account, apart from
// scheduled checks. Days that the account's plan hides by their age are left to those, and
// so are accepted days of another account.
func (s DailySummary) missing(zone TimeZone, account AccountRef) bool {
	switch {
	case s.Reason == ReasonPlanLimited, s.Seconds != nil && s.Account != account:
		return false
	case !s.State.Known():
		return true
	}
	return s.TimeZone != string(zone) && s.Reason != ReasonOtherZone
}

// FetchedDays is the response to a request for a range of days, with one element for each
// requested day.
type FetchedDays struct {
	Source string // the host that responded
	Days   []FetchedDay
}
