package fakewaka

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// session is one stretch of coding in Unix seconds, end excluded. Its seed
// decides what was coded.
type session struct {
	start, end int64
	day        date
	seed       uint64
}

// rhythm is an Activity, read and defaulted.
type rhythm struct {
	weekly, weekendShare float64
	idle                 bool
	since, quiet         date
	gapFrom, gapTo       date
}

const (
	never = 1 << 40
	// breakSeconds keeps sessions further apart than the default keystroke
	// timeout, which would join them.
	breakSeconds = 20 * 60
)

func newRhythm(a Activity) (rhythm, error) {
	r := rhythm{
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
			return rhythm{}, err
		}
		*field.into = d
	}
	return r, nil
}

// codes reports whether d may have data at all.
func (r rhythm) codes(d date) bool {
	return !r.idle && d >= r.since && d < r.quiet && (d < r.gapFrom || d > r.gapTo)
}

// target draws the seconds to code on d, or zero for a day off.
func (r rhythm) target(d date, rng *rand.Rand) int {
	share, chance := (1-r.weekendShare)/5, 0.85
	if weekday := d.weekday(); weekday == time.Saturday || weekday == time.Sunday {
		share, chance = r.weekendShare/2, 0.5
	}
	works, factor := rng.Float64() < chance, 0.4+1.2*rng.Float64()
	if !works {
		return 0
	}
	return int(r.weekly * 3600 * share / chance * factor)
}

// sessionsOn returns the sessions that begin on d, in order. They lie between
// eight in the morning and half past one at night of the person's wall clock,
// so some cross midnight; before a silent day they end at midnight.
func (a *account) sessionsOn(d date) []session {
	if !a.rhythm.codes(d) {
		return nil
	}
	rng := a.random("day", int(d))
	total := a.rhythm.target(d, rng)
	if total < 60 {
		return nil
	}
	start, end := d.at(8, 0, a.loc).Unix(), d.at(24, 0, a.loc).Unix()
	if a.rhythm.codes(d + 1) {
		end = d.at(25, 30, a.loc).Unix()
	}
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

// yardstick is how keystrokes are joined to time. A longer timeout joins
// sessions over their breaks; a shorter one, or counting writes alone, leaves
// less of each session.
type yardstick struct {
	timeout    int // minutes
	writesOnly bool
}

var defaultYardstick = yardstick{timeout: 15}

func (y yardstick) apply(sessions []session) []session {
	keep := 1.0
	if y.timeout < defaultYardstick.timeout {
		keep = 0.7 + 0.3*float64(max(0, y.timeout))/float64(defaultYardstick.timeout)
	}
	if y.writesOnly {
		keep *= 0.6
	}
	for i := range sessions {
		switch s := &sessions[i]; {
		case keep < 1:
			s.end = s.start + int64(float64(s.end-s.start)*keep)
		case i+1 < len(sessions) && sessions[i+1].start-s.end <= int64(y.timeout)*60:
			s.end = sessions[i+1].start
		}
	}
	return sessions
}

// sessions returns what was coded in [from, to) and before now, cut to those
// bounds.
func (a *account) sessions(from, to int64, y yardstick, now time.Time) []session {
	to = min(to, now.Unix())
	if from >= to {
		return nil
	}
	// A session may begin the evening before, and joining needs its neighbours.
	first := max(dateOf(time.Unix(from, 0), a.loc)-1, a.rhythm.since)
	last := dateOf(time.Unix(to, 0), a.loc) + 1
	var all []session
	for d := first; d <= last; d++ {
		all = append(all, a.sessionsOn(d)...)
	}
	all = y.apply(all)
	for i := range all {
		all[i].start, all[i].end = max(all[i].start, from), min(all[i].end, to)
	}
	return slices.DeleteFunc(all, func(s session) bool { return s.start >= s.end })
}

// random returns the person's stream for a topic and a number.
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

// split divides total by weight into parts that add up to total exactly.
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
