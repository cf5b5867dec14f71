package ports

import (
	"context"

	"github.com/gradus-dev/gradus/internal/domain"
)

//go:generate go tool -modfile=../../tools/go.mod mockgen -typed -source=batches.go -destination=mock/batches.go -package=mock

// Batches is driving: classes and their dates.
type Batches interface {
	// Batches lists the batches that the actor sees, by name.
	// Errors: ErrInvalidCursor.
	Batches(ctx context.Context, actor domain.Actor, f domain.BatchFilter, page domain.PageRequest) (domain.Page[domain.Batch], error)
	// Batch returns one batch.
	// Errors: ErrBatchNotFound.
	Batch(ctx context.Context, actor domain.Actor, id domain.BatchID) (domain.Batch, error)
	// CreateBatch creates a batch with a registration key that is switched on.
	// Errors: ErrForbidden, ErrInvalid.
	CreateBatch(ctx context.Context, actor domain.Actor, e domain.BatchUpdate) (domain.Batch, error)
	// UpdateBatch changes a batch.
	// Errors: ErrForbidden, ErrBatchNotFound, ErrVersionMismatch, ErrInvalid, ErrBatchArchived.
	UpdateBatch(ctx context.Context, actor domain.Actor, id domain.BatchID, e domain.BatchUpdate, seen domain.ExpectedVersions) (domain.Batch, error)
	// ArchiveBatch closes a batch: nobody can join it, nothing is planned for it.
	// Errors: ErrForbidden, ErrBatchNotFound, ErrVersionMismatch.
	ArchiveBatch(ctx context.Context, actor domain.Actor, id domain.BatchID, seen domain.ExpectedVersions) (domain.Batch, error)
	// RestoreBatch undoes ArchiveBatch.
	// Errors: ErrForbidden, ErrBatchNotFound, ErrVersionMismatch.
	RestoreBatch(ctx context.Context, actor domain.Actor, id domain.BatchID, seen domain.ExpectedVersions) (domain.Batch, error)
}

// BatchStaff is driving: who teaches a batch, and the key to join it.
type BatchStaff interface {
	// Instructors lists who teaches a batch, by name.
	// Errors: ErrBatchNotFound, ErrForbidden.
	Instructors(ctx context.Context, actor domain.Actor, id domain.BatchID) ([]domain.Instructor, error)
	// AssignInstructor lets an instructor teach a batch; doing it twice is once.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrUserNotFound, ErrNotAnInstructor.
	AssignInstructor(ctx context.Context, actor domain.Actor, id domain.BatchID, user domain.UserID) (domain.Instructor, error)
	// RemoveInstructor undoes AssignInstructor.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrInstructorNotFound.
	RemoveInstructor(ctx context.Context, actor domain.Actor, id domain.BatchID, user domain.UserID) error
	// RegistrationKey returns the key of a batch.
	// Errors: ErrBatchNotFound, ErrForbidden.
	RegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID) (domain.RegistrationKey, error)
	// UpdateRegistrationKey switches the key on or off and sets its limits.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrVersionMismatch, ErrInvalid.
	UpdateRegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID, e domain.RegistrationKeyUpdate, seen domain.ExpectedVersions) (domain.RegistrationKey, error)
	// RotateRegistrationKey replaces the key; the old one stops working at once.
	// Errors: ErrBatchNotFound, ErrForbidden, ErrVersionMismatch.
	RotateRegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID, seen domain.ExpectedVersions) (domain.RegistrationKey, error)
}

// BatchStore is driven: where batches are kept.
type BatchStore interface {
	// Batch returns one batch with its counts.
	// Errors: ErrBatchNotFound.
	Batch(ctx context.Context, id domain.BatchID) (domain.Batch, error)
	// LockBatch returns a batch that nobody else can change until the unit of work
	// ends.
	// Errors: ErrBatchNotFound.
	LockBatch(ctx context.Context, id domain.BatchID) (domain.Batch, error)
	// ListEnrolled lists who is enrolled in a batch.
	// Errors: none.
	ListEnrolled(ctx context.Context, id domain.BatchID) ([]domain.UserID, error)
	// ListBatches lists batches by name.
	// Errors: ErrInvalidCursor.
	ListBatches(ctx context.Context, sight domain.Visibility, f domain.BatchFilter, page domain.PageRequest) (domain.Page[domain.Batch], error)
	// AddBatch stores a new batch.
	// Errors: ErrInvalid (a time zone that the database does not know).
	AddBatch(ctx context.Context, b domain.Batch) error
	// SaveBatch stores changes of a batch and counts the version up.
	// Errors: ErrBatchNotFound, ErrInvalid (a time zone that the database does not know).
	SaveBatch(ctx context.Context, b domain.Batch) error
}

// InstructorStore is driven: who teaches what.
type InstructorStore interface {
	// ListInstructors lists who teaches a batch, by name.
	// Errors: none.
	ListInstructors(ctx context.Context, id domain.BatchID) ([]domain.Instructor, error)
	// AddInstructor assigns a user to a batch and reports whether they were not yet.
	// Errors: none.
	AddInstructor(ctx context.Context, id domain.BatchID, i domain.Instructor) (bool, error)
	// RemoveInstructor undoes AddInstructor.
	// Errors: ErrInstructorNotFound.
	RemoveInstructor(ctx context.Context, id domain.BatchID, user domain.UserID) error
}

// RegistrationKeyStore is driven: where keys are kept, sealed, and found by hash.
type RegistrationKeyStore interface {
	// RegistrationKey returns the key of a batch with its taken seats.
	// Errors: ErrBatchNotFound, ErrTokenUnreadable (the rest is there).
	RegistrationKey(ctx context.Context, id domain.BatchID) (domain.RegistrationKey, error)
	// LockRegistrationKey returns the key of a batch; nobody else can change it or
	// join by it until the unit of work ends.
	// Errors: ErrBatchNotFound, ErrTokenUnreadable (the rest is there).
	LockRegistrationKey(ctx context.Context, id domain.BatchID) (domain.RegistrationKey, error)
	// LockRegistrationKeyByText finds the key that somebody typed, of a batch that is
	// not archived; nobody else can change it or join by it until the unit of work ends.
	// Errors: ErrRegistrationKeyInvalid.
	LockRegistrationKeyByText(ctx context.Context, key domain.Secret) (domain.RegistrationKey, error)
	// SaveRegistrationKey stores a key, new or changed.
	// Errors: none.
	SaveRegistrationKey(ctx context.Context, k domain.RegistrationKey) error
}
