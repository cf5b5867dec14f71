package democlass

import (
	"fmt"
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Plan is the specification of a class. Equal plans create equal classes, with the same
// IDs, names, keys and days, on any machine and at any time. IDs and keys depend on Seed
// alone: they do not change with the size or the dates of the class.
type Plan struct {
	Seed     uint64
	Students int
	Days     int        // from the first day of the batches to Until
	Until    domain.Day // the last day with coding
}

// The defaults and the limits of a plan.
const (
	defaultSeed     = 2026
	defaultStudents = 24
	defaultDays     = 60
	minStudents     = 2
	maxStudents     = 1000
	minDays         = 7
	maxDays         = domain.MaxDays
)

// DefaultPlan returns the plan of the class in the documentation, ending today.
func DefaultPlan(now time.Time) Plan {
	return Plan{Seed: defaultSeed, Students: defaultStudents, Days: defaultDays, Until: domain.UTC.Today(now)}
}

// NewPlan returns a plan. If until is empty, the last day is today.
func NewPlan(seed uint64, students, days int, until string, now time.Time) (Plan, error) {
	p := Plan{Seed: seed, Students: students, Days: days, Until: domain.UTC.Today(now)}
	var err error
	switch {
	case students < minStudents || students > maxStudents:
		err = fmt.Errorf("the number of students must be %d to %d, not %d", minStudents, maxStudents, students)
	case days < minDays || days > maxDays:
		err = fmt.Errorf("the number of days must be %d to %d, not %d", minDays, maxDays, days)
	case until != "":
		p.Until, err = domain.ParseDay("until", until)
	}
	return p, err
}

// Evening returns the time on the last day at which the class is observed: afternoon in
// Chicago, evening in Lisbon, and the next day in Kathmandu.
func (p Plan) Evening() time.Time { return p.Until.Date().Add(18*time.Hour + 30*time.Minute) }

// start is the first day of the batches.
func (p Plan) start() domain.Day { return p.Until - domain.Day(p.Days) }

// end is the last day of the batches.
func (p Plan) end() domain.Day { return p.Until + 30 }

// quietSince is the first day without coding of a student who went quiet.
func (p Plan) quietSince() domain.Day { return p.Until - domain.Day(min(12, p.Days/2)) }

// switchedOn is the first day with coding at the account that a student switched to.
func (p Plan) switchedOn() domain.Day { return p.Until - 4 }

// gap is the range of days that WakaTime omits for a student with a gap.
func (p Plan) gap() domain.DayRange {
	middle := p.start() + domain.Day(p.Days/2)
	return domain.DayRange{From: middle, To: middle + 3}
}

// codingSince is the first day with coding at WakaTime, before the batches start.
func (p Plan) codingSince() domain.Day { return p.start() - 30 }

// students returns the students in the order in which they join, alternating between the
// two batches. The students of a smaller class are the first ones of a larger class.
func (p Plan) students() []person {
	var people []person
	half := len(known) / len(batches)
	for i := range half {
		for b := range batches {
			people = append(people, known[b*half+i])
		}
	}
	for i := len(people); i < p.Students; i++ {
		people = append(people, extraStudent(i-len(known), i%len(batches)))
	}
	return people[:p.Students]
}
