package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Register makes an account and signs it in, as promised by ports.Sessions.
func (s *Service) Register(ctx context.Context, actor domain.Actor, r ports.Registration) (domain.SignedIn, error) {
	applicant, hash, err := s.applicant(ctx, r)
	if err != nil {
		return domain.SignedIn{}, err
	}
	in, tokenHash := s.start(applicant.ID, r.UserAgent)
	enrolmentID := domain.EnrolmentID(s.newID())
	err = s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		user := applicant
		var enrolment domain.Enrolment
		if r.Key != nil {
			var err error
			if enrolment, err = s.admit(ctx, *r.Key, &user, enrolmentID); err != nil {
				return domain.NoChange, err
			}
		}
		if err := s.users.AddUser(ctx, user, hash); err != nil {
			return domain.NoChange, fmt.Errorf("add user: %w", err)
		}
		details := map[string]any{"role": user.Role}
		if r.Key != nil {
			if err := s.enrolments.AddEnrolment(ctx, enrolment); err != nil {
				return domain.NoChange, fmt.Errorf("add enrolment: %w", err)
			}
			details["batch_id"] = enrolment.Batch.String()
		}
		if err := s.sessions.AddSession(ctx, in.Session, tokenHash); err != nil {
			return domain.NoChange, fmt.Errorf("add session: %w", err)
		}
		var err error
		if in.Me, err = s.users.Me(ctx, user.ID); err != nil {
			return domain.NoChange, fmt.Errorf("read account: %w", err)
		}
		return domain.Change{Action: domain.ActAccountRegister, Subject: user.ID.String(), Details: details}, nil
	})
	if err != nil {
		return domain.SignedIn{}, err
	}
	return in, nil
}

// applicant checks a registration and hashes its password. Hashing is slow, so it
// comes before the unit of work, which holds locks.
func (s *Service) applicant(ctx context.Context, r ports.Registration) (domain.User, string, error) {
	user, err := domain.NewUser(domain.UserID(s.newID()), domain.Applicant{
		Email: r.Email, Name: r.Name, TimeZone: r.TimeZone, Password: r.Password,
	}, s.passwords, s.now())
	if err != nil {
		return domain.User{}, "", err
	}
	hash, err := s.hasher.Hash(ctx, r.Password)
	if err != nil {
		return domain.User{}, "", fmt.Errorf("hash password: %w", err)
	}
	return user, hash, nil
}

// admit lets a user into the batch of the key they typed.
func (s *Service) admit(ctx context.Context, typed string, user *domain.User, id domain.EnrolmentID) (domain.Enrolment, error) {
	key, err := s.keys.LockRegistrationKeyByText(ctx, domain.NormalizeKey(typed))
	if err != nil {
		return domain.Enrolment{}, fmt.Errorf("lock registration key: %w", err)
	}
	return key.Enrol(user, id, s.now())
}
