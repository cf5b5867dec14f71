package batches

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
	"github.com/gradus-dev/gradus/internal/ports"
)

// RegistrationKey implements ports.BatchStaff.
func (s *Staff) RegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID) (domain.RegistrationKey, error) {
	if err := may(actor, domain.ActRegistrationKeyRead, id); err != nil {
		return domain.RegistrationKey{}, err
	}
	return s.keys.RegistrationKey(ctx, id)
}

// UpdateRegistrationKey implements ports.BatchStaff.
func (s *Staff) UpdateRegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID, update domain.RegistrationKeyUpdate, expected domain.ExpectedVersions) (domain.RegistrationKey, error) {
	return s.changeKey(ctx, actor, domain.ActRegistrationKeyUpdate, id, expected, func(k *domain.RegistrationKey) (bool, error) { return k.Update(update) })
}

// RotateRegistrationKey implements ports.BatchStaff.
func (s *Staff) RotateRegistrationKey(ctx context.Context, actor domain.Actor, id domain.BatchID, expected domain.ExpectedVersions) (domain.RegistrationKey, error) {
	return s.changeKey(ctx, actor, domain.ActRegistrationKeyRotate, id, expected, func(k *domain.RegistrationKey) (bool, error) {
		k.Rotate(s.newKey(), s.now())
		return true, nil
	})
}

// changeKey locks a key, checks its version, applies change and saves the key if change
// reports that it changed.
func (s *Staff) changeKey(
	ctx context.Context, actor domain.Actor, do domain.Action, id domain.BatchID, expected domain.ExpectedVersions, change func(*domain.RegistrationKey) (bool, error),
) (domain.RegistrationKey, error) {
	var key domain.RegistrationKey
	err := s.uow.Do(ctx, actor, ports.Locks{}, func(ctx context.Context, actor domain.Actor) (domain.Change, error) {
		if err := may(actor, do, id); err != nil {
			return domain.NoChange, err
		}
		before, err := s.keys.LockRegistrationKey(ctx, id)
		// A key that can no longer be decrypted can still be rotated.
		if unreadable := errors.Is(err, domain.ErrTokenUnreadable); err != nil && (!unreadable || do != domain.ActRegistrationKeyRotate) {
			return domain.NoChange, fmt.Errorf("lock registration key: %w", err)
		}
		if err := expected.Check(before.Version); err != nil {
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
