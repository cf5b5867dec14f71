package domain

import "time"

// Failures of students.
var (
	// ErrStudentNotFound says that a student is absent, or not visible to the actor.
	ErrStudentNotFound = define(KindNotFound, "student_not_found", "There is no such student.")
	ErrAlreadyEnrolled = define(KindConflict, "already_enrolled", "This account is in a batch already. Staff can transfer it.")
)

// EnrolmentID identifies an Enrolment.
type EnrolmentID = ID[Enrolment]

// EnrolmentStatus is how a student stands in their batch.
type EnrolmentStatus string

// The states of an enrolment.
const (
	EnrolmentActive    EnrolmentStatus = "active"
	EnrolmentPaused    EnrolmentStatus = "paused"
	EnrolmentGraduated EnrolmentStatus = "graduated"
	EnrolmentDropped   EnrolmentStatus = "dropped"
)

// Enrolment is a user's time in a batch. A user has at most one that has not ended;
// ended ones stay as history.
type Enrolment struct {
	ID         EnrolmentID
	User       UserID
	Batch      BatchID
	Status     EnrolmentStatus
	EnrolledAt time.Time
	EndedAt    *time.Time
}

// Student is a user with a current enrolment. Their id is the user's.
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
	Version    int      // grows with every change of the person or of their place
	LastWeek   Coverage // today and the six days before, in the batch's zone
}

// StudentFilter narrows a list of students; zero fields match everything.
type StudentFilter struct {
	Batch     BatchID
	Status    EnrolmentStatus
	Search    string // part of a name or an e-mail address, in any case
	Connected *bool
}
