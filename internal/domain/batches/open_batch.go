package batches

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// OpenBatch makes a batch and the key to join it, as promised by ports.Batches.
func (s *Service) OpenBatch(ctx context.Context, actor domain.Actor, e domain.BatchEdit) (domain.Batch, error) {
	if err := actor.May(domain.ActBatchOpen, domain.Subject{}); err != nil {
		return domain.Batch{}, err
	}
	now := s.now()
	batch, err := domain.NewBatch(domain.BatchID(s.newID()), e, now)
	if err != nil {
		return domain.Batch{}, err
	}
	key := domain.NewRegistrationKey(batch.ID, s.newKey(), now)
	err = s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		if err := s.batches.AddBatch(ctx, batch); err != nil {
			return domain.Nothing, fmt.Errorf("add batch: %w", err)
		}
		if err := s.keys.SaveRegistrationKey(ctx, key); err != nil {
			return domain.Nothing, fmt.Errorf("save registration key: %w", err)
		}
		return domain.Change{Action: domain.ActBatchOpen, Subject: batch.ID.String(), Details: map[string]any{"name": batch.Name}}, nil
	})
	if err != nil {
		return domain.Batch{}, err
	}
	return batch, nil
}
