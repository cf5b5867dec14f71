// Package accounts is what people do with accounts: get one, get in and out, and
// what admins do with the accounts of others.
package accounts

import (
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Service implements ports.Sessions, ports.Accounts, ports.Operator and ports.SessionCleaner.
type Service struct {
	uow        ports.UnitOfWork
	users      ports.UserStore
	sessions   ports.SessionStore
	hasher     ports.PasswordHasher
	keys       ports.RegistrationKeyStore
	enrolments ports.EnrolmentStore
	now        ports.Clock
	newID      ports.NewID
	newToken   ports.NewToken
	passwords  domain.PasswordPolicy
	lifetime   domain.SessionLifetime
}

var (
	_ ports.Sessions       = (*Service)(nil)
	_ ports.Accounts       = (*Service)(nil)
	_ ports.Operator       = (*Service)(nil)
	_ ports.SessionCleaner = (*Service)(nil)
)

// New returns a Service.
func New(
	uow ports.UnitOfWork, users ports.UserStore, sessions ports.SessionStore, hasher ports.PasswordHasher,
	keys ports.RegistrationKeyStore, enrolments ports.EnrolmentStore,
	now ports.Clock, newID ports.NewID, newToken ports.NewToken,
	passwords domain.PasswordPolicy, lifetime domain.SessionLifetime,
) *Service {
	return &Service{
		uow: uow, users: users, sessions: sessions, hasher: hasher, keys: keys, enrolments: enrolments,
		now: now, newID: newID, newToken: newToken, passwords: passwords, lifetime: lifetime,
	}
}
