package fakewaka

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// session is an interval of coding in Unix seconds, end exclusive. Its seed
// determines what was coded.
type session struct {
	start, end int64
	day        date
	seed       uint64
	category   string // of the whole session; empty means a mix
}

// schedule is a parsed Activity with defaults applied.
type schedule struct {
	weekly, weekendShare float64
	idle                 bool
	since, quiet         date
	gapFrom, gapTo       date
}

const (
	never = 1 << 40
	// breakSeconds separates sessions by more than the default keystroke timeout,
	// which would join them.
	breakSeconds = 20 * 60
	// apartSeconds separates single keystrokes by more than the default keystroke
	// timeout.
	apartSeconds = 16 * 60
)

func newSchedule(a Activity) (schedule, error) {
	r := schedule{
		weekly:       cmp.Or(a.WeeklyHours, defaultWeeklyHours),
		weekendShare: min(1, max(0, cmp.Or(a.WeekendShare, defaultWeekendShare))),
		idle:         a.Idle,
		quiet:        never,
		gapFrom:      never,
		gapTo:        -never,
	}
	for _, field := range []struct {
		text string
		into *date
	}{
		{cmp.Or(a.Since, defaultSince), &r.since},
		{a.QuietSince, &r.quiet},
		{a.GapFrom, &r.gapFrom},
		{a.GapTo, &r.gapTo},
	} {
		if field.text == "" {
			continue
		}
		d, err := parseDate(field.text)
		if err != nil {
			return schedule{}, err
		}
		*field.into = d
	}
	return r, nil
}

// codes reports whether d can have data.
func (r schedule) codes(d date) bool {
	return !r.idle && d >= r.since && d < r.quiet && (d < r.gapFrom || d > r.gapTo)
}

// target draws the seconds of coding on d, or zero for a day off.
func (r schedule) target(d date, rng *rand.Rand) int {
	share, probability := (1-r.weekendShare)/5, 0.85
	if weekday := d.weekday(); weekday == time.Saturday || weekday == time.Sunday {
		share, probability = r.weekendShare/2, 0.5
	}
	works, factor := rng.Float64() < probability, 0.4+1.2*rng.Float64()
	if !works {
		return 0
	}
	return int(r.weekly * 3600 * share / probability * factor)
}

// sessionsOn returns the scheduled sessions that start on d, in order. They lie between 08:00
// and 01:30 on the person's wall clock, so that some cross midnight. Before an
// inactive day they end at midnight.
func (a *account) sessionsOn(d date) []session {
	if !a.schedule.codes(d) {
		return nil
	}
	rng := a.random("day", int(d))
	total := a.schedule.target(d, rng)
	if total < 60 {
		return nil
	}
	start, end := d.at(8, 0, a.loc).Unix(), a.endOf(d)
	total = min(total, int(end-start)*8/10)
	count := 1
	if total > 1800 {
		count += rng.IntN(4)
	}
	lengths := split(total-60*count, weights(rng, count))
	gaps := split(int(end-start)-total-breakSeconds*(count-1), weights(rng, count+1))
	sessions := make([]session, count)
	at := start
	for i := range sessions {
		at += int64(gaps[i])
		sessions[i] = session{start: at, end: at + 60 + int64(lengths[i]), day: d, seed: rng.Uint64()}
		at = sessions[i].end + breakSeconds
	}
	return sessions
}

// endOf returns when the sessions of d end at the latest.
func (a *account) endOf(d date) int64 {
	if a.schedule.codes(d + 1) {
		return d.at(25, 30, a.loc).Unix()
	}
	return d.at(24, 0, a.loc).Unix()
}

// keystrokesAfter returns the single keystrokes after each session of d, as sessions
// without a length. Only a timeout that is longer than the default joins them.
func (a *account) keystrokesAfter(sessions []session, d date) []session {
	rng := a.random("keystrokes", int(d))
	var keystrokes []session
	for i, s := range sessions {
		next := a.endOf(d)
		if i+1 < len(sessions) {
			next = sessions[i+1].start
		}
		at := s.end
		for range rng.IntN(4) {
			at += int64(apartSeconds + rng.IntN(30*60))
			if at+apartSeconds > next {
				break
			}
			keystrokes = append(keystrokes, session{start: at, end: at, day: d, seed: s.seed})
		}
	}
	return keystrokes
}

// countingRules defines how keystrokes are joined into time. A timeout below the
// default, or counting only writes, shortens each session. Then a session extends to
// the next one if the break between them is not longer than the timeout.
type countingRules struct {
	timeout    int // minutes
	writesOnly bool
}

var defaultCountingRules = countingRules{timeout: 15}

func (y countingRules) apply(sessions []session) []session {
	keep := 1.0
	if y.timeout < defaultCountingRules.timeout {
		keep = 0.7 + 0.3*float64(max(0, y.timeout))/float64(defaultCountingRules.timeout)
	}
	if y.writesOnly {
		keep *= 0.6
	}
	last := 0 // the session that ends last, because keystrokes may lie within it
	for i := range sessions {
		s := &sessions[i]
		if keep < 1 {
			s.end = s.start + int64(float64(s.end-s.start)*keep)
		}
		if s.start-sessions[last].end <= int64(y.timeout)*60 {
			sessions[last].end = max(sessions[last].end, s.start)
		}
		if s.end >= sessions[last].end {
			last = i
		}
	}
	return sessions
}

// sessions returns the coding in [from, to) and before now, cut to those bounds.
func (a *account) sessions(from, to int64, y countingRules, now time.Time) []session {
	to = min(to, now.Unix())
	if from >= to {
		return nil
	}
	// A session may start the evening before, and joining needs the
	// neighboring days.
	first := max(dateOf(time.Unix(from, 0), a.loc)-1, a.schedule.since)
	last := dateOf(time.Unix(to, 0), a.loc) + 1
	var all []session
	for d := first; d <= last; d++ {
		scheduled := a.sessionsOn(d)
		all = append(all, scheduled...)
		if y.timeout > defaultCountingRules.timeout {
			all = append(all, a.keystrokesAfter(scheduled, d)...)
		}
	}
	all = append(all, a.added...)
	slices.SortFunc(all, func(a, b session) int { return cmp.Compare(a.start, b.start) })
	all = y.apply(all)
	for i := range all {
		all[i].start, all[i].end = max(all[i].start, from), min(all[i].end, to)
	}
	return slices.DeleteFunc(all, func(s session) bool { return s.start >= s.end })
}

// random returns the person's random stream for a topic and a number.
func (a *account) random(topic string, n int) *rand.Rand {
	return randomFor(a.seedKey, topic+strconv.Itoa(n))
}

func randomFor(seed uint64, topic string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(topic))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

func weights(rng *rand.Rand, n int) []int {
	w := make([]int, n)
	for i := range w {
		w[i] = 10 + rng.IntN(90)
	}
	return w
}

// split divides total by weight into parts that add up to exactly total.
func split(total int, weights []int) []int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	parts, left := make([]int, len(weights)), total
	for i, w := range weights {
		parts[i] = total * w / sum
		left -= parts[i]
	}
	parts[0] += left
	return parts
}
