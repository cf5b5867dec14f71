// Package batches is what staff do with batches: open, edit and archive them, say
// who teaches them, and hand out the key to join them.
package batches

import (
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Service implements ports.Batches and ports.BatchStaff.
type Service struct {
	uow         ports.UnitOfWork
	batches     ports.BatchStore
	instructors ports.InstructorStore
	keys        ports.RegistrationKeyStore
	users       ports.UserStore
	jobs        ports.SyncJobs
	now         ports.Clock
	newID       ports.NewID
	newKey      ports.NewKey
}

var (
	_ ports.Batches    = (*Service)(nil)
	_ ports.BatchStaff = (*Service)(nil)
)

// New returns a Service.
func New(
	uow ports.UnitOfWork, batches ports.BatchStore, instructors ports.InstructorStore,
	keys ports.RegistrationKeyStore, users ports.UserStore, jobs ports.SyncJobs,
	now ports.Clock, newID ports.NewID, newKey ports.NewKey,
) *Service {
	return &Service{
		uow: uow, batches: batches, instructors: instructors, keys: keys, users: users, jobs: jobs,
		now: now, newID: newID, newKey: newKey,
	}
}

// may decides about what is done to a batch. Who may not see it learns nothing of it.
func may(actor domain.Actor, do domain.Action, id domain.BatchID) error {
	return actor.MayChange(domain.ActBatchRead, do, domain.Subject{Batch: id}, domain.ErrBatchNotFound)
}
