package seed

import (
	"time"

	"github.com/gradus-dev/gradus/internal/domain"
)

// Plan says which class to make. Equal plans make equal classes: the same ids, names,
// keys and days, whenever and wherever they are made. Ids and keys depend on the Seed
// alone, so that a class of another size, or of another time, has them too.
type Plan struct {
	Seed     uint64
	Students int
	Days     int        // from the first day of the batches to Until
	Until    domain.Day // the last day with coding
}

// The defaults of a Plan, and its limits.
const (
	DefaultSeed     = 2026
	DefaultStudents = 24
	DefaultDays     = 60
	MinStudents     = 2
	MaxStudents     = 1000
	MinDays         = 7
	MaxDays         = domain.MaxDays
)

// DefaultPlan returns the plan of the class that everybody knows.
func DefaultPlan(until domain.Day) Plan {
	return Plan{Seed: DefaultSeed, Students: DefaultStudents, Days: DefaultDays, Until: until}
}

// Start is the first day of the batches.
func (p Plan) Start() domain.Day { return p.Until - domain.Day(p.Days) }

// Ends is the last day of the batches.
func (p Plan) Ends() domain.Day { return p.Until + 30 }

// Evening is the time on the last day at which a class stands still: afternoon in
// Chicago, evening in Lisbon, and the next day in Kathmandu.
func (p Plan) Evening() time.Time { return p.Until.Date().Add(18*time.Hour + 30*time.Minute) }

// QuietSince is the first day without coding of who went quiet.
func (p Plan) QuietSince() domain.Day { return p.Until - domain.Day(min(12, p.Days/2)) }

// Gap is the days that WakaTime leaves out of its answers about who has a gap.
func (p Plan) Gap() domain.DayRange {
	middle := p.Start() + domain.Day(p.Days/2)
	return domain.DayRange{From: middle, To: middle + 3}
}

// CodingSince is the day from which WakaTime knows of coding: some of it lies before
// the batches.
func (p Plan) CodingSince() domain.Day { return p.Start() - 30 }

// People are the students in the order in which they join, the two batches by turns.
// Fewer are the first of more.
func (p Plan) People() []Person {
	var people []Person
	half := len(known) / len(Batches)
	for i := range half {
		for b := range Batches {
			people = append(people, known[b*half+i])
		}
	}
	for i := len(people); i < p.Students; i++ {
		people = append(people, oneMore(i-len(known), i%len(Batches)))
	}
	return people[:p.Students]
}
