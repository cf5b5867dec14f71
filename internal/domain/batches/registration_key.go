package batches

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// RegistrationKey returns the key of a batch, as promised by ports.BatchStaff.
func (s *Service) RegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID) (domain.RegistrationKey, error) {
	if err := may(actor, domain.ActRegistrationKeyRead, id); err != nil {
		return domain.RegistrationKey{}, err
	}
	return s.keys.RegistrationKey(ctx, id)
}

// UpdateRegistrationKey sets the limits of a key, as promised by ports.BatchStaff.
func (s *Service) UpdateRegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID, e domain.RegistrationKeyUpdate, seen domain.ExpectedVersions) (domain.RegistrationKey, error) {
	return s.changeKey(ctx, actor, domain.ActRegistrationKeyEdit, id, seen, func(k *domain.RegistrationKey) (bool, error) { return k.Update(e) })
}

// RotateRegistrationKey replaces the key, as promised by ports.BatchStaff.
func (s *Service) RotateRegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID, seen domain.ExpectedVersions) (domain.RegistrationKey, error) {
	return s.changeKey(ctx, actor, domain.ActRegistrationKeyRotate, id, seen, func(k *domain.RegistrationKey) (bool, error) {
		k.Rotate(s.newKey(), s.now())
		return true, nil
	})
}

// changeKey locks a key, if it is of a version that was seen lets change
// change it, and stores it if it did.
func (s *Service) changeKey(
	ctx context.Context, actor domain.Actor, do domain.Action, id domain.BatchID, seen domain.ExpectedVersions, change func(*domain.RegistrationKey) (bool, error),
) (domain.RegistrationKey, error) {
	if err := may(actor, do, id); err != nil {
		return domain.RegistrationKey{}, err
	}
	var key domain.RegistrationKey
	err := s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		before, err := s.keys.LockRegistrationKey(ctx, id)
		// A key that cannot be opened any more can still be replaced.
		if lost := errors.Is(err, domain.ErrTokenUnreadable); err != nil && (!lost || do != domain.ActRegistrationKeyRotate) {
			return domain.NoChange, fmt.Errorf("lock registration key: %w", err)
		}
		if err := seen.Check(before.Version); err != nil {
			return domain.NoChange, err
		}
		key = before
		changed, err := change(&key)
		if err != nil || !changed {
			return domain.NoChange, err
		}
		if err := s.keys.SaveRegistrationKey(ctx, key); err != nil {
			return domain.NoChange, fmt.Errorf("save registration key: %w", err)
		}
		return domain.Change{Action: do, Subject: id.String(), Details: keyChanges(before, key)}, nil
	})
	if err != nil {
		return domain.RegistrationKey{}, err
	}
	return key, nil
}
