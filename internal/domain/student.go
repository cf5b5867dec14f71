package domain

import "time"

// Errors of students.
var (
	// ErrStudentNotFound means that a student does not exist or the actor cannot access them.
	ErrStudentNotFound = define(KindNotFound, "student_not_found", "The student does not exist, or you cannot access them.")
	ErrAlreadyEnrolled = define(KindConflict, "already_enrolled", "This account is already enrolled in a batch. Staff can transfer it.")
)

// EnrolmentID identifies an Enrolment.
type EnrolmentID = ID[Enrolment]

// EnrolmentStatus is the status of an enrolment.
type EnrolmentStatus string

// The statuses of an enrolment.
const (
	EnrolmentActive    EnrolmentStatus = "active"
	EnrolmentPaused    EnrolmentStatus = "paused"
	EnrolmentGraduated EnrolmentStatus = "graduated"
	EnrolmentDropped   EnrolmentStatus = "dropped"
)

// Enrolment is a user's membership in a batch. A user has at most one that has not ended;
// ended ones remain as history.
type Enrolment struct {
	ID         EnrolmentID
	User       UserID
	Batch      BatchID
	Status     EnrolmentStatus
	EnrolledAt time.Time
	EndedAt    *time.Time
}

// Student is a user with a current enrolment. Their ID is the user's ID.
type Student struct {
	ID         UserID
	Name       string
	Email      Email
	Batch      BatchID
	BatchName  string
	TimeZone   TimeZone // the batch's
	Status     EnrolmentStatus
	EnrolledAt time.Time
	Connection ConnectionState
	Failing    *Failing
	Version    int      // incremented with every change of the user or the enrolment
	LastWeek   Coverage // today and the six days before, in the batch's time zone
}

// StudentFilter narrows a list of students; zero fields match everything.
type StudentFilter struct {
	Batch     BatchID
	Status    EnrolmentStatus
	Search    string // part of a name or email address, ignoring case and accents
	Connected *bool
}
