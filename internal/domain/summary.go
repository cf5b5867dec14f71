package domain

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// DayState is what is known about one day of one user.
type DayState string

// The states of a day. Only DayOK and DayEmpty are known. DayPartial has the seconds seen so
// far, which are never counted as known. The others have no seconds and never count as zero.
const (
	DayOK           DayState = "ok"           // fetched after it ended, with coding time
	DayEmpty        DayState = "empty"        // fetched after it ended, without coding time
	DayPartial      DayState = "partial"      // last fetched before it ended
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
