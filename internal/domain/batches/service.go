// Package batches creates, updates and archives batches, assigns their instructors, and
// manages the registration keys that students join them with.
package batches

import (
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Service implements ports.Batches.
type Service struct {
	uow     ports.UnitOfWork
	batches ports.BatchStore
	keys    ports.RegistrationKeyStore
	jobs    ports.SyncJobs
	now     ports.Clock
	newID   ports.NewID
	newKey  ports.NewKey
}

var _ ports.Batches = (*Service)(nil)

// New returns a Service.
func New(
	uow ports.UnitOfWork, batches ports.BatchStore, keys ports.RegistrationKeyStore, jobs ports.SyncJobs,
	now ports.Clock, newID ports.NewID, newKey ports.NewKey,
) *Service {
	return &Service{uow: uow, batches: batches, keys: keys, jobs: jobs, now: now, newID: newID, newKey: newKey}
}

// may checks whether the actor may do something to a batch. The error for a batch that
// the actor may not see does not reveal that it exists.
// Errors: ErrBatchNotFound, ErrForbidden.
func may(actor domain.Actor, do domain.Action, id domain.BatchID) error {
	return actor.MayChange(domain.ActBatchRead, do, domain.Subject{Batch: id}, domain.ErrBatchNotFound)
}
