package accounts

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// Register implements ports.Sessions.
func (s *Sessions) Register(ctx context.Context, actor domain.Actor, r ports.Registration) (domain.SignedIn, error) {
	registered, hash, err := s.newUser(ctx, r)
	if err != nil {
		return domain.SignedIn{}, err
	}
	in := s.start(registered.ID, r.Device, actor.Origin)
	enrolmentID := domain.EnrolmentID(s.newID())
	err = s.deps.UnitOfWork.Do(ctx, actor, ports.Locks{}, func(ctx context.Context, _ domain.Actor) (domain.Change, error) {
		user := registered
		var enrolment domain.Enrolment
		if r.Key != nil {
			var err error
			if enrolment, err = s.enrol(ctx, *r.Key, &user, enrolmentID); err != nil {
				return domain.NoChange, err
			}
		}
		if err := s.deps.Users.AddUser(ctx, user, hash); err != nil {
			return domain.NoChange, fmt.Errorf("add user: %w", err)
		}
		details := map[string]any{"role": user.Role}
		if r.Key != nil {
			if err := s.deps.Enrolments.AddEnrolment(ctx, enrolment); err != nil {
				return domain.NoChange, fmt.Errorf("add enrolment: %w", err)
			}
			details["batch_id"] = enrolment.Batch.String()
		}
		if err := s.replace(ctx, r.Device.Session, in, details); err != nil {
			return domain.NoChange, err
		}
		var err error
		if in.Me, err = s.deps.Users.Me(ctx, user.ID, user.Role); err != nil {
			return domain.NoChange, fmt.Errorf("read account: %w", err)
		}
		return domain.Change{Action: domain.ActAccountRegister, Subject: user.ID.String(), Details: details}, nil
	})
	if err != nil {
		return domain.SignedIn{}, err
	}
	return in, nil
}

// enrol enrols a user in the batch of the key they typed.
func (s *Sessions) enrol(ctx context.Context, typed string, user *domain.User, id domain.EnrolmentID) (domain.Enrolment, error) {
	key, err := s.deps.Keys.LockRegistrationKeyByText(ctx, domain.NormalizeKey(typed))
	if err != nil {
		return domain.Enrolment{}, fmt.Errorf("lock registration key: %w", err)
	}
	return key.Enrol(user, id, s.now())
}
