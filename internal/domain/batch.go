package domain

import (
	"cmp"
	"time"
)

// Errors of batches.
var (
	ErrBatchNotFound      = define(KindNotFound, "batch_not_found", "The batch does not exist, or you cannot access it.")
	ErrBatchArchived      = define(KindConflict, "batch_archived", "This batch is archived. Restore it first.")
	ErrInstructorNotFound = define(KindNotFound, "instructor_not_found", "The user is not an instructor of this batch.")
	ErrNotAnInstructor    = define(KindConflict, "not_an_instructor", "Only users with the role instructor can be assigned to a batch. Change the user's role first.")
)

// BatchID identifies a Batch.
type BatchID = ID[Batch]

// Batch is a class with dates. Its days begin and end in its time zone.
type Batch struct {
	ID          BatchID
	Name        string
	Description string
	StartsOn    Day
	EndsOn      Day
	TimeZone    TimeZone
	// WeeklyGoal is the expected coding time of each student per week in seconds, or nil
	// for no goal.
	WeeklyGoal *int
	AITime     AITime
	ArchivedAt *time.Time
	CreatedAt  time.Time
	Version    int // incremented with every change

	Students    int // currently enrolled; read-only
	Instructors int // currently assigned; read-only
}

// BatchStatus is the status of a batch.
type BatchStatus string

// The statuses of a batch.
const (
	BatchUpcoming BatchStatus = "upcoming" // has not started
	BatchActive   BatchStatus = "active"
	BatchEnded    BatchStatus = "ended"
	BatchArchived BatchStatus = "archived"
)

// Status returns the status of the batch at now, by the calendar of its own time zone.
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
	Search string // part of a name, ignoring case and accents
}

// BatchUpdate sets fields of a batch; nil leaves a field unchanged. To create a batch, all
// fields but Description and WeeklyGoal are required.
type BatchUpdate struct {
	Name, Description, TimeZone *string
	StartsOn, EndsOn            *Day
	WeeklyGoal                  **int // a pointer to nil removes the goal
	AITime                      *AITime
}

const maxBatchDays = 3 * 366

// NewBatch returns a batch with the given fields.
// Errors: ErrInvalid.
func NewBatch(id BatchID, fields BatchUpdate, now time.Time) (Batch, error) {
	var noStart, noEnd error
	if fields.StartsOn == nil {
		noStart = invalid("starts_on", "required", "A start date is required.")
	}
	if fields.EndsOn == nil {
		noEnd = invalid("ends_on", "required", "An end date is required.")
	}
	fields.Name, fields.TimeZone = cmp.Or(fields.Name, new("")), cmp.Or(fields.TimeZone, new(""))
	if err := AllOf(noStart, noEnd); err != nil {
		return Batch{}, AllOf(err, fields.Check())
	}
	b := Batch{ID: id, CreatedAt: now, Version: 1, AITime: AIExcluded}
	if _, err := b.Update(fields); err != nil {
		return Batch{}, err
	}
	return b, nil
}

// Check returns what is invalid about the fields that are set, whichever batch they are for.
// It compares the dates only if both are set.
// Errors: ErrInvalid.
func (u BatchUpdate) Check() error {
	var b Batch
	switch { // dates that are in order until the update changes them
	case u.StartsOn != nil:
		b.StartsOn, b.EndsOn = *u.StartsOn, *u.StartsOn
	case u.EndsOn != nil:
		b.StartsOn, b.EndsOn = *u.EndsOn, *u.EndsOn
	}
	_, err := b.Update(u)
	return err
}

// Update applies u and reports whether it changed anything.
// Errors: ErrInvalid, ErrBatchArchived.
func (b *Batch) Update(u BatchUpdate) (changed bool, err error) {
	if b.ArchivedAt != nil {
		return false, ErrBatchArchived
	}
	next := *b
	var errs [5]error
	if u.Name != nil {
		next.Name, errs[0] = ParseName("name", *u.Name)
	}
	if u.Description != nil {
		next.Description, errs[1] = ParseText("description", *u.Description, 2000)
	}
	if u.TimeZone != nil {
		next.TimeZone, errs[2] = ParseTimeZone("time_zone", *u.TimeZone)
	}
	if u.StartsOn != nil {
		next.StartsOn = *u.StartsOn
	}
	if u.EndsOn != nil {
		next.EndsOn = *u.EndsOn
	}
	if u.WeeklyGoal != nil {
		next.WeeklyGoal = *u.WeeklyGoal
	}
	if u.AITime != nil {
		next.AITime = *u.AITime
	}
	errs[3] = checkDates(next.StartsOn, next.EndsOn)
	if g := next.WeeklyGoal; g != nil && (*g < 1 || *g > 7*secondsPerDay) {
		errs[4] = invalid("weekly_goal_seconds", "out_of_range", "The weekly goal must be 1 to 604,800 seconds. A week has 604,800.")
	}
	if err := AllOf(errs[:]...); err != nil {
		return false, err
	}
	changed = !next.same(*b)
	*b = next
	return changed, nil
}

func checkDates(from, to Day) error {
	switch {
	case !from.InRange():
		return invalid("starts_on", "out_of_range", "The start date (%s) must be between %s and %s.", from, MinDay, MaxDay)
	case !to.InRange():
		return invalid("ends_on", "out_of_range", "The end date (%s) must be between %s and %s.", to, MinDay, MaxDay)
	case to < from:
		return invalid("ends_on", "range_reversed", "The end date (%s) is before the start date (%s).", to, from)
	case int(to-from) >= maxBatchDays:
		return invalid("ends_on", "range_too_long", "A batch can last at most three years.")
	}
	return nil
}

func (b Batch) same(o Batch) bool {
	goals := sameInt(b.WeeklyGoal, o.WeeklyGoal)
	b.WeeklyGoal, o.WeeklyGoal = nil, nil
	return goals && b == o
}

// Archive archives the batch and reports whether it was not archived before.
func (b *Batch) Archive(now time.Time) bool {
	if b.ArchivedAt != nil {
		return false
	}
	b.ArchivedAt = &now
	return true
}

// Restore restores the batch and reports whether it was archived.
func (b *Batch) Restore() bool {
	was := b.ArchivedAt != nil
	b.ArchivedAt = nil
	return was
}

// Instructor is a user who teaches a batch.
type Instructor struct {
	User       UserID
	Name       string
	Email      Email
	AssignedAt time.Time
}

// NewInstructor returns a user as an instructor assigned at now.
// Errors: ErrNotAnInstructor.
func NewInstructor(u User, now time.Time) (Instructor, error) {
	if u.Role != RoleInstructor {
		return Instructor{}, ErrNotAnInstructor
	}
	return Instructor{User: u.ID, Name: u.Name, Email: u.Email, AssignedAt: now}, nil
}
