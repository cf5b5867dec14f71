package ports

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=students.go -destination=mock/students.go -package=mock

// Students is a driving interface: students and their batches.
type Students interface {
	// Join enrols the actor in the batch of a registration key.
	// Errors: ErrRegistrationKeyInvalid, ErrBatchFull, ErrAlreadyEnrolled, ErrForbidden.
	Join(ctx context.Context, actor domain.Actor, key string) (domain.Student, error)
	// Students lists the students that the actor can access, sorted by name.
	// Errors: ErrForbidden, ErrInvalidCursor.
	Students(ctx context.Context, actor domain.Actor, f domain.StudentFilter, page domain.PageRequest) (domain.Page[domain.Student], error)
	// Student returns one student.
	// Errors: ErrStudentNotFound.
	Student(ctx context.Context, actor domain.Actor, id domain.UserID) (domain.Student, error)
}

// StudentStore is a driven interface: it reads students.
type StudentStore interface {
	// Student returns one student with their last week, in one round trip.
	// Errors: ErrStudentNotFound.
	Student(ctx context.Context, id domain.UserID) (domain.Student, error)
	// ListStudents lists students with their last week, sorted by name, in one round trip.
	// Errors: ErrInvalidCursor.
	ListStudents(ctx context.Context, visible domain.Visibility, f domain.StudentFilter, page domain.PageRequest) (domain.Page[domain.Student], error)
}

// EnrolmentStore is a driven interface: it stores enrolments.
type EnrolmentStore interface {
	// AddEnrolment stores a new current enrolment.
	// Errors: ErrAlreadyEnrolled.
	AddEnrolment(ctx context.Context, e domain.Enrolment) error
	// EndEnrolment ends a user's current enrolment, if any.
	// Errors: none.
	EndEnrolment(ctx context.Context, user domain.UserID, status domain.EnrolmentStatus) error
}
