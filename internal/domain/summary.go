package domain

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// DayState says what is known of one day of one person.
type DayState string

// The states of a day. Only DayOK and DayEmpty are knowledge; the others have no
// seconds, and are never read as zero.
const (
	DayOK           DayState = "ok"
	DayEmpty        DayState = "empty"        // fetched: nothing was coded
	DayPending      DayState = "pending"      // not fetched yet, or upstream is still computing
	DayPlanLimited  DayState = "plan_limited" // upstream does not show it on this plan
	DayError        DayState = "error"        // could not be fetched; tried again
	DayDisconnected DayState = "disconnected" // nobody to ask; never stored
)

// Known reports whether the day's seconds are knowledge.
func (s DayState) Known() bool { return s == DayOK || s == DayEmpty }

// Dimension is one way in which a day's time is split.
type Dimension string

// The dimensions, in the order of storage.
const (
	ByLanguage        Dimension = "language"
	ByProject         Dimension = "project"
	ByEditor          Dimension = "editor"
	ByOperatingSystem Dimension = "operating_system"
	ByCategory        Dimension = "category"
	ByDependency      Dimension = "dependency"
	ByMachine         Dimension = "machine"
)

// Dimensions lists every dimension.
var Dimensions = []Dimension{ByLanguage, ByProject, ByEditor, ByOperatingSystem, ByCategory, ByDependency, ByMachine}

// Share is a part of a day: so many seconds under a name.
type Share struct {
	Dimension Dimension
	Name      string
	Seconds   int
}

const (
	maxShares    = 50  // per dimension and day; what is beyond is minutes of noise
	maxShareName = 120 // bytes
)

// NormalizeShares prepares the parts of a day for storage: whole seconds above zero,
// names cut to a sane length, equal names joined, the largest 50 of each dimension,
// in a fixed order, so that the same answer always stores as the same row.
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

// DailySummary is one row of the coverage ledger: what is known of one day of one
// person, and how it came to be known.
type DailySummary struct {
	Day       Day
	State     DayState
	Seconds   *int   // nil unless the state is known
	TimeZone  string // the zone in which the server cut the day; an IANA name or an offset
	Source    string // host that answered; empty when none did
	FetchedAt *time.Time
	Attempts  int    // how often it was asked for since it was last known
	Reason    Reason // why it is not known, or what is odd about it
	Final     bool   // fetched after the day had ended
	Shares    []Share
}

// FetchedDay is one day as a server answered it.
type FetchedDay struct {
	Day      Day
	State    DayState // DayOK, DayEmpty or DayError
	Seconds  int
	TimeZone string // the zone in which the server cut the day
	Reason   Reason // ReasonOtherZone when it is not the zone asked for; why it is an error
	Shares   []Share
}

// FetchedDays is an answer to a question for a range of days, one element for each
// day asked for.
type FetchedDays struct {
	Source string // host that answered
	Days   []FetchedDay
}

// FailedAttempt is a day that was asked for in vain.
type FailedAttempt struct {
	Day    Day
	State  DayState // DayPending, DayPlanLimited or DayError
	Reason Reason
}

// NewFailedAttempt returns the attempt at a day that r kept from being known.
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

// cleanText makes text from outside safe to store: valid, without control
// characters, at most limit bytes and never cut inside a character.
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
