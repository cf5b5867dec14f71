package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// newUsers turns registrations into users.
type newUsers struct {
	hasher    ports.PasswordHasher
	passwords domain.PasswordPolicy
	now       ports.Clock
	newID     ports.NewID
}

// newUser validates a registration and hashes its password. Hashing is slow, so it
// must run before the unit of work, which holds locks.
// Errors: those of domain.NewUser, ErrBusy.
func (n newUsers) newUser(ctx context.Context, r ports.Registration) (domain.User, string, error) {
	user, err := domain.NewUser(domain.UserID(n.newID()), domain.Applicant{
		Email: r.Email, Name: r.Name, TimeZone: r.TimeZone, Password: r.Password,
	}, n.passwords, n.now())
	if err != nil {
		return domain.User{}, "", err
	}
	hash, err := n.hasher.Hash(ctx, r.Password)
	if err != nil {
		return domain.User{}, "", fmt.Errorf("hash password: %w", err)
	}
	return user, hash, nil
}
