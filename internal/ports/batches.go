package ports

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=batches.go -destination=mock/batches.go -package=mock

// Batches is a driving interface: classes and their dates.
type Batches interface {
	// Batches lists the batches that the actor can access, sorted by name.
	// Errors: ErrInvalidCursor.
	Batches(ctx context.Context, actor domain.Actor, f domain.BatchFilter, page domain.PageRequest) (domain.Page[domain.Batch], error)
	// Batch returns one batch.
	// Errors: ErrBatchNotFound.
	Batch(ctx context.Context, actor domain.Actor, id domain.BatchID) (domain.Batch, error)
	// CreateBatch creates a batch with an enabled registration key.
	// Errors: ErrForbidden, ErrInvalid.
	CreateBatch(ctx context.Context, actor domain.Actor, fields domain.BatchUpdate) (domain.Batch, error)
	// UpdateBatch updates a batch. If its time zone changes, all enrolled students are
	// synced again.
	// Errors: ErrForbidden, ErrBatchNotFound, ErrVersionMismatch, ErrInvalid, ErrBatchArchived.
	UpdateBatch(ctx context.Context, actor domain.Actor, id domain.BatchID, update domain.BatchUpdate, expected domain.ExpectedVersions) (domain.Batch, error)
	// ArchiveBatch archives a batch: nobody can join it, and no syncs are planned for it.
	// Errors: ErrForbidden, ErrBatchNotFound, ErrVersionMismatch.
	ArchiveBatch(ctx context.Context, actor domain.Actor, id domain.BatchID, expected domain.ExpectedVersions) (domain.Batch, error)
	// RestoreBatch restores an archived batch.
	// Errors: ErrForbidden, ErrBatchNotFound, ErrVersionMismatch.
	RestoreBatch(ctx context.Context, actor domain.Actor, id domain.BatchID, expected domain.ExpectedVersions) (domain.Batch, error)
}

// BatchStaff is a driving interface: the instructors of a batch and its registration key.
type BatchStaff interface {
	// Instructors lists the instructors of a batch, sorted by name.
	// Errors: ErrBatchNotFound, ErrForbidden.
	Instructors(ctx context.Context, actor domain.Actor, id domain.BatchID) ([]domain.Instructor, error)
	// AssignInstructor assigns an instructor to a batch. Assigning them again changes
	// nothing.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrUserNotFound, ErrNotAnInstructor.
	AssignInstructor(ctx context.Context, actor domain.Actor, id domain.BatchID, user domain.UserID) (domain.Instructor, error)
	// RemoveInstructor removes an instructor from a batch.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrInstructorNotFound.
	RemoveInstructor(ctx context.Context, actor domain.Actor, id domain.BatchID, user domain.UserID) error
	// RegistrationKey returns the registration key of a batch.
	// Errors: ErrBatchNotFound, ErrForbidden.
	RegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID) (domain.RegistrationKey, error)
	// UpdateRegistrationKey enables or disables a registration key and sets its limits.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrVersionMismatch, ErrInvalid.
	UpdateRegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID, update domain.RegistrationKeyUpdate, expected domain.ExpectedVersions) (domain.RegistrationKey, error)
	// RotateRegistrationKey replaces a registration key; the old one stops working
	// immediately.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrVersionMismatch.
	RotateRegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID, expected domain.ExpectedVersions) (domain.RegistrationKey, error)
}

// BatchStore is a driven interface: it stores batches.
type BatchStore interface {
	// Batch returns one batch with its counts.
	// Errors: ErrBatchNotFound.
	Batch(ctx context.Context, id domain.BatchID) (domain.Batch, error)
	// LockBatch returns a batch and locks it until the unit of work ends.
	// Errors: ErrBatchNotFound.
	LockBatch(ctx context.Context, id domain.BatchID) (domain.Batch, error)
	// ListEnrolled lists the users who are enrolled in a batch.
	// Errors: none.
	ListEnrolled(ctx context.Context, id domain.BatchID) ([]domain.UserID, error)
	// ListBatches lists batches with their counts, sorted by name.
	// Errors: ErrInvalidCursor.
	ListBatches(ctx context.Context, visible domain.Visibility, f domain.BatchFilter, page domain.PageRequest) (domain.Page[domain.Batch], error)
	// AddBatch stores a new batch.
	// Errors: none.
	AddBatch(ctx context.Context, b domain.Batch) error
	// SaveBatch stores the changes of a batch and increments its version.
	// Errors: ErrBatchNotFound.
	SaveBatch(ctx context.Context, b domain.Batch) error
}

// InstructorStore is a driven interface: it stores assignments of instructors to batches.
type InstructorStore interface {
	// ListInstructors lists the instructors of a batch, sorted by name.
	// Errors: ErrBatchNotFound.
	ListInstructors(ctx context.Context, id domain.BatchID) ([]domain.Instructor, error)
	// AddInstructor assigns a user to a batch and reports whether the assignment is new.
	// Errors: none.
	AddInstructor(ctx context.Context, id domain.BatchID, i domain.Instructor) (bool, error)
	// RemoveInstructor removes the assignment of a user to a batch.
	// Errors: ErrInstructorNotFound.
	RemoveInstructor(ctx context.Context, id domain.BatchID, user domain.UserID) error
	// RemoveAssignments removes an instructor from all batches.
	// Errors: none.
	RemoveAssignments(ctx context.Context, user domain.UserID) error
}

// RegistrationKeyStore is a driven interface: it stores registration keys encrypted and
// looks them up by hash.
type RegistrationKeyStore interface {
	// RegistrationKey returns the registration key of a batch with the seats taken.
	// Errors: ErrBatchNotFound, ErrTokenUnreadable (everything but the key is returned).
	RegistrationKey(ctx context.Context, id domain.BatchID) (domain.RegistrationKey, error)
	// LockRegistrationKey returns the registration key of a batch. Until the unit of work
	// ends, nobody else can change it or join with it.
	// Errors: ErrBatchNotFound, ErrTokenUnreadable (everything but the key is returned).
	LockRegistrationKey(ctx context.Context, id domain.BatchID) (domain.RegistrationKey, error)
	// LockRegistrationKeyByText is like LockRegistrationKey for the text of a key. It does
	// not find keys of archived batches.
	// Errors: ErrRegistrationKeyInvalid.
	LockRegistrationKeyByText(ctx context.Context, key domain.Secret) (domain.RegistrationKey, error)
	// SaveRegistrationKey stores a new or changed registration key.
	// Errors: none.
	SaveRegistrationKey(ctx context.Context, k domain.RegistrationKey) error
}
