package domain

import (
	"hash/fnv"
	"slices"
	"time"
)

// Check records when a range of days was last requested from an upstream account.
type Check struct {
	Days DayRange
	At   time.Time // when the request was sent
}

// Checks are the latest checks of an upstream account: disjoint ranges, oldest day first.
// They are kept per range and not per day, so that a sync without news writes no day.
type Checks []Check

// Of returns the latest check of d, or nil if it was never checked.
func (c Checks) Of(d Day) *Check {
	i, found := slices.BinarySearchFunc(c, d, func(c Check, d Day) int {
		switch {
		case c.Days.To < d:
			return -1
		case c.Days.From > d:
			return 1
		}
		return 0
	})
	if !found {
		return nil
	}
	return &c[i]
}

// At returns when d was last checked, or false if it never was.
func (c Checks) At(d Day) (time.Time, bool) {
	if k := c.Of(d); k != nil {
		return k.At, true
	}
	return time.Time{}, false
}

// Add returns the checks after days were checked at an instant. The latest check of a day
// counts.
func (c Checks) Add(days DayRange, at time.Time) Checks {
	if days.Len() == 0 {
		return c
	}
	all := append(slices.Clone(c), Check{Days: days, At: at})
	var edges []Day // between two edges, the latest check of all days is the same
	for _, k := range all {
		edges = append(edges, k.Days.From, k.Days.To+1)
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	var out Checks
	for i, from := range edges[:len(edges)-1] {
		latest := Check{Days: DayRange{From: from, To: edges[i+1] - 1}}
		for _, k := range all {
			if k.Days.Contains(from) && k.At.After(latest.At) {
				latest.At = k.At
			}
		}
		switch n := len(out); {
		case latest.At.IsZero():
		case n > 0 && out[n-1].At.Equal(latest.At) && out[n-1].Days.To+1 == from:
			out[n-1].Days.To = latest.Days.To
		default:
			out = append(out, latest)
		}
	}
	return out
}

// The days that are checked again although they are known, because editors report some time
// late and servers recompute old days: the last week each night, the last month each week,
// and all others each month.
const (
	recentDays  = 7
	monthDays   = 30
	weekNights  = 7
	monthNights = 30
	// settled is how long a check of a day is good for if a user requests its range.
	settled = 10 * time.Minute
)

// nightHour is the local hour from which a nightly sync may run. Late heartbeats of the
// evening have arrived by then.
const nightHour = 2

// night returns the instant from which the nightly sync of a day may run.
func night(d Day, loc *time.Location) time.Time {
	y, m, n := d.Date().Date()
	return time.Date(y, m, n, nightHour, 0, 0, 0, loc)
}

// recheckDue returns the instant since which d should have been checked, at the latest. A
// user's weekly and monthly nights depend on their ID, so that a class does not have them
// all at once. A night that was missed is due until it is made up for.
func recheckDue(user UserID, d, today Day, loc *time.Location) time.Time {
	due := night(today-sinceScheduled(user, today, monthNights), loc)
	switch age := int(today - d); {
	case age < recentDays:
		return night(today, loc)
	case age < monthDays:
		// The monthly night includes these days: they leave the month before the next one.
		if weekly := night(today-sinceScheduled(user, today, weekNights), loc); weekly.After(due) {
			return weekly
		}
	}
	return due
}

// sinceScheduled returns how many days ago the last night of a user was that comes around
// every so many nights.
func sinceScheduled(user UserID, today Day, every int) Day {
	h := fnv.New32a()
	h.Write(user[:])
	return (today + Day(h.Sum32()%(monthNights*weekNights))) % Day(every)
}
