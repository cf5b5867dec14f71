package batches

import (
	"context"
	"fmt"

	"github.com/gradus-dev/gradus/internal/domain"
)

// CreateBatch implements ports.Batches.
func (s *Service) CreateBatch(ctx context.Context, actor domain.Actor, fields domain.BatchUpdate) (domain.Batch, error) {
	if err := actor.May(domain.ActBatchCreate, domain.Subject{}); err != nil {
		return domain.Batch{}, err
	}
	now := s.now()
	batch, err := domain.NewBatch(domain.BatchID(s.newID()), fields, now)
	if err != nil {
		return domain.Batch{}, err
	}
	key := domain.NewRegistrationKey(batch.ID, s.newKey(), now)
	err = s.uow.Do(ctx, actor, func(ctx context.Context) (domain.Change, error) {
		if err := s.batches.AddBatch(ctx, batch); err != nil {
			return domain.NoChange, fmt.Errorf("add batch: %w", err)
		}
		if err := s.keys.SaveRegistrationKey(ctx, key); err != nil {
			return domain.NoChange, fmt.Errorf("save registration key: %w", err)
		}
		return domain.Change{Action: domain.ActBatchCreate, Subject: batch.ID.String(), Details: map[string]any{"name": batch.Name}}, nil
	})
	if err != nil {
		return domain.Batch{}, err
	}
	return batch, nil
}
