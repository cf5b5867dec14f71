package domain

import (
	"cmp"
	"time"
)

// Failures of batches.
var (
	ErrBatchNotFound      = define(KindNotFound, "batch_not_found", "There is no such batch.")
	ErrBatchArchived      = define(KindConflict, "batch_archived", "This batch is archived. Reopen it first.")
	ErrInstructorNotFound = define(KindNotFound, "instructor_not_found", "This user is not an instructor of this batch.")
	ErrNotAnInstructor    = define(KindConflict, "not_an_instructor", "Only users with the role instructor can be assigned to a batch.")
)

// BatchID identifies a Batch.
type BatchID = ID[Batch]

// Batch is a class with dates. Its days are cut in its time zone.
type Batch struct {
	ID          BatchID
	Name        string
	Description string
	StartsOn    Day
	EndsOn      Day
	TimeZone    TimeZone
	// WeeklyGoal is the coding time expected of each student per week in seconds;
	// nil when nothing is expected.
	WeeklyGoal *int
	ArchivedAt *time.Time
	CreatedAt  time.Time
	Version    int // grows with every change

	Students    int // enrolled now; read only
	Instructors int // assigned now; read only
}

// BatchStatus is where a batch stands in its life.
type BatchStatus string

// The states of a batch.
const (
	BatchUpcoming BatchStatus = "upcoming" // starts later
	BatchActive   BatchStatus = "active"
	BatchEnded    BatchStatus = "ended"
	BatchArchived BatchStatus = "archived"
)

// Status tells where the batch stands at now, by the calendar of its own zone.
func (b Batch) Status(now time.Time) BatchStatus {
	today := b.TimeZone.Today(now)
	switch {
	case b.ArchivedAt != nil:
		return BatchArchived
	case today < b.StartsOn:
		return BatchUpcoming
	case today > b.EndsOn:
		return BatchEnded
	}
	return BatchActive
}

// BatchFilter narrows a list of batches; zero fields match everything.
type BatchFilter struct {
	Status BatchStatus
	Search string // part of a name, in any case
}

// BatchUpdate sets fields of a batch; nil leaves a field alone. It serves creation
// too, where all but Description and WeeklyGoal are needed.
type BatchUpdate struct {
	Name, Description, TimeZone *string
	StartsOn, EndsOn            *Day
	WeeklyGoal                  **int // a pointer to nil takes the goal away
}

const maxBatchDays = 3 * 366

// NewBatch returns a batch made of e.
// Errors: ErrInvalid.
func NewBatch(id BatchID, e BatchUpdate, now time.Time) (Batch, error) {
	var noStart, noEnd error
	if e.StartsOn == nil {
		noStart = wrong("starts_on", "required", "A batch needs a day that it starts on.")
	}
	if e.EndsOn == nil {
		noEnd = wrong("ends_on", "required", "A batch needs a day that it ends on.")
	}
	if err := allOf(noStart, noEnd); err != nil {
		return Batch{}, err
	}
	e.Name, e.TimeZone = cmp.Or(e.Name, new("")), cmp.Or(e.TimeZone, new(""))
	b := Batch{ID: id, CreatedAt: now, Version: 1}
	if _, err := b.Update(e); err != nil {
		return Batch{}, err
	}
	return b, nil
}

// Update applies e and reports whether it changed anything.
// Errors: ErrInvalid, ErrBatchArchived.
func (b *Batch) Update(e BatchUpdate) (changed bool, err error) {
	if b.ArchivedAt != nil {
		return false, ErrBatchArchived
	}
	next := *b
	var errs [5]error
	if e.Name != nil {
		next.Name, errs[0] = ParseName("name", *e.Name)
	}
	if e.Description != nil {
		next.Description, errs[1] = ParseText("description", *e.Description, 2000)
	}
	if e.TimeZone != nil {
		next.TimeZone, errs[2] = ParseTimeZone("time_zone", *e.TimeZone)
	}
	if e.StartsOn != nil {
		next.StartsOn = *e.StartsOn
	}
	if e.EndsOn != nil {
		next.EndsOn = *e.EndsOn
	}
	if e.WeeklyGoal != nil {
		next.WeeklyGoal = *e.WeeklyGoal
	}
	errs[3] = checkDates(next.StartsOn, next.EndsOn)
	if g := next.WeeklyGoal; g != nil && (*g < 1 || *g > 7*secondsPerDay) {
		errs[4] = wrong("weekly_goal_seconds", "out_of_range", "A week has 604,800 seconds; give 1 to that many.")
	}
	if err := allOf(errs[:]...); err != nil {
		return false, err
	}
	changed = !next.same(*b)
	*b = next
	return changed, nil
}

func checkDates(from, to Day) error {
	switch {
	case to < from:
		return wrong("ends_on", "range_reversed", "The batch ends (%s) before it starts (%s).", to, from)
	case int(to-from) >= maxBatchDays:
		return wrong("ends_on", "range_too_long", "A batch lasts at most three years.")
	}
	return nil
}

func (b Batch) same(o Batch) bool {
	goals := sameInt(b.WeeklyGoal, o.WeeklyGoal)
	b.WeeklyGoal, o.WeeklyGoal = nil, nil
	return goals && b == o
}

// Archive closes the batch and reports whether it was open.
func (b *Batch) Archive(now time.Time) bool {
	if b.ArchivedAt != nil {
		return false
	}
	b.ArchivedAt = &now
	return true
}

// Restore undoes Archive and reports whether the batch was archived.
func (b *Batch) Restore() bool {
	was := b.ArchivedAt != nil
	b.ArchivedAt = nil
	return was
}

// Instructor is a user as staff of a batch.
type Instructor struct {
	User       UserID
	Name       string
	Email      Email
	AssignedAt time.Time
}

// NewInstructor returns a user as staff of a batch from now on.
// Errors: ErrNotAnInstructor.
func NewInstructor(u User, now time.Time) (Instructor, error) {
	if u.Role != RoleInstructor {
		return Instructor{}, ErrNotAnInstructor
	}
	return Instructor{User: u.ID, Name: u.Name, Email: u.Email, AssignedAt: now}, nil
}
