// Package students enrols users in batches and lists the students of a batch.
package students

import "github.com/gradus-dev/gradus/internal/ports"

// Service implements ports.Students.
type Service struct {
	uow        ports.UnitOfWork
	students   ports.StudentStore
	enrolments ports.EnrolmentStore
	users      ports.UserStore
	keys       ports.RegistrationKeyStore
	jobs       ports.SyncJobs
	now        ports.Clock
	newID      ports.NewID
}

var _ ports.Students = (*Service)(nil)

// New returns a Service.
func New(
	uow ports.UnitOfWork, students ports.StudentStore, enrolments ports.EnrolmentStore,
	users ports.UserStore, keys ports.RegistrationKeyStore, jobs ports.SyncJobs, now ports.Clock, newID ports.NewID,
) *Service {
	return &Service{uow: uow, students: students, enrolments: enrolments, users: users, keys: keys, jobs: jobs, now: now, newID: newID}
}
