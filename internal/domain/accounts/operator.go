package accounts

import (
	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Operator implements ports.Operator.
type Operator struct {
	newUsers
	uow      ports.UnitOfWork
	users    ports.UserStore
	hashes   ports.PasswordStore
	sessions ports.SessionStore
	totp     ports.TOTPStore
	mails    ports.MailQueue
	tokens   ports.APITokenRevoker
}

var _ ports.Operator = (*Operator)(nil)

// NewOperator returns an Operator.
func NewOperator(
	uow ports.UnitOfWork, users ports.UserStore, hashes ports.PasswordStore, sessions ports.SessionStore, tokens ports.APITokenRevoker, totp ports.TOTPStore, mails ports.MailQueue,
	hasher ports.PasswordHasher, passwords domain.PasswordPolicy, now ports.Clock, newID ports.NewID,
) *Operator {
	made := newUsers{hasher: hasher, passwords: passwords, now: now, newID: newID}
	return &Operator{newUsers: made, uow: uow, users: users, hashes: hashes, sessions: sessions, tokens: tokens, totp: totp, mails: mails}
}
