package ports

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=students.go -destination=mock/students.go -package=mock

// Students is driving: who is in which batch.
type Students interface {
	// Join enrols the actor in the batch of a registration key.
	// Errors: ErrRegistrationKeyInvalid, ErrBatchFull, ErrAlreadyEnrolled, ErrForbidden.
	Join(ctx context.Context, actor domain.Actor, key string) (domain.Student, error)
	// Students lists the students that the actor sees, by name.
	// Errors: ErrForbidden, ErrInvalidCursor.
	Students(ctx context.Context, actor domain.Actor, f domain.StudentFilter, page domain.PageRequest) (domain.Page[domain.Student], error)
	// Student returns one student.
	// Errors: ErrStudentNotFound.
	Student(ctx context.Context, actor domain.Actor, id domain.UserID) (domain.Student, error)
}

// StudentStore is driven: where students are read.
type StudentStore interface {
	// Student returns one student with their last week, in one round trip.
	// Errors: ErrStudentNotFound.
	Student(ctx context.Context, id domain.UserID) (domain.Student, error)
	// ListStudents lists students by name with their last week, in one round trip.
	// Errors: ErrInvalidCursor.
	ListStudents(ctx context.Context, sight domain.Visibility, f domain.StudentFilter, page domain.PageRequest) (domain.Page[domain.Student], error)
}

// EnrolmentStore is driven: where people's places in batches are kept.
type EnrolmentStore interface {
	// AddEnrolment stores a new current enrolment.
	// Errors: ErrAlreadyEnrolled.
	AddEnrolment(ctx context.Context, e domain.Enrolment) error
	// EndEnrolment ends a user's current enrolment, if there is one.
	// Errors: none.
	EndEnrolment(ctx context.Context, user domain.UserID, status domain.EnrolmentStatus) error
	// RemoveAssignments takes an instructor off all batches.
	// Errors: none.
	RemoveAssignments(ctx context.Context, user domain.UserID) error
}
