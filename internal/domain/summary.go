package domain

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// DayState is what is known about one day of one user.
type DayState string

// The states of a day. Only DayOK and DayEmpty are known; the others have no seconds and
// never count as zero.
const (
	DayOK           DayState = "ok"
	DayEmpty        DayState = "empty"        // fetched, without coding time
	DayPending      DayState = "pending"      // not fetched yet, or upstream is still computing
	DayPlanLimited  DayState = "plan_limited" // not included in the account's plan
	DayError        DayState = "error"        // failed; will be retried
	DayDisconnected DayState = "disconnected" // no connection; never stored
)

// Known reports whether the day's seconds are known.
func (s DayState) Known() bool { return s == DayOK || s == DayEmpty }

// Dimension is a way to break down a day's time.
type Dimension string

// The dimensions, in storage order.
const (
	ByLanguage        Dimension = "language"
	ByProject         Dimension = "project"
	ByEditor          Dimension = "editor"
	ByOperatingSystem Dimension = "operating_system"
	ByCategory        Dimension = "category"
	ByDependency      Dimension = "dependency"
	ByMachine         Dimension = "machine"
)

// Dimensions lists all dimensions.
var Dimensions = []Dimension{ByLanguage, ByProject, ByEditor, ByOperatingSystem, ByCategory, ByDependency, ByMachine}

// Share is the part of a day's time with a certain name, such as a language.
type Share struct {
	Dimension Dimension
	Name      string
	Seconds   int
}

const (
	maxShares    = 50  // per dimension and day; the rest is negligible
	maxShareName = 120 // bytes
)

// NormalizeShares prepares the shares of a day for storage: it drops empty shares, truncates
// long names, merges equal names and keeps the 50 largest of each dimension. The order is
// fixed, so that the same response is always stored as the same row.
func NormalizeShares(shares []Share) []Share {
	type key struct {
		dimension Dimension
		name      string
	}
	sums := map[key]int{}
	for _, s := range shares {
		if name := cleanText(s.Name, maxShareName); name != "" && s.Seconds > 0 {
			sums[key{s.Dimension, name}] += s.Seconds
		}
	}
	out := make([]Share, 0, len(sums))
	for k, n := range sums {
		out = append(out, Share{k.dimension, k.name, n})
	}
	slices.SortFunc(out, func(a, b Share) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Dimensions, a.Dimension), slices.Index(Dimensions, b.Dimension)),
			cmp.Compare(b.Seconds, a.Seconds),
			cmp.Compare(a.Name, b.Name))
	})
	count := map[Dimension]int{}
	return slices.DeleteFunc(out, func(s Share) bool {
		count[s.Dimension]++
		return count[s.Dimension] > maxShares
	})
}

// DailySummary is one row of the ledger: what is known about one day of one user, and where
// it comes from.
type DailySummary struct {
	Day       Day
	State     DayState
	Seconds   *int   // nil unless the state is known
	TimeZone  string // the time zone in which the server split the day; an IANA name or an offset
	Source    string // the host it was fetched from; empty if none
	FetchedAt *time.Time
	Attempts  int    // failed attempts since it was last known
	Reason    Reason // why it is unknown, or what is unusual about it
	Final     bool   // fetched after the day had ended
	Shares    []Share
}

// FetchedDay is one day of a response.
type FetchedDay struct {
	Day      Day
	State    DayState // DayOK, DayEmpty or DayError
	Seconds  int
	TimeZone string // the time zone in which the server split the day
	Reason   Reason // why it is an error, or ReasonOtherZone if the time zone is not the requested one
	Shares   []Share
}

// FetchedDays is the response to a request for a range of days, with one element for each
// requested day.
type FetchedDays struct {
	Source string // the host that responded
	Days   []FetchedDay
}

// FailedAttempt is a failed attempt to fetch a day.
type FailedAttempt struct {
	Day    Day
	State  DayState // DayPending, DayPlanLimited or DayError
	Reason Reason
}

// NewFailedAttempt returns the attempt at a day that failed for reason r.
func NewFailedAttempt(day Day, r Reason) FailedAttempt {
	a := FailedAttempt{Day: day, State: DayError, Reason: r}
	if r == ReasonNotReady || r == ReasonThrottled {
		a.State = DayPending
	}
	if r == ReasonPlanLimited {
		a.State = DayPlanLimited
	}
	return a
}

// cleanText makes external text safe to store: valid UTF-8 without control characters, at
// most limit bytes and never truncated inside a character.
func cleanText(s string, limit int) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "")))
	for len(s) > limit {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return strings.TrimSpace(s)
}
