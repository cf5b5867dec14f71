// Package accounts registers users, signs them in and out, and lets admins manage
// their accounts.
package accounts

import "github.com/gradus-dev/gradus/internal/ports"

// Service implements ports.Accounts.
type Service struct {
	uow         ports.UnitOfWork
	users       ports.UserStore
	sessions    ports.SessionStore
	tokens      ports.APITokenRevoker
	enrolments  ports.EnrolmentStore
	instructors ports.InstructorStore
	connections ports.ConnectionRemover
	now         ports.Clock
}

var _ ports.Accounts = (*Service)(nil)

// New returns a Service.
func New(
	uow ports.UnitOfWork, users ports.UserStore, sessions ports.SessionStore, tokens ports.APITokenRevoker,
	enrolments ports.EnrolmentStore, instructors ports.InstructorStore, connections ports.ConnectionRemover, now ports.Clock,
) *Service {
	return &Service{
		uow: uow, users: users, sessions: sessions, tokens: tokens, enrolments: enrolments, instructors: instructors, connections: connections, now: now,
	}
}
